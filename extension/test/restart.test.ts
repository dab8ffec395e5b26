import { strict as assert } from 'node:assert';
import type { ChildProcess } from 'node:child_process';
import { afterEach, describe, it } from 'mocha';
import { disjointQuorums, disjointQuorumsRule } from './designs.ts';
import { api, closeAll, edit, finding, noFinding, openText, until } from './support.ts';

/** A field of the client's that is not in its types. */
async function serverPid(): Promise<number | undefined> {
  const { client } = await api();
  return (client as unknown as { _serverProcess?: ChildProcess })._serverProcess?.pid;
}

describe('the server', () => {
  afterEach(closeAll);

  it('comes back when its process is killed, and knows the open files again', async () => {
    const editor = await openText(disjointQuorums);
    await finding(editor.document, disjointQuorumsRule);
    const { client } = await api();
    const pid = await serverPid();
    assert.ok(pid, 'the client has a process');
    process.kill(pid, 'SIGKILL');
    // As when somebody types on: nobody reads it, and its writer is told so before the process is known to have ended.
    for (let count = 0; count < 20; count++)
      void client.sendNotification('$/setTrace', { value: 'off' }).catch(() => {});
    let now: number | undefined;
    const looking = setInterval(async () => (now = await serverPid()), 200);
    try {
      await until('another process', () => (now !== undefined && now !== pid && client.isRunning()) || undefined);
    } finally {
      clearInterval(looking);
    }
    await edit(editor, 'read 1', 'read 2');
    await noFinding(editor.document, disjointQuorumsRule);
    await edit(editor, 'read 2', 'read 1');
    await finding(editor.document, disjointQuorumsRule);
  });
});
