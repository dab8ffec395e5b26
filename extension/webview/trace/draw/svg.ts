/**
 * A display list as an SVG file: the same shapes as on the screen, each one element with its part as classes. Colours are
 * those of a theme, written out, so that the picture looks the same wherever it is shown.
 */

import type { Inks } from './palette.ts';
import { PATTERN_ALPHA, PATTERN_LINES, PATTERN_WIDTH, TILE } from './patterns.ts';
import {
  type ArrowsShape,
  type BarSeries,
  type DisplayList,
  HEAD_HALF,
  type Ink,
  type Pattern,
  type PointsShape,
  type RectShape,
  type Shape,
  type TextShape,
} from './shapes.ts';

export interface SvgLook {
  /** What the picture shows, for whoever cannot see it: a line, and more of it. */
  readonly title: string;
  readonly description: string;
  readonly inks: Inks;
  readonly font: string;
}

/** A list, and how far below the top it stands. */
export interface SvgPart {
  readonly list: DisplayList;
  readonly y: number;
}

/** Most shapes of a file; the rest is left out, and the description says so. Programs that show SVG take seconds for more. */
export const MAX_SVG_SHAPES = 20_000;

export function svgOf(parts: readonly SvgPart[], { title, description, inks, font }: SvgLook): string {
  const width = Math.max(1, ...parts.map(({ list }) => list.width));
  const height = Math.max(1, ...parts.map(({ list, y }) => y + list.height));
  const patterns = new Map<string, string>();
  const body: string[] = [];
  let room = MAX_SVG_SHAPES;
  let left = 0;
  parts.forEach(({ list, y }, part) => {
    body.push(`<g transform="translate(0 ${number(y)})">`);
    list.layers.forEach(({ clip, shapes }, layer) => {
      const id = `clip-${part}-${layer}`;
      body.push(`<clipPath id="${id}"><rect ${boxOf(clip.x, clip.y, clip.w, clip.h)}/></clipPath>`);
      body.push(`<g class="layer" clip-path="url(#${id})">`);
      for (const shape of shapes.slice(0, room)) body.push(elementOf(shape, inks, patterns));
      left += Math.max(0, shapes.length - room);
      room -= Math.min(room, shapes.length);
      body.push('</g>');
    });
    body.push('</g>');
  });
  const rest = left === 0 ? '' : ` ${left} marks are left out: an SVG file holds at most ${MAX_SVG_SHAPES} here.`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${number(width)}" height="${number(height)}" viewBox="0 0 ${number(width)} ${number(height)}" role="img" aria-labelledby="title description" font-family="${attribute(font)}">
<title id="title">${text(title)}</title>
<desc id="description">${text(description + rest)}</desc>
<defs>${[...patterns.values()].join('')}</defs>
<rect class="surface" width="100%" height="100%" fill="${attribute(inks.surface)}"/>
${body.join('\n')}
</svg>
`;
}

function elementOf(shape: Shape, inks: Inks, patterns: Map<string, string>): string {
  const look = lookOf(shape);
  switch (shape.shape) {
    case 'rect':
      return rectOf(shape, look, inks, patterns);
    case 'circle':
      return `<circle${look} cx="${number(shape.x)}" cy="${number(shape.y)}" r="${number(shape.r)}"${paintOf(shape, inks)}/>`;
    case 'path': {
      const d = `M${shape.points.map(number).join(' ')}${shape.closed ? 'z' : ''}`;
      return `<path${look} d="${d}"${paintOf(shape, inks)}/>`;
    }
    case 'text':
      return textOf(shape, look, inks);
    case 'points':
      return `<path${look} d="${squaresOf(shape)}" fill="${attribute(inks[shape.fill])}"/>`;
    case 'arrows':
      return arrowsOf(shape, look, inks);
    case 'bars': {
      const bars = shape.series.map(series => {
        const own = ` class="${classesOf(series.part)}" fill="${attribute(inks[series.fill])}"`;
        return `<path${own} d="${outlineOf(series, shape.x, shape.y)}"/>`;
      });
      const turn = shape.down ? ' transform="matrix(0 1 1 0 0 0)"' : '';
      return `<g${look}${turn}>${bars.join('')}</g>`;
    }
  }
}

/** Classes, and opacity as canvases have it: of fill and line each, and not of both together. */
function lookOf({ part, alpha = 1 }: Shape): string {
  const opacity = alpha === 1 ? '' : ` fill-opacity="${number(alpha)}" stroke-opacity="${number(alpha)}"`;
  return ` class="${classesOf(part)}"${opacity}`;
}

interface Paint {
  readonly fill?: Ink;
  readonly stroke?: Ink;
  readonly width?: number;
  readonly dash?: readonly number[];
}

function paintOf({ fill, stroke, width = 1, dash }: Paint, inks: Inks): string {
  const filled = ` fill="${fill === undefined ? 'none' : attribute(inks[fill])}"`;
  if (stroke === undefined) return filled;
  const dashed = dash === undefined || dash.length === 0 ? '' : ` stroke-dasharray="${dash.map(number).join(' ')}"`;
  return `${filled} stroke="${attribute(inks[stroke])}" stroke-width="${number(width)}"${dashed}`;
}

function rectOf(shape: RectShape, look: string, inks: Inks, patterns: Map<string, string>): string {
  // Coordinates may run backwards in a canvas, but not in SVG.
  const box = boxOf(
    Math.min(shape.x, shape.x + shape.w),
    Math.min(shape.y, shape.y + shape.h),
    Math.abs(shape.w),
    Math.abs(shape.h),
  );
  const { pattern, patternInk, fill, ...line } = shape;
  if (pattern === undefined || patternInk === undefined) return `<rect${look} ${box}${paintOf(shape, inks)}/>`;
  const id = `pattern-${pattern}-${patternInk}`;
  if (!patterns.has(id)) patterns.set(id, patternOf(id, pattern, inks[patternInk]));
  const ground = fill === undefined ? '' : `<rect ${box}${paintOf({ fill }, inks)}/>`;
  const edge = line.stroke === undefined ? '' : `<rect ${box}${paintOf(line, inks)}/>`;
  return `<g${look}>${ground}<rect ${box} fill="url(#${id})"/>${edge}</g>`;
}

function patternOf(id: string, pattern: Pattern, colour: string): string {
  const d = PATTERN_LINES[pattern].map(([x0, y0, x1, y1]) => `M${x0} ${y0}L${x1} ${y1}`).join('');
  return (
    `<pattern id="${id}" width="${TILE}" height="${TILE}" patternUnits="userSpaceOnUse">` +
    `<path d="${d}" stroke="${attribute(colour)}" stroke-width="${PATTERN_WIDTH}" stroke-opacity="${PATTERN_ALPHA}"/></pattern>`
  );
}

/** From the middle of a line down to where letters stand, in sizes: what canvases do, for ordinary fonts; few programs agree on SVG's own words for it. */
const BASELINE = 0.26;

function textOf(shape: TextShape, look: string, inks: Inks): string {
  const { x, y, size, anchor, ink, bold, halo } = shape;
  const weight = bold === true ? ' font-weight="600"' : '';
  const behind =
    halo === undefined
      ? ''
      : ` paint-order="stroke" stroke="${attribute(inks[halo])}" stroke-width="3.5" stroke-linejoin="round"`;
  const place = `x="${number(x)}" y="${number(y + size * BASELINE)}" font-size="${number(size)}" text-anchor="${anchor}"`;
  return `<text${look} ${place}${weight} fill="${attribute(inks[ink])}"${behind} xml:space="preserve">${text(shape.text)}</text>`;
}

function squaresOf({ at, size }: PointsShape): string {
  const squares: string[] = [];
  const side = number(size);
  for (let one = 0; one < at.length; one += 2) {
    squares.push(`M${number(at[one] - size / 2)} ${number(at[one + 1] - size / 2)}h${side}v${side}h-${side}z`);
  }
  return squares.join('');
}

/** All lines in one path, and all heads in another. */
function arrowsOf({ at, head, stroke, dotted }: ArrowsShape, look: string, inks: Inks): string {
  const lines: string[] = [];
  const heads: string[] = [];
  for (let one = 0; one < at.length; one += 4) {
    const [x0, y0, x1, y1] = at.subarray(one, one + 4);
    const length = Math.hypot(x1 - x0, y1 - y0) || 1;
    const [bx, by] = [((x1 - x0) / length) * head, ((y1 - y0) / length) * head];
    lines.push(`M${[x0, y0, x1, y1].map(number).join(' ')}`);
    const points = [
      x1,
      y1,
      x1 - bx - by * HEAD_HALF,
      y1 - by + bx * HEAD_HALF,
      x1 - bx + by * HEAD_HALF,
      y1 - by - bx * HEAD_HALF,
    ];
    heads.push(`M${points.map(number).join(' ')}z`);
  }
  const line = paintOf({ stroke, width: 1, dash: dotted ? [1, 3] : undefined }, inks);
  return `<g${look}><path d="${lines.join('')}"${line}/><path d="${heads.join('')}"${paintOf({ fill: stroke }, inks)}/></g>`;
}

/** Bars that touch have one outline. */
function outlineOf({ bottom, heights }: BarSeries, x: number, y: number): string {
  const outlines: string[] = [];
  for (let column = 0; column < heights.length; ) {
    if (heights[column] === 0) {
      column++;
      continue;
    }
    let d = `M${number(x + column)} ${number(y + bottom)}`;
    for (; column < heights.length && heights[column] > 0; column++) d += `V${number(y + bottom - heights[column])}h1`;
    outlines.push(`${d}V${number(y + bottom)}z`);
  }
  return outlines.join('');
}

const boxOf = (x: number, y: number, w: number, h: number): string =>
  `x="${number(x)}" y="${number(y)}" width="${number(w)}" height="${number(h)}"`;

/** Hundredths of a px; what is no number, as traces of strangers may make it, is 0. */
const number = (value: number): string => (Number.isFinite(value) ? `${Math.round(value * 100) / 100}` : '0');

/** `message.dropped` has two classes. Names in it come from traces, so only letters, digits and hyphens are kept. */
const classesOf = (part: string): string =>
  part
    .split('.')
    .map(name => name.replace(/[^\w-]+/g, '-').slice(0, 60))
    .join(' ');

/** Characters that XML cannot hold at all, alone halves of pairs among them, are shown as a replacement. */
const text = (raw: string): string =>
  raw.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd').replace(/[&<>]/g, entity);

const attribute = (raw: string): string => text(raw).replace(/["']/g, entity);

const entity = (character: string): string => `&#${character.charCodeAt(0)};`;
