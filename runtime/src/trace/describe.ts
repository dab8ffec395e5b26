/** Events in words: one line each, ASCII, whatever the names and values contain. */

import { kindOf, nodeName, rowsOfEvent, senderOf } from './access.ts';
import { STATUS, type STATUS_NAMES, WHY_NAMES } from './kinds.ts';
import type { Fault, Trace } from './model.ts';
import { valueText } from './values.ts';

/** Longest text of a value in a line, and of a transaction's steps. */
const MAX_VALUE_CHARACTERS = 40;
const MAX_STEPS_CHARACTERS = 120;

/** Virtual ns as ms with three decimals. */
export function milliseconds(ns: number): string {
  const microseconds = Math.round(Math.abs(ns) / 1000);
  const text = `${Math.floor(microseconds / 1000)}.${`${microseconds % 1000}`.padStart(3, '0')}`;
  return ns < 0 ? `-${text}` : text;
}

/** Virtual ns at which the scenario began (`params.originNs`): times are told from there; 0 where nobody says. */
export function originNs(trace: Trace): number {
  const { originNs: origin } = trace.header.params;
  return Number.isSafeInteger(origin) ? (origin as number) : 0;
}

/** Makes any text one line of printable ASCII, so that no value can drive a terminal. */
export function ascii(text: string): string {
  return text.replace(/[^ -~]/gu, character => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** A value as short text: strings that look like names bare, everything else in ITF; '' when it was not recorded. */
export function describeValue(trace: Trace, id: number): string {
  const text = valueText(trace.values, id).replaceAll('{"#tup":[]}', 'null');
  const steps = stepsOf(text);
  const bare = steps ?? (/^"[\w:/.-]+"$/.test(text) ? text.slice(1, -1) : text);
  const most = steps === undefined ? MAX_VALUE_CHARACTERS : MAX_STEPS_CHARACTERS;
  return bare.length <= most ? bare : `${bare.slice(0, most - 3)}...`;
}

/** `[["read","x",null],["append","y",1]]` as `read x, append y 1`; undefined for other values. */
function stepsOf(text: string): string | undefined {
  if (!/^\[\["\w+","/.test(text)) return undefined;
  return text
    .slice(1, -1)
    .replace(/\["(\w+)","([^"]*)",(.*?)\](?=,\["|$)/g, (_, verb, key, value) =>
      value === 'null' ? `${verb} ${key}` : `${verb} ${key} ${value}`,
    )
    .replaceAll(',', ', ');
}

/** An operation as a call: `write(x, 1)`; with its result once it is known: `read(x) = 0`. */
export function describeOp(trace: Trace, op: number, withResult: boolean): string {
  const { f, key, value, result, status } = trace.ops;
  // Of a transaction the steps name the keys.
  const given = [key[op], value[op]].map(id => describeValue(trace, id)).filter(text => text !== '' && text !== '""');
  const call = `${trace.strings[f[op]] || 'operation'}(${given.join(', ')})`;
  const told = describeValue(trace, result[op]);
  return withResult && status[op] === STATUS.ok && told !== '' ? `${call} = ${told}` : call;
}

/** A fault and whom it strikes: `partition of s1 | s2, s3`, `slow s2 (factor 3)`. */
export function describeFault(trace: Trace, fault: Fault): string {
  // What was written says it best.
  if (typeof fault.params.text === 'string') return fault.params.text;
  const names = (nodes: readonly number[]): string => nodes.map(node => nodeName(trace, node)).join(', ');
  const struck = fault.groups.length > 0 ? `of ${fault.groups.map(names).join(' | ')}` : names(fault.nodes);
  const params = Object.entries(fault.params).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  const short = params.length > 0 ? ` (${params.join(', ')})` : '';
  return `${fault.kind} ${struck}${short}`.trim();
}

/** A role that a node holds, as raw text: `is leader in epoch 2`; epoch 0 is none. */
export function describeRole(role: string, epoch: number): string {
  return epoch > 0 ? `is ${role} in epoch ${epoch}` : `is ${role}`;
}

/** What an event is, without its time and node. */
export function describeEvent(trace: Trace, event: number): string {
  return ascii(describe(trace, event));
}

function describe(trace: Trace, event: number): string {
  const { events, messages } = trace;
  const name = trace.strings[events.name[event]] ?? '';
  const message = events.msg[event];
  const op = events.op[event];
  const kind = kindOf(trace, event);
  const sender = message < 0 ? '?' : nodeName(trace, senderOf(trace, message));
  switch (kind) {
    case 'init':
      return 'starts';
    case 'timerSet':
      return `sets timer ${name}`;
    case 'timerFire':
      return `timer ${name} fires`;
    case 'timerCancel':
      return `cancels timer ${name}`;
    case 'send':
      return `sends ${name} to ${message < 0 ? '?' : nodeName(trace, messages.to[message])}`;
    case 'deliver': {
      const send = message < 0 ? -1 : messages.send[message];
      const sent = send < 0 ? '' : ` (sent ${milliseconds(events.t[send] - originNs(trace))})`;
      return `receives ${name} from ${sender}${sent}`;
    }
    case 'drop':
      return `never receives ${name} from ${sender}: ${message < 0 ? '?' : (WHY_NAMES[messages.why[message]] ?? '?')}`;
    case 'duplicate':
      return `${name} from ${sender} is duplicated on its way`;
    case 'crash':
      return 'crashes';
    case 'restart':
      return 'restarts';
    case 'pause':
      return 'stops for a while';
    case 'resume':
      return 'goes on';
    case 'role':
    case 'epoch':
      return describeRole(name, events.epoch[event]);
    case 'invoke':
      return `asks ${op < 0 ? name : describeOp(trace, op, false)}`;
    case 'ok':
    case 'fail':
    case 'info':
      return `${OUTCOMES[kind]} ${op < 0 ? name : describeOp(trace, op, true)}`;
    case 'faultStart':
    case 'faultEnd': {
      const fault = trace.faults.find(one => one.start === event || one.end === event);
      return `${kind === 'faultStart' ? 'begins' : 'ends'}: ${fault === undefined ? name : describeFault(trace, fault)}`;
    }
    default:
      return [kind, name, detailOf(trace, event)].filter(text => text !== '').join(' ');
  }
}

const OUTCOMES: Readonly<Record<(typeof STATUS_NAMES)[number], string>> = {
  ok: 'is told',
  fail: 'is refused',
  info: 'learns nothing of',
};

function detailOf(trace: Trace, event: number): string {
  const [from, to] = rowsOfEvent(trace.details, event);
  return from < to ? describeValue(trace, trace.details.value[from]) : '';
}
