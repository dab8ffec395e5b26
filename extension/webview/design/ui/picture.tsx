/** The picture: sites, groups, nodes, clients and links as parts that one can reach, point at and follow to the text. */
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Box, Edge, Layout } from '../layout/shapes.ts';
import { sizes } from '../layout/shapes.ts';
import type { Badge } from '../model/findings.ts';
import type { Picture as Model, Stop } from '../model/picture.ts';
import { counted } from '../model/words.ts';
import { CardContent } from './card.tsx';
import { ClientGlyph, SeverityGlyph } from './glyphs.tsx';
import { clipped } from './measure.ts';
import { choosePartition, revealPart, toggle, type View, zoomBy } from './view.ts';

export function Picture({ view }: { readonly view: View }): JSX.Element | null {
  const frame = useRef<HTMLDivElement>(null);
  useWidth(view, frame);
  useWheel(view, frame);
  const [model, layout, zoom] = [view.picture.value, view.layout.value, view.zoom.value];
  const lit = new Set(view.highlighted.value.map(({ key }) => key));
  useEffect(() => {
    // The part at the cursor may lie outside of what one sees.
    const first = model?.stops.find(({ key }) => lit.has(key));
    if (first !== undefined)
      elementOf(frame.current, first.key)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [[...lit].join(' ')]);
  if (model === null || layout === null) return <div class="picture" ref={frame} />;
  const { stops } = model;
  const current = stops.some(({ key }) => key === view.focus.value) ? view.focus.value : (stops[0]?.key ?? null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = stops.findIndex(({ key }) => key === current);
    const next = nextOf(event.key, at, stops.length);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (next !== null) {
      const { key } = stops[next]!;
      view.focus.value = key;
      // The element is the same before and after it gets its place in the order of Tab.
      elementOf(frame.current, key)?.focus();
    } else if (event.key === 'Enter' || event.key === ' ') activate(view, stops[at]);
    else if (event.key === '+' || event.key === '-') zoomBy(view, event.key === '+' ? 1.25 : 0.8);
    else if (event.key === 'Escape' && view.partition.value !== null && view.partitions.value.length > 1)
      choosePartition(view, view.partition.value);
    else return;
    event.preventDefault();
  };
  return (
    <div class="picture" ref={frame}>
      <svg
        width={layout.width * zoom}
        height={layout.height * zoom}
        viewBox={`-8 -8 ${layout.width + 8} ${layout.height + 8}`}
        role="group"
        aria-label="The system. Arrow keys go from part to part, Enter shows the text of a part."
        onKeyDown={onKeyDown}
      >
        {stops.map(stop => (
          <PartShape
            key={stop.key}
            view={view}
            stop={stop}
            model={model}
            layout={layout}
            isCurrent={stop.key === current}
            isLit={lit.has(stop.key)}
            badge={view.badges.value.get(stop.key)}
          />
        ))}
      </svg>
    </div>
  );
}

function nextOf(key: string, at: number, count: number): number | null {
  if (key === 'ArrowRight' || key === 'ArrowDown') return Math.min(count - 1, at + 1);
  if (key === 'ArrowLeft' || key === 'ArrowUp') return Math.max(0, at - 1);
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : null;
}

function activate(view: View, stop: Stop | undefined): void {
  if (stop === undefined) return;
  const card = view.picture.value?.cards.get(stop.key);
  if (card?.kind === 'rest') toggle(view, card.group);
  else revealPart(view, stop.part);
}

const elementOf = (frame: HTMLElement | null, key: string): SVGGElement | undefined =>
  [...(frame?.querySelectorAll<SVGGElement>('[data-key]') ?? [])].find(one => one.dataset.key === key);

interface PartProps {
  readonly view: View;
  readonly stop: Stop;
  readonly model: Model;
  readonly layout: Layout;
  readonly isCurrent: boolean;
  readonly isLit: boolean;
  readonly badge: Badge | undefined;
}

function PartShape({ view, stop, model, layout, isCurrent, isLit, badge }: PartProps): JSX.Element | null {
  const drawn = contentOf(view, stop, model, layout);
  if (drawn === null) return null;
  const { kind, at, content, badgeAt, path } = drawn;
  const said = badge === undefined ? '' : `; ${counted(badge.count, 'finding')}, the gravest: ${badge.severity}`;
  const hit = {
    class: `hit ${kind}`,
    'data-key': stop.key,
    role: 'button' as const,
    // In SVG the name of the attribute counts as it is written.
    tabindex: isCurrent ? 0 : -1,
    'aria-label': `${stop.label}${said}`,
    'aria-current': isLit ? ('location' as const) : undefined,
    onClick: () => {
      view.focus.value = stop.key;
      activate(view, stop);
    },
    onFocus: () => {
      view.focus.value = stop.key;
    },
  };
  return (
    <g class={`part ${kind}${isLit ? ' lit' : ''}`} transform={`translate(${at.x} ${at.y})`}>
      {path === undefined ? <rect {...hit} width={at.width} height={at.height} rx="6" /> : <path {...hit} d={path} />}
      <g class="drawn" aria-hidden="true">
        {content}
        {badge !== undefined && (
          <g class="badge" transform={`translate(${badgeAt.x} ${badgeAt.y})`}>
            <SeverityGlyph severity={badge.severity} />
            {badge.count > 1 && (
              <text class="badge-count" x="11" y="4">
                {badge.count}
              </text>
            )}
          </g>
        )}
      </g>
    </g>
  );
}

interface Drawn {
  readonly kind: string;
  readonly at: Box;
  readonly content: JSX.Element;
  /** What one can point at, where it is no box. */
  readonly path?: string;
  /** Relative to `at`. */
  readonly badgeAt: { readonly x: number; readonly y: number };
}

function contentOf(view: View, { key }: Stop, model: Model, layout: Layout): Drawn | null {
  const corner = (box: Box) => ({ x: box.width - 3, y: 3 });
  const site = layout.sites.get(key);
  if (site !== undefined) {
    const input = model.input.sites.find(one => one.key === key)!;
    const badgeAt = { x: site.width - 26, y: 20 };
    return {
      kind: 'site',
      at: site,
      badgeAt,
      content: <SiteBox box={site} title={input.title} below={input.subtitle} />,
    };
  }
  const group = layout.groups.get(key);
  if (group !== undefined) {
    const title = model.input.sites.flatMap(one => one.groups).find(one => one.key === key)!.title;
    const content = (
      <>
        <rect class="frame" width={group.width} height={group.height} rx="5" />
        <text class="small" x={sizes.groupPad + 2} y="16">
          {clipped(title, sizes.small, group.width - 16)}
        </text>
      </>
    );
    return { kind: 'group', at: group, badgeAt: corner(group), content };
  }
  const box = layout.cards.get(key);
  const card = model.cards.get(key);
  if (box !== undefined && card !== undefined) {
    const isInCluster = model.sites.some(({ groups }) => groups.some(({ kind }) => kind === 'cluster'));
    const withCluster = !isInCluster && (view.shown.value?.design.clusters.length ?? 0) > 1;
    const kind = card.kind === 'rest' ? 'card rest' : `card ${card.standing}`;
    return {
      kind,
      at: box,
      badgeAt: corner(box),
      content: <CardContent card={card} box={box} withCluster={withCluster} />,
    };
  }
  const clients = layout.clients.get(key);
  if (clients !== undefined) {
    const text = model.input.sites.flatMap(one => one.clients).find(one => one.key === key)!.text;
    return {
      kind: 'clients',
      at: clients,
      badgeAt: corner(clients),
      content: <ClientsBox box={clients} text={text} />,
    };
  }
  const edge = layout.edges.find(one => one.key === key);
  if (edge === undefined) return null;
  return {
    kind: 'link',
    at: { x: 0, y: 0, width: 0, height: 0 },
    path: pathOf(edge),
    badgeAt: { x: edge.label.x, y: edge.label.y },
    content: <Line edge={edge} />,
  };
}

function SiteBox({
  box,
  title,
  below,
}: {
  readonly box: Box;
  readonly title: string;
  readonly below: readonly string[];
}): JSX.Element {
  const room = box.width - 2 * sizes.pad;
  return (
    <>
      <rect class="frame" width={box.width} height={box.height} rx="8" />
      <text class="title" x={sizes.pad} y="20">
        {clipped(title, sizes.title, room)}
      </text>
      {below.map((line, i) => (
        <text key={line} class="small" x={sizes.pad} y={36 + i * sizes.labelLine}>
          {clipped(line, sizes.small, room)}
        </text>
      ))}
    </>
  );
}

const ClientsBox = ({ box, text }: { readonly box: Box; readonly text: string }): JSX.Element => (
  <>
    <rect class="frame" width={box.width} height={box.height} rx={box.height / 2} />
    <g transform={`translate(14 ${box.height / 2})`}>
      <ClientGlyph />
    </g>
    <text class="small" x="25" y={box.height / 2 + 4}>
      {clipped(text, sizes.small, box.width - 30)}
    </text>
  </>
);

const lineOf = (points: Edge['points']): string =>
  points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join('');

/** The line and the box of its label. */
const pathOf = ({ points, label: { x, y, width, height } }: Edge): string =>
  `${lineOf(points)}M${x} ${y}h${width}v${height}h${-width}z`;

function Line({ edge: { points, label, lines } }: { readonly edge: Edge }): JSX.Element {
  return (
    <>
      <path class="line" d={lineOf(points)} />
      {[points[0]!, points.at(-1)!].map(({ x, y }) => (
        <circle key={`${x} ${y}`} class="end" cx={x} cy={y} r="3" />
      ))}
      <rect class="label" {...label} rx="4" />
      {lines.map((line, i) => (
        <text
          key={line}
          class={i === 0 ? 'label-text' : 'label-text more'}
          x={label.x + label.width / 2}
          y={label.y + 2 + sizes.labelLine * (i + 0.78)}
        >
          {line}
        </text>
      ))}
    </>
  );
}

/** Room for the picture follows the page. */
function useWidth(view: View, frame: { readonly current: HTMLDivElement | null }): void {
  useLayoutEffect(() => {
    const element = frame.current!;
    const read = (): void => void (view.width.value = Math.max(240, element.clientWidth - 10));
    const observer = new ResizeObserver(read);
    observer.observe(element);
    read();
    return () => observer.disconnect();
  }, [view]);
}

/** The wheel scrolls the page, and zooms with Ctrl: listeners that may keep the browser from zooming are not passive. */
function useWheel(view: View, frame: { readonly current: HTMLDivElement | null }): void {
  useEffect(() => {
    const element = frame.current!;
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoomBy(view, Math.exp(-event.deltaY / 400));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [view]);
}
