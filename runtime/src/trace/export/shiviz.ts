/**
 * A short trace as a log for ShiViz (bestchai.bitbucket.io/shiviz): its first line is the expression that reads the rest,
 * then come two lines for each event, what happened, and where with its vector clock.
 *
 * The clocks are made for this very trace, because ShiViz refuses a log in which a host's own count has gaps: each lane's
 * events count 1, 2, 3 …, and a clock has exactly what happened before. What the network does (a loss, a copy) is no event
 * of a host, and is not there.
 */

import { causalityOf } from '../causality.ts';
import { ascii, describeEvent, milliseconds, originNs } from '../describe.ts';
import { NONE16, type Trace } from '../model.ts';
import { ExportError, refuseMoreThan } from './export-error.ts';
import { addLine, createLines, textOf } from './lines.ts';
import { uniqueNames } from './unique-names.ts';

/** ShiViz takes time that grows with the square of the events: a second for 20,000, with nothing to be made out in them. */
export const MAX_SHIVIZ_EVENTS = 5000;
/** Hosts are columns; clocks have a count for each. */
export const MAX_SHIVIZ_HOSTS = 200;

export const SHIVIZ_EXPRESSION = '(?<event>.*)\\n(?<host>\\S*) (?<clock>{.*})';

/** @throws ExportError for a trace that is too long, or has no events of nodes */
export function encodeShiviz(trace: Trace): string {
  const { events } = trace;
  refuseMoreThan(MAX_SHIVIZ_EVENTS, events.length, 'ShiViz', 'events');
  const causality = causalityOf(trace);
  const { lane } = causality;
  const rows = [...lane.keys()].filter(event => lane[event] !== NONE16);
  if (rows.length === 0) throw new ExportError('ShiViz shows events of nodes, and this trace has none');
  const lanes = [...new Set(rows.map(event => lane[event]))].sort((a, b) => a - b);
  refuseMoreThan(MAX_SHIVIZ_HOSTS, lanes.length, 'ShiViz', 'lanes with events');
  const column = new Map(lanes.map((one, at) => [one, at]));
  const hosts = hostNames(lanes.map(one => trace.header.nodes[one].name));

  const out = createLines('ShiViz');
  addLine(out, SHIVIZ_EXPRESSION);
  addLine(out, '');
  const clocks: Uint16Array[] = [];
  for (let event = 0; event < events.length; event++) {
    const clock = new Uint16Array(lanes.length);
    for (const link of [causality.previous[event], causality.send[event], causality.cause[event]]) {
      if (link < 0) continue;
      for (let at = 0; at < clock.length; at++) if (clocks[link][at] > clock[at]) clock[at] = clocks[link][at];
    }
    clocks.push(clock);
    const own = column.get(lane[event]);
    if (own === undefined) continue;
    clock[own]++;
    const counts = hosts.flatMap((host, at) => (clock[at] > 0 ? [`"${host}":${clock[at]}`] : []));
    addLine(out, `${milliseconds(events.t[event] - originNs(trace))} ms: ${describeEvent(trace, event)}`);
    addLine(out, `${hosts[own]} {${counts.join(',')}}`);
  }
  return textOf(out);
}

/** Names without blanks, different from each other, that are neither JSON nor an expression nor a member of every object. */
function hostNames(names: readonly string[]): string[] {
  return uniqueNames(
    names.map(name => {
      const plain = ascii(name).replace(/[^\w.:-]/g, '_');
      return /^[A-Za-z0-9]/.test(plain) && !(plain in {}) ? plain : `host${plain}`;
    }),
  );
}
