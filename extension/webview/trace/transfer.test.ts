import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Chunk } from './protocol.ts';
import { chunkAt, MAX_CONTAINER_BYTES, receive } from './transfer.ts';

describe('pieces of a container', () => {
  it('are of exactly their size, whatever they are cut from', () => {
    const large = new Uint8Array(1000).map((_, index) => index);
    const { bytes, next } = chunkAt(large.subarray(100, 200), 10, 30);
    expect(bytes).toBeInstanceOf(ArrayBuffer);
    expect(bytes.byteLength).toBe(30);
    expect([...new Uint8Array(bytes)]).toEqual([...large.slice(110, 140)]);
    expect(next).toBe(40);
    // A Node Buffer shares a pool with others.
    expect(chunkAt(Buffer.from('trace'), 0).bytes.byteLength).toBe(5);
  });

  it('refuse what is outside', () => {
    expect(() => chunkAt(new Uint8Array(3), 4)).toThrow('there is no byte 4');
    expect(() => chunkAt(new Uint8Array(3), -1)).toThrow(RangeError);
    expect(() => chunkAt(new Uint8Array(3), 0.5)).toThrow(RangeError);
  });

  it('give the whole again, asked for one after the other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 50 }), async (whole, size) => {
        let open = 0;
        const received = await receive({ id: 7, bytes: whole.length }, async (id, offset) => {
          expect(id).toBe(7);
          expect(open++).toBe(0);
          await Promise.resolve();
          open--;
          return chunkAt(whole, offset, size);
        });
        expect(received).toEqual(Uint8Array.from(whole));
      }),
    );
  });
});

describe('a host that does not keep its word', () => {
  const from = (answers: readonly Chunk[], bytes: number): Promise<Uint8Array> => {
    let asked = 0;
    return receive({ id: 1, bytes }, async () => answers[asked++]);
  };
  const piece = (length: number, next: number | null): Chunk => ({ bytes: new ArrayBuffer(length), next });

  it.each([
    ['sends less', [piece(3, null)], 'Only 3 of 4 bytes'],
    ['sends more', [piece(5, null)], 'changed while it was read'],
    ['jumps', [piece(2, 3)], 'changed while it was read'],
    ['sends nothing for ever', [piece(0, 0)], 'empty piece'],
    ['sends no bytes', [{ bytes: [1, 2, 3, 4] as unknown as ArrayBuffer, next: null }], 'did not arrive as bytes'],
  ])('%s', async (_, answers, message) => {
    await expect(from(answers, 4)).rejects.toThrow(message);
  });

  it('announces too much: nothing is asked for', async () => {
    let asked = 0;
    const chunk = async (): Promise<Chunk> => {
      asked++;
      return piece(0, null);
    };
    await expect(receive({ id: 1, bytes: MAX_CONTAINER_BYTES + 1 }, chunk)).rejects.toThrow('more than the 256.0 MiB');
    expect(asked).toBe(0);
  });
});
