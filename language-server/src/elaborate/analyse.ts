/** Everything that can be said about a file without running it: syntax, imports, names, elaboration. */
import type { Design } from '@dsys/runtime/design/design';
import type { Diagnostic } from '../diagnostic.ts';
import { loadWorkspace, type ReadFile } from '../module.ts';
import { type Diagnosis, diagnose } from '../workspace/diagnose.ts';
import type { Workspace } from '../workspace/load.ts';
import { elaborate } from './elaborate.ts';

export interface Analysis {
  readonly workspace: Workspace;
  readonly design: Design;
  /** In the order of files and text. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a file with its imports and elaborates it. Undefined if the file itself cannot be read.
 * @param pathOf how files are shown to people
 */
export async function analyse(
  uri: string,
  readFile: ReadFile,
  pathOf: (uri: string) => string,
): Promise<Analysis | undefined> {
  const workspace = await loadWorkspace(uri, readFile);
  return workspace && analyseWorkspace(workspace, pathOf);
}

export function analyseWorkspace(
  workspace: Workspace,
  pathOf: (uri: string) => string,
  { names, diagnostics }: Diagnosis = diagnose(workspace),
): Analysis {
  const elaborated = elaborate(workspace, names, pathOf);
  const order = new Map(workspace.files.map((file, index) => [file.uri, index]));
  const all = [...diagnostics, ...withoutEchoes(diagnostics, elaborated.diagnostics)];
  all.sort(
    (a, b) =>
      (order.get(a.uri) ?? 0) - (order.get(b.uri) ?? 0) ||
      a.range.start.line - b.range.start.line ||
      a.range.start.character - b.range.start.character,
  );
  return { workspace, design: elaborated.design, diagnostics: all };
}

/** What elaboration says about a line that could not even be read would only repeat that. */
function withoutEchoes(found: readonly Diagnostic[], elaborated: readonly Diagnostic[]): readonly Diagnostic[] {
  const broken = new Set(found.filter(one => one.rule === 'syntax').map(one => `${one.uri} ${one.range.start.line}`));
  return elaborated.filter(one => !broken.has(`${one.uri} ${one.range.start.line}`));
}
