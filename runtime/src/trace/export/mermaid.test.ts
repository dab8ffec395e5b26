import mermaid from 'mermaid';
import { describe, expect, test } from 'vitest';
import { fateOf, kindOf } from '../access.ts';
import type { Trace } from '../model.ts';
import { slice } from '../slice.ts';
import { randomTrace } from '../testing/random-trace.ts';
import { encodeMermaid, MAX_MERMAID_MESSAGES } from './mermaid.ts';
import { hostileTrace } from './testing/hostile.ts';

/** What Mermaid itself understands: its messages, notes among them, and its actors. */
async function diagramOf(text: string) {
  // This also makes it load the kinds of diagrams that it knows.
  await mermaid.parse(text);
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  const sequence = db as unknown as {
    getMessages(): { from?: string; to?: string; message: string; type: number }[];
    getActors(): Map<string, { description: string; type: string }>;
    LINETYPE: Record<string, number>;
  };
  return sequence;
}

/** The beginning of a trace that is short enough. */
const short = (trace: Trace): Trace => slice(trace, { events: [0, 110] });

const seeds = [1, 2, 3, 4, 5, 6];

describe('a Mermaid diagram', () => {
  test.each(seeds)('of random trace %i has an arrow for each message, by its fate, and notes', async seed => {
    const trace = short(randomTrace(seed, { steps: 300 }).trace);
    const { messages } = trace;
    const db = await diagramOf(encodeMermaid(trace));
    const { SOLID, SOLID_CROSS, DOTTED_POINT, NOTE } = db.LINETYPE;
    const drawn = db.getMessages();
    const count = (fate: string): number => [...messages.send.keys()].filter(row => fateOf(trace, row) === fate).length;
    expect(drawn.filter(one => one.type === SOLID).length).toBe(count('delivered'));
    expect(drawn.filter(one => one.type === SOLID_CROSS).length).toBe(count('dropped'));
    expect(drawn.filter(one => one.type === DOTTED_POINT).length).toBe(count('inflight'));
    const noted = ['crash', 'restart', 'role', 'epoch', 'invoke', 'ok', 'fail', 'info', 'faultStart', 'faultEnd'];
    const notes = [...trace.events.kind.keys()].filter(row => noted.includes(kindOf(trace, row))).length;
    expect(drawn.filter(one => one.type === NOTE).length).toBe(notes);
    for (const [id, actor] of db.getActors()) {
      const node = trace.header.nodes[Number(id.slice(1))];
      expect(actor).toMatchObject({ description: node.name, type: node.kind === 'client' ? 'actor' : 'participant' });
    }
    // Arrows go from who sent to who should receive.
    const ends = drawn.filter(one => one.type !== NOTE).map(one => `${one.from} ${one.to}`);
    const wanted = [...messages.send.keys()].map(
      row => `n${trace.events.node[messages.send[row]]} n${messages.to[row]}`,
    );
    expect(ends.sort()).toEqual(wanted.sort());
  });

  test.each(seeds)('of names that are meant to break it has as many parts (%i)', async seed => {
    const trace = short(hostileTrace(seed, 300));
    const text = encodeMermaid(trace);
    const db = await diagramOf(text);
    const { NOTE } = db.LINETYPE;
    expect(db.getMessages().filter(one => one.type !== NOTE).length).toBe(trace.messages.length);
    expect(text).not.toContain('<');
    expect(
      text.split('\n').every(line => /^(sequenceDiagram|\s{2}(actor|participant|Note|n\d+)[^\n]*|)$/.test(line)),
    ).toBe(true);
  });

  test('is refused beyond what can be read, with the way out, and when it would be empty', () => {
    const trace = randomTrace(1, { steps: 400 }).trace;
    expect(trace.messages.length).toBeGreaterThan(MAX_MERMAID_MESSAGES);
    expect(() => encodeMermaid(trace)).toThrow(
      `A Mermaid diagram takes at most 60 messages, and this trace has ${trace.messages.length}: write a part of it (dsys trace slice)`,
    );
    const busy = { ...randomTrace(1, { steps: 30_000, servers: 1, clients: 2 }).trace };
    const quiet = slice(busy, { nodes: [1, 2, 3] });
    quiet.messages.length = 0;
    expect(() => encodeMermaid({ ...quiet, messages: slice(busy, { nodes: [] }).messages })).toThrow(
      '50000 characters',
    );
    expect(() => encodeMermaid(slice(trace, { nodes: [] }))).toThrow('nothing in this trace');
  });
});
