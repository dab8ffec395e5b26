import type { Specification } from '@dsys/grammar';
import { type LangiumDocument, URI, UriUtils } from 'langium';
import { type Diagnostic, placeOf } from '../diagnostic.ts';
import { importsOf, type ResolvedImport } from './imports.ts';

/** More files than this are not one design. */
export const maxFiles = 1000;

export interface SourceFile {
  readonly uri: string;
  readonly document: LangiumDocument<Specification>;
  readonly imports: readonly ResolvedImport[];
}

/** A file with everything that it imports, directly or not. */
export interface Workspace {
  /** What was asked for; the last of `files`. */
  readonly entry: SourceFile;
  /** Each file once; imported files before those that import them, except in a cycle. */
  readonly files: readonly SourceFile[];
  readonly byUri: ReadonlyMap<string, SourceFile>;
  /** Imports that lead nowhere or in a circle. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Opens the file at a URI; undefined if there is none or it cannot be read. */
export type OpenDocument = (uri: string) => Promise<LangiumDocument<Specification> | undefined>;

/** Follows the imports of an open file. Rule ids: `unresolved-import`, `import-cycle`. */
export async function loadImports(entry: LangiumDocument<Specification>, open: OpenDocument): Promise<Workspace> {
  const byUri = new Map<string, SourceFile>();
  const finished: SourceFile[] = [];
  const diagnostics: Diagnostic[] = [];
  const path: string[] = []; // the chain of imports that led here

  const visit = async (document: LangiumDocument<Specification>): Promise<SourceFile> => {
    const uri = document.uri.toString();
    const file: SourceFile = { uri, document, imports: importsOf(document) };
    byUri.set(uri, file);
    path.push(uri);
    for (const each of file.imports) {
      const problem = each.uri === undefined ? undefined : await follow(each, each.uri);
      if (problem) diagnostics.push({ ...placeOf(each.node, 'path'), severity: 'error', ...problem });
    }
    path.pop();
    finished.push(file);
    return file;
  };

  const follow = async ({ node }: ResolvedImport, uri: string) => {
    if (path.includes(uri))
      return { rule: 'import-cycle', message: cycleMessage([...path.slice(path.indexOf(uri)), uri]) };
    if (byUri.has(uri)) return undefined;
    if (byUri.size >= maxFiles) {
      return { rule: 'unresolved-import', message: `dsys reads at most ${maxFiles} files; this one is not read.` };
    }
    const imported = await open(uri);
    if (!imported) return { rule: 'unresolved-import', message: missingMessage(node.path) };
    await visit(imported);
    return undefined;
  };

  const file = await visit(entry);
  return { entry: file, files: finished, byUri, diagnostics };
}

function cycleMessage(chain: readonly string[]): string {
  if (chain.length === 2) return 'This file imports itself.';
  return `These files import each other in a circle: ${chain.map(uri => fileName(uri)).join(' -> ')}.`;
}

function missingMessage(path: string): string {
  const hint = path.endsWith('.dsys') ? '' : ' The names of dsys files end in .dsys.';
  return `There is no file '${path}' here that can be read.${hint}`;
}

export function fileName(uri: string): string {
  return UriUtils.basename(URI.parse(uri));
}

/** The URIs of a file and of everything that it imports, directly or not. */
export function visibleFrom(workspace: Workspace, uri: string): string[] {
  const seen = new Set([uri]);
  for (const each of seen) {
    for (const imported of workspace.byUri.get(each)?.imports ?? []) {
      if (imported.uri !== undefined && workspace.byUri.has(imported.uri)) seen.add(imported.uri);
    }
  }
  return [...seen];
}
