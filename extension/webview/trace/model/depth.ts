/**
 * The axis of causal depth: an event stands as far to the right as the longest chain of events that led to it is long, so
 * what is above each other may have happened in any order.
 *
 * It is the one axis along which rows do not come in the trace's order. So it brings an order of its own, in which every
 * row has a *place*, and by place what `Opened` has by row: whoever looks for what is in view looks for places.
 */

import { causalDepth } from '@dsys/runtime/trace/causality';
import { type Axis, PLAIN } from './axis.ts';
import { type Blocks, blocksOf } from './blocks.ts';
import type { Opened } from './opened.ts';
import { type Counted, type Pyramid, pyramidOf } from './pyramid.ts';

export interface Order {
  /** Row at each place. */
  readonly rows: Int32Array;
  /** Place of each row. */
  readonly places: Int32Array;
  /** Coordinate at each place; it does not decrease. */
  readonly along: Float64Array;
  /** As in `Opened`, but by place. */
  readonly trace: Counted;
  readonly pyramid: Pyramid;
  readonly violationRows: Int32Array;
  readonly messageBlocks: Blocks;
  readonly opBlocks: Blocks;
  /** A mask of rows as one of places; the same one each time, as counts are kept for each mask. */
  readonly maskOf: (mask: Uint8Array) => Uint8Array;
  /** First and last row at the places from `from` to before `to`, of which there is at least one. */
  readonly spanOf: (from: number, to: number) => readonly [first: number, last: number];
}

export function depthAxis(opened: Opened): Axis {
  const depth = causalDepth(opened.causality);
  const rows = sorted(depth);
  const at = Float64Array.from(depth);
  const to = Math.max(1, at[rows[rows.length - 1]] || 0);
  return { ...PLAIN, kind: 'depth', at, from: 0, to, order: orderOf(opened, rows, at) };
}

/** Rows by depth, those of one depth in the trace's order: counted out, as depths are small numbers. */
function sorted(depth: Int32Array): Int32Array {
  const next = new Int32Array(depth.length + 1);
  for (const one of depth) next[one + 1]++;
  for (let one = 1; one < next.length; one++) next[one] += next[one - 1];
  const rows = new Int32Array(depth.length);
  for (let row = 0; row < depth.length; row++) rows[next[depth[row]]++] = row;
  return rows;
}

function orderOf({ trace, violationRows }: Opened, rows: Int32Array, at: Float64Array): Order {
  const { events, messages, ops, header } = trace;
  const places = new Int32Array(rows.length);
  for (let place = 0; place < rows.length; place++) places[rows[place]] = place;
  const placesOf = (list: Int32Array): Int32Array => list.map(row => places[row] ?? -1);
  const kind = Uint8Array.from(rows, row => events.kind[row]);
  const node = Uint16Array.from(rows, row => events.node[row]);
  const counted = { header, events: { kind, node, length: rows.length } };
  let span = { from: -1, to: -1, rows: [0, 0] as readonly [number, number] };
  const masks = new WeakMap<Uint8Array, Uint8Array>();
  return {
    rows,
    places,
    along: Float64Array.from(rows, row => at[row]),
    trace: counted,
    pyramid: pyramidOf(counted),
    violationRows: placesOf(violationRows).sort(),
    messageBlocks: blocksOf(placesOf(messages.send), placesOf(messages.end), 'start'),
    opBlocks: blocksOf(placesOf(ops.invoke), placesOf(ops.complete), 'never'),
    maskOf(mask) {
      let known = masks.get(mask);
      if (known === undefined) masks.set(mask, (known = Uint8Array.from(rows, row => mask[row])));
      return known;
    },
    spanOf(from, to) {
      // Several parts of the page ask for what is in view.
      if (span.from === from && span.to === to) return span.rows;
      let [first, last] = [rows[from], rows[from]];
      for (let place = from; place < to; place++) {
        if (rows[place] < first) first = rows[place];
        if (rows[place] > last) last = rows[place];
      }
      span = { from, to, rows: [first, last] };
      return span.rows;
    },
  };
}
