import type { Value } from '../history.ts';
import { type Edn, readEdn } from './edn.ts';
import type { Event } from './events.ts';

const TYPES = new Set(['invoke', 'ok', 'fail', 'info']);

/**
 * A Jepsen history in EDN: a vector, a list or a sequence of maps with `:process :type :f :value` and perhaps `:key` and
 * `:time` (ns); `:observed true` is what dsys itself writes, see `Event`. What no client did (a `:process` that is not a
 * number: the nemesis) is left out. Porcupine's key-value logs are of this kind.
 */
export function eventsOfEdn(text: string): Event[] {
  const values = readEdn(text);
  const entries = values.length === 1 && Array.isArray(values[0]) ? values[0] : values;
  const events: Event[] = [];
  for (const [i, entry] of entries.entries()) {
    if (!(entry instanceof Map)) throw new Error(`entry ${i + 1} is not a map with :process, :type, :f and :value`);
    const process = entry.get(':process') ?? null;
    if (typeof process !== 'number') continue;
    const type = String(entry.get(':type')).slice(1);
    if (!TYPES.has(type))
      throw new Error(
        `entry ${i + 1} has the :type ${entry.get(':type')}, which is none of :invoke, :ok, :fail and :info`,
      );
    const time = entry.get(':time');
    const key = entry.get(':key');
    events.push({
      process,
      type: type as Event['type'],
      f: String(entry.get(':f')).slice(1),
      key: key === undefined ? '' : String(key),
      value: plain(entry.get(':value') ?? null),
      time: typeof time === 'number' ? time : undefined,
      ...(entry.get(':observed') === true && { observed: true }),
    });
  }
  return events;
}

/** Maps become lists of pairs. */
function plain(value: Edn): Value {
  if (value instanceof Map) return Array.from(value, ([key, entry]) => [plain(key), plain(entry)]);
  return Array.isArray(value) ? value.map(plain) : value;
}

/** Jepsen's console log: `INFO  jepsen.util - 4 :invoke :read nil`, fields separated by tabs or blanks. */
export function eventsOfLog(text: string): Event[] {
  const events: Event[] = [];
  for (const line of text.split('\n')) {
    const match = /^INFO\s+jepsen\.util - (\S+)\s+:(invoke|ok|fail|info)\s+:(\S+)\s+(.*)$/.exec(line.trimEnd());
    if (match === null || !/^\d+$/.test(match[1])) continue;
    const [, process, type, f, rest] = match;
    const [value = null] = readEdn(rest);
    events.push({
      process: Number(process),
      type: type as Event['type'],
      f,
      key: '',
      value: plain(value),
      time: undefined,
    });
  }
  return events;
}
