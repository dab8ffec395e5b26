/** Where what happened is written: every event of a trace leads to a place in the design, and causes are local. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runScenario } from '@dsys/runtime';
import { KIND_NAMES } from '@dsys/runtime/trace/kinds';
import { NONE16, type Trace } from '@dsys/runtime/trace/model';
import { beforeAll, describe, expect, it } from 'vitest';
import { designOf } from './support/design.ts';

const chaotic = readFileSync(join(import.meta.dirname, 'support', 'chaotic.dsys'), 'utf8');

const script = `
cluster c {
  nodes 3
  spare extra
}
store s on c { consensus raft }
workload w on s { clients 1 operations 100% read }
scenario told {
  run w for 3s
  at 100ms client a write x = 1
  at 200ms crash leader of s for 500ms
  at 300ms client b read x
  at 400ms add extra to s
  expect consistency linearizable
}
`;

async function traceOf(text: string): Promise<Trace> {
  const design = await designOf(text);
  return runScenario(design, design.scenarios[0]!, { tool: 'test', seed: 1, record: true }).trace!;
}

/** What is written where the source numbered `src` points, on its first line. */
function written(text: string, trace: Trace, src: number): string {
  if (src === NONE16) return '(nowhere)';
  const [line, column, endLine, endColumn] = trace.src[src]!.range;
  const first = text.split('\n')[line - 1]!;
  return first.slice(column - 1, line === endLine ? endColumn - 1 : undefined).trim();
}

/** What is written for the events of a kind and name, each text once. */
function writtenFor(text: string, trace: Trace, kind: string, name?: string): readonly string[] {
  const found = new Set<string>();
  for (let row = 0; row < trace.events.length; row++) {
    if (KIND_NAMES[trace.events.kind[row]!] !== kind) continue;
    if (name !== undefined && trace.strings[trace.events.name[row]!] !== name) continue;
    found.add(written(text, trace, trace.events.src[row]!));
  }
  return [...found].sort();
}

describe('under chaos', () => {
  let trace: Trace;
  beforeAll(async () => {
    trace = await traceOf(chaotic);
  });

  it('every event leads to a place in the design', () => {
    const nowhere = new Set<string>();
    for (let row = 0; row < trace.events.length; row++)
      if (trace.events.src[row] === NONE16) nowhere.add(KIND_NAMES[trace.events.kind[row]!]!);
    expect([...nowhere]).toEqual([]);
  });

  it('handlers lead to the mechanism, with what they handle', () => {
    expect(writtenFor(chaotic, trace, 'deliver', 'append-entries')).toEqual([
      'consensus raft { snapshot every 50 entries }',
    ]);
    expect(writtenFor(chaotic, trace, 'timerFire', 'detect')).toEqual([
      'replication single-leader asynchronous { failover automatic { detect phi 8 } }',
    ]);
    const handlers = trace.src.filter(one => one.decl === 'store log').map(one => one.handler);
    expect(handlers).toContain('append-entries');
    expect(handlers).toContain('election');
  });

  it('operations and their messages lead to the mix, crashes and their undoing to the chaos', () => {
    for (const kind of ['invoke', 'ok', 'info'])
      expect(writtenFor(chaotic, trace, kind), kind).toEqual(['50% read', '50% write']);
    expect(writtenFor(chaotic, trace, 'send', 'request')).toEqual(['50% read', '50% write']);
    for (const kind of ['faultStart', 'crash', 'restart', 'faultEnd'])
      expect(writtenFor(chaotic, trace, kind), kind).toEqual([expect.stringMatching(/^chaos from 1s/)]);
  });

  it('what is sent was caused on the same lane, and earlier', () => {
    const { kind, node, cause } = trace.events;
    let sent = 0;
    for (let row = 0; row < trace.events.length; row++) {
      if (KIND_NAMES[kind[row]!] !== 'send') continue;
      sent++;
      expect(cause[row]).toBeGreaterThanOrEqual(0);
      expect(cause[row]).toBeLessThan(row);
      expect(node[cause[row]!]).toBe(node[row]);
    }
    expect(sent).toBeGreaterThan(1000);
  });
});

describe('a script', () => {
  it('operations, faults and orders lead to their actions, checks to what they judge', async () => {
    const trace = await traceOf(script);
    expect(writtenFor(script, trace, 'invoke')).toEqual([
      '100% read',
      'at 100ms client a write x = 1',
      'at 300ms client b read x',
    ]);
    expect(writtenFor(script, trace, 'crash')).toEqual(['at 200ms crash leader of s for 500ms']);
    expect(writtenFor(script, trace, 'annotate')).toEqual(['at 400ms add extra to s']);
    const linearizable = trace.checks.filter(check => check.kind === 'linearizability');
    expect(linearizable.map(check => written(script, trace, check.src))).toEqual([
      'consensus raft',
      'expect consistency linearizable',
    ]);
  });
});
