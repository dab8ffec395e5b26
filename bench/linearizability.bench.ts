/** Operations per second of the linearizability checker: 100,000 operations on one register, unique writes (zones). */
import type { Operation } from '../runtime/src/checkers/history.ts';
import { checkLinearizable } from '../runtime/src/checkers/linearizable.ts';
import { seeded } from '../runtime/src/checkers/testing/random.ts';
import { modelNamed } from '../runtime/src/model/model.ts';
import { best, perSecond, type Row, row } from './table.ts';

const count = 100_000;
const processes = 10;

/** A linearizable history: every operation takes effect somewhere within its span. */
function history(): Operation[] {
  const random = seeded(1);
  const spans = Array.from({ length: count }, (_, id) => {
    const invoke = Math.floor(id / processes) * 1000 + random.below(200);
    const complete = invoke + 200 + random.below(500);
    return { id, invoke, complete, effect: invoke + random.below(complete - invoke), writes: random.chance(0.5) };
  });
  let value: number | null = null;
  const outputs: (number | null)[] = [];
  for (const span of [...spans].sort((a, b) => a.effect - b.effect || a.id - b.id)) {
    if (span.writes) value = span.id + 1;
    outputs[span.id] = span.writes ? null : value;
  }
  return spans
    .sort((a, b) => a.invoke - b.invoke)
    .map(({ id, invoke, complete, writes }, position) => ({
      id: position,
      process: id % processes,
      key: 'x',
      kind: writes ? 'write' : 'read',
      input: writes ? id + 1 : null,
      output: outputs[id]!,
      invoke,
      complete,
      outcome: 'ok',
    }));
}

export function rows(): Row[] {
  const operations = history();
  const { ms, result } = best(3, () => checkLinearizable({ operations, initial: null }, modelNamed('register')!));
  if (result.verdict !== 'holds') throw new Error(`the benchmark's history should hold: ${result.why}`);
  return [row('linearizability, one register, 100 k operations', perSecond(count, ms))];
}
