import type { Value } from '../history.ts';
import { pairEvents, type Recorded } from './events.ts';
import { eventsOfEdn, eventsOfLog } from './jepsen.ts';
import { historyOfJsonl } from './jsonl.ts';

export const FORMATS = ['jepsen-edn', 'jepsen-log', 'porcupine-kv', 'jsonl'] as const;
export type Format = (typeof FORMATS)[number];

/** What a recording does not say about itself. Defaults are those of the tool that writes the format. */
export interface ReadOptions {
  readonly failedCas?: 'observed' | 'ignored';
  readonly nilRead?: 'value' | 'unknown';
  /** What every key held before the first operation. */
  readonly initial?: Value;
  /** Name of the data model, where operations are called alike in several (`add`). */
  readonly model?: string;
}

/**
 * Reads a recorded history. Throws an Error whose message says where the text is not what the format asks for.
 *
 * Defaults: a failed cas has seen another value in a Jepsen log (as Porcupine reads etcd's) and is ignored in EDN (as
 * Knossos does); a nil that was read is a value in a log and unknown in EDN; keys begin with nothing, and with an empty
 * text in Porcupine's key-value logs.
 */
export function readHistory(text: string, format: Format, options: ReadOptions = {}): Recorded {
  if (format === 'jsonl') return historyOfJsonl(text);
  const log = format === 'jepsen-log';
  const recorded = pairEvents(log ? eventsOfLog(text) : eventsOfEdn(text), {
    failedCas: options.failedCas ?? (log ? 'observed' : 'ignored'),
    nilRead: options.nilRead ?? (format === 'jepsen-edn' ? 'unknown' : 'value'),
    initial: options.initial ?? (format === 'porcupine-kv' ? '' : null),
    addIs: options.model === 'counter' ? 'increment' : 'add',
  });
  if (recorded.history.operations.length === 0) throw new Error(`no operation of the format ${format} was found`);
  return recorded;
}

/** The format that a text looks like; `undefined` if it is none of them. */
export function guessFormat(text: string): Format | undefined {
  if (/^INFO\s+jepsen\.util - /m.test(text)) return 'jepsen-log';
  const start = text.replace(/^(\s|;.*\n)*/, '').slice(0, 1000);
  if (/^\{\s*"/.test(start)) return 'jsonl';
  if (/^\{:process \d+, :type :\w+, :f :(get|put|append), :key /.test(start)) return 'porcupine-kv';
  return /^(\[|\(|\{:|#)/.test(start) && start.includes(':process') ? 'jepsen-edn' : undefined;
}
