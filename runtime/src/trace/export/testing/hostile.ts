/** Traces whose every name and value is meant to break what is written from it. */

import type { TraceValue } from '../../itf.ts';
import type { Trace } from '../../model.ts';
import { randomTrace } from '../../testing/random-trace.ts';

export const HOSTILE_NAMES: readonly string[] = [
  'a"b\\c\'d`e',
  'line\nbreak\r\nand\ttab',
  '=HYPERLINK("http://example.com","x")',
  '+1-1;@SUM(A1)',
  'end',
  'a->>b: c; Note over a: d %% e #35; <script>alert(1)</script>',
  '__proto__',
  'constructor',
  '{"n1":1}',
  '(?<event>.*) [x] {y}',
  '\u0000\u0007\u001b[31m\u2028\u2029\u202e',
  'Zürich 日本 😀',
  ']]>--><!-- */ ',
  ' ',
  ':ok #{1} #_ nil \\u',
  'wrap: loop alt else end',
];

export const HOSTILE_VALUES: readonly TraceValue[] = [
  ...HOSTILE_NAMES,
  null,
  true,
  -0,
  1e21,
  1.5e-9,
  Number.NaN,
  Number.NEGATIVE_INFINITY,
  123456789012345678901234567890n,
  new Set<TraceValue>([1, [1], 'a"', new Set<TraceValue>()]),
  new Map<TraceValue, TraceValue>([
    [[1, '}'], 2],
    ['k', new Map<TraceValue, TraceValue>()],
  ]),
  Object.fromEntries(HOSTILE_NAMES.map((name, at) => [name, at])),
  [[], [[]], {}],
];

/** A random trace with such names and values, sound all the same. */
export function hostileTrace(seed: number, steps: number): Trace {
  const { trace } = randomTrace(seed, { steps, servers: 4, clients: 3, values: HOSTILE_VALUES });
  const name = (at: number): string => HOSTILE_NAMES[at % HOSTILE_NAMES.length];
  return {
    ...trace,
    header: {
      ...trace.header,
      runId: name(1),
      tool: name(5),
      model: { uri: name(2), sha256: name(3), name: name(12) },
      nodes: trace.header.nodes.map((node, at) => ({
        ...node,
        name: name(at + seed),
        group: name(at + 3),
        role: name(at),
      })),
    },
    sources: trace.sources.map((source, at) => ({ ...source, uri: name(at + 1) })),
    src: trace.src.map((range, at) => ({ ...range, decl: name(at), handler: name(at + 5) })),
    faults: trace.faults.map((fault, at) => ({ ...fault, kind: name(at), params: { [name(at)]: name(at + 1) } })),
    checks: trace.checks.map((check, at) => ({ ...check, name: name(at), message: name(at + 1) })),
    metrics: HOSTILE_NAMES.map((one, at) => ({
      name: one,
      unit: name(at + 1),
      agg: name(at + 2),
      x: [0, 5, 10],
      series: Object.fromEntries([
        [name(at + 3), [1, null, -2.5e-7]],
        ['plain', [0, 1]],
      ]),
    })),
    notes: trace.notes.map((note, at) => ({ ...note, text: name(at) })),
    strings: trace.strings.map((_, at) => (at === 0 ? '' : `${name(at)}${at > HOSTILE_NAMES.length ? at : ''}`)),
  };
}
