/** Scenarios and explorations. */
import { boundedEvents, chaosVerbs, workloadOperations } from '@dsys/runtime/design/scenario';
import { failure, message, step, target } from './actions.ts';
import type { Choices } from './choices.ts';
import { block, someOf } from './layout.ts';
import { property } from './properties.ts';
import type { Sketch } from './sketch.ts';
import { milliseconds, seconds } from './values.ts';

/** No scenario runs for less. */
const runs = 10;

export function randomScenario(c: Choices, sketch: Sketch, name: string): string {
  const { workloads } = sketch;
  const time = () => seconds(c, 0, runs - 1);
  const until = c.between(4, runs);
  const window = () => c.pick(['', ` from ${c.between(0, 1)}s`, ` until ${until}s`, ` from 1s until ${until}s`]);
  const run = c.chance(80)
    ? c.list(
        1,
        2,
        () =>
          `run ${workloads.length > 0 && c.chance(70) ? `${c.some(workloads, 1).join(', ')} ` : ''}for ${c.between(runs, 60)}s`,
      )
    : [];
  const schedule = c.list(0, 5, () =>
    c.pick([
      () => `at ${time()} ${step(c, sketch)}`,
      () => `at ${milliseconds(c, 0, 9000)} ${failure(c, sketch)}`,
      () => `every ${c.between(1, 3)}s${window()} ${failure(c, sketch)}`,
      () => `when ${message(c)} ${c.pick(['reaches', 'leaves'])} ${target(c, sketch)} ${failure(c, sketch)}`,
    ])(),
  );
  const chaos = c.chance(35)
    ? [
        block(
          c,
          `chaos${window()}`,
          c.list(0, 3, () => `${c.pick(chaosVerbs)} up to ${c.between(1, 3)} every ${seconds(c, 1, 5)}`),
        ),
      ]
    : [];
  return block(c, `scenario ${name}`, [
    ...run,
    ...someOf(c, [() => `seeds ${c.between(1, 300)}`, () => `settle ${c.pick(['0s', '30s'])}`]),
    ...schedule,
    ...chaos,
    ...c.list(0, 3, () => expectation(c, sketch, window())),
  ]);
}

function expectation(c: Choices, sketch: Sketch, window: string): string {
  const { stores, transactions } = sketch;
  const store = c.pick(stores);
  const scopes = [store.name, ...store.partitions, ...transactions.map(one => one.name)];
  const of = c.chance(50) ? ` of ${c.some(scopes, 1, 2).join(', ')}` : '';
  return `expect ${c.pick(['', 'violation '])}${property(c, sketch, { stores, of: 'expectation' })}${of}${window}`;
}

export function randomExploration(c: Choices, sketch: Sketch, name: string): string {
  const { stores, transactions } = sketch;
  const plural = { crash: 'crashes', loss: 'losses', duplicate: 'duplicates', timeout: 'timeouts', change: 'changes' };
  const operations = c.some(workloadOperations, 1, 3).map(kind => `${c.between(1, 3)} ${kind}`);
  const bounds = c.some(boundedEvents, 0).map(event => {
    const most = c.between(1, 3);
    return `at most ${most} ${c.pick([event, plural[event]])}`;
  });
  return block(c, `exploration ${name} of ${c.pick([...stores, ...transactions]).name}`, [
    ...(c.chance(80) ? [`operations ${operations.join(', ')}`] : []),
    ...bounds,
    ...c.list(0, 2, () => expectation(c, sketch, '')),
  ]);
}
