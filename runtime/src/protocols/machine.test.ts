import { expect, it } from 'vitest';
import { appliedOperations, apply, emptyMachine, fromImage, type MachineImage, takeImage } from './machine.ts';

it('an image after every operation, as Paxos without a log takes it, does not grow by a chunk each time', () => {
  let image: MachineImage = takeImage(emptyMachine('counter'));
  const images: MachineImage[] = [];
  for (let operation = 0; operation < 1_000; operation++) {
    const machine = fromImage(image);
    apply(machine, { kind: 'increment', key: 'k', input: 1, operation }, null);
    images.push((image = takeImage(machine)));
  }
  expect(image.chunks.length).toBeLessThanOrEqual(10);
  expect([...appliedOperations(fromImage(image))]).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
  // Earlier images hold what they held.
  expect([...appliedOperations(fromImage(images[499]!))]).toHaveLength(500);
});
