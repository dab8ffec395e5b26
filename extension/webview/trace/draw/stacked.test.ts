import { runScenario } from '@dsys/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import { timeAxis } from '../model/axis.ts';
import { type Compared, comparedOf } from '../model/compared.ts';
import { lanesOf } from '../model/lanes.ts';
import { type Opened, openedOf } from '../model/opened.ts';
import { designOf, openedRun } from '../testing/traces.ts';
import { viewOf } from '../testing/view.ts';
import type { View } from './frame.ts';
import { hit } from './hit.ts';
import { sceneOf } from './scene.ts';
import type { CircleShape, Layer, Shape } from './shapes.ts';
import type { Below } from './stacked.ts';

describe.each([false, true])('two traces on one axis, downwards: %s', down => {
  let opened: Opened;
  let compared: Compared;
  let view: View;
  let below: Below;
  beforeAll(async () => {
    const { design, scenario } = await designOf('stale-leader');
    const { trace } = runScenario(design, scenario, { tool: 'test', seed: 2, record: true, extraRuns: false });
    opened = await openedRun('stale-leader');
    compared = comparedOf(opened, openedOf(trace!), 'other');
    const { other, comparison } = compared;
    const range = { from: opened.origin + 3_999_000_000, to: opened.origin + 4_200_000_000 };
    view = viewOf(opened, { range, down, width: 1200, height: 1200 });
    below = {
      opened: other,
      axis: timeAxis(other),
      range: { from: range.from - opened.origin + other.origin, to: range.to - opened.origin + other.origin },
      lanes: lanesOf(other, [], false),
      selection: null,
      mask: null,
      violation: null,
      partners: comparison.partnerOfB,
    };
  });
  const layersOf = (): readonly Layer[] => sceneOf({ ...view, below }).list.layers;
  const inside = ({ clip: { x, y, w, h } }: Layer) => x >= 0 && y >= 0 && x + w <= 1201 && y + h <= 1201;
  const dots = ({ shapes }: Layer): CircleShape[] =>
    shapes.filter((one): one is CircleShape => one.shape === 'circle' && /^message\./.test(one.part));

  it('each has its own part of the picture, with its lanes and its axis', () => {
    const layers = layersOf();
    expect(layers.length).toBe(7);
    expect(layers.every(inside)).toBe(true);
    const [a, b] = [layers[0].clip, layers[3].clip];
    expect(down ? a.x + a.w <= b.x : a.y + a.h <= b.y).toBe(true);
    const names = (some: readonly Layer[]): string[] =>
      some.flatMap(({ shapes }) =>
        shapes.flatMap(one => (one.shape === 'text' && one.part === 'lane.name' ? [one.text] : [])),
      );
    expect(names(layers.slice(0, 3))).toEqual(expect.arrayContaining(['n1', 'n2', 'n3', 'c1']));
    expect(names(layers.slice(3, 6)).filter(name => /^[nc]\d/.test(name))).toEqual(
      names(layers.slice(0, 3)).filter(name => /^[nc]\d/.test(name)),
    );
    const letters = layers[6].shapes.flatMap(one => (one.shape === 'text' ? [one.text] : []));
    expect(letters).toEqual(['A', 'B']);
  });

  it('the same moment stands at the same place along time', () => {
    const layers = layersOf();
    const along = (one: CircleShape): number => (down ? one.y : one.x);
    for (const [layer, of, frame] of [
      [layers[0], opened, view.range],
      [layers[3], compared.other, below.range],
    ] as const) {
      const { messages, events } = of.trace;
      const at = new Set(dots(layer).map(one => Math.round(along(one))));
      const plot = down ? layer.clip.y : layer.clip.x;
      const length = down ? layer.clip.h : layer.clip.w;
      let checked = 0;
      for (const row of messages.send) {
        const u = (events.t[row] - frame.from) / (frame.to - frame.from);
        if (!(u >= 0 && u <= 1)) continue;
        checked++;
        expect(at).toContain(Math.round(plot + u * length));
      }
      expect(checked).toBeGreaterThan(20);
    }
    const [a, b] = [layers[0].clip, layers[3].clip];
    expect(down ? [a.y, a.h] : [a.x, a.w]).toEqual(down ? [b.y, b.h] : [b.x, b.w]);
  });

  it('what is pointed at in the other one leads to its partner, and to nothing where it has none', () => {
    const { list } = sceneOf({ ...view, below });
    const { messages } = compared.other.trace;
    const { partnerOfB } = compared.comparison;
    const alone = sceneOf({ ...view, ...below, below: null, ...(down ? { width: 600 } : { height: 600 }) });
    const shift = down
      ? list.layers[3].clip.x - alone.list.layers[0].clip.x
      : list.layers[3].clip.y - alone.list.layers[0].clip.y;
    expect(shift).toBeGreaterThan(300);
    const found = new Set<number>();
    for (const one of dots(alone.list.layers[0])) {
      const [x, y] = down ? [one.x + shift, one.y] : [one.x, one.y + shift];
      const ref = hit({ ...list, layers: list.layers.slice(3, 6) }, x, y);
      if (ref !== null) {
        expect(ref.kind).toBe('event');
        expect(partnerOfB).toContain(ref.id);
        found.add(ref.id);
      }
    }
    expect(found.size).toBeGreaterThan(5);
    const without = dots(list.layers[3]).filter(({ ref }) => ref === undefined);
    const ends = Array.from({ length: messages.length }, (_, id) =>
      messages.end[id] >= 0 ? messages.end[id] : messages.send[id],
    );
    expect(ends.some(end => partnerOfB[end] < 0)).toBe(true);
    expect(without.length).toBeGreaterThan(0);
  });

  it('nothing of it stands where the other trace is', () => {
    const far = (one: Shape): boolean =>
      one.shape === 'circle' && (down ? one.x < layersOf()[3].clip.x - 20 : one.y < layersOf()[3].clip.y - 20);
    expect(dots(layersOf()[3]).filter(far)).toEqual([]);
  });
});
