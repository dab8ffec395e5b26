/** What leaves a run as a file in somebody else's format says what the run said. */
import { join } from 'node:path';
import { runScenario } from '@dsys/runtime';
import { checkConsistency } from '@dsys/runtime/checkers/consistency';
import { readHistory } from '@dsys/runtime/checkers/formats/formats';
import type { History, Operation } from '@dsys/runtime/checkers/history';
import { historyOf } from '@dsys/runtime/clients/log';
import { modelNamed } from '@dsys/runtime/model/model';
import { encodeJepsen } from '@dsys/runtime/trace/export/jepsen';
import { traceSha256 } from '@dsys/runtime/trace/hash';
import { STATUS } from '@dsys/runtime/trace/kinds';
import { slice } from '@dsys/runtime/trace/slice';
import { describe, expect, it } from 'vitest';
import { designAt, designOf } from './support/design.ts';

const samples = join(import.meta.dirname, '..', 'samples');

const runOf = async (sample: string, scenario: string, seed: number) => {
  const design = await designAt(join(samples, sample));
  return runScenario(design, design.scenarios.find(one => one.name === scenario)!, {
    tool: 'test',
    seed,
    record: true,
  });
};

/** All that consistency checkers look at, but the exact times: readers keep the order of simultaneous lines. */
const told = ({ key, kind, input, output, outcome }: Operation) => ({
  key,
  kind,
  input,
  output: outcome === 'ok' ? output : null,
  outcome,
});

/** Processes of a run, as Jepsen has them: after an unknown outcome, a session goes on as another process. */
function processes({ operations }: History): number[] {
  const names = new Map<string, number>();
  const lives = new Map<number, number>();
  return operations.map(({ process, outcome }) => {
    const life = lives.get(process) ?? 0;
    if (outcome === 'unknown') lives.set(process, life + 1);
    const name = `${process} ${life}`;
    if (!names.has(name)) names.set(name, names.size);
    return names.get(name)!;
  });
}

it('a slice of everything is the run again, also where clients go on after what they learned nothing of', async () => {
  const { trace } = await runOf('split-brain.dsys', 'without-fencing', 1);
  expect([...trace!.ops.status]).toContain(STATUS.info);
  expect(traceSha256(slice(trace!, {}))).toBe(traceSha256(trace!));
});

describe('a Jepsen history', () => {
  it.each([
    ['stale-leader.dsys', 'local-reads', 1, 'violated'],
    ['stale-leader.dsys', 'read-index', 1, 'holds'],
    ['follower-reads.dsys', 'reading-elsewhere', 1, 'violated'],
    ['leader-crash.dsys', 'leader-crash', 2, 'holds'],
  ] as const)('of %s, %s, has the operations and the verdict of the run', async (sample, name, seed, expected) => {
    const { executed, trace } = await runOf(sample, name, seed);
    const [store] = executed.stores;
    const { history } = historyOf(executed.log, store!.name, executed.originNs);
    const again = readHistory(encodeJepsen(trace!), 'jepsen-edn', { model: store!.model });
    expect(again.clock).toBe('ns');
    expect(again.history.operations.map(told)).toEqual(history.operations.map(told));
    expect(processes(again.history)).toEqual(processes(history));
    again.history.operations.forEach((operation, id) => {
      const { invoke, complete } = history.operations[id]!;
      expect(Math.abs(operation.invoke - invoke)).toBeLessThan(1000);
      if (Number.isFinite(complete)) expect(Math.abs(operation.complete - complete)).toBeLessThan(1000);
    });
    const model = modelNamed(store!.model)!;
    expect(checkConsistency(again.history, model, 'linearizable').verdict).toBe(expected);
    expect(checkConsistency(history, model, 'linearizable').verdict).toBe(expected);
  });

  it('keeps apart a compare-and-set that saw another value and one that nobody took', async () => {
    const design = await designOf(
      `
cluster db { nodes 3 }
store s on db { consensus raft }
workload w on s { clients 6 keys 2 operations 50% cas, 25% read, 25% write  timeout 200ms }
scenario x { run w for 3s  at 1s cut s leader from others for 1s }
`.replace('cut s leader from others for 1s', 'crash leader of s for 1s'),
    );
    const { executed, trace } = runScenario(design, design.scenarios[0]!, { tool: 'test', seed: 3, record: true });
    const { history } = historyOf(executed.log, 's', executed.originNs);
    const again = readHistory(encodeJepsen(trace!), 'jepsen-edn');
    expect(again.history.operations.map(told)).toEqual(history.operations.map(told));
    expect(processes(again.history)).toEqual(processes(history));
    const cas = history.operations.filter(one => one.kind === 'cas');
    expect(cas.some(one => one.outcome === 'ok' && one.output === false)).toBe(true);
    expect(cas.some(one => one.outcome === 'ok' && one.output === true)).toBe(true);
    expect(cas.some(one => one.outcome !== 'ok')).toBe(true);
  });
});
