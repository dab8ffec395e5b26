/** Looks into recorded runs over the protocol: a trace is fetched as an editor does, and its moments are asked for. */

import { type Change, recordedRun } from '@dsys/runtime/trace/changes';
import { decodeTrace } from '@dsys/runtime/trace/decode';
import { createPrefixes, prefixAt } from '@dsys/runtime/trace/prefix';
import type { Likelihood } from '@dsys/runtime/trace/probability';
import type { Origin, Rebuilt } from '@dsys/runtime/trace/state';
import { valueText } from '@dsys/runtime/trace/values';
import { expect, it } from 'vitest';
import { CancellationToken, CancellationTokenSource, LSPErrorCodes, ProgressType } from 'vscode-languageserver';
import {
  errorCodes,
  type RunAnswer,
  type RunParams,
  requests,
  type StateAnswer,
  type TraceChunk,
} from '../protocol.ts';
import type { WorkerPort } from '../runs/runs.ts';
import { handle } from '../runs/work.ts';
import { type Client, localClient } from '../testing/client.ts';
import { design } from '../testing/conversation.ts';

const uri = 'file:///looks/main.dsys';

/** Threads that do what they are asked, in this one. */
const startWorker = (): WorkerPort => {
  let say: Parameters<WorkerPort['listen']>[0] = () => {};
  return {
    listen: onMessage => void (say = onMessage),
    post: message => void setImmediate(() => handle(structuredClone(message), answer => say(structuredClone(answer)))),
    stop() {},
  };
};

async function opened(): Promise<Client> {
  const client = await localClient({ startWorker }, { settings: { liveExecution: false } });
  client.open(uri, design);
  await client.diagnostics(uri);
  return client;
}

/** A run of the file, recorded, with what it takes to ask for its moments. */
async function recorded({ connection }: Client, seed: number, more: Partial<RunParams> = {}) {
  const answer: RunAnswer = await connection.sendRequest(requests.run, { uri, seed, wantTrace: true, ...more });
  const chunks: Buffer[] = [];
  for (let offset: number | null = 0; offset !== null; ) {
    const chunk: TraceChunk = await connection.sendRequest(requests.trace, { id: answer.trace!.id, offset });
    chunks.push(Buffer.from(chunk.base64, 'base64'));
    offset = chunk.next;
  }
  const { trace } = decodeTrace(new Uint8Array(Buffer.concat(chunks)));
  const prefixes = createPrefixes(trace);
  return {
    trace,
    run: recordedRun(trace.header, trace.sources)!,
    moment: (event: number) => ({ event, prefix: prefixAt(prefixes, event) }),
  };
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: { code: number; message: string }) => error,
  );

it('the state at an event is that of the recorded run, with that before it', async () => {
  const client = await opened();
  const { trace, run, moment } = await recorded(client, 4);
  const last = trace.deltas.length - 1;
  const event = trace.deltas.event[last];
  const node = trace.events.node[event];
  const answer = await client.connection.sendRequest<Rebuilt<StateAnswer>>(requests.state, {
    uri,
    run,
    moment: moment(event),
    before: moment(event - 1),
    node,
  });
  if (answer.kind !== 'rebuilt') throw new Error(JSON.stringify(answer));
  const { now, before } = answer.value;
  const path = trace.strings[trace.deltas.path[last]];
  const watched = (state: typeof now) => state.watched.find(one => one.path === path)?.itf;
  expect(watched(now)).toBe(valueText(trace.values, trace.deltas.new[last]));
  expect(watched(before!)).toBe(valueText(trace.values, trace.deltas.old[last]));
  expect(now.node).toBe(trace.header.nodes[node].name);
  expect(now.fields.length).toBeGreaterThan(10);

  const [group, field] = path.split('.');
  const origin = await client.connection.sendRequest<Rebuilt<Origin>>(requests.origin, {
    uri,
    run,
    moment: moment(trace.events.length - 1),
    node,
    path: ['groups', group, 'state', field],
  });
  expect(origin).toMatchObject({
    kind: 'rebuilt',
    value: { event, now: valueText(trace.values, trace.deltas.new[last]) },
  });
});

it('a changed design is refused, and another run than the recorded one is said to be so', async () => {
  const client = await opened();
  const { trace, run, moment } = await recorded(client, 4);
  const event = trace.events.length - 1;
  const ask = (changes: object) =>
    client.connection.sendRequest<Rebuilt<StateAnswer>>(requests.state, {
      ...{ uri, run, moment: moment(event), before: null, node: 0 },
      ...changes,
    });
  expect((await ask({})).kind).toBe('rebuilt');
  expect(await ask({ run: { ...run, seed: 5 } })).toMatchObject({ kind: 'differs' });
  expect(await failure(ask({ node: 99 }))).toMatchObject({ message: expect.stringContaining('none with number 99') });
  expect(await failure(ask({ moment: { event: -1, prefix: '' } }))).toMatchObject({
    message: expect.stringContaining('event is -1'),
  });
  expect(await failure(ask({ run: { ...run, changes: [{ kind: 'nonsense' }] } }))).toMatchObject({
    message: expect.stringContaining('changes'),
  });
  expect(await failure(ask({ run: { ...run, scenario: 'gone' } }))).toMatchObject({ code: errorCodes.notRunnable });
  client.change(uri, `${design}\n// nothing but a comment`);
  expect(await failure(ask({}))).toMatchObject({ code: errorCodes.designChanged });
  client.change(uri, design);
  expect((await ask({})).kind).toBe('rebuilt');
});

it('runs are executed with changes, and what they come to is no verdict of the file', async () => {
  const client = await opened();
  const plain = await recorded(client, 4);
  const { trace, run } = plain;
  const { start, params } = trace.faults[0];
  const change: Change = { kind: 'without', text: `${params.text}`, atNs: trace.events.t[start], nth: 0 };
  const lenses = () => client.connection.sendRequest('textDocument/codeLens', { textDocument: { uri } });
  const before = await lenses();
  const changed = await recorded(client, 4, { changes: [change], sources: run.sources });
  expect(changed.trace.faults.length).toBe(trace.faults.length - 1);
  expect(changed.run.changes).toEqual([change]);
  const node = trace.header.nodes[0].name;
  await recorded(client, 9, { changes: [{ kind: 'with', fault: 'crash', node, ns: 1_000_000_000 }] });
  expect(await lenses()).toEqual(before);
  await recorded(client, 9);
  expect(await lenses()).not.toEqual(before);
  // It can be looked into as well.
  const event = changed.trace.events.length - 1;
  const look = { uri, run: changed.run, moment: changed.moment(event), before: null, node: 0 };
  expect(await client.connection.sendRequest(requests.state, look)).toMatchObject({ kind: 'rebuilt' });

  const ask = (params: Partial<RunParams>) =>
    failure(client.connection.sendRequest(requests.run, { uri, seed: 4, ...params }));
  expect(await ask({ changes: [{ ...change, atNs: 1 }] })).toMatchObject({
    code: errorCodes.notRunnable,
    message: expect.stringMatching(/^What was to be changed does not come up in this run: without: /),
  });
  expect(await ask({ changes: [{ kind: 'x' }] as never })).toMatchObject({
    message: expect.stringContaining('changes'),
  });
  client.change(uri, `${design}\n// nothing but a comment`);
  expect(await ask({ changes: [change], sources: run.sources })).toMatchObject({ code: errorCodes.designChanged });
  client.change(uri, design);
});

it('probabilities come moment by moment, and end when nobody wants them', async () => {
  const client = await opened();
  const { trace, run, moment } = await recorded(client, 4);
  const [check] = trace.checks;
  const arrived: Likelihood[] = [];
  const partialResultToken = 'p';
  client.connection.onProgress(new ProgressType<Likelihood>(), partialResultToken, one => void arrived.push(one));
  const params = {
    ...{ uri, run, looked: { kind: 'check', name: check.name }, seeds: 3, partialResultToken },
    moments: [moment(trace.events.length - 1), moment(200)],
  };
  const ask = (more: object, token = CancellationToken.None) =>
    client.connection.sendRequest<Rebuilt<readonly Likelihood[]>>(
      requests.probabilities,
      { ...params, ...more },
      token,
    );
  const answer = await ask({});
  if (answer.kind !== 'rebuilt') throw new Error(JSON.stringify(answer));
  expect(answer.value).toMatchObject(
    params.moments.map(one => ({ moment: one, violated: check.verdict === 'violated' ? 3 : 0, unknown: 0 })),
  );
  expect(arrived).toEqual(answer.value);
  expect(await ask({ run: { ...run, seed: 5 } })).toMatchObject({ kind: 'differs' });
  expect(await failure(ask({ seeds: 1e6 }))).toMatchObject({ message: expect.stringContaining('at most 200') });
  expect(await failure(ask({ looked: { kind: 'x' } }))).toMatchObject({
    message: expect.stringContaining('looked for'),
  });
  const source = new CancellationTokenSource();
  const cancelled = failure(ask({ seeds: 200 }, source.token));
  source.cancel();
  expect(await cancelled).toMatchObject({ code: LSPErrorCodes.RequestCancelled });
});
