/** Paints a display list on a canvas. */

import { createArrowsPainter } from './canvas-arrows.ts';
import { createBarsPainter } from './canvas-bars.ts';
import { createPathsPainter } from './canvas-paths.ts';
import { createPixels } from './canvas-pixels.ts';
import { createPointsPainter } from './canvas-points.ts';
import type { Inks } from './palette.ts';
import { PATTERN_ALPHA, PATTERN_LINES, PATTERN_WIDTH, TILE } from './patterns.ts';
import type { DisplayList, Ink, Measure, Pattern, RectShape, Shape, TextShape } from './shapes.ts';

export interface Painter {
  readonly paint: (list: DisplayList) => void;
  readonly measure: Measure;
}

/** @param pixels physical px per px */
export function createPainter(canvas: HTMLCanvasElement, inks: Inks, font: string, pixels: number): Painter {
  const context = canvas.getContext('2d')!;
  const patterns = new Map<string, CanvasPattern>();
  const measure = measurerOf(context, font);
  const paths = createPathsPainter(context, inks);
  const written = createPixels(inks);
  const bars = createBarsPainter(context, written);
  // Sheets of their own: they are as large as the canvas.
  const paintArrows = createArrowsPainter(context, createPixels(inks), pixels);
  const paintPoints = createPointsPainter(context, written, pixels);
  return {
    measure,
    paint(list) {
      const [w, h] = [Math.round(list.width * pixels), Math.round(list.height * pixels)];
      if (canvas.width !== w) canvas.width = w;
      if (canvas.height !== h) canvas.height = h;
      context.setTransform(pixels, 0, 0, pixels, 0, 0);
      context.fillStyle = inks.surface;
      context.fillRect(0, 0, list.width, list.height);
      for (const { clip, shapes } of list.layers) {
        context.save();
        context.beginPath();
        context.rect(clip.x, clip.y, clip.w, clip.h);
        context.clip();
        for (const shape of shapes) paintShape(shape);
        paths.flush();
        bars.flush();
        context.restore();
      }
    },
  };

  function paintShape(shape: Shape): void {
    if (shape.shape !== 'bars') bars.flush();
    if (shape.shape === 'path' || shape.shape === 'circle') return paths.add(shape);
    paths.flush();
    if (shape.shape === 'bars') return bars.add(shape);
    context.globalAlpha = shape.alpha ?? 1;
    switch (shape.shape) {
      case 'rect':
        return paintRect(shape);
      case 'text':
        return paintText(shape);
      case 'points':
        return paintPoints(shape);
      case 'arrows':
        return paintArrows(shape);
    }
  }

  function paintRect({ x, y, w, h, fill, stroke, width, dash, pattern, patternInk }: RectShape): void {
    if (fill !== undefined) {
      context.fillStyle = inks[fill];
      context.fillRect(x, y, w, h);
    }
    if (pattern !== undefined && patternInk !== undefined) {
      context.fillStyle = patternOf(pattern, patternInk);
      context.fillRect(x, y, w, h);
    }
    if (stroke === undefined) return;
    context.strokeStyle = inks[stroke];
    context.lineWidth = width ?? 1;
    context.setLineDash((dash as number[] | undefined) ?? []);
    context.strokeRect(x, y, w, h);
  }

  function paintText({ text, x, y, size, anchor, ink, bold, halo }: TextShape): void {
    context.font = fontOf(font, size, bold);
    context.textAlign = anchor === 'middle' ? 'center' : anchor;
    context.textBaseline = 'middle';
    if (halo !== undefined) {
      context.strokeStyle = inks[halo];
      context.lineWidth = 3.5;
      context.lineJoin = 'round';
      context.setLineDash([]);
      context.strokeText(text, x, y);
      context.lineJoin = 'miter';
    }
    context.fillStyle = inks[ink];
    context.fillText(text, x, y);
  }

  function patternOf(pattern: Pattern, ink: Ink): CanvasPattern | string {
    const key = `${pattern} ${ink}`;
    const known = patterns.get(key);
    if (known !== undefined) return known;
    const tile = new OffscreenCanvas(TILE, TILE);
    const small = tile.getContext('2d')!;
    small.strokeStyle = small.fillStyle = inks[ink];
    small.globalAlpha = PATTERN_ALPHA;
    small.lineWidth = PATTERN_WIDTH;
    small.beginPath();
    for (const [x0, y0, x1, y1] of PATTERN_LINES[pattern]) {
      small.moveTo(x0, y0);
      small.lineTo(x1, y1);
    }
    small.stroke();
    const made = context.createPattern(tile, 'repeat');
    if (made === null) return 'transparent';
    patterns.set(key, made);
    return made;
  }
}

function fontOf(font: string, size: number, bold = false): string {
  return `${bold ? '600 ' : ''}${size}px ${font}`;
}

/** Widths of texts, remembered: asking the browser for each would cost more than drawing. */
function measurerOf(context: CanvasRenderingContext2D, font: string): Measure {
  const known = new Map<string, number>();
  return (text, size, bold = false) => {
    const key = `${size}${bold ? 'b' : ''} ${text}`;
    let width = known.get(key);
    if (width === undefined) {
      context.font = fontOf(font, size, bold);
      width = context.measureText(text).width;
      if (known.size > 5000) known.clear();
      known.set(key, width);
    }
    return width;
  };
}
