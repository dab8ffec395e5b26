/** A node's state as a tree of rows, compared with the state before; and what the trace itself knows of it: watched fields. */

import type { Trace } from '@dsys/runtime/trace/model';
import type { Field } from '@dsys/runtime/trace/state';
import { valueText } from '@dsys/runtime/trace/values';
import { duration, moment } from './times.ts';

/** Added, modified, deleted; '': as before, or nothing to compare with. */
export type StateBadge = 'A' | 'M' | 'D' | '';

export interface StateNode {
  /** The path as one text: names it from one state to the next. */
  readonly key: string;
  readonly path: readonly string[];
  readonly name: string;
  /** '' for what has parts. */
  readonly text: string;
  readonly old: string;
  readonly badge: StateBadge;
  /** Values in it that differ; for a value, 1 or 0. */
  readonly changes: number;
  /** A note, not a value: it comes from nowhere. */
  readonly cut: boolean;
  readonly children: StateNode[];
}

/** A row that is to be seen. */
export interface StateRow {
  readonly node: StateNode;
  readonly level: number;
  readonly position: number;
  readonly siblings: number;
  readonly isOpen: boolean;
}

const keyOf = (path: readonly string[]): string => path.join('\u0000');

interface Growing extends StateNode {
  text: string;
  old: string;
  badge: StateBadge;
  changes: number;
  cut: boolean;
  readonly children: Growing[];
  readonly byName: Map<string, Growing>;
}

const growing = (path: readonly string[]): Growing => ({
  key: keyOf(path),
  path,
  name: path[path.length - 1] ?? '',
  text: '',
  old: '',
  badge: '',
  changes: 0,
  cut: false,
  children: [],
  byName: new Map(),
});

/**
 * The fields of a state as a tree, in their order; those that are gone stand after what is left of their surroundings.
 * @param before null: nothing is compared
 * @param origin virtual ns from which times are told
 */
export function stateTree(
  now: readonly Field[],
  before: readonly Field[] | null,
  origin: number,
): readonly StateNode[] {
  const root = growing([]);
  const known = new Map(before?.map(field => [keyOf(field.path), field]));
  for (const field of now) {
    const leaf = leafAt(root, field.path);
    const old = known.get(leaf.key);
    known.delete(leaf.key);
    leaf.text = fieldText(field, origin);
    leaf.cut = field.cut === true;
    if (before === null) continue;
    if (old === undefined) leaf.badge = 'A';
    else if (old.text !== field.text) {
      leaf.badge = 'M';
      leaf.old = fieldText(old, origin);
    }
  }
  for (const field of known.values()) {
    const leaf = leafAt(root, field.path);
    // A value that has got parts is not gone.
    if (leaf.children.length > 0) continue;
    leaf.badge = 'D';
    leaf.old = fieldText(field, origin);
  }
  return count(root).children;
}

function leafAt(root: Growing, path: readonly string[]): Growing {
  let here = root;
  for (let depth = 0; depth < path.length; depth++) {
    let child = here.byName.get(path[depth]);
    if (child === undefined) {
      child = growing(path.slice(0, depth + 1));
      here.byName.set(path[depth], child);
      here.children.push(child);
    }
    here = child;
  }
  return here;
}

function count(node: Growing): Growing {
  for (const child of node.children) node.changes += count(child).changes;
  // What has lost all its parts was there before.
  if (node.badge === 'A' && node.children.length > 0) node.badge = 'M';
  if (node.badge !== '') node.changes++;
  return node;
}

function fieldText({ text, unit }: Field, origin: number): string {
  if (unit === 'moment') return moment(Number(text) - origin);
  return unit === 'duration' ? duration(Number(text)) : text;
}

/** So deep is everything open, unless somebody has closed it. */
const OPEN_DEPTH = 3;

/**
 * Rows from top to bottom.
 * @param turned what somebody has opened (true) or closed, by key
 * @param changesOnly leaves everything out that is as before, and opens the rest
 */
export function stateRows(
  tree: readonly StateNode[],
  turned: ReadonlyMap<string, boolean>,
  changesOnly: boolean,
): StateRow[] {
  const rows: StateRow[] = [];
  const add = (nodes: readonly StateNode[], level: number): void => {
    const shown = changesOnly ? nodes.filter(({ changes }) => changes > 0) : nodes;
    shown.forEach((node, index) => {
      const isOpen =
        node.children.length > 0 && (turned.get(node.key) ?? (changesOnly || level <= OPEN_DEPTH || node.changes > 0));
      rows.push({ node, level, position: index + 1, siblings: shown.length, isOpen });
      if (isOpen) add(node.children, level + 1);
    });
  };
  add(tree, 1);
  return rows;
}

/** Longest text of a watched value that is shown. */
const MAX_VALUE = 400;

/** Watched fields of a node after an event, as the trace has them. Where the node is down, they are its last ones. */
export function watchedFields(trace: Trace, event: number, node: number): Field[] {
  const last = new Map<number, number>();
  const { deltas, events } = trace;
  for (let row = 0; row < deltas.length && deltas.event[row] <= event; row++)
    if (events.node[deltas.event[row]] === node) last.set(deltas.path[row], deltas.new[row]);
  const fields: Field[] = [];
  for (const [path, value] of last) {
    if (value === 0 || fields.length >= 1000) continue;
    const text = watchedText(valueText(trace.values, value));
    fields.push({ path: watchedPath(trace.strings[path] ?? ''), text: text.slice(0, MAX_VALUE) });
  }
  return fields;
}

/** Group and field of a watched field's name; names of groups may have dots in them. */
function watchedPath(name: string): readonly string[] {
  const dot = name.lastIndexOf('.');
  const parts = dot < 0 ? [name] : [name.slice(0, dot), name.slice(dot + 1)];
  return parts.map(part => part.slice(0, 100));
}

const watchedText = (itf: string): string => (itf === '{"#tup":[]}' ? 'null' : itf);

/** The last event up to this one that changed a watched field of a node; -1: none did. */
export function watchedOrigin(trace: Trace, event: number, node: number, path: readonly string[]): number {
  const { deltas, events, strings } = trace;
  const wanted = keyOf(path);
  let found = -1;
  for (let row = 0; row < deltas.length && deltas.event[row] <= event; row++) {
    if (events.node[deltas.event[row]] !== node) continue;
    if (keyOf(watchedPath(strings[deltas.path[row]] ?? '')) === wanted) found = deltas.event[row];
  }
  return found;
}

/** The first watched field that is something else in the rebuilt state than in the trace, in words; undefined: none. */
export function contradiction(
  trace: Trace,
  event: number,
  node: number,
  watched: readonly { readonly path: string; readonly itf: string }[],
): string | undefined {
  const { deltas, events, strings, values } = trace;
  const last = new Map<string, number>();
  for (let row = 0; row < deltas.length && deltas.event[row] <= event; row++)
    if (events.node[deltas.event[row]] === node) last.set(strings[deltas.path[row]] ?? '', deltas.new[row]);
  for (const { path, itf } of watched) {
    const recorded = valueText(values, last.get(path) ?? 0);
    if (recorded !== itf)
      return `executed again, ${path} is ${itf.slice(0, 60)} at this event; recorded was ${recorded.slice(0, 60)}`;
  }
  return undefined;
}
