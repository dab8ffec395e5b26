import { readFileSync } from 'node:fs';
import { type DataModel, modelNamed } from '../../model/model.ts';
import { type Format, readHistory } from '../formats/formats.ts';
import type { History, Value } from '../history.ts';
import { historyOf } from './histories.ts';

/** A history of ../data, as its manifest describes it. */
export interface RecordedEntry {
  readonly file: string;
  readonly group: string;
  readonly model: { readonly initial: Value };
  readonly verdicts: Readonly<Record<string, boolean>>;
}

const FOLDER = new URL('../data/', import.meta.url);

export function recordedText(file: string): string {
  return readFileSync(new URL(file, FOLDER), 'utf8');
}

export function recordedEntries(group: string): RecordedEntry[] {
  const all = JSON.parse(recordedText('manifest.json')) as RecordedEntry[];
  return all.filter(entry => entry.group === group);
}

const GROUPS: Readonly<Record<string, { model: string; format: Format }>> = {
  'lin-etcd-register': { model: 'cas-register', format: 'jepsen-log' },
  'lin-kv-append': { model: 'kv', format: 'porcupine-kv' },
  'lin-cas-register-knossos': { model: 'cas-register', format: 'jepsen-edn' },
};

/** Reads a history of one of the linearizability groups. */
export function recordedHistory(entry: RecordedEntry): { history: History; model: DataModel } {
  if (entry.group === 'lin-register-inline') return { history: inline(entry), model: modelNamed('register')! };
  if (entry.group === 'lin-multi-register') {
    // All registers of the one file begin with 0.
    const { history } = readHistory(recordedText(entry.file), 'jepsen-edn', { initial: 0 });
    return { history, model: modelNamed('multi-register')! };
  }
  const { model, format } = GROUPS[entry.group];
  const { history } = readHistory(recordedText(entry.file), format, { initial: entry.model.initial });
  return { history, model: modelNamed(model)! };
}

/** Examples written out in the tests of Porcupine (operations with times) and Stateright (events). */
function inline(entry: RecordedEntry): History {
  interface Event {
    readonly type: string;
    readonly client: number;
    readonly op: 'read' | 'write';
    readonly value: Value;
  }
  const { ops, events } = JSON.parse(recordedText(entry.file)) as {
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
