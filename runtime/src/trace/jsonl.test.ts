import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeContainer } from './container.ts';
import { decodeTrace } from './decode.ts';
import { traceSha256 } from './hash.ts';
import { encodeJsonl } from './jsonl.ts';
import { decodeJsonl } from './jsonl-read.ts';
import type { Trace } from './model.ts';
import { TraceFormatError } from './sections.ts';
import { anyValue } from './testing/any-value.ts';
import { randomTrace } from './testing/random-trace.ts';
import { validate } from './validate.ts';

const utf8 = new TextEncoder();

/** Everything that does not depend on how strings and values are numbered. */
function essence(trace: Trace): unknown {
  const { header, sources, src, faults, checks, metrics, notes } = trace;
  return { sha: traceSha256(trace), header, sources, src, faults, checks, metrics, notes };
}

describe('JSON lines', () => {
  test('give back what was put in, and agree with the container', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.nat(200),
        fc.array(anyValue, { minLength: 1, maxLength: 6 }),
        (seed, steps, values) => {
          const { trace } = randomTrace(seed, { steps, values });
          trace.ops.linearizedAt.fill(0);
          const text = encodeJsonl(trace);
          const decoded = decodeJsonl(text);
          expect(decoded.problems).toEqual([]);
          expect(essence(decoded.trace)).toEqual(essence(trace));
          expect(decoded.trace.ops.linearizedAt).toEqual(trace.ops.linearizedAt);
          expect(validate(decoded.trace)).toEqual([]);
          const fromContainer = decodeTrace(encodeContainer(trace)).trace;
          expect(encodeJsonl(fromContainer)).toBe(encodeJsonl(decoded.trace));
          expect(decodeTrace(utf8.encode(text)).trace).toEqual(decoded.trace);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('read like this', () => {
    const lines = encodeJsonl(randomTrace(12, { steps: 90 }).trace).split('\n');
    const first = (type: string): string | undefined => lines.find(line => line.startsWith(`{"type":"${type}"`));
    expect(['event', 'message', 'op', 'epoch', 'delta', 'detail', 'fault', 'check'].map(first)).toMatchInlineSnapshot(`
      [
        "{"type":"event","id":0,"t":38781,"kind":"send","node":"s3","name":"Read","msg":0,"src":0}",
        "{"type":"message","id":0,"name":"Read","from":"s3","to":"s3","send":0,"end":2,"fate":"delivered","bytes":111,"payload":{"term":0,"index":705,"ok":true}}",
        "{"type":"op","id":0,"process":1,"f":"write","invoke":3,"complete":23,"status":"ok","key":"k7","value":{"term":0,"index":410,"ok":true},"result":{"term":1,"index":591,"ok":true}}",
        "{"type":"epoch","id":0,"node":"s2","group":"shard-1","role":"follower","epoch":937,"from":63}",
        "{"type":"delta","event":15,"path":"commitIndex","old":61,"new":44}",
        "{"type":"detail","event":1,"value":830854}",
        "{"type":"fault","kind":"crash","nodes":["s1"],"groups":[],"params":{"factor":3},"src":1,"start":33,"end":-1}",
        "{"type":"check","name":"ElectionSafety","kind":"invariant","verdict":"holds","message":"one leader","src":0,"witness":null}",
      ]
    `);
  });

  test('nodes that share a name go by their index', () => {
    const { trace } = randomTrace(1, { steps: 100 });
    const nodes = trace.header.nodes.map(node => ({ ...node, name: 'twin' }));
    trace.header = { ...trace.header, nodes };
    const decoded = decodeJsonl(encodeJsonl(trace));
    expect(decoded.problems).toEqual([]);
    expect(essence(decoded.trace)).toEqual(essence(trace));
  });

  test('a foreign value that is no JSON, and times as texts', () => {
    const { trace } = randomTrace(1, { steps: 100 });
    trace.values.bytes.fill(0x7b, 0, trace.values.offsets[2]);
    expect(encodeJsonl(trace)).toContain('{"#unserializable":"{{');
    const text = encodeJsonl(randomTrace(1, { steps: 5 }).trace);
    const quoted = text.replace(/"id":0,"t":(\d+)/, '"id":0,"t":"$1"');
    expect(quoted).not.toBe(text);
    expect(decodeJsonl(quoted)).toEqual(decodeJsonl(text));
    const beyond = decodeJsonl(text.replace(/"id":0,"t":(\d+)/, '"id":0,"t":"9007199254740993"'));
    expect(beyond.problems[0]).toMatch(/its t is "9007199254740993", not an integer from 0 to 9007199254740991/);
  });
});

describe('damaged JSON lines', () => {
  const { trace } = randomTrace(5, { steps: 300 });
  const lines = encodeJsonl(trace).split('\n');
  const at = (type: string, id: number): number =>
    lines.findIndex(line => line.startsWith(`{"type":"${type}"`) && (JSON.parse(line).id ?? id) === id);
  const change = (row: number, edit: (line: string) => string): string =>
    lines.map((line, index) => (index === row ? edit(line) : line)).join('\n');

  test('a broken event line ends the trace there', () => {
    const row = at('event', 100);
    const { trace: kept, problems } = decodeJsonl(change(row, line => line.replace(/"t":\d+/, '"t":"soon"')));
    expect(problems[0]).toBe(
      `line ${row + 1} cannot be read: its t is "soon", not an integer from 0 to 9007199254740991`,
    );
    expect(problems.slice(1)).toEqual(['only the events before event 100 are kept: one of its events cannot be read']);
    expect(kept.events.t).toEqual(trace.events.t.slice(0, 100));
    expect(kept.header.truncated?.after).toBe(100);
    expect(validate(kept)).toEqual([]);
  });

  test('a broken delta line is left out alone', () => {
    const row = lines.findIndex(line => line.startsWith('{"type":"delta"'));
    const { trace: kept, problems } = decodeJsonl(change(row, line => line.replace('"path"', '"path":3,"was"')));
    expect(problems[0]).toBe(`line ${row + 1} cannot be read: its path is 3, not a text`);
    expect(kept.deltas.event).toEqual(trace.deltas.event.slice(1));
    expect(kept.events.t).toEqual(trace.events.t);
  });

  test('a lost line is noticed by the ids, or by the counts', () => {
    const without = (row: number) => decodeJsonl(lines.filter((_, index) => index !== row).join('\n'));
    const event = at('event', 100);
    expect(without(event).problems[0]).toBe(
      `line ${at('event', 101)} cannot be read: its id is 101, but 100 is the next`,
    );
    expect(without(at('message', 10)).trace.header.truncated?.after).toBeLessThan(trace.events.length);
    expect(without(at('op', 3)).problems.join()).toContain('its id is 4, but 3 is the next');
    const { length } = trace.deltas;
    expect(without(at('delta', 0)).problems).toEqual([
      `the trace has ${length - 1} deltas, but its header says ${length}`,
    ]);
    const cut = decodeJsonl(lines.slice(0, at('event', 50)).join('\n'));
    expect(cut.problems[0]).toBe(`the trace has 50 events, but its header says ${trace.events.length}`);
    expect(cut.trace.header.truncated?.after).toBe(50);
    expect(cut.trace.messages.length).toBeGreaterThan(10);
    expect(validate(cut.trace)).toEqual([]);
  });

  test('a fate that contradicts the end is said to', () => {
    const row = lines.findIndex(line => line.includes('"fate":"delivered"'));
    const { problems } = decodeJsonl(change(row, line => line.replace('delivered', 'dropped')));
    expect(problems).toEqual([
      expect.stringMatching(/^message \d+ says that it is dropped, but by its end it is delivered$/),
    ]);
  });

  test('plain words for what is wrong', () => {
    const said = (type: string, edit: (line: string) => string): string =>
      decodeJsonl(change(at(type, 0), edit)).problems[0];
    expect(said('message', line => line.replace(/"to":"s\d"/, '"to":"s9"'))).toContain('there is no node "s9"');
    expect(said('op', line => line.replace(/"status":"\w+"/, '"status":"maybe"'))).toContain(
      'its status is "maybe", which is unknown',
    );
    expect(said('check', line => line.replace('"holds"', '"green"'))).toContain(
      'check.verdict must be one of holds, violated, unknown, not "green"',
    );
    expect(said('event', () => '{"type":"event"')).toContain('cannot be read');
    expect(said('src', () => '7')).toContain('it is no object with a type');
    expect(() => decodeJsonl('')).toThrow('this is no dsys trace: it is empty');
    expect(() => decodeJsonl('{"format":"other","version":[1,0]}')).toThrow(
      'this is a file of format "other", not dsys-trace',
    );
    expect(() => decodeJsonl('hello\nworld')).toThrow('this is no dsys trace: its first line is no header');
    expect(() => decodeJsonl(lines[0].replace('[1,0]', '[3,1]'))).toThrow('the trace is of version 3.1');
    expect(decodeJsonl(change(at('note', 0), () => '{"type":"novelty"}')).problems).toEqual([]);
    expect(
      decodeJsonl(change(at('event', 0), line => line.replace(/"kind":"\w+"/, '"kind":"novel"'))).problems,
    ).toEqual([]);
  });

  test('whatever the damage: the documented error, or a trace that is safe to use', () => {
    const bytes = utf8.encode(lines.join('\n'));
    const damage = fc.array(
      fc.tuple(fc.nat(bytes.length - 1), fc.oneof(fc.nat(255), fc.constantFrom(34, 44, 45, 48, 57, 123, 125, 10))),
      {
        minLength: 1,
        maxLength: 5,
      },
    );
    fc.assert(
      fc.property(
        damage,
        fc.oneof({ weight: 4, arbitrary: fc.constant(bytes.length) }, fc.nat(bytes.length)),
        (edits, end) => {
          const damaged = bytes.slice(0, end);
          for (const [place, byte] of edits) if (place < end) damaged[place] = byte;
          try {
            const problems = validate(decodeTrace(damaged).trace);
            expect(problems.filter(problem => /there are only|has \d+ rows/.test(problem))).toEqual([]);
          } catch (error) {
            if (!(error instanceof TraceFormatError)) throw error;
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
