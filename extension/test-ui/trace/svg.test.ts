/** One display list through both back-ends: the canvas on the screen and the SVG of files show the same. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { THEME_KINDS } from '../../webview/common/tokens.ts';
import { inksOf } from '../../webview/trace/draw/palette.ts';
import { openingView } from '../../webview/trace/draw/picture.ts';
import { sceneOf } from '../../webview/trace/draw/scene.ts';
import type { DisplayList } from '../../webview/trace/draw/shapes.ts';
import { svgOf } from '../../webview/trace/draw/svg.ts';
import { openedRun } from '../../webview/trace/testing/traces.ts';
import { viewOf } from '../../webview/trace/testing/view.ts';
import { compare } from '../goldens.ts';
import { screens, usePages } from '../pages.ts';

/** The share of pixels whose colour may differ: edges that the two smooth otherwise. */
const TOLERANCE = 0.001;
const FONT = 'sans-serif';

/** Typed arrays do not survive the way into a page as such. */
const packed = (list: DisplayList): string =>
  JSON.stringify(list, (_, value) =>
    ArrayBuffer.isView(value) ? { typed: value.constructor.name, values: Array.from(value as Float32Array) } : value,
  );

describe('the back-ends', () => {
  const newPage = usePages();
  const painter = build({
    stdin: {
      contents: `import { createPainter } from './canvas.ts';
        const kinds = { Float32Array, Int32Array, Uint16Array };
        window.paint = (text, inks, font) => {
          const list = JSON.parse(text, (_, one) => (one?.typed ? new kinds[one.typed](one.values) : one));
          const canvas = document.querySelector('canvas');
          createPainter(canvas, inks, font, 1).paint(list);
        };
        // One painter draws all of them, there and back: how many bytes of its pictures differ from those of a new one?
        window.differing = (text, inks, font, pixels) => {
          const lists = JSON.parse(text, (_, one) => (one?.typed ? new kinds[one.typed](one.values) : one));
          const bytesOf = canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
          const kept = document.createElement('canvas');
          const painter = createPainter(kept, inks, font, pixels);
          return [...lists, ...lists.toReversed()].map(list => {
            painter.paint(list);
            const fresh = document.createElement('canvas');
            createPainter(fresh, inks, font, pixels).paint(list);
            const [one, other] = [bytesOf(kept), bytesOf(fresh)];
            return one.length === other.length ? one.filter((byte, index) => byte !== other[index]).length : -1;
          });
        };`,
      resolveDir: join(import.meta.dirname, '..', '..', 'webview', 'trace', 'draw'),
    },
    bundle: true,
    write: false,
    format: 'iife',
  });

  const lists = async (kind: (typeof THEME_KINDS)[number]): Promise<[string, DisplayList][]> => {
    const story = openingView(await openedRun('stale-leader'), { kind, width: 1000 });
    const crash = await openedRun('leader-crash');
    const highContrast = kind.startsWith('hc');
    const view = { width: 1000, height: 640, highContrast };
    const { t } = crash.trace.events;
    const range = { from: t[20_000], to: t[29_000] };
    const scenes = [
      sceneOf(story),
      sceneOf(viewOf(crash, view)),
      sceneOf(viewOf(crash, { ...view, range })),
      sceneOf(viewOf(crash, { ...view, range: { from: t[20_000], to: t[21_000] } })),
      sceneOf(viewOf(crash, { ...view, down: true })),
    ];
    expect(scenes.map(({ detail }) => detail)).toEqual(['exact', 'density', 'points', 'exact', 'density']);
    return scenes.map(({ list }, index) => [['story', 'density', 'points', 'exact', 'downwards'][index], list]);
  };

  it.each(THEME_KINDS)('show the same, in %s', async kind => {
    const inks = inksOf(kind, () => '');
    const script = (await painter).outputFiles[0].text;
    for (const [name, list] of await lists(kind)) {
      const { width, height } = list;
      const { page, errors } = await newPage(width, Math.ceil(height));
      const area = `<style>body { margin: 0 } canvas, svg { display: block }</style>`;
      await page.setContent(`${area}<canvas></canvas>`);
      await page.evaluate(script);
      await page.evaluate(
        ([text, colours, font]) =>
          (window as unknown as { paint(...args: unknown[]): void }).paint(text, colours, font),
        [packed(list), inks, FONT] as const,
      );
      const drawn = await page.screenshot();
      const svg = svgOf([{ list, y: 0 }], { title: name, description: name, inks, font: FONT });
      await page.setContent(`${area}${svg}`);
      const filed = await page.screenshot();
      const { share, size, diff } = compare(drawn, filed);
      for (const [ending, picture] of [
        ['canvas', drawn],
        ['svg', filed],
        ['diff', diff?.()],
      ] as const)
        if (picture !== undefined) writeFileSync(join(screens, `backends-${name}-${kind}-${ending}.png`), picture);
      expect(size, name).toBeUndefined();
      expect(share, name).toBeLessThanOrEqual(TOLERANCE);
      expect(errors).toEqual([]);
    }
  });

  it.each([1, 1.5])('draw the same after other pictures as at first, at %d pixels per px', async pixels => {
    const found = (await lists('dark')).map(([, list]) => list);
    const { page, errors } = await newPage(400, 300);
    await page.setContent('<p>canvases</p>');
    await page.evaluate((await painter).outputFiles[0].text);
    const differing = await page.evaluate(
      ([text, colours, font, scale]) =>
        (window as unknown as { differing(...args: unknown[]): number[] }).differing(text, colours, font, scale),
      [JSON.stringify(found.map(list => JSON.parse(packed(list)))), inksOf('dark', () => ''), FONT, pixels] as const,
    );
    expect(differing).toEqual(new Array(2 * found.length).fill(0));
    expect(errors).toEqual([]);
  });
});
