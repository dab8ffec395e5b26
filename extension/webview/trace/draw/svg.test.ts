import { randomTrace } from '@dsys/runtime/trace/testing/random-trace';
import { describe, expect, it } from 'vitest';
import { openedOf } from '../model/opened.ts';
import { openedRun, RUN_NAMES } from '../testing/traces.ts';
import { viewOf } from '../testing/view.ts';
import { inksOf } from './palette.ts';
import { openingView, svgOfView } from './picture.ts';
import { sceneOf } from './scene.ts';
import type { DisplayList, Shape } from './shapes.ts';
import { MAX_SVG_SHAPES, svgOf } from './svg.ts';

const look = { title: 'a', description: 'b', inks: inksOf('light', () => ''), font: 'sans-serif' };
const listOf = (...shapes: Shape[]): DisplayList => ({
  width: 100,
  height: 50,
  layers: [{ clip: { x: 0, y: 0, w: 100, h: 50 }, shapes }],
});
const svg = (...shapes: Shape[]): string => svgOf([{ list: listOf(...shapes), y: 0 }], look);

/** Elements inside of layers, each with its classes: what stands directly in a `<g class="layer">`. */
function elementsOf(text: string): string[] {
  const found: string[] = [];
  let depth = -1;
  for (const [, close, name, attributes, empty] of text.matchAll(/<(\/?)([a-z]\w*)([^>]*?)(\/?)>/gi)) {
    const isLayer = attributes.includes('class="layer"');
    if (depth < 0) {
      if (isLayer) depth = 0;
      continue;
    }
    if (close === '/') depth--;
    else {
      if (depth === 0) found.push(`${name} ${/class="([^"]*)"/.exec(attributes)?.[1]}`);
      if (empty !== '/') depth++;
    }
  }
  return found;
}

describe('a display list as SVG', () => {
  it.each(RUN_NAMES)('%s: one element for each shape, in its order, with its part as classes', async name => {
    const opened = await openedRun(name);
    for (const view of [viewOf(opened), openingView(opened, { kind: 'dark', width: 1200 })]) {
      const { list } = sceneOf(view);
      const shapes = list.layers.flatMap(layer => layer.shapes);
      const elements = elementsOf(svgOf([{ list, y: 0 }], look));
      expect(elements.map(one => one.slice(one.indexOf(' ') + 1))).toEqual(
        shapes.map(({ part }) => part.replaceAll('.', ' ')),
      );
      expect(shapes.length).toBeGreaterThan(50);
    }
  });

  it('says what a shape is by its own elements', () => {
    const text = svg(
      { shape: 'rect', x: 1, y: 2, w: 3, h: 4, fill: 'danger', stroke: 'warn', dash: [4, 3], part: 'a' },
      { shape: 'circle', x: 5.126, y: 6, r: 7, stroke: 'info', width: 2, alpha: 0.4, part: 'b.c' },
      { shape: 'path', points: [0, 0, 10, 10, 0, 10], closed: true, fill: 'neutral', part: 'd' },
      {
        shape: 'bars',
        x: 0,
        y: 10,
        h: 20,
        series: [{ part: 'e', fill: 'ink', bottom: 20, heights: Uint16Array.of(3, 0, 5, 5) }],
        part: 'f',
      },
      { shape: 'points', at: Float32Array.of(5, 5), rows: Int32Array.of(1), size: 4, fill: 'ink', part: 'g' },
      {
        shape: 'arrows',
        at: Float32Array.of(0, 0, 0, 20, 5, 9, 15, 9),
        rows: Int32Array.of(1, 2),
        head: 10,
        stroke: 'ink',
        dotted: true,
        part: 'h',
      },
    );
    expect(text).toContain(
      '<rect class="a" x="1" y="2" width="3" height="4" fill="#760909" stroke="#c8800d" stroke-width="1" stroke-dasharray="4 3"/>',
    );
    expect(text).toContain(
      '<circle class="b c" fill-opacity="0.4" stroke-opacity="0.4" cx="5.13" cy="6" r="7" fill="none" stroke="#0b2964" stroke-width="2"/>',
    );
    expect(text).toContain('<path class="d" d="M0 0 10 10 0 10z" fill="#6b6b6b"/>');
    expect(text).toContain('<g class="f"><path class="e" fill="#3b3b3b" d="M0 30V27h1V30zM2 30V25h1V25h1V30z"/></g>');
    expect(text).toContain('<path class="g" d="M3 3h4v4h-4z" fill="#3b3b3b"/>');
    expect(text).toContain(
      '<g class="h"><path d="M0 0 0 20M5 9 15 9" fill="none" stroke="#3b3b3b" stroke-width="1" stroke-dasharray="1 3"/>' +
        '<path d="M0 20 -4.5 10 4.5 10zM15 9 5 13.5 5 4.5z" fill="#3b3b3b"/></g>',
    );
  });

  it('has each pattern once', () => {
    const area = { shape: 'rect', x: 0, y: 0, w: 9, h: 9, pattern: 'diagonal', patternInk: 'warn', part: 'p' } as const;
    const text = svg(area, area, { ...area, patternInk: 'danger' });
    expect(text.match(/<pattern /g)?.length).toBe(2);
    expect(text.match(/fill="url\(#pattern-diagonal-warn\)"/g)?.length).toBe(2);
  });

  it('holds texts of strangers as texts, and their names of things in no attribute', () => {
    const evil = '</text><script>alert(1)</script>&"\'\u0000\ud800';
    const text = svgOf(
      [
        {
          list: listOf({
            shape: 'text',
            text: evil,
            x: 0,
            y: 0,
            size: 11,
            anchor: 'start',
            ink: 'ink',
            part: `fault."><script>${evil}`,
          }),
          y: 0,
        },
      ],
      { ...look, title: evil, description: evil, font: `x" onload="alert(1)` },
    );
    for (const bad of ['<script', '\u0000', '\ud800']) expect(text).not.toContain(bad);
    expect(text).not.toContain('" onload="');
    expect(text).toContain('&#60;script&#62;alert(1)');
    expect(elementsOf(text).length).toBe(1);
  });

  it('holds no more than what programs can show, and says so', () => {
    const many = Array.from(
      { length: MAX_SVG_SHAPES + 5 },
      (_, x): Shape => ({ shape: 'circle', x, y: 0, r: 1, part: 'm' }),
    );
    const text = svg(...many);
    expect(elementsOf(text).length).toBe(MAX_SVG_SHAPES);
    expect(text).toContain(`b 5 marks are left out: an SVG file holds at most ${MAX_SVG_SHAPES} here.`);
  });

  it('writes what is no number as 0', () => {
    const text = svg({ shape: 'path', points: [Number.NaN, 1, Number.POSITIVE_INFINITY, 2], stroke: 'ink', part: 'n' });
    expect(text).toContain('d="M0 1 0 2"');
  });
});

describe('the opening view as a file', () => {
  it('says what was violated and how it is drawn', async () => {
    const opened = await openedRun('stale-leader');
    const options = { kind: 'light', width: 1200 } as const;
    const text = svgOfView(openingView(opened, options), options);
    const [violation] = opened.violations;
    expect(/<title id="title">([^<]*)/.exec(text)![1]).toBe(
      `${violation.name}: violated. scenario local-reads, seed 1, 3,571 events, outcome pass`,
    );
    expect(text).toMatch(
      /<desc[^>]*>Space-time diagram: n1, n2, n3, c1, c2\. .* Drawn: story: 36 events that tell why/,
    );
    expect(text).toContain('class="op ok violating"');
  });

  it('has counts where there are too many marks for a file', () => {
    const { trace } = randomTrace(2, { steps: 30_000, payloadLimitBytes: 0 });
    const opened = openedOf({ ...trace, checks: [] });
    const options = { kind: 'light', width: 1200 } as const;
    const text = svgOfView(openingView(opened, options), options);
    expect(text).toContain('class="density messages"');
    expect(elementsOf(text).length).toBeLessThanOrEqual(MAX_SVG_SHAPES);
    expect(text).toContain('Drawn: density: ');
  });
});
