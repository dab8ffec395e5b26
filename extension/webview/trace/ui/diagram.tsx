/** The diagram: a canvas that shows the scene, and what mouse and keys do to it. */

import { useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { createPainter, type Painter } from '../draw/canvas.ts';
import { unitAt } from '../draw/frame.ts';
import { hit } from '../draw/hit.ts';
import { type Scene, sceneOf } from '../draw/scene.ts';
import { eventOfRef } from '../model/selection.ts';
import { backInHistory, jumpTo, pan, relateTo, revealSource, scrollLanes, select, setRange, zoom } from './commands.ts';
import { currentView } from './current-view.ts';
import { pressKey } from './keys.ts';
import { currentFont, currentInks } from './theme.ts';
import type { Viewer } from './viewer.ts';

/** Figures of drawing, for the benchmark and for whoever debugs. */
export const frameTimes: number[] = [];

interface Drag {
  /** Px along time. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly pans: boolean;
  moved: boolean;
}

export function Diagram({ viewer }: { readonly viewer: Viewer }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const band = useRef<HTMLDivElement>(null);
  const root = useRef<HTMLDivElement>(null);
  const current = useRef<{ scene?: Scene; painter?: Painter; key?: string; frame: number; drag: Drag | null }>({
    frame: 0,
    drag: null,
  });

  const draw = (): void => {
    const state = current.current;
    state.frame = 0;
    const { opened } = viewer;
    if (canvas.current === null || root.current === null || opened.value === null) return;
    const began = performance.now();
    const { clientWidth: width, clientHeight: height } = root.current;
    if (width < 40 || height < 40) return;
    const pixels = window.devicePixelRatio || 1;
    const key = `${viewer.themeChange.value} ${pixels}`;
    if (state.painter === undefined || state.key !== key) {
      state.painter = createPainter(canvas.current, currentInks(viewer.theme.value), currentFont(), pixels);
      state.key = key;
    }
    state.scene = sceneOf(currentView(viewer, { width, height, measure: state.painter.measure }));
    state.painter.paint(state.scene.list);
    viewer.mode.value = state.scene.mode;
    const { plot, laneHeight } = state.scene.frame;
    const before = viewer.plot.peek();
    if (before.width !== plot.w || before.height !== plot.h || before.laneHeight !== laneHeight)
      viewer.plot.value = { width: plot.w, height: plot.h, laneHeight };
    frameTimes.push(performance.now() - began);
    if (frameTimes.length > 500) frameTimes.splice(0, 250);
  };
  const request = (): void => {
    if (current.current.frame === 0) current.current.frame = requestAnimationFrame(draw);
  };
  useSignalEffect(() => {
    const { opened, axis, down, range, scroll, lanes, selection, coneMask, mask, hide, violation, themeChange } =
      viewer;
    const { view, stacked } = viewer.comparing;
    // Reading them is what makes the effect run again when one changes.
    for (const one of [
      opened,
      axis,
      down,
      range,
      scroll,
      lanes,
      selection,
      coneMask,
      mask,
      hide,
      violation,
      themeChange,
      view,
      stacked,
    ])
      one.value;
    request();
  });
  useEffect(() => {
    const observer = new ResizeObserver(request);
    observer.observe(root.current!);
    const element = root.current!;
    const wheel = (event: WheelEvent): void => onWheel(viewer, current.current.scene, event, element);
    // Preact's own listener would be passive, and the page would scroll along.
    element.addEventListener('wheel', wheel, { passive: false });
    return () => {
      observer.disconnect();
      element.removeEventListener('wheel', wheel);
    };
  }, []);

  const place = (event: MouseEvent): [number, number] => {
    const { left, top } = root.current!.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const along = (event: MouseEvent): number => place(event)[viewer.down.value ? 1 : 0];
  const onPointerDown = (event: PointerEvent): void => {
    if (event.button > 1) return;
    const { from, to } = viewer.range.value;
    current.current.drag = { at: along(event), from, to, pans: event.shiftKey || event.button === 1, moved: false };
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: PointerEvent): void => {
    const { drag, scene } = current.current;
    if (scene === undefined) return;
    if (drag === null) {
      const [x, y] = place(event);
      root.current!.classList.toggle('over', hit(scene.list, x, y) !== null);
      return;
    }
    const at = along(event);
    if (Math.abs(at - drag.at) > 4) drag.moved = true;
    if (!drag.moved) return;
    const { plot } = scene.frame;
    if (drag.pans) {
      const by = ((drag.at - at) / plot.w) * (drag.to - drag.from);
      setRange(viewer, { from: drag.from + by, to: drag.to + by });
      return;
    }
    band.current!.hidden = false;
    const start = `${Math.max(plot.x, Math.min(at, drag.at))}px`;
    const size = `${Math.abs(at - Math.max(plot.x, drag.at))}px`;
    Object.assign(
      band.current!.style,
      viewer.down.value
        ? { inset: `${start} 0 auto`, width: 'auto', height: size, borderWidth: '2px 0' }
        : { inset: `0 auto 0 ${start}`, width: size, height: 'auto', borderWidth: '0 2px' },
    );
  };
  const onPointerUp = (event: PointerEvent): void => {
    const { drag, scene } = current.current;
    current.current.drag = null;
    band.current!.hidden = true;
    if (drag === null || scene === undefined) return;
    if (!drag.moved) {
      const ref = hit(scene.list, ...place(event));
      if (ref?.kind === 'lane') return clickLane(viewer, ref.id);
      if (event.shiftKey && ref !== null) return relateTo(viewer, eventOfRef(viewer.opened.value!.trace, ref));
      return select(viewer, ref, true);
    }
    if (drag.pans) return;
    const units = [drag.at, along(event)].map(at => unitAt(scene.frame, at)).sort((left, right) => left - right);
    jumpTo(viewer, { from: units[0], to: units[1] });
  };

  return (
    <div
      id="diagram"
      ref={root}
      class="diagram"
      role="application"
      aria-roledescription="space-time diagram"
      aria-label="Diagram of the run"
      aria-describedby="diagram-help"
      tabIndex={0}
      onKeyDown={event => {
        if (!pressKey(viewer, event)) return;
        event.preventDefault();
        event.stopPropagation();
      }}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={() => {
        current.current.drag = null;
        band.current!.hidden = true;
      }}
      onDblClick={() => revealSource(viewer)}
      onAuxClick={event => {
        // The mouse's back button.
        if (event.button === 3) backInHistory(viewer);
      }}
    >
      <canvas ref={canvas} aria-hidden="true" />
      <div ref={band} class="band" hidden />
    </div>
  );
}

function clickLane(viewer: Viewer, index: number): void {
  const lane = viewer.lanes.value[index];
  if (lane === undefined) return;
  if (lane.kind === 'others') {
    viewer.allClients.value = true;
    return;
  }
  if (lane.kind === 'metric') {
    viewer.panel.value = 'metrics';
    return;
  }
  const { eventsOfNode } = viewer.opened.value!;
  const list = eventsOfNode[lane.nodes[0]];
  const { at } = viewer.axis.value;
  const event = list.find(one => at[one] >= viewer.range.value.from) ?? list[list.length - 1];
  if (event !== undefined) select(viewer, { kind: 'event', id: event });
}

/**
 * The wheel scrolls lanes; with Ctrl (or a pinch) it zooms at the pointer, with Shift or sideways it pans. Where time runs
 * downwards it pans, and scrolls lanes with Shift or sideways.
 */
function onWheel(viewer: Viewer, scene: Scene | undefined, event: WheelEvent, element: HTMLElement): void {
  if (scene === undefined) return;
  event.preventDefault();
  const unit =
    event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : event.deltaMode === WheelEvent.DOM_DELTA_PAGE ? 400 : 1;
  const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
  const { plot } = scene.frame;
  const down = viewer.down.value;
  if (event.ctrlKey || event.metaKey) {
    const { left, top } = element.getBoundingClientRect();
    const at = down ? event.clientY - top : event.clientX - left;
    zoom(viewer, Math.exp(Math.max(-0.6, Math.min(0.6, dy * 0.004))), unitAt(scene.frame, Math.max(plot.x, at)));
    return;
  }
  // With Shift some systems turn the wheel themselves.
  const [x, y] = event.shiftKey ? [dx || dy, 0] : [dx, dy];
  const [time, lanes] = down ? [y, x] : [x, y];
  if (time !== 0) pan(viewer, time / plot.w);
  if (lanes !== 0) scrollLanes(viewer, lanes);
}
