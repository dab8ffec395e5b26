/** Renaming over all files. What it would break is found by doing it to copies of the files first. */
import type { LangiumDocument } from 'langium';
import type { LangiumSharedServices, RenameProvider } from 'langium/lsp';
import { LSPErrorCodes, ResponseError, type TextEdit, type WorkspaceEdit } from 'vscode-languageserver';
import type { Diagnostic, Position } from '../diagnostic.ts';
import { parseText } from '../module.ts';
import type { NameSymbol } from '../names/symbols.ts';
import { diagnose } from '../workspace/diagnose.ts';
import { loadImports } from '../workspace/load.ts';
import { type Occurrence, occurrencesIn, occurrencesOf, projectsSeeing, symbolAt } from './occurrences.ts';
import type { Project } from './project.ts';

export function renameProvider(shared: LangiumSharedServices): RenameProvider {
  return {
    async prepareRename(document, { position }) {
      return (await renamed(shared, document, position)).range;
    },
    async rename(document, { position, newName }): Promise<WorkspaceEdit> {
      const { symbol } = await renamed(shared, document, position);
      if (!/^[A-Za-z_][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*$/.test(newName)) {
        refuse(
          `'${newName}' is no name: names begin with a letter, and go on with letters, digits, _ and single dashes.`,
        );
      }
      const changes = await editsFor(shared, symbol, newName);
      const problem = await problemOf(shared, symbol, newName, changes);
      if (problem !== undefined) refuse(problem);
      return { changes };
    },
  };
}

function refuse(message: string): never {
  throw new ResponseError(LSPErrorCodes.RequestFailed, message);
}

async function renamed(shared: LangiumSharedServices, document: LangiumDocument, at: Position): Promise<Occurrence> {
  const found = await symbolAt(shared, document, at);
  if (!found) refuse('Only names can be renamed: here stands a word of the language, a value or nothing.');
  const { symbol } = found.occurrence;
  if (!symbol.implied) return found.occurrence;
  const { kind, name } = symbol;
  const way =
    kind === 'node'
      ? `write it, as in "nodes ${name}", to give it another`
      : 'partitions that are counted have no names';
  return refuse(`The ${kind} ${name} is not written anywhere, only counted: ${way}.`);
}

async function editsFor(
  shared: LangiumSharedServices,
  symbol: NameSymbol,
  newName: string,
): Promise<Record<string, TextEdit[]>> {
  const changes: Record<string, TextEdit[]> = {};
  const add = ({ uri, range }: Occurrence, newText: string) => {
    changes[uri] ??= [];
    changes[uri].push({ range, newText });
  };
  for (const each of await occurrencesOf(shared, symbol)) add(each, newName);
  if (symbol.kind !== 'cluster') return changes;
  // Counted nodes are named after their cluster.
  for (const project of await projectsSeeing(shared, symbol.uri)) {
    for (const each of occurrencesIn(project)) {
      const { kind, implied, uri, path, name } = each.symbol;
      const isCounted = kind === 'node' && implied && uri === symbol.uri && path.startsWith(`${symbol.path}.`);
      if (isCounted) add(each, newName + name.slice(symbol.name.length));
    }
  }
  return changes;
}

/** What would be wrong after the edits that is not wrong now; undefined: every name still means the same. */
async function problemOf(
  shared: LangiumSharedServices,
  symbol: NameSymbol,
  newName: string,
  changes: Readonly<Record<string, readonly TextEdit[]>>,
): Promise<string | undefined> {
  for (const project of await projectsSeeing(shared, symbol.uri)) {
    const after = await changed(project, changes);
    const before = project.diagnosis();
    const problem = newProblem(before.diagnostics, after.diagnostics);
    if (problem !== undefined) return `${newName} cannot be the name: ${problem.message}`;
    const [old, now] = [before.names.uses.map(meaning), after.names.uses.map(meaning)];
    if (old.length !== now.length || old.some((each, i) => each !== now[i])) {
      return `${newName} cannot be the name: some other name would come to mean something else.`;
    }
  }
  return undefined;
}

/** The declaration that a name leads to; renaming moves none to another line. */
const meaning = ({ symbol: { uri, kind, declaration } }: { symbol: NameSymbol }): string =>
  `${uri} ${kind} ${declaration.$cstNode?.range.start.line} ${declaration.$type}`;

function newProblem(before: readonly Diagnostic[], after: readonly Diagnostic[]): Diagnostic | undefined {
  const key = ({ uri, rule, range }: Diagnostic) => `${uri} ${rule} ${range.start.line}`;
  const known = new Set(before.map(key));
  return after.find(each => !known.has(key(each)));
}

async function changed({ workspace }: Project, changes: Readonly<Record<string, readonly TextEdit[]>>) {
  const texts = new Map(
    workspace.files.map(({ uri, document }) => [uri, applied(document, changes[uri] ?? [])] as const),
  );
  const open = async (uri: string) => {
    const text = texts.get(uri);
    return text === undefined ? undefined : parseText(text, uri);
  };
  const entry = parseText(texts.get(workspace.entry.uri)!, workspace.entry.uri);
  return diagnose(await loadImports(entry, open));
}

/** The text of a document after edits, which do not overlap. */
export function applied({ textDocument }: LangiumDocument, edits: readonly TextEdit[]): string {
  const ordered = edits.toSorted((a, b) => textDocument.offsetAt(b.range.start) - textDocument.offsetAt(a.range.start));
  return ordered.reduce((text, { range, newText }) => {
    return text.slice(0, textDocument.offsetAt(range.start)) + newText + text.slice(textDocument.offsetAt(range.end));
  }, textDocument.getText());
}
