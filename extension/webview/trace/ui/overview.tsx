/** The strip over the diagram: the whole run, with the part in view as a window that can be moved. */

import { useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { createPainter } from '../draw/canvas.ts';
import { overviewOf } from '../draw/overview.ts';
import { type Range, timeRange, translateRange } from '../model/axis.ts';
import { moment } from '../model/times.ts';
import { fit, pan, setRange, zoom } from './commands.ts';
import { currentFont, currentInks } from './theme.ts';
import type { Viewer } from './viewer.ts';

const HEIGHT = 44;

/** What is in view, in virtual time. */
export function visibleTime(viewer: Viewer): Range {
  const t = viewer.opened.value?.trace.events.t as Float64Array | undefined;
  if (t === undefined) return { from: 0, to: 1 };
  return timeRange(viewer.axis.value, t, viewer.range.value);
}

/** Brings a moment into the middle of the diagram. */
function centreOn(viewer: Viewer, ns: number): void {
  const { range, axis, time } = viewer;
  const t = viewer.opened.value!.trace.events.t as Float64Array;
  const width = range.value.to - range.value.from;
  const { from, to } = translateRange({ from: ns, to: ns }, time.value, axis.value, t);
  const middle = axis.value.kind === 'time' ? ns : (from + to) / 2;
  setRange(viewer, { from: middle - width / 2, to: middle + width / 2 });
}

export function Overview({ viewer }: { readonly viewer: Viewer }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const root = useRef<HTMLDivElement>(null);
  const frame = useRef(0);
  const draw = (): void => {
    frame.current = 0;
    const width = root.current?.clientWidth ?? 0;
    if (canvas.current === null || viewer.opened.value === null || width < 20) return;
    const painter = createPainter(
      canvas.current,
      currentInks(viewer.theme.value),
      currentFont(),
      window.devicePixelRatio || 1,
    );
    painter.paint(
      overviewOf({
        opened: viewer.opened.value,
        time: viewer.time.value,
        range: visibleTime(viewer),
        width,
        height: HEIGHT,
        highContrast: viewer.theme.value.startsWith('hc'),
      }),
    );
  };
  const request = (): void => {
    if (frame.current === 0) frame.current = requestAnimationFrame(draw);
  };
  useSignalEffect(() => {
    for (const one of [viewer.opened, viewer.range, viewer.axis, viewer.themeChange]) one.value;
    request();
  });
  useEffect(() => {
    const observer = new ResizeObserver(request);
    observer.observe(root.current!);
    return () => observer.disconnect();
  }, []);

  const { from, to } = visibleTime(viewer);
  const origin = viewer.opened.value?.origin ?? 0;
  const whole = viewer.time.value;
  const go = (event: PointerEvent): void => {
    const { left, width } = root.current!.getBoundingClientRect();
    centreOn(viewer, whole.from + ((event.clientX - left) / width) * (whole.to - whole.from));
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => pan(viewer, -0.2),
    ArrowRight: () => pan(viewer, 0.2),
    ArrowUp: () => zoom(viewer, 0.7),
    ArrowDown: () => zoom(viewer, 1 / 0.7),
    Home: () => centreOn(viewer, whole.from),
    End: () => centreOn(viewer, whole.to),
    Escape: () => fit(viewer),
  };
  return (
    <div
      ref={root}
      class="overview"
      role="slider"
      tabIndex={0}
      aria-label="Part of the run in view"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round((((from + to) / 2 - whole.from) / (whole.to - whole.from)) * 100)}
      aria-valuetext={`${moment(from - origin)} to ${moment(to - origin)}`}
      onKeyDown={event => {
        const key = keys[event.key];
        if (key === undefined) return;
        event.preventDefault();
        key();
      }}
      onPointerDown={event => {
        (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove={event => {
        if (event.buttons === 1) go(event);
      }}
    >
      <canvas ref={canvas} aria-hidden="true" />
    </div>
  );
}
