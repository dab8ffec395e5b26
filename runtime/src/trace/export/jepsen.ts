/**
 * What clients asked and were told as a Jepsen history: one map a line, `{:index :time :process :type :f :value}`, with
 * `:key` where an operation has one, and the reason of what did not succeed as `:error`. Times are ns since the scenario
 * began. An answer that says more than Jepsen would think is marked `:observed true`: a nil that was read is a value, and
 * a cas that failed has seen another one; `dsys history` reads that, others need not.
 *
 * Faults are the nemesis': `:start-KIND` and `:stop-KIND`, each as the pair of `:info` that Jepsen expects of it. A process
 * of which nobody knows whether its operation took effect does nothing more: what it would do, a new one does.
 */

import { nodeName } from '../access.ts';
import { originNs } from '../describe.ts';
import type { TraceValue } from '../itf.ts';
import { STATUS_NAMES } from '../kinds.ts';
import type { Fault, Trace } from '../model.ts';
import { isUnknown, retiringProcesses } from '../processes.ts';
import { valueAt } from '../values.ts';
import { edn, ednKeyword, ednText } from './edn.ts';
import { ExportError } from './export-error.ts';
import { addLine, createLines, textOf } from './lines.ts';

/** What stands in one line, and the event that it stands for. */
interface Entry {
  readonly event: number;
  readonly process: string;
  readonly type: string;
  readonly f: string;
  readonly rest: string;
}

/** @throws ExportError when there are no operations, or too many for a text */
export function encodeJepsen(trace: Trace): string {
  if (trace.ops.length === 0) throw new ExportError('a Jepsen history holds operations, and this trace has none');
  const entries = [...operations(trace), ...trace.faults.flatMap(fault => nemesis(trace, fault))];
  entries.sort((a, b) => a.event - b.event);
  const { t } = trace.events;
  const origin = entries.some(entry => t[entry.event] < originNs(trace)) ? 0 : originNs(trace);
  const out = createLines('A Jepsen history');
  entries.forEach(({ event, process, type, f, rest }, index) => {
    const time = t[event] - origin;
    addLine(out, `{:index ${index}, :time ${time}, :process ${process}, :type :${type}, :f ${f}, ${rest}}`);
  });
  return textOf(out);
}

/** Operations that are told nothing but that they were done: with their answer stands what was asked. */
const DONE: ReadonlySet<string> = new Set(['write', 'cas', 'append', 'add', 'increment', 'delete']);

function operations(trace: Trace): Entry[] {
  const { ops, strings, values } = trace;
  const entries: Entry[] = [];
  const processes = retiringProcesses(ops, op => isUnknown(ops, op));
  for (let op = 0; op < ops.length; op++) {
    const { f, key, value, result, invoke, complete, status } = ops;
    if (invoke[op] < 0) continue;
    const name = strings[f[op]];
    const transaction = name === 'transaction';
    const common = { process: `${processes[op]}`, f: transaction ? ':txn' : ednKeyword(name) };
    const asked = valueAt(values, value[op]);
    const told = valueAt(values, result[op]);
    const keyed = key[op] === 0 ? '' : `, :key ${edn(valueAt(values, key[op]))}`;
    const rest = (one: TraceValue | undefined): string => `:value ${transaction ? steps(one) : edn(one)}${keyed}`;
    entries.push({ ...common, event: invoke[op], type: 'invoke', rest: rest(asked) });
    if (complete[op] < 0) continue;
    const type = STATUS_NAMES[status[op]] ?? 'info';
    if (type !== 'ok') {
      const why = typeof told === 'string' && told !== '' ? `, :error ${ednText(told)}` : '';
      entries.push({ ...common, event: complete[op], type, rest: `${rest(asked)}${why}` });
      continue;
    }
    const refused = name === 'cas' && told === false;
    const observed = refused || (name === 'read' && told === null) || (transaction && told !== undefined);
    const answer = rest(DONE.has(name) || told === undefined ? asked : told);
    entries.push({
      ...common,
      event: complete[op],
      type: refused ? 'fail' : 'ok',
      rest: observed ? `${answer}, :observed true` : answer,
    });
  }
  return entries;
}

/** `['read', 'x', null]` as `[:r "x" nil]`. */
function steps(value: TraceValue | undefined): string {
  if (!Array.isArray(value)) return edn(value);
  const words: Readonly<Record<string, string>> = { read: ':r', write: ':w', append: ':append' };
  return `[${value
    .map(step => {
      if (!Array.isArray(step)) return edn(step);
      const [kind, ...rest] = step as readonly TraceValue[];
      const word = typeof kind === 'string' && Object.hasOwn(words, kind) ? words[kind] : edn(kind);
      return `[${[word, ...rest.map(edn)].join(' ')}]`;
    })
    .join(' ')}]`;
}

function nemesis(trace: Trace, fault: Fault): Entry[] {
  const names = (nodes: readonly number[]): string =>
    `[${nodes.map(node => ednText(nodeName(trace, node))).join(' ')}]`;
  const parts = [`:nodes ${names(fault.nodes)}`];
  if (fault.groups.length > 0) parts.push(`:groups [${fault.groups.map(names).join(' ')}]`);
  for (const [name, value] of Object.entries(fault.params)) {
    if (name !== 'nodes' && name !== 'groups') parts.push(`${ednKeyword(name)} ${edn(value as TraceValue)}`);
  }
  return (['start', 'stop'] as const).flatMap(word => {
    const event = word === 'start' ? fault.start : fault.end;
    const entry = {
      event,
      process: ':nemesis',
      type: 'info',
      f: ednKeyword(`${word}-${fault.kind}`),
      rest: `:value {${parts.join(', ')}}`,
    };
    return event < 0 ? [] : [entry, entry];
  });
}
