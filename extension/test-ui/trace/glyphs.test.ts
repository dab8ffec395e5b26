/** Every mark of the diagram on one sheet, as people see it with and without all their colours. */

import { randomTrace } from '@dsys/runtime/trace/testing/random-trace';
import { describe, expect, it } from 'vitest';
import { THEME_KINDS } from '../../webview/common/tokens.ts';
import { svgOfView } from '../../webview/trace/draw/picture.ts';
import { roughMeasure } from '../../webview/trace/draw/shapes.ts';
import { timeAxis, wholeRange } from '../../webview/trace/model/axis.ts';
import { openedOf } from '../../webview/trace/model/opened.ts';
import { viewOf } from '../../webview/trace/testing/view.ts';
import { expectGolden } from '../goldens.ts';
import { seeWith, usePages, VISIONS } from '../pages.ts';

/** Fates of messages, outcomes of operations, faults and roles of a run that nobody could make; the rest is in its legend. */
const { trace } = randomTrace(13, { steps: 220 });

function sheet(kind: (typeof THEME_KINDS)[number]): string {
  const opened = openedOf(trace);
  const axis = timeAxis(opened);
  const view = viewOf(opened, {
    axis,
    range: wholeRange(axis),
    width: 1400,
    height: 760,
    highContrast: kind.startsWith('hc'),
    measure: roughMeasure,
  });
  return svgOfView(view, { kind, font: 'sans-serif' });
}

describe('the sheet of marks', () => {
  const newPage = usePages();

  async function picture(kind: (typeof THEME_KINDS)[number], vision?: (typeof VISIONS)[number]): Promise<Buffer> {
    const svg = sheet(kind);
    const height = Math.ceil(Number(/height="([\d.]+)"/.exec(svg)![1]));
    const { page } = await newPage(1400, height);
    await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${svg}`);
    if (vision !== undefined) await seeWith(page, vision);
    return page.screenshot();
  }

  it('has every kind of mark', () => {
    const classes = new Set([...sheet('dark').matchAll(/class="([^"]+)"/g)].flatMap(match => match[1]!.split(' ')));
    for (const wanted of [
      'message delivered',
      'message dropped',
      'message inflight',
      'op ok',
      'op fail',
      'op info',
      'event crash',
      'event timerFire',
      'fault',
    ])
      for (const name of wanted.split(' ')) expect([...classes], wanted).toContain(name);
  });

  it.each(THEME_KINDS)('%s', async kind => {
    expectGolden(`glyphs-${kind}`, await picture(kind));
  });

  it.each(VISIONS)('seen with %s', async vision => {
    expectGolden(`glyphs-${vision}`, await picture('dark', vision));
    expectGolden(`glyphs-light-${vision}`, await picture('light', vision));
  });
});
