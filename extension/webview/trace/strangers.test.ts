/** Traces of strangers: whatever they hold, the viewer says what is wrong, or shows what can be shown. */

import { encodeContainer } from '@dsys/runtime/trace/container';
import type { Trace } from '@dsys/runtime/trace/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sceneOf } from './draw/scene.ts';
import type { Shape, TextShape } from './draw/shapes.ts';
import { timeAxis } from './model/axis.ts';
import { depthAxis } from './model/depth.ts';
import { isFailure } from './model/failure.ts';
import { openedOf, openTrace } from './model/opened.ts';
import { storyOf } from './model/story.ts';
import { compressedAxis, storyAxis } from './model/warped.ts';
import { containerOf, traceOf } from './testing/traces.ts';
import { viewOf } from './testing/view.ts';

const failure = (bytes: Uint8Array) => {
  const opened = openTrace(bytes);
  return isFailure(opened) ? `${opened.title}: ${opened.text}` : 'opened';
};

describe('what cannot be shown says why, and what to do', () => {
  it.each([
    ['nothing', new Uint8Array(0), /^The trace is empty: .*Execute the scenario again/],
    ['no trace', new TextEncoder().encode('<html>'), /^The trace cannot be read: .*Execute the scenario again/],
    ['only the beginning', new Uint8Array([0x44, 0x53, 0x59, 0x54]), /The trace ends after 4 bytes/],
  ])('%s', (_, bytes, expected) => expect(failure(bytes)).toMatch(expected));

  it('another version', async () => {
    const bytes = (await containerOf('stale-leader')).slice();
    bytes[4] = 9;
    expect(failure(bytes)).toMatch(
      /version 9\.0, and this version of dsys reads 1\.x: use the version of dsys that wrote it/,
    );
  });
});

function numbersOf(shape: Shape): readonly number[] {
  if (shape.shape === 'path') return shape.points;
  if (shape.shape === 'points' || shape.shape === 'arrows') return [...shape.at];
  return [shape.x, shape.y];
}

describe('damage', () => {
  it('to one chunk leaves the rest, and is told', async () => {
    const bytes = (await containerOf('stale-leader')).slice();
    bytes.fill(0, bytes.length - 200);
    const opened = openTrace(bytes);
    if (isFailure(opened)) return expect.fail(opened.text);
    expect(opened.problems.length).toBeGreaterThan(0);
    expect(opened.trace.events.length).toBeGreaterThan(1000);
    expect(sceneOf(viewOf(opened)).list.layers.length).toBe(3);
  });

  it('anywhere neither throws nor draws nonsense', async () => {
    const whole = await containerOf('forgotten-vote');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        changes => {
          const bytes = whole.slice();
          for (const [at, value] of changes) bytes[at] = value;
          const opened = openTrace(bytes);
          if (isFailure(opened)) return opened.text.length > 0;
          return [timeAxis(opened), depthAxis(opened), compressedAxis(opened)].every(axis =>
            sceneOf(viewOf(opened, { axis })).list.layers.every(({ shapes }) =>
              shapes.every(shape => numbersOf(shape).every(Number.isFinite)),
            ),
          );
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('hostile contents', () => {
  const hostile = async (changes: Partial<Trace>): Promise<Trace> => ({
    ...(await traceOf('stale-leader')),
    ...changes,
  });

  it('names and texts are cut to what can be drawn', async () => {
    const trace = await traceOf('stale-leader');
    const huge = '<img src=x onerror=alert(1)>'.repeat(20_000);
    const nodes = trace.header.nodes.map(node => ({ ...node, name: huge, group: huge }));
    const strings = trace.strings.map((text, index) => (index === 0 ? '' : `${huge}${text}`));
    const opened = openTrace(encodeContainer(await hostile({ header: { ...trace.header, nodes }, strings })));
    if (isFailure(opened)) return expect.fail(opened.text);
    const [violation] = opened.violations;
    const scene = sceneOf(viewOf(opened, { violation, axis: storyAxis(opened, storyOf(opened, violation)) }));
    const texts = scene.list.layers.flatMap(({ shapes }) =>
      shapes.filter((shape): shape is TextShape => shape.shape === 'text'),
    );
    expect(texts.length).toBeGreaterThan(20);
    for (const { text } of texts) expect(text.length).toBeLessThan(200);
  });

  it('witnesses that point nowhere are told without a story', async () => {
    const trace = await traceOf('stale-leader');
    const checks = trace.checks.map(check => ({
      ...check,
      verdict: 'violated' as const,
      witness: { events: [], ops: [] },
    }));
    const opened = openedOf(await hostile({ checks }));
    expect(storyOf(opened, opened.violations[0])).toEqual([]);
    expect(() => sceneOf(viewOf(opened, { violation: opened.violations[0] }))).not.toThrow();
  });

  it('a trace without events is empty and not an error', async () => {
    const { emptyTrace } = await import('./testing/empty.ts');
    const opened = openTrace(encodeContainer(emptyTrace()));
    if (isFailure(opened)) return expect.fail(opened.text);
    expect(opened.trace.events.length).toBe(0);
    expect(sceneOf(viewOf(opened)).mode).toBe('no events');
  });
});
