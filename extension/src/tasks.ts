/** Tasks over the command that comes with the extension: check and test the designs of a folder, as CI does. */
import {
  type Disposable,
  ProcessExecution,
  Task,
  type TaskDefinition,
  TaskGroup,
  TaskScope,
  tasks,
  type WorkspaceFolder,
  workspace,
} from 'vscode';

export interface CommandLine {
  /** The Node that runs the extension, and the program that it is to run. */
  readonly node: string;
  readonly program: string;
}

interface Definition extends TaskDefinition {
  readonly type: 'dsys';
  readonly command: 'check' | 'test';
  /** A file or folder; left out: the whole workspace folder. */
  readonly path?: string;
  readonly seeds?: number;
}

export function offerTasks({ node, program }: CommandLine): Disposable {
  const taskOf = (definition: Definition, scope: WorkspaceFolder | TaskScope): Task => {
    const { command, path = '.', seeds } = definition;
    const words = [
      program,
      command,
      path,
      ...(command === 'test' && seeds !== undefined ? ['--seeds', `${seeds}`] : []),
    ];
    // On a desktop this Node is VS Code's own program, which is a Node only when asked to be.
    const execution = new ProcessExecution(node, words, { env: { ELECTRON_RUN_AS_NODE: '1' } });
    const task = new Task(definition, scope, `${command} ${path}`, 'dsys', execution, ['$dsys']);
    task.group = command === 'test' ? TaskGroup.Test : TaskGroup.Build;
    return task;
  };
  return tasks.registerTaskProvider('dsys', {
    provideTasks: () =>
      (workspace.workspaceFolders ?? []).flatMap(folder =>
        (['check', 'test'] as const).map(command => taskOf({ type: 'dsys', command }, folder)),
      ),
    resolveTask: ({ definition, scope }) =>
      definition.command === 'check' || definition.command === 'test'
        ? taskOf(definition as Definition, scope ?? TaskScope.Workspace)
        : undefined,
  });
}
