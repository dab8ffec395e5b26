import type { Metric } from '@dsys/runtime/trace/model';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Axis, stepAxis, timeAt, timeAxis, wholeRange } from '../model/axis.ts';
import { lanesOf, metricLanesOf } from '../model/lanes.ts';
import { amount, chartsOf, overlaid, unitOf } from '../model/metrics.ts';
import { type Opened, openedOf } from '../model/opened.ts';
import { storyOf } from '../model/story.ts';
import { storyAxis } from '../model/warped.ts';
import { traceOf } from '../testing/traces.ts';
import { viewOf } from '../testing/view.ts';
import { unitAt } from './frame.ts';
import { type Scene, sceneOf } from './scene.ts';
import type { PathShape, TextShape } from './shapes.ts';

let opened: Opened;
beforeAll(async () => {
  const trace = await traceOf('async-failover');
  // Stretches in which nothing began, and one sample between two of them.
  const metrics = trace.metrics.map(metric => ({
    ...metric,
    series: Object.fromEntries(
      Object.entries(metric.series).map(([name, values]) => [
        name,
        values.map((value, index) => (metric.unit === 'ns' && index > 9 && index < 20 && index !== 15 ? null : value)),
      ]),
    ),
  }));
  opened = openedOf({ ...trace, metrics });
});

const shapesOf = (scene: Scene, part: string) =>
  scene.list.layers.flatMap(({ shapes }) => shapes).filter(shape => shape.part === part);
const pointsOf = (scene: Scene, part: string): [number, number][] =>
  shapesOf(scene, part).flatMap(shape => {
    if (shape.shape === 'circle') return [[shape.x, shape.y] as [number, number]];
    const { points } = shape as PathShape;
    return Array.from({ length: points.length / 2 }, (_, at): [number, number] => [points[2 * at], points[2 * at + 1]]);
  });
const withMetrics = (of: Opened, changes: { axis?: Axis; range?: Axis | { from: number; to: number } } = {}): Scene =>
  sceneOf(viewOf(of, { ...changes, height: 1400, lanes: [...lanesOf(of, [], false), ...metricLanesOf(of)] }));

const AXES = {
  time: () => timeAxis(opened),
  step: () => stepAxis(opened),
  story: () => storyAxis(opened, storyOf(opened, opened.violations[0])),
};

/** Px from the top for a value, from where the two numbers of the lane's scale stand. */
function scaleOf(scene: Scene, metric: Metric, lane: number): (value: number) => number {
  const box = scene.frame.boxes.filter(one => one.lane.kind === 'metric')[lane];
  const ends = scene.list.layers
    .flatMap(({ shapes }) => shapes)
    .filter((one): one is TextShape => one.part === 'metric.scale' && one.shape === 'text')
    .filter(({ y }) => y > box.y && y < box.y + box.h);
  expect(ends.length).toBe(2);
  const [top, bottom] = ends;
  const { high } = opened.charts[lane];
  expect([top.text, bottom.text]).toEqual([amount(high, metric.unit), amount(0, metric.unit)]);
  return value => bottom.y + ((top.y - bottom.y) * value) / high;
}

describe.each(['time', 'step', 'story'] as const)('metrics on the axis %s', kind => {
  it('stand where the numbers say, with gaps where there is none', () => {
    const axis = AXES[kind]();
    const scene = withMetrics(opened, { axis, range: wholeRange(axis) });
    const t = opened.trace.events.t as Float64Array;
    opened.trace.metrics.forEach((metric, lane) => {
      const y = scaleOf(scene, metric, lane);
      for (const [name, values] of Object.entries(metric.series)) {
        const part = `metric.${opened.charts[lane].name}.${name}`;
        const drawn = pointsOf(scene, part);
        const known = metric.x.map((ns, index) => [ns, values[index]] as const).filter(([, value]) => value !== null);
        expect(drawn.length, part).toBe(known.length);
        drawn.forEach(([left, top], index) => {
          const [ns, value] = known[index];
          expect(timeAt(axis, t, unitAt(scene.frame, left)) / ns).toBeCloseTo(1, 7);
          expect(top).toBeCloseTo(y(value!), 6);
        });
        // Every stretch of known samples is a line of its own.
        const stretches = values.filter((one, index) => one !== null && (index === 0 || values[index - 1] === null));
        expect(shapesOf(scene, part).length, part).toBe(stretches.length);
      }
    });
  });
});

it('between two samples the line is there too, and nothing lies far outside', () => {
  const [chart] = opened.charts;
  const at = chart.x.length >> 1;
  const [from, to] = [chart.x[at], chart.x[at + 1]];
  const range = { from: from + (to - from) * 0.25, to: from + (to - from) * 0.5 };
  const scene = withMetrics(opened, { range });
  const { plot } = scene.frame;
  const points = pointsOf(scene, 'metric.throughput.write');
  expect(points.length).toBe(2);
  const y = scaleOf(scene, opened.trace.metrics[0], 0);
  for (const [left, top] of points) {
    expect(left).toBeGreaterThan(plot.x - 10);
    expect(left).toBeLessThan(plot.x + plot.w + 10);
    const share = (unitAt(scene.frame, left) - from) / (to - from);
    const [before, after] = [chart.series[1].values[at], chart.series[1].values[at + 1]];
    expect(top).toBeCloseTo(y(before + (after - before) * share), 4);
  }
});

it('tells series apart by dash and by name, not by colour alone', () => {
  const scene = withMetrics(opened);
  for (const { name, series } of opened.charts) {
    const looks = series
      .map(one => shapesOf(scene, `metric.${name}.${one.name}`).find(shape => shape.shape === 'path') as PathShape)
      .map(shape => `${shape.dash ?? 'solid'}`);
    expect(new Set(looks).size).toBe(series.length);
    for (const one of series) {
      const [label] = shapesOf(scene, `metric.${name}.${one.name}.name`) as TextShape[];
      expect(label.text).toBe(one.name);
    }
  }
});

it('draws the metrics of two traces on one scale, those of B dashed, at the same distance from the beginning', async () => {
  const trace = await traceOf('async-failover');
  const shift = 250_000_000;
  const other = openedOf({
    ...trace,
    header: { ...trace.header, params: { ...trace.header.params, originNs: opened.origin - shift } },
    metrics: trace.metrics.map(one => ({
      ...one,
      x: one.x.map(ns => ns - shift),
      series: Object.fromEntries(
        Object.entries(one.series).map(([name, values]) => [
          name,
          values.map(value => (value === null ? null : value * 3)),
        ]),
      ),
    })),
  });
  const charts = overlaid(opened, other);
  const scene = sceneOf(viewOf(opened, { height: 1400, lanes: metricLanesOf({ charts }) }));
  for (const [index, { name, series, high }] of opened.charts.entries()) {
    expect(charts[index].high).toBe(Math.max(high, other.charts[index].high));
    for (const { name: of, values } of series) {
      const ofA = shapesOf(scene, `metric.${name}.${of}`).filter(shape => shape.shape === 'path') as PathShape[];
      const ofB = shapesOf(scene, `metric.${name}.${of}.of-b`).filter(shape => shape.shape === 'path') as PathShape[];
      expect(ofA.length * ofB.length).toBeGreaterThan(0);
      for (const { dash } of ofA) expect(dash).toBeUndefined();
      for (const { dash } of ofB) expect(dash).toEqual([5, 3]);
      // Three times as high above the lane's floor, at the same place.
      const [first] = pointsOf(scene, `metric.${name}.${of}`);
      const [firstB] = pointsOf(scene, `metric.${name}.${of}.of-b`);
      expect(firstB[0]).toBeCloseTo(first[0], 6);
      const { box, floor } = { box: scene.frame.boxes[index], floor: scene.frame.boxes[index].h - 8 };
      expect(box.y + floor - firstB[1]).toBeCloseTo(3 * (box.y + floor - first[1]), 6);
      expect(values.length).toBeGreaterThan(1);
    }
  }
  expect(overlaid(opened, openedOf({ ...trace, metrics: [] }))).toEqual(opened.charts);
});

it('a moment between events is one that the axis takes back', () => {
  for (const kind of ['step', 'story'] as const) {
    const axis = AXES[kind]();
    const t = opened.trace.events.t as Float64Array;
    for (let at = 1; at < 500; at++) {
      const ns = t[0] + ((t[t.length - 1] - t[0]) * at) / 500;
      expect(timeAt(axis, t, unitOf(axis, t, ns)) / ns).toBeCloseTo(1, 9);
    }
    expect(unitOf(axis, t, t[0] - 1)).toBeNaN();
    expect(unitOf(axis, t, t[t.length - 1] + 1)).toBeNaN();
  }
});

it('draws no nonsense from a stranger’s metrics', async () => {
  const wild = (name: string, x: number[], series: Metric['series']): Metric => ({
    name,
    unit: '',
    agg: '',
    x,
    series,
  });
  const metrics = [
    wild('empty', [], { one: [] }),
    wild('none', [1, 2], {}),
    wild('unequal', [3e9, 1e9, 2e9], { short: [1], long: [1, 2, 3, 4, 5] }),
    wild('huge', [1e9, 2e9], { one: [Number.MAX_VALUE, -Number.MAX_VALUE], two: [0, 1e-300] }),
    wild('negative', [1e9, 2e9], { one: [-3, -7] }),
    wild('n'.repeat(10_000), [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER], { ['s'.repeat(10_000)]: [0, 0] }),
    ...Array.from({ length: 500 }, () =>
      wild('many', [1e9], Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`s${i}`, [i]]))),
    ),
  ];
  const other = openedOf({ ...(await traceOf('async-failover')), metrics });
  expect([...chartsOf({ ...other.trace, metrics: [metrics[2]] })[0].x]).toEqual([1e9, 2e9, 3e9]);
  for (const axis of [timeAxis(other), stepAxis(other)]) {
    const scene = withMetrics(other, { axis, range: wholeRange(axis) });
    expect(scene.frame.boxes.filter(({ lane }) => lane.kind === 'metric').length).toBeLessThanOrEqual(12);
    const shapes = scene.list.layers.flatMap(layer => layer.shapes).filter(({ part }) => part.startsWith('metric.'));
    expect(shapes.length).toBeGreaterThan(10);
    for (const shape of shapes) {
      const numbers = shape.shape === 'path' ? shape.points : 'x' in shape ? [shape.x, shape.y] : [];
      expect(numbers.every(one => Number.isFinite(one) && Math.abs(one) < 3000)).toBe(true);
      if (shape.shape === 'text') expect(shape.text.length).toBeLessThan(70);
    }
  }
});

it.each([
  [1_250_000, 'ns', '1.25 ms'],
  [0, 'ns', '0 ms'],
  [1234.5, '1/s', '1,235 /s'],
  [12.345, '1/s', '12.3 /s'],
  [0.5, '', '0.5'],
  [7, 'B', '7 B'],
])('%d in %s is %s', (value, unit, text) => expect(amount(value, unit)).toBe(text));
