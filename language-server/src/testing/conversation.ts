/** One conversation with a server, whatever its host: what every editor needs first. */
import { decodeTrace } from '@dsys/runtime/trace/decode';
import { traceSha256 } from '@dsys/runtime/trace/hash';
import { expect } from 'vitest';
import { type RunAnswer, type RunParams, requests, type TraceChunk } from '../protocol.ts';
import type { Client } from './client.ts';

export const design = `cluster db { nodes 3 }
store accounts on db { consensus raft  claims { consistency linearizable } }
workload load on accounts { clients 3 }
scenario crash { run load for 2s  settle 1s  at 1s crash leader of accounts for 500ms  expect no lost-writes }
`;
const uri = 'file:///smoke/main.dsys';

export async function converse(client: Client): Promise<void> {
  const { connection } = client;
  const ask = <T>(method: string, params: unknown) => connection.sendRequest<T>(method, params);
  client.open(uri, design.replace('on db {', 'on dbx {'));
  const [mistake] = await client.diagnostics(uri, found => found.length > 0);
  expect(mistake).toMatchObject({ code: 'unresolved-name', range: { start: { line: 1, character: 18 } } });

  client.change(uri, design);
  await client.diagnostics(uri, found => found.every(({ severity }) => severity !== 1));
  const at = { textDocument: { uri }, position: { line: 1, character: 18 } };
  const completion = await ask<{ items: { label: string }[] }>('textDocument/completion', at);
  expect(completion.items.map(({ label }) => label)).toContain('db');
  const hover = await ask<{ contents: { value: string } }>('textDocument/hover', at);
  expect(hover.contents.value).toContain('cluster db');

  const params: RunParams = { uri, scenario: 'crash', seed: 7, wantTrace: true };
  const { report, trace } = await ask<RunAnswer>(requests.run, params);
  expect(report).toMatchObject({ schema: 'dsys.run/1', scenario: 'crash', seed: 7, outcome: 'pass' });
  const bytes: Buffer[] = [];
  for (let offset: number | null = 0; offset !== null; ) {
    const chunk: TraceChunk = await ask(requests.trace, { id: trace!.id, offset });
    bytes.push(Buffer.from(chunk.base64, 'base64'));
    offset = chunk.next;
  }
  const container = Buffer.concat(bytes);
  expect(container.length).toBe(trace!.bytes);
  expect(traceSha256(decodeTrace(new Uint8Array(container)).trace)).toBe(report.traceSha256);

  const lenses = await ask<{ command: { title: string } }[]>('textDocument/codeLens', { textDocument: { uri } });
  expect(lenses.map(({ command }) => command.title)).toEqual(
    expect.arrayContaining(['▶ Run', 'Run many seeds', '✓ pass, seed 7']),
  );
  await client.end();
}
