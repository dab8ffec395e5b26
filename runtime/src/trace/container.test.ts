import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CODINGS, crc32, packColumn, unpackColumn } from './column-bytes.ts';
import { COLUMN_RANGE, COLUMN_WIDTH, type ColumnArray, type ColumnType, tableOfLength } from './columns.ts';
import { encodeContainer } from './container.ts';
import { type ChunkEntry, PREFIX_BYTES } from './container-directory.ts';
import { decodeContainer } from './container-read.ts';
import { decodeTrace } from './decode.ts';
import { traceSha256 } from './hash.ts';
import { EVENT_SCHEMA, MAX_EVENTS, MESSAGE_SCHEMA, TABLE_NAMES, TOO_MANY, type Trace } from './model.ts';
import { type Decoded, TraceFormatError } from './sections.ts';
import { anyValue } from './testing/any-value.ts';
import { randomTrace } from './testing/random-trace.ts';
import { validate } from './validate.ts';

/** The directory of a file, and the file with another one in its place. */
function directoryOf(file: Uint8Array): { chunks: ChunkEntry[] } {
  const length = new DataView(file.buffer, file.byteOffset).getUint32(8, true);
  return JSON.parse(new TextDecoder().decode(file.subarray(PREFIX_BYTES, PREFIX_BYTES + length)));
}

function withDirectory(file: Uint8Array, directory: unknown): Uint8Array {
  const old = new DataView(file.buffer, file.byteOffset).getUint32(8, true);
  const text = new TextEncoder().encode(JSON.stringify(directory));
  const changed = new Uint8Array(file.length - old + text.length);
  changed.set(file.subarray(0, PREFIX_BYTES));
  changed.set(text, PREFIX_BYTES);
  changed.set(file.subarray(PREFIX_BYTES + old), PREFIX_BYTES + text.length);
  const prefix = new DataView(changed.buffer);
  prefix.setUint32(8, text.length, true);
  prefix.setUint32(12, crc32(text), true);
  return changed;
}

function withEntry(file: Uint8Array, section: string, edit: (entry: ChunkEntry) => object): Uint8Array {
  const { chunks } = directoryOf(file);
  return withDirectory(file, {
    chunks: chunks.map(entry => (entry.section === section ? { ...entry, ...edit(entry) } : entry)),
  });
}

/** Flips a bit in the middle of a section's packed bytes. */
function withBrokenChunk(file: Uint8Array, section: string, number = 0): Uint8Array {
  const changed = file.slice();
  const { chunks } = directoryOf(file);
  const entry = chunks.filter(chunk => chunk.section === section)[number];
  const body = PREFIX_BYTES + new DataView(file.buffer).getUint32(8, true);
  changed[body + entry.offset + (entry.length >> 1)] ^= 4;
  return changed;
}

/** Decodes, or returns the documented error's text; anything else is thrown. */
function attempt(file: Uint8Array): Decoded | string {
  try {
    return decodeTrace(file);
  } catch (error) {
    if (error instanceof TraceFormatError) return error.message;
    throw error;
  }
}

describe('columns as bytes', () => {
  test('every type in every coding comes back', () => {
    const cell = (type: ColumnType): fc.Arbitrary<number> => {
      const [least, greatest] = COLUMN_RANGE[type];
      const ends = fc.constantFrom(...new Set([least, greatest, 0, Math.max(least, -1)]));
      const small = fc.integer({ min: Math.max(least, -1), max: Math.min(greatest, 300) });
      return fc.oneof(ends, small, type === 'time' ? fc.maxSafeNat() : fc.integer({ min: least, max: greatest }));
    };
    const column = fc
      .constantFrom(...(Object.keys(COLUMN_WIDTH) as ColumnType[]))
      .chain(type => fc.tuple(fc.constant(type), fc.array(cell(type), { maxLength: 40 })));
    fc.assert(
      fc.property(column, fc.constantFrom(...CODINGS), fc.nat(5), ([type, drawn], coding, first) => {
        // `back` is for links, of which -1 is the least.
        const cells = coding === 'back' ? drawn.map(value => Math.max(value, -1)) : drawn;
        const make = (): ColumnArray[ColumnType] => tableOfLength({ cells: type }, first + cells.length).cells;
        const written = make();
        written.set(cells, first);
        const bytes = new Uint8Array(3 + COLUMN_WIDTH[type] * cells.length);
        expect(packColumn(type, coding, written, first, cells.length, bytes, 3)).toBe(bytes.length);
        const read = make();
        unpackColumn(type, coding, bytes, 3, cells.length, read, first);
        expect([...read]).toEqual([...written]);
      }),
      { numRuns: 500 },
    );
  });

  test('CRC-32 of the check value', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 70 }), bytes => crc32(bytes) === zlibCrc32(bytes)));
  });
});

describe('container', () => {
  test('gives back what was put in', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.nat(300),
        fc.array(anyValue, { minLength: 1, maxLength: 6 }),
        (seed, steps, values) => {
          const { trace } = randomTrace(seed, { steps, values });
          const decoded = decodeContainer(encodeContainer(trace));
          expect(decoded.problems).toEqual([]);
          expect(decoded.trace).toEqual(trace);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a trace of many chunks, of none, and one that was truncated', () => {
    for (const trace of [
      randomTrace(1, { steps: 150_000 }).trace,
      randomTrace(2, { steps: 0 }).trace,
      randomTrace(3, { steps: 500, maximumEvents: 100 }).trace,
    ]) {
      const decoded = decodeContainer(encodeContainer(trace));
      expect(decoded.problems).toEqual([]);
      expect(traceSha256(decoded.trace)).toBe(traceSha256(trace));
      expect(decoded.trace.header).toEqual(trace.header);
    }
  });

  test('refuses a time that is none', () => {
    const { trace } = randomTrace(1, { steps: 50 });
    trace.events.t[7] = 0.5;
    expect(() => encodeContainer(trace)).toThrow('event 7 has the time 0.5');
  });
});

describe('damaged containers', () => {
  const { trace } = randomTrace(4, { steps: 100_000 });
  const file = encodeContainer(trace);

  test('what stands before a broken chunk of events or messages is kept', () => {
    const chunks = directoryOf(file).chunks.filter(entry => entry.section === 'events');
    expect(chunks.length).toBe(2);
    const { trace: kept, problems } = decodeContainer(withBrokenChunk(file, 'events', 1));
    expect(problems[0]).toMatch(/^the chunk of events from row 65536 on is broken: /);
    expect(problems[1]).toMatch(/^only the events before event 65536 are kept/);
    expect(kept.events.t).toEqual(trace.events.t.slice(0, 65_536));
    expect(kept.header.truncated?.after).toBe(65_536);
    expect(validate(kept)).toEqual([]);

    const without = decodeContainer(withBrokenChunk(file, 'messages'));
    expect(without.trace.messages.length).toBe(0);
    expect(without.trace.events.length).toBe(trace.events.msg.findIndex(message => message >= 0));
    expect(validate(without.trace)).toEqual([]);
  });

  test.each(['ops', 'epochs', 'deltas', 'details', 'values', 'strings', 'src', 'faults', 'checks', 'metrics', 'notes'])(
    'a broken chunk of %s leaves the events',
    section => {
      const { trace: kept, problems } = decodeContainer(withBrokenChunk(file, section));
      expect(problems.join('\n')).toContain(section === 'values' ? 'payloads and states from value 1' : section);
      expect(kept.events.t).toEqual(trace.events.t);
      expect(kept.messages.end).toEqual(trace.messages.end);
    },
  );

  test('a broken header or directory is said to be', () => {
    expect(attempt(withBrokenChunk(file, 'header'))).toMatch(/^the header of the trace cannot be read: /);
    const broken = file.slice();
    broken[PREFIX_BYTES + 20] ^= 1;
    expect(attempt(broken)).toBe('the directory of the trace is damaged: its checksum differs');
    expect(attempt(file.slice(0, 10))).toBe('the trace ends after 10 bytes');
    expect(attempt(file.slice(0, 100))).toMatch(
      /^the directory of the trace ends at byte \d+, but the file has only 100$/,
    );
    expect(attempt(new TextEncoder().encode('PK'))).toContain('this is no dsys trace');
    expect(attempt(new Uint8Array(0))).toContain('this is no dsys trace');
  });

  test('ten million events are cut to what fits, and it is said', () => {
    // The chunk of 65,536 equal events is stored once, and named 153 times.
    const { trace } = randomTrace(1, { steps: 1, payloadLimitBytes: 0 });
    trace.events = tableOfLength(EVENT_SCHEMA, 65_536);
    for (const column of ['msg', 'op', 'cause'] as const) trace.events[column].fill(-1);
    const file = encodeContainer({ ...trace, messages: tableOfLength(MESSAGE_SCHEMA, 0), checks: [], notes: [] });
    const { chunks } = directoryOf(file);
    const [events] = chunks.filter(entry => entry.section === 'events');
    const copies = Array.from({ length: 153 }, (_, copy) => ({ ...events, first: copy * 65_536 }));
    const others = chunks.filter(entry => entry.section !== 'events');
    const decoded = attempt(withDirectory(file, { chunks: [...others, ...copies] })) as Decoded;
    expect(decoded.trace.events.length).toBe(MAX_EVENTS);
    const reason = 'the trace has 10027008 events, more than the 8388608 that fit';
    expect(decoded.problems).toContain(reason);
    expect(decoded.trace.header.truncated).toEqual({ reason, after: MAX_EVENTS });
    // By this whoever shows them tells that nothing is damaged.
    expect(decoded.problems.filter(text => !text.endsWith(TOO_MANY))).toEqual([]);
  });

  test('claims beyond the bytes are refused before anything is allocated', () => {
    const claims: [string, (entry: ChunkEntry) => object, string][] = [
      ['events', () => ({ rows: 4_000_000_000 }), 'more than the 8388608 that fit'],
      ['events', entry => ({ rows: 65_536, rawLength: entry.rawLength + 1 }), 'are not the'],
      ['values', () => ({ rows: 4_000_000_000 }), 'too short for'],
      ['strings', entry => ({ length: entry.length + 1e9 }), 'but the file has only'],
      ['strings', entry => ({ rawLength: entry.length * 1033 }), 'which no gzip does'],
      ['strings', entry => ({ rawLength: entry.rawLength + 1 }), 'instead of'],
      ['strings', () => ({ rawLength: 4_000_000_000 }), 'bytes, more than the 1073741824 allowed'],
    ];
    for (const [section, edit, message] of claims) {
      const result = attempt(withEntry(file, section, edit));
      expect(typeof result === 'string' ? result : result.problems.join('\n')).toContain(message);
    }
  });

  test('rows missing from the directory are noticed', () => {
    const { chunks } = directoryOf(file);
    const shorter = withDirectory(file, { chunks: chunks.filter(entry => entry.first === 0) });
    const { trace: kept, problems } = decodeContainer(shorter);
    expect(problems[0]).toBe(`the trace has 65536 events, but its header says ${trace.events.length}`);
    expect(kept.header.truncated?.after).toBe(65_536);
  });

  test('sections and columns that it does not know are skipped, other majors refused', () => {
    const { chunks } = directoryOf(file);
    const extra = withDirectory(file, { later: 1, chunks: [...chunks, { ...chunks[0], section: 'novelty' }] });
    expect(decodeContainer(extra)).toEqual({ trace, problems: [] });

    const events = (edit: (column: readonly string[]) => readonly string[]): Uint8Array =>
      withEntry(file, 'events', entry => ({ columns: entry.columns!.map(edit) }));
    const renamed = decodeContainer(events(column => (column[0] === 'cause' ? ['novel', ...column.slice(1)] : column)));
    expect(renamed.problems[0]).toBe('the chunk of events from row 0 on has no column cause');
    expect(renamed.trace.events).toEqual({ ...trace.events, cause: new Int32Array(trace.events.length).fill(-1) });
    const typed = decodeContainer(events(column => (column[0] === 'cause' ? ['cause', 'i99', 'plain'] : column)));
    expect(typed.problems[0]).toContain('its column cause is of the unknown type i99');

    const version = (major: number, minor: number): Uint8Array => {
      const changed = file.slice();
      new DataView(changed.buffer).setUint16(4, major, true);
      new DataView(changed.buffer).setUint16(6, minor, true);
      return changed;
    };
    expect(attempt(version(1, 7))).toEqual({ trace, problems: [] });
    expect(attempt(version(2, 0))).toMatch(/^the trace is of version 2.0, and this version of dsys reads 1.x/);
  });

  test('whatever the damage: the documented error, or a trace that is safe to use and problems that say so', () => {
    const small = encodeContainer(randomTrace(6, { steps: 300 }).trace);
    const sha = traceSha256(decodeContainer(small).trace);
    const damage = fc.record({
      flips: fc.array(fc.tuple(fc.nat(small.length - 1), fc.integer({ min: 1, max: 255 })), { maxLength: 3 }),
      end: fc.oneof({ weight: 4, arbitrary: fc.constant(small.length) }, fc.nat(small.length)),
    });
    let read = 0;
    fc.assert(
      fc.property(damage, ({ flips, end }) => {
        const damaged = small.slice(0, end);
        for (const [at, mask] of flips) if (at < end) damaged[at] ^= mask;
        const result = attempt(damaged);
        if (typeof result === 'string') return;
        read++;
        expectSafe(result.trace);
        // Bytes that nothing depends on (the time in a gzip header) may change unnoticed, what happened may not.
        if (result.problems.length === 0) expect(traceSha256(result.trace)).toBe(sha);
      }),
      { numRuns: 600 },
    );
    expect(read).toBeGreaterThan(50);
  });

  test('directories made of nonsense with a right checksum are survived too', () => {
    const small = encodeContainer(randomTrace(6, { steps: 300 }).trace);
    const { chunks } = directoryOf(small);
    const nonsense = fc.array(
      fc.tuple(
        fc.nat(chunks.length - 1),
        fc.constantFrom('section', 'first', 'rows', 'offset', 'length', 'rawLength', 'columns'),
        fc.oneof(fc.nat(1000), fc.constantFrom('events', 'messages', 'values', 2 ** 32 - 1, -1, null, [])),
      ),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(nonsense, edits => {
        const edited = chunks.map(entry => ({ ...entry }) as Record<string, unknown>);
        for (const [at, field, value] of edits) edited[at][field] = value;
        const result = attempt(withDirectory(small, { chunks: edited }));
        if (typeof result !== 'string') expectSafe(result.trace);
      }),
      { numRuns: 300 },
    );
  });
});

/** Every consumer may index with what it finds: the shape is sound, whatever else is wrong. */
function expectSafe(trace: Trace): void {
  const problems = validate(trace).filter(problem => /there are only|has \d+ rows|does not exist/.test(problem));
  expect(problems).toEqual([]);
  for (const name of TABLE_NAMES) expect(trace[name].length).toBeLessThan(10_000);
}
