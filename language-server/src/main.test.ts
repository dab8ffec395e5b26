/** The server as a program on Node: real processes, real messages, real threads. */
import { expect, it } from 'vitest';
import { CancellationTokenSource, LSPErrorCodes } from 'vscode-languageserver';
import { errorCodes, requests } from './protocol.ts';
import { main, processClient } from './testing/client.ts';
import { converse, design } from './testing/conversation.ts';

it.each(['--stdio', '--node-ipc'])('talks to an editor with %s, and ends when told', async transport => {
  const { client, ended } = await processClient([main, transport]);
  await converse(client);
  expect(await ended).toBe(0);
});

it('answers while a run is under way, and ends the run when it is cancelled', async () => {
  const { client, ended } = await processClient(undefined, { settings: { liveExecution: false } });
  const { connection } = client;
  const uri = 'file:///long/main.dsys';
  // Far longer than everything that follows takes, were it not cancelled.
  const long = design.replace('run load for 2s', 'run load for 1000000s');
  client.open(uri, long);
  await client.diagnostics(uri);
  let ran = false;
  const source = new CancellationTokenSource();
  const begun = new Promise(resolve => connection.onNotification('$/progress', resolve));
  const run = connection
    .sendRequest(requests.run, { uri, seed: 1, workDoneToken: 'run' }, source.token)
    .catch((error: { code: number }) => error.code)
    .finally(() => {
      ran = true;
    });
  await begun;
  for (const letter of ['x', 'xy', 'xyz']) {
    client.change(uri, long.replace('on db {', `on ${letter} {`));
    const [mistake] = await client.diagnostics(uri, found => `${found[0]?.message}`.includes(`'${letter}'`));
    expect(mistake?.code).toBe('unresolved-name');
    const at = { textDocument: { uri }, position: { line: 0, character: 8 } };
    expect(await connection.sendRequest('textDocument/hover', at)).not.toBeNull();
  }
  expect(ran).toBe(false);
  source.cancel();
  expect(await run).toBe(LSPErrorCodes.RequestCancelled);
  // The thread that was cancelled, or another one, goes on.
  client.change(uri, design);
  const answer = await connection.sendRequest(requests.run, { uri, seed: 1 });
  expect(answer).toMatchObject({ report: { outcome: 'pass' }, trace: null });
  await client.end();
  expect(await ended).toBe(0);
});

it('says plainly what it cannot run', async () => {
  const { client } = await processClient();
  const { connection } = client;
  const uri = 'file:///broken/main.dsys';
  const refused = (params: object) =>
    connection.sendRequest(requests.run, { uri, ...params }).then(
      () => expect.fail('ran'),
      (error: { code: number; message: string }) => [error.code, error.message],
    );
  client.open(uri, 'store s on nowhere {}');
  expect(await refused({})).toEqual([errorCodes.notRunnable, expect.stringContaining('cannot be interpreted')]);
  client.change(uri, design);
  expect(await refused({ scenario: 'crush' })).toEqual([
    errorCodes.notRunnable,
    'The file has no scenario crush; it has crash.',
  ]);
  expect(await refused({ seed: -1 })).toEqual([
    LSPErrorCodes.RequestFailed,
    'seed is -1; it has to be a whole number of at least 0.',
  ]);
  expect(await refused({ uri: 'file:///no/such/file.dsys' })).toEqual([
    errorCodes.notRunnable,
    'There is no dsys file file:///no/such/file.dsys that can be read.',
  ]);
  await client.end();
});
