import { type DataModel, modelNamed } from '../../model/model.ts';
import type { ReplicaState } from '../convergence.ts';
import { type Edn, readEdn } from '../formats/edn.ts';
import { type Format, readHistory } from '../formats/formats.ts';
import { eventsOfEdn } from '../formats/jepsen.ts';
import type { History, Operation, Value } from '../history.ts';
import { historyOf } from './histories.ts';

/** A history of ../data, as its manifest describes it. */
export interface RecordedEntry {
  readonly file: string;
  readonly group: string;
  readonly model: { readonly initial: Value };
  readonly verdicts: Readonly<Record<string, boolean>>;
}

/** Reads a file of ../data as text: this folder knows no file system, its callers do. */
export type ReadText = (file: string) => string;

export function recordedEntries(group: string, read: ReadText): RecordedEntry[] {
  const all = JSON.parse(read('manifest.json')) as RecordedEntry[];
  return all.filter(entry => entry.group === group);
}

const GROUPS: Readonly<Record<string, { model: string; format: Format }>> = {
  'lin-etcd-register': { model: 'cas-register', format: 'jepsen-log' },
  'lin-kv-append': { model: 'kv', format: 'porcupine-kv' },
  'lin-cas-register-knossos': { model: 'cas-register', format: 'jepsen-edn' },
};

/** Reads a history of one of the linearizability groups. */
export function recordedHistory(entry: RecordedEntry, read: ReadText): { history: History; model: DataModel } {
  if (entry.group === 'lin-register-inline') return { history: inline(entry, read), model: modelNamed('register')! };
  if (entry.group === 'lin-multi-register') {
    // All registers of the one file begin with 0.
    const { history } = readHistory(read(entry.file), 'jepsen-edn', { initial: 0 });
    return { history, model: modelNamed('multi-register')! };
  }
  const { model, format } = GROUPS[entry.group];
  const { history } = readHistory(read(entry.file), format, { initial: entry.model.initial });
  return { history, model: modelNamed(model)! };
}

/** Examples written out in the tests of Porcupine (operations with times) and Stateright (events). */
function inline(entry: RecordedEntry, read: ReadText): History {
  interface Event {
    readonly type: string;
    readonly client: number;
    readonly op: 'read' | 'write';
    readonly value: Value;
  }
  const { ops, events } = JSON.parse(read(entry.file)) as {
    ops?: readonly (Event & { call: number; ret: number })[];
    events?: readonly Event[];
  };
  const calls =
    ops ??
    events!
      .map((event, call) => {
        const ret = events!.findIndex((other, i) => i > call && other.client === event.client);
        const back = events![ret];
        return {
          ...event,
          call,
          ret: ret < 0 ? Number.POSITIVE_INFINITY : ret,
          value: event.value ?? back?.value ?? null,
        };
      })
      .filter(({ type }) => type === 'invoke');
  return historyOf(
    calls.map(({ client, op, value, call, ret }) => ({
      process: client,
      key: '',
      kind: op,
      input: op === 'write' ? value : null,
      output: op === 'read' ? value : null,
      invoke: call,
      complete: ret,
      outcome: Number.isFinite(ret) ? ('ok' as const) : ('unknown' as const),
    })),
    entry.model.initial,
  );
}

/**
 * The transactions of jepsen-causal-consistency as operations of their sessions, without real time: their steps one after
 * the other, where a step is a read or an append, or reads (twice, since they belong together) and then writes some keys.
 */
export function sessionsOfTransactions(file: string, read: ReadText): History {
  const operations: Omit<Operation, 'id'>[] = [];
  const entries = eventsOfEdn(read(file)).filter(({ type }) => type === 'ok');
  for (const { process, value } of entries) {
    const add = (kind: Operation['kind'], key: Value, of: Value) =>
      operations.push({
        process,
        key: String(key),
        kind,
        input: kind === 'read' ? null : of,
        output: kind === 'read' ? of : null,
        invoke: 0,
        complete: 0,
        outcome: 'ok',
      });
    for (const step of value as readonly (readonly Value[])[]) {
      const pairs = (step[0] === ':readAll' || step[0] === ':writeSome' ? step[2] : []) as readonly (readonly [
        Value,
        number,
      ])[];
      const known = pairs.map(([key, number]) => [key, number < 0 ? null : number] as const);
      if (step[0] === ':r') add('read', step[1], step[2]);
      else if (step[0] === ':append') add('append', step[1], step[2]);
      else if (step[0] === ':writeSome') for (const [key, number] of known) add('write', key, number);
      else for (const [key, number] of [...known, ...known]) add('read', key, number);
    }
  }
  return historyOf(operations, null);
}

/** What the last `:final-read?` of each node showed; a node without one counts as not live. */
export function finalReads(file: string, read: ReadText): ReplicaState[] {
  const entries = readEdn(read(file)).flat() as Map<Edn, Edn>[];
  const nodes = new Map<string, Map<string, Value>>();
  const live = new Set<string>();
  for (const entry of entries) {
    const node = String(entry.get(':node'));
    const values = nodes.get(node) ?? new Map<string, Value>();
    nodes.set(node, values);
    if (entry.get(':final-read?') !== true || entry.get(':type') !== ':ok') continue;
    live.add(node);
    for (const step of entry.get(':value') as Edn[][]) {
      if (step[0] === ':r') values.set(String(step[1]), step[2] as Value);
      else if (step[0] === ':readAll')
        for (const [key, value] of step[2] as unknown as Map<Edn, Value>) values.set(String(key), value);
    }
  }
  return Array.from(nodes, ([replica, values]) => ({ replica, partition: 'all', live: live.has(replica), values }));
}
