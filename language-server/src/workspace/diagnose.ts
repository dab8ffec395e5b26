import type { Diagnostic } from '../diagnostic.ts';
import { type Names, resolveNames } from '../names/resolve.ts';
import { syntaxDiagnostics } from '../parsing/syntax.ts';
import type { Workspace } from './load.ts';

export interface Diagnosis {
  readonly names: Names;
  /** Syntax, imports and names of all files, in the order of files and then of the text. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What can be said about a workspace before it is elaborated. */
export function diagnose(workspace: Workspace): Diagnosis {
  const names = resolveNames(workspace);
  const syntax = workspace.files.flatMap(({ document }) => syntaxDiagnostics(document));
  const all = [...syntax, ...workspace.diagnostics, ...names.diagnostics];
  const order = new Map(workspace.files.map(({ uri }, index) => [uri, index]));
  all.sort((a, b) => order.get(a.uri)! - order.get(b.uri)! || before(a, b));
  return { names, diagnostics: all };
}

function before({ range: a }: Diagnostic, { range: b }: Diagnostic): number {
  return a.start.line - b.start.line || a.start.character - b.start.character;
}
