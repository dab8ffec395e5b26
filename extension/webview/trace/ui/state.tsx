/** The state of the selected event's node, as a tree: what it is, what the event changed, where each value comes from. */

import { nodeName } from '@dsys/runtime/trace/access';
import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { type StateNode, type StateRow, stateRows, stateTree } from '../model/state.ts';
import { grouped } from '../model/times.ts';
import { goToOrigin, lookAtSelection } from './looks.ts';
import { plainKeys } from './plain-keys.ts';
import type { Viewer } from './viewer.ts';

type Props = { readonly viewer: Viewer };

/** Rows that are laid out; more than anybody reads, and as many as a page can bear. */
const MAX_ROWS = 1500;

export function State({ viewer }: Props): JSX.Element {
  useSignalEffect(() => lookAtSelection(viewer));
  const { look, changesOnly } = viewer.looks;
  const event = viewer.event.value;
  const shown = look.value;
  const { trace } = viewer.opened.value!;
  if (event < 0 || shown === null) {
    return (
      <section class="details" aria-label="State" tabIndex={0}>
        <h2>State</h2>
        <p class="hint">Select an event to see the state of its node.</p>
      </section>
    );
  }
  const name = nodeName(trace, shown.node).slice(0, 60);
  const isServer = trace.header.nodes[shown.node]?.kind === 'server';
  return (
    <section class="details state" aria-label="State" tabIndex={0} aria-busy={shown.event !== event}>
      <h2>
        {name} <small>after event {grouped(shown.event)}</small>
      </h2>
      {!isServer && <p class="hint">{name} is no node of the design: it has no state.</p>}
      {shown.why !== '' && (
        <p class="why" role="status">
          {shown.why} <b>Watched fields only.</b>
        </p>
      )}
      {isServer && (
        <label class="changes-only">
          <input
            type="checkbox"
            checked={changesOnly.value}
            onChange={change => (changesOnly.value = change.currentTarget.checked)}
          />{' '}
          changes only
        </label>
      )}
      {isServer && <Tree viewer={viewer} />}
    </section>
  );
}

function Tree({ viewer }: Props): JSX.Element {
  const { look, turned, changesOnly } = viewer.looks;
  const root = useRef<HTMLDivElement>(null);
  const active = useSignal('');
  const tree = useComputed(() => {
    const { now = [], before = null } = look.value ?? {};
    return stateTree(now, before, viewer.opened.value?.origin ?? 0);
  });
  const rows = useComputed(() => stateRows(tree.value, turned.value, changesOnly.value)).value;
  const shown = rows.slice(0, MAX_ROWS);
  if (rows.length === 0) {
    return (
      <p class="hint">{changesOnly.value ? 'The event changed nothing of it.' : 'Nothing is known of it here.'}</p>
    );
  }
  const at = Math.max(
    0,
    shown.findIndex(({ node }) => node.key === active.value),
  );
  const focus = (index: number): void => {
    const row = shown[Math.min(shown.length - 1, Math.max(0, index))];
    active.value = row.node.key;
    requestAnimationFrame(() => root.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus());
  };
  const turn = ({ node }: StateRow, isOpen: boolean): void => {
    turned.value = new Map(turned.value).set(node.key, isOpen);
  };
  const act = (row: StateRow): void => {
    active.value = row.node.key;
    if (row.node.children.length > 0) turn(row, !row.isOpen);
    else if (canLead(row.node)) void goToOrigin(viewer, row.node.path);
  };
  const parentOf = (index: number): number => {
    for (let above = index - 1; above >= 0; above--) if (shown[above].level < shown[index].level) return above;
    return index;
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => focus(at + 1),
    ArrowUp: () => focus(at - 1),
    Home: () => focus(0),
    End: () => focus(shown.length - 1),
    ArrowRight: () => {
      if (shown[at].node.children.length === 0) return;
      if (shown[at].isOpen) focus(at + 1);
      else turn(shown[at], true);
    },
    ArrowLeft: () => {
      if (shown[at].isOpen) turn(shown[at], false);
      else focus(parentOf(at));
    },
    Enter: () => act(shown[at]),
    ' ': () => act(shown[at]),
  };
  return (
    <>
      <div ref={root} class="tree" role="tree" aria-label="Fields" onKeyDown={plainKeys(keys)}>
        {shown.map((row, index) => (
          <Item
            key={row.node.key}
            row={row}
            isReachable={index === at}
            isSought={viewer.looks.seeking.value === row.node.key}
            act={() => act(row)}
          />
        ))}
      </div>
      {rows.length > MAX_ROWS && (
        <p class="hint">{grouped(rows.length - MAX_ROWS)} more rows: close some to see them.</p>
      )}
    </>
  );
}

const WORDS = { A: 'added', M: 'modified', D: 'deleted', '': '' } as const;

const canLead = ({ badge, cut, children }: StateNode): boolean => badge !== 'D' && !cut && children.length === 0;

interface ItemProps {
  readonly row: StateRow;
  readonly isReachable: boolean;
  readonly isSought: boolean;
  readonly act: () => void;
}

function Item({
  row: { node, level, position, siblings, isOpen },
  isReachable,
  isSought,
  act,
}: ItemProps): JSX.Element {
  const hasParts = node.children.length > 0;
  const said = hasParts && node.changes > 0 ? `${node.changes} changed` : '';
  return (
    <div
      role="treeitem"
      class={`item${node.badge === 'D' ? ' gone' : ''}`}
      style={{ paddingLeft: `${(level - 1) * 12}px` }}
      aria-level={level}
      aria-posinset={position}
      aria-setsize={siblings}
      aria-expanded={hasParts ? isOpen : undefined}
      aria-busy={isSought}
      tabIndex={isReachable ? 0 : -1}
      title={canLead(node) ? 'Go to the event that set it (Enter)' : undefined}
      onClick={act}
    >
      <span class="twisty" aria-hidden="true">
        {hasParts ? (isOpen ? '▾' : '▸') : ''}
      </span>
      {node.badge !== '' && (
        <abbr class={`badge ${node.badge}`} title={WORDS[node.badge]}>
          {node.badge}
        </abbr>
      )}
      <span class="path">{node.name.slice(0, 120)}</span>
      {node.old !== '' && <del>{node.old}</del>}{' '}
      {node.text !== '' && <ins class={node.cut ? 'cut' : ''}>{node.text}</ins>}
      {said !== '' && <small>{said}</small>}
      {isSought && <small>looking for where it comes from …</small>}
    </div>
  );
}
