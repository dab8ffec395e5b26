/**
 * A short trace as a Mermaid sequence diagram, for a pull request or a page: messages as arrows at the moment at which
 * they arrive or are lost (`-x`), those that never arrive at their sending (dotted), and as notes what clients ask and are
 * told, crashes, roles, faults and violations. Times are ms since the scenario began.
 */

import { fateOf, kindOf, senderOf, typeOf } from '../access.ts';
import { describeEvent, milliseconds, originNs } from '../describe.ts';
import { type KindName, WHY_NAMES } from '../kinds.ts';
import type { Trace } from '../model.ts';
import { ExportError, refuseMoreThan } from './export-error.ts';
import { addLine, createLines, textOf } from './lines.ts';

/** Nobody follows more, and the hosts that draw Mermaid stop not far beyond. */
export const MAX_MERMAID_MESSAGES = 60;
/** Mermaid's own `maxTextSize`. */
export const MAX_MERMAID_CHARACTERS = 50_000;

const NOTED: ReadonlySet<KindName> = new Set<KindName>([
  ...(['crash', 'restart', 'pause', 'resume', 'role', 'epoch', 'invoke', 'ok', 'fail', 'info', 'violation'] as const),
  ...(['faultStart', 'faultEnd', 'annotate'] as const),
]);

/** @throws ExportError for a trace that is too long to be read as a diagram, or has nothing to draw */
export function encodeMermaid(trace: Trace): string {
  const { events, messages } = trace;
  refuseMoreThan(MAX_MERMAID_MESSAGES, messages.length, 'A Mermaid diagram', 'messages');
  const shown = new Set<number>();
  const body = createLines('A Mermaid diagram', MAX_MERMAID_CHARACTERS);
  const actor = (node: number): string => {
    shown.add(node);
    return `n${node}`;
  };
  for (let event = 0; event < events.length; event++) {
    const kind = kindOf(trace, event);
    const message = messageDrawnAt(trace, event);
    if (message >= 0) {
      const [from, to] = [senderOf(trace, message), messages.to[message]];
      if (isLane(trace, from) && isLane(trace, to)) {
        addLine(body, `  ${actor(from)}${ARROWS[fateOf(trace, message)]}${actor(to)}: ${label(trace, message)}`);
      }
    } else if (NOTED.has(kind) && isLane(trace, events.node[event])) {
      const time = milliseconds(events.t[event] - originNs(trace));
      addLine(body, `  Note over ${actor(events.node[event])}: ${escaped(`${time} ${describeEvent(trace, event)}`)}`);
    }
  }
  if (body.length === 0) throw new ExportError('there is nothing in this trace that a Mermaid diagram shows');
  const text = ['sequenceDiagram', ...participants(trace, shown), textOf(body)].join('\n');
  refuseMoreThan(MAX_MERMAID_CHARACTERS, text.length, body.format, 'characters');
  return text;
}

const ARROWS = { delivered: '->>', dropped: '-x', inflight: '--)' } as const;

const isLane = (trace: Trace, node: number): boolean => node < trace.header.nodes.length;

/** The message that is drawn at an event: where it ends, or where it is sent if it never does. */
function messageDrawnAt(trace: Trace, event: number): number {
  const message = trace.events.msg[event];
  if (message < 0) return -1;
  const { end } = trace.messages;
  const kind = kindOf(trace, event);
  if (kind === 'deliver' || kind === 'drop') return end[message] === event ? message : -1;
  return (kind === 'send' || kind === 'duplicate') && end[message] < 0 ? message : -1;
}

function label(trace: Trace, message: number): string {
  const { send, end, why } = trace.messages;
  const at = (event: number): string => milliseconds(trace.events.t[event] - originNs(trace));
  const name = typeOf(trace, message) || 'message';
  const sent = send[message] < 0 ? '?' : at(send[message]);
  switch (fateOf(trace, message)) {
    case 'inflight':
      return escaped(`${name} (sent ${sent}, in flight)`);
    case 'dropped':
      return escaped(`${name} (sent ${sent}, lost ${at(end[message])}, ${WHY_NAMES[why[message]] ?? '?'})`);
    case 'delivered':
      return escaped(`${name} (sent ${sent}, received ${at(end[message])})`);
  }
}

/** Clients as people, the others as boxes, in the order of lanes. */
function participants(trace: Trace, shown: ReadonlySet<number>): string[] {
  return trace.header.nodes.flatMap(({ name, kind }, node) =>
    shown.has(node) ? [`  ${kind === 'client' ? 'actor' : 'participant'} n${node} as ${escaped(name) || '-'}`] : [],
  );
}

/** Whatever could mean something to Mermaid, or to the page around it, as a numbered entity. */
function escaped(text: string): string {
  return text.trim().replace(/[^\p{L}\p{N} _.,()=/-]/gu, character => `#${character.codePointAt(0)};`);
}
