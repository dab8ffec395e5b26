/** Where names are declared and used, over all files that are known. Computed once per state of a file's imports. */
import { AstUtils, GrammarUtils, type LangiumDocument, type LangiumSharedCoreServices } from 'langium';
import type { Place, Position, Range } from '../diagnostic.ts';
import { declaredAt } from '../names/duplicates.ts';
import type { NameUse } from '../names/resolve.ts';
import { symbolsOfFile } from '../names/scope.ts';
import type { NameSymbol } from '../names/symbols.ts';
import { type Project, projectOf } from './project.ts';

export interface Occurrence extends Place {
  readonly symbol: NameSymbol;
  readonly isDeclaration: boolean;
}

/** The same declaration, whoever looks at it. */
export const keyOf = ({ uri, kind, path }: NameSymbol): string => `${uri} ${kind} ${path}`;

const cache = new WeakMap<Project, readonly Occurrence[]>();

/** All names in the project's own file, in the order of the text. */
export function occurrencesIn(project: Project): readonly Occurrence[] {
  const known = cache.get(project);
  if (known) return known;
  const { uri, workspace } = project;
  const declared = symbolsOfFile(workspace, uri)
    .filter(symbol => !symbol.implied)
    .map((symbol): Occurrence => ({ ...declaredAt(symbol), symbol, isDeclaration: true }));
  const used = project
    .names()
    .uses.filter(({ name }) => AstUtils.getDocument(name).uri.toString() === uri)
    .flatMap(use => occurrenceOf(use, uri));
  const all = [...declared, ...used].sort((a, b) => compare(a.range.start, b.range.start));
  cache.set(project, all);
  return all;
}

function occurrenceOf({ name, part, symbol }: NameUse, uri: string): Occurrence[] {
  const token = GrammarUtils.findNodeForProperty(name.$cstNode, 'parts', part);
  return token ? [{ uri, range: token.range, symbol, isDeclaration: false }] : [];
}

const compare = (a: Position, b: Position): number => a.line - b.line || a.character - b.character;

export const contains = ({ start, end }: Range, position: Position): boolean =>
  compare(start, position) <= 0 && compare(position, end) <= 0;

/** The name that a place is in or directly behind of. */
export function occurrenceAt(project: Project, position: Position): Occurrence | undefined {
  return occurrencesIn(project).findLast(({ range }) => contains(range, position));
}

/** The projects of all known files that can see a file, itself included. */
export async function projectsSeeing(shared: LangiumSharedCoreServices, uri: string): Promise<Project[]> {
  const found: Project[] = [];
  for (const document of shared.workspace.LangiumDocuments.all.toArray()) {
    const project = await projectOf(shared, document);
    if (project.workspace.byUri.has(uri)) found.push(project);
  }
  return found;
}

/** Every occurrence of a symbol in all known files, the declaration first if it is in the list at all. */
export async function occurrencesOf(shared: LangiumSharedCoreServices, symbol: NameSymbol): Promise<Occurrence[]> {
  const key = keyOf(symbol);
  const projects = await projectsSeeing(shared, symbol.uri);
  const all = projects.flatMap(project => occurrencesIn(project).filter(each => keyOf(each.symbol) === key));
  return all.sort((a, b) => Number(b.isDeclaration) - Number(a.isDeclaration));
}

export async function symbolAt(
  shared: LangiumSharedCoreServices,
  document: LangiumDocument,
  position: Position,
): Promise<{ readonly project: Project; readonly occurrence: Occurrence } | undefined> {
  const project = await projectOf(shared, document);
  const occurrence = occurrenceAt(project, position);
  return occurrence && { project, occurrence };
}
