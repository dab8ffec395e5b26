import { runScenario } from '@dsys/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Compared, comparedOf, partingOf } from '../model/compared.ts';
import { type Opened, openedOf } from '../model/opened.ts';
import { designOf, openedRun } from '../testing/traces.ts';
import { viewOf } from '../testing/view.ts';
import type { View } from './frame.ts';
import { legendList } from './legend.ts';
import { sceneOf } from './scene.ts';
import { roughMeasure, type Shape } from './shapes.ts';

describe('marks of what differs', () => {
  let opened: Opened;
  let compared: Compared;
  beforeAll(async () => {
    const { design, scenario } = await designOf('stale-leader');
    const { trace } = runScenario(design, scenario, { tool: 'test', seed: 2, record: true, extraRuns: false });
    opened = await openedRun('stale-leader');
    compared = comparedOf(opened, openedOf(trace!), 'other');
  });

  const shapes = (changes: Partial<View>): Shape[] =>
    sceneOf(viewOf(opened, changes)).list.layers.flatMap(layer => [...layer.shapes]);
  const discs = (all: readonly Shape[], side: 'a' | 'b') =>
    all.filter(one => one.part === `compared.only-${side}` && one.shape === 'circle');
  const none = (length: number): Uint8Array => new Uint8Array(length);

  it('stand on their lanes, of each side on its edge, and only while there is something to compare with', () => {
    expect(shapes({}).filter(({ part }) => part.startsWith('compared'))).toEqual([]);
    const all = shapes({ compared: { compared, maskOfB: null } });
    for (const side of ['a', 'b'] as const) {
      const found = discs(all, side);
      expect(found.length).toBeGreaterThan(20);
      for (const { ref } of found) if (side === 'a') expect(compared.onlyA[ref!.id]).toBe(1);
      // No two of a lane on the same place.
      expect(new Set(found.map(one => `${one.shape === 'circle' && [Math.floor(one.x / 9), one.y]}`)).size).toBe(
        found.length,
      );
    }
    expect(
      all.filter(({ part, ref }) => part === 'compared.parting' && ref?.id === partingOf(compared)).length,
    ).toBeGreaterThan(0);
  });

  it('a filter dims or hides them like everything else', () => {
    const mask = none(opened.trace.events.length);
    const maskOfB = none(compared.other.trace.events.length);
    const dim = shapes({ compared: { compared, maskOfB }, mask });
    for (const side of ['a', 'b'] as const) for (const { alpha } of discs(dim, side)) expect(alpha).toBeLessThan(1);
    expect(discs(dim, 'a').length).toBeGreaterThan(20);
    const hidden = shapes({ compared: { compared, maskOfB }, mask, hide: true });
    expect([discs(hidden, 'a').length, discs(hidden, 'b').length]).toEqual([0, 0]);
    // What the filter names is never behind what it does not.
    const wanted = compared.onlyB[compared.onlyB.length >> 1];
    maskOfB[wanted] = 1;
    const shown = discs(shapes({ compared: { compared, maskOfB }, mask }), 'b').filter(({ alpha }) => alpha === 1);
    expect(shown.map(({ ref }) => ref!.id)).toEqual([compared.placeOfB[compared.onlyB.indexOf(wanted)]]);
  });

  it('the legend names them only then', () => {
    const texts = (isCompared: boolean): string[] =>
      legendList(roughMeasure, isCompared).layers[0].shapes.flatMap(one => (one.shape === 'text' ? [one.text] : []));
    expect(texts(true).slice(0, 2)).toEqual(['only in A', 'only in B']);
    expect(texts(false)).not.toContain('only in A');
  });
});
