/**
 * A short trace as a behaviour in the Informal Trace Format (ITF, apalache-mc.org/docs/adr/015adr-trace.html), for Quint,
 * Apalache and their viewers: state 0 is what was before the first event, state n + 1 what was after event n.
 *
 * `nodes` maps each node to its `status` (up, down, paused) and the watched fields of its `state`, as far as they are known
 * by then; `messages` is the set of copies in flight; `clock` is virtual time in ns; `mbt::actionTaken` is the event.
 */

import { kindOf, nodeName, rowsOfEvent, senderOf, typeOf } from '../access.ts';
import { toItf } from '../itf.ts';
import type { KindName } from '../kinds.ts';
import type { Json, Trace } from '../model.ts';
import { valueAt } from '../values.ts';
import { refuseMoreThan } from './export-error.ts';
import { addLine, createLines, textOf } from './lines.ts';
import { uniqueNames } from './unique-names.ts';

/** Each state repeats all that did not change. */
export const MAX_ITF_EVENTS = 2000;
/** Readers of ITF hold all states at once. */
export const MAX_ITF_CHARACTERS = 50_000_000;

const VARIABLES = ['nodes', 'messages', 'clock', 'mbt::actionTaken'];

interface NodeState {
  status: 'up' | 'down' | 'paused';
  readonly fields: Map<string, string>;
}

/** @throws ExportError for a trace that is too long */
export function encodeItf(trace: Trace): string {
  const { events, header } = trace;
  refuseMoreThan(MAX_ITF_EVENTS, events.length, 'ITF', 'events');
  const out = createLines('ITF', MAX_ITF_CHARACTERS);
  const names = uniqueNames(header.nodes.map(({ name }) => name));
  const states = header.nodes.map((): NodeState => ({ status: 'up', fields: new Map() }));
  const inFlight = new Map<number, string>();
  const values = new Map<number, string>();
  const value = (id: number): string => {
    const known = values.get(id) ?? strictText(trace, id);
    values.set(id, known);
    return known;
  };

  const addState = (index: number, clock: number, action: string): void => {
    const nodes = names.map((name, node) => {
      const { status, fields } = states[node];
      const members = Array.from(fields, ([path, text]) => `${JSON.stringify(recordKey(path))}:${text}`);
      return `[${JSON.stringify(name)},{"status":"${status}","state":{${members.join()}}}]`;
    });
    const variables = `"nodes":{"#map":[${nodes.join()}]},"messages":{"#set":[${[...inFlight.values()].join()}]}`;
    const rest = `"clock":${clock},"mbt::actionTaken":${JSON.stringify(action)}`;
    addLine(out, `${index === 0 ? '' : ','}{"#meta":{"index":${index}},${variables},${rest}}`);
  };

  addLine(out, `{"#meta":${JSON.stringify(metaOf(trace))},"params":[],"vars":${JSON.stringify(VARIABLES)},"states":[`);
  setInitialFields(trace, states, value);
  addState(0, events.length > 0 ? events.t[0] : 0, 'init');
  for (let event = 0; event < events.length; event++) {
    const kind = kindOf(trace, event);
    const state = states[events.node[event]];
    if (state !== undefined) {
      state.status = STATUS_AFTER[kind] ?? state.status;
      const [from, to] = rowsOfEvent(trace.deltas, event);
      for (let row = from; row < to; row++)
        setField(trace, state, trace.deltas.path[row], trace.deltas.new[row], value);
    }
    const message = events.msg[event];
    if (message >= 0) {
      if (kind === 'send' || kind === 'duplicate') inFlight.set(message, messageText(trace, names, message, value));
      else inFlight.delete(message);
    }
    const name = trace.strings[events.name[event]];
    addState(event + 1, events.t[event], `${nodeName(trace, events.node[event])} ${kind} ${name}`.trim());
  }
  addLine(out, header.loop === undefined ? ']}' : `],"loop":${header.loop.fromEvent}}`);
  return textOf(out);
}

const STATUS_AFTER: { readonly [Kind in KindName]?: NodeState['status'] } = {
  ...{ init: 'up', crash: 'down', restart: 'up', pause: 'paused', resume: 'up' },
};

function metaOf({ header }: Trace): Json {
  const { tool, model, seed, runId } = header;
  return {
    format: 'ITF',
    'format-description': 'https://apalache-mc.org/docs/adr/015adr-trace.html',
    source: model.uri,
    description: `dsys ${tool}: ${model.name}, seed ${seed}, run ${runId}`,
  };
}

/** What a field was before it first changed is what it was from the beginning. */
function setInitialFields(trace: Trace, states: readonly NodeState[], value: (id: number) => string): void {
  const { event, path, old, length } = trace.deltas;
  const seen = new Set<string>();
  for (let row = 0; row < length; row++) {
    const node = trace.events.node[event[row]];
    const field = `${node} ${path[row]}`;
    if (seen.has(field) || states[node] === undefined) continue;
    seen.add(field);
    setField(trace, states[node], path[row], old[row], value);
  }
}

/** A value that was not recorded is that of a field which is not there. */
function setField(trace: Trace, { fields }: NodeState, path: number, id: number, value: (id: number) => string): void {
  if (id === 0) fields.delete(trace.strings[path]);
  else fields.set(trace.strings[path], value(id));
}

function messageText(trace: Trace, names: readonly string[], message: number, value: (id: number) => string): string {
  const { to, payload } = trace.messages;
  const name = (node: number): string => JSON.stringify(names[node] ?? '-');
  const type = JSON.stringify(typeOf(trace, message));
  const ends = `"from":${name(senderOf(trace, message))},"to":${name(to[message])}`;
  return `{"id":${message},"type":${type},${ends},"payload":${value(payload[message])}}`;
}

/** A record's own keys that begin with `#` get another one. */
const recordKey = (key: string): string => (key.startsWith('#') ? `#${key}` : key);

/** The ITF of a value, strictly: its numbers are integers, what is none cannot be written. */
function strictText(trace: Trace, id: number): string {
  const value = valueAt(trace.values, id);
  if (value === undefined) return '{"#unserializable":"not recorded"}';
  return JSON.stringify(strict(JSON.parse(toItf(value)) as Json));
}

function strict(json: Json): Json {
  if (typeof json === 'number') {
    if (Number.isSafeInteger(json)) return json;
    return Number.isInteger(json) ? { '#bigint': `${BigInt(json)}` } : { '#unserializable': `${json}` };
  }
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return json.map(strict);
  return Object.fromEntries(Object.entries(json).map(([key, one]) => [key, strict(one as Json)]));
}
