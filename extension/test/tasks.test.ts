import { strict as assert } from 'node:assert';
import { afterEach, describe, it } from 'mocha';
import { type Task, tasks } from 'vscode';
import { disjointQuorums } from './designs.ts';
import { closeAll, diagnosticsWhere, openText } from './support.ts';

/** Runs a task to its end; what its process said by its exit code. */
async function exitCodeOf(task: Task): Promise<number | undefined> {
  const ended = new Promise<number | undefined>(resolve => {
    const listener = tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
      if (execution.task.name !== task.name) return;
      listener.dispose();
      resolve(exitCode);
    });
  });
  await tasks.executeTask(task);
  return ended;
}

describe('tasks', () => {
  afterEach(closeAll);

  it('check the designs of a folder with the command that comes along, and report what it finds', async () => {
    const { document } = await openText(disjointQuorums.replace('on db {', 'on nowhere {'));
    const all = await tasks.fetchTasks({ type: 'dsys' });
    assert.deepEqual(all.map(({ name }) => name).sort(), ['check .', 'test .']);
    const check = all.find(({ name }) => name === 'check .')!;
    const both = () =>
      diagnosticsWhere(
        document,
        'the same from the task',
        found => found.filter(one => one.message.includes("'nowhere'")).length === 2,
        10_000,
      );
    assert.equal(await exitCodeOf(check), 1);
    // A terminal of a busy machine can close before VS Code has read what so short a process said in it.
    await both().catch(async () => {
      assert.equal(await exitCodeOf(check), 1);
      await both();
    });
  });
});
