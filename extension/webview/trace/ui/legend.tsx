/** What the marks mean, with the same shapes as in the diagram. */

import { useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { createPainter } from '../draw/canvas.ts';
import { legendList } from '../draw/legend.ts';
import { currentFont, currentInks } from './theme.ts';
import type { Viewer } from './viewer.ts';

export function Legend({ viewer }: { readonly viewer: Viewer }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useSignalEffect(() => {
    viewer.themeChange.value;
    if (canvas.current === null) return;
    const painter = createPainter(
      canvas.current,
      currentInks(viewer.theme.value),
      currentFont(),
      window.devicePixelRatio || 1,
    );
    const list = legendList(painter.measure, viewer.comparing.compared.value !== null);
    canvas.current.style.width = `${list.width}px`;
    canvas.current.style.height = `${list.height}px`;
    painter.paint(list);
  });
  return (
    <div
      class="legend"
      role="img"
      aria-label={`Legend: ${viewer.comparing.compared.value === null ? '' : 'a disc whose left half is filled is an event that only A has, one whose right half is filled an event that only B has; '}a solid arrow is a delivered message, a short-dashed line with a cross a dropped one, a double line a duplicate, a long-dashed one with an hourglass a delayed one, crossing arrows a reordered one; a thick line with a crown is a leader; an octagon with an exclamation mark a violation.`}
    >
      <canvas ref={canvas} aria-hidden="true" />
    </div>
  );
}
