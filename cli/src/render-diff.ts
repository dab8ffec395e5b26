/** Two traces compared, in the terminal and as JSON. */
import { kindOf, nodeName } from '@dsys/runtime/trace/access';
import { type Comparison, DIVERGES, type LaneComparison } from '@dsys/runtime/trace/compare';
import { ascii, describeEvent, milliseconds, originNs } from '@dsys/runtime/trace/describe';
import type { Trace } from '@dsys/runtime/trace/model';
import type { Colors } from './output.ts';

export interface Side {
  readonly file: string;
  readonly trace: Trace;
  readonly sha256: string;
}

/** Lanes that the terminal lists; JSON has them all. */
const lanesShown = 40;

/** Nothing that happens differs, and nothing beside it either. */
export const isSame = (a: Side, b: Side, { divergence }: Comparison): boolean =>
  divergence === undefined && a.sha256 === b.sha256;

export function renderDiff(a: Side, b: Side, found: Comparison, colors: Colors): string {
  let text = `${sideLine('A', a)}${sideLine('B', b)}\n`;
  const { divergence, prefix } = found;
  if (isSame(a, b, found)) return `${text}${colors.green('the same')}: trace ${a.sha256.slice(0, 16)}\n`;
  if (divergence === undefined) {
    text +=
      'every event is the same; what differs stands beside them (causes, sizes, roles, or the nodes themselves)\n';
    return text;
  }
  const row = Math.max(divergence.a, divergence.b);
  text += `first divergence, at event ${row}: ${DIVERGES[divergence.how]}\n`;
  const exact = divergence.how === 'time';
  text += eventLine(colors.cyan('A'), a.trace, divergence.a, exact);
  text += eventLine(colors.yellow('B'), b.trace, divergence.b, exact);
  const sameLater = prefix > row ? `; but for times and states the first ${prefix} events are the same` : '';
  text += `${row === 0 ? 'no event' : counted(row)} before it${sameLater}\n\n`;
  return text + laneTable(found.lanes, colors);
}

const counted = (count: number): string => `${count} event${count === 1 ? '' : 's'}`;

function sideLine(side: string, { file, trace }: Side): string {
  const { model, seed } = trace.header;
  return `${side}  ${file}: ${ascii(model.name)}, seed ${seed}, ${counted(trace.events.length)}\n`;
}

/** @param exact also in ns: clocks of nodes differ by less than what is told otherwise */
function eventLine(side: string, trace: Trace, event: number, exact: boolean): string {
  if (event < 0) return `  ${side}  has no more events\n`;
  const ns = trace.events.t[event]! - originNs(trace);
  const lane = ascii(nodeName(trace, trace.events.node[event]!));
  const time = `${milliseconds(ns)} ms${exact ? ` (${ns} ns)` : ''}`;
  return `  ${side}  ${time}  ${lane}  ${describeEvent(trace, event)}\n`;
}

function laneTable(lanes: readonly LaneComparison[], colors: Colors): string {
  const shown = lanes.filter(lane => lane.onlyA + lane.onlyB > 0).slice(0, lanesShown);
  const rows = shown.map(({ name, both, onlyA, onlyB }) => [ascii(name), `${both}`, `${onlyA}`, `${onlyB}`]);
  const table = [['lane', 'in both', 'only A', 'only B'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map(row => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ')}\n`;
  const differing = lanes.filter(lane => lane.onlyA + lane.onlyB > 0).length;
  const more = differing > shown.length ? `  and ${differing - shown.length} more lanes that differ\n` : '';
  const same = lanes.length - differing;
  const alike = same > 0 ? `  ${same} ${same === 1 ? 'lane has' : 'lanes have'} the same events\n` : '';
  return colors.dim(line(table[0]!)) + table.slice(1).map(line).join('') + more + alike;
}

export function jsonOfDiff(a: Side, b: Side, found: Comparison): object {
  const { divergence, prefix, lanes } = found;
  const sum = (of: 'both' | 'onlyA' | 'onlyB'): number => lanes.reduce((total, lane) => total + lane[of], 0);
  return {
    schema: 'dsys.trace-diff/1',
    a: sideOf(a),
    b: sideOf(b),
    same: isSame(a, b, found),
    prefix,
    divergence:
      divergence === undefined
        ? null
        : { how: divergence.how, a: eventOf(a.trace, divergence.a), b: eventOf(b.trace, divergence.b) },
    events: { both: sum('both'), onlyA: sum('onlyA'), onlyB: sum('onlyB') },
    lanes: lanes.map(({ name, both, onlyA, onlyB }) => ({ name, both, onlyA, onlyB })),
  };
}

function sideOf({ file, trace, sha256 }: Side): object {
  const { model, seed } = trace.header;
  return { file, model: model.name, seed, events: trace.events.length, traceSha256: sha256 };
}

/** Times are ns since the scenario began, as in the text. */
function eventOf(trace: Trace, event: number): object | null {
  if (event < 0) return null;
  const { t, node } = trace.events;
  return {
    event,
    timeNs: t[event]! - originNs(trace),
    node: nodeName(trace, node[event]!),
    kind: kindOf(trace, event),
    text: describeEvent(trace, event),
  };
}
