/** All events as a table: the diagram's twin for the keyboard and for screen readers, with the same selection. */

import { nodeName } from '@dsys/runtime/trace/access';
import { describeEvent, milliseconds } from '@dsys/runtime/trace/describe';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { firstAtLeast } from '../model/search.ts';
import { changeText } from '../model/short-words.ts';
import { linesOf, placeOfEvent } from '../model/source-lines.ts';
import { duration, grouped } from '../model/times.ts';
import { followMessage, kindInWords, revealSource, select } from './commands.ts';
import { plainKeys } from './plain-keys.ts';
import type { Viewer } from './viewer.ts';

export const ROW = 24;
/** Taller elements are not drawn by every browser; beyond, a px of scrolling is more than a row. */
const MAX_HEIGHT = 8_000_000;
const OVERSCAN = 6;

export function Grid({ viewer }: { readonly viewer: Viewer }): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useSignal(200);
  const { trace, origin } = viewer.opened.value!;
  const rows = viewer.rows.value;
  const count = rows?.length ?? trace.events.length;
  const total = Math.min(MAX_HEIGHT, count * ROW);
  const visible = Math.ceil(height.value / ROW);
  /** Position of the first visible row among all. */
  const first =
    total < count * ROW
      ? Math.round((top.value / Math.max(1, total - height.value)) * Math.max(0, count - visible))
      : Math.floor(top.value / ROW);
  const from = Math.max(0, first - OVERSCAN);
  const to = Math.min(count, first + visible + OVERSCAN);
  const eventAt = (position: number): number => rows?.[position] ?? position;
  const positionOf = (event: number): number => (rows === null ? event : firstAtLeast(rows, event));
  const selected = viewer.event.value;
  const mask = viewer.mask.value;
  const cone = viewer.coneMask.value;

  const scrollTo = (position: number): void => {
    const element = scroller.current;
    if (element === null || position < 0) return;
    const y = total < count * ROW ? (position / Math.max(1, count - visible)) * (total - height.value) : position * ROW;
    if (y < element.scrollTop) element.scrollTop = y;
    else if (y + ROW > element.scrollTop + element.clientHeight) element.scrollTop = y + ROW - element.clientHeight;
  };
  useEffect(() => {
    const observer = new ResizeObserver(() => (height.value = scroller.current?.clientHeight ?? 200));
    observer.observe(scroller.current!);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (selected < 0) return;
    const element = scroller.current!;
    const position = positionOf(selected);
    const y = position * ROW;
    // What was selected elsewhere comes to the middle; what was reached here only as far as needed.
    if (
      total === count * ROW &&
      (y < element.scrollTop - ROW * 2 || y > element.scrollTop + element.clientHeight + ROW)
    )
      element.scrollTop = y - element.clientHeight / 2 + ROW;
    else scrollTo(position);
  }, [selected, rows]);

  const move = (by: number): void => {
    const position = selected < 0 ? 0 : Math.min(count - 1, Math.max(0, positionOf(selected) + by));
    if (count === 0) return;
    select(viewer, { kind: 'event', id: eventAt(position) });
    scrollTo(position);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus());
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowUp: () => move(-1),
    ArrowDown: () => move(1),
    PageUp: () => move(-visible),
    PageDown: () => move(visible),
    Home: () => move(-count),
    End: () => move(count),
    Enter: () => revealSource(viewer),
    F12: () => revealSource(viewer),
    ' ': () => followMessage(viewer),
  };
  // Exactly one row can be reached by Tab: the selected one, or the first in view.
  const reachable =
    selected >= 0 && positionOf(selected) >= from && positionOf(selected) < to ? selected : eventAt(first);

  const shown: JSX.Element[] = [];
  for (let position = from; position < to; position++) {
    const event = eventAt(position);
    const dim = (mask !== null && mask[event] === 0) || (cone !== null && cone[event] === 0);
    const change = changeText(trace, event);
    const place = placeOfEvent(trace, event);
    const more = viewer.collapsed.value?.more.get(event);
    shown.push(
      <div
        key={position}
        role="row"
        class={`row${event === selected ? ' selected' : ''}${dim ? ' dim' : ''}${kindInWords(viewer, event) === 'violation' ? ' violation' : ''}`}
        style={{ top: `${(position - first) * ROW + (total < count * ROW ? top.value : first * ROW)}px` }}
        aria-rowindex={position + 2}
        aria-selected={event === selected}
        tabIndex={event === reachable ? 0 : -1}
        onClick={() => select(viewer, { kind: 'event', id: event })}
        onDblClick={() => revealSource(viewer)}
      >
        <span role="gridcell" class="number">
          {event}
        </span>
        <span role="gridcell" class="number">
          {milliseconds(trace.events.t[event] - origin)}
        </span>
        <span role="gridcell">{nodeName(trace, trace.events.node[event]).slice(0, 60)}</span>
        <span role="gridcell" class="what">
          {describeEvent(trace, event).slice(0, 400)}
          {more !== undefined && <b> and {grouped(more)} more, collapsed</b>}
          {change !== '' && <span class="change"> {change}</span>}
        </span>
        <span role="gridcell" class="number">
          {event > 0 ? `+${duration(trace.events.t[event] - trace.events.t[event - 1])}` : ''}
        </span>
        <span role="gridcell" title={place && linesOf(viewer.sources.value[place.source], place.range)}>
          {place && `:${place.range[0]}`}
        </span>
      </div>,
    );
  }
  return (
    <section class="list" aria-label="Events">
      <h2>
        Events <small>{rows === null ? grouped(count) : `${grouped(count)} of ${grouped(trace.events.length)}`}</small>
      </h2>
      <div
        class="grid"
        role="grid"
        aria-label="Events"
        aria-rowcount={count + 1}
        aria-colcount={6}
        onKeyDown={plainKeys(keys)}
      >
        <div role="row" class="row head" aria-rowindex={1}>
          {['#', 'ms', 'node', 'event', 'after', 'source'].map(name => (
            <span
              key={name}
              role="columnheader"
              class={name === '#' || name === 'ms' || name === 'after' ? 'number' : ''}
            >
              {name}
            </span>
          ))}
        </div>
        <div
          ref={scroller}
          class="rows"
          role="rowgroup"
          onScroll={event => (top.value = event.currentTarget.scrollTop)}
        >
          <div class="space" role="presentation" style={{ height: `${total}px` }}>
            {shown}
          </div>
        </div>
      </div>
      {count === 0 && (
        <p class="empty">{trace.events.length === 0 ? 'There are no events.' : 'No event matches the filter.'}</p>
      )}
    </section>
  );
}
