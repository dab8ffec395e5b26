import { isName, type Name, type Specification, type Store } from '@dsys/grammar';
import { type Diagnostic, placeOf } from '../diagnostic.ts';
import { nodesIn } from '../parsing/nodes.ts';
import type { Workspace } from '../workspace/load.ts';
import { duplicateNames } from './duplicates.ts';
import { type Expected, expectedAt, roleWords } from './expected.ts';
import { storesAround } from './fields.ts';
import { type Scope, scopeOf, suggestion } from './scope.ts';
import type { NameSymbol, SymbolKind } from './symbols.ts';

/** A part of a name and what it refers to: in `eu.e1` the first part refers to the cluster, the second to the node. */
export interface NameUse {
  readonly name: Name;
  readonly part: number;
  readonly symbol: NameSymbol;
}

/** What all names of a workspace refer to. */
export interface Names {
  /**
   * What the whole name refers to. Undefined for words, for names that are reported, and for fields of stores that
   * declare no record: those may have any field.
   */
  symbolOf(name: Name): NameSymbol | undefined;
  /** Everything that refers to something, in the order of files and text. */
  readonly uses: readonly NameUse[];
  /** The names visible in a file of the workspace. */
  scopeOf(uri: string): Scope;
  /** Rule ids: `unresolved-name`, `duplicate-name`. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Resolves the names of every file of a workspace, each with what that file itself can see. */
export function resolveNames(workspace: Workspace): Names {
  const bySymbol = new Map<Name, NameSymbol>();
  const uses: NameUse[] = [];
  const diagnostics: Diagnostic[] = duplicateNames(workspace);
  const scopes = new Map(workspace.files.map(({ uri }) => [uri, scopeOf(workspace, uri)]));
  for (const { uri, document } of workspace.files) {
    const scope = scopes.get(uri)!;
    for (const name of namesIn(document.parseResult.value)) {
      const expected = expectedAt(name);
      if (!expected || isWord(name, expected)) continue;
      const found = resolve(name, expected, scope);
      if ('problem' in found) diagnostics.push(found.problem);
      else if (found.symbol) {
        bySymbol.set(name, found.symbol);
        uses.push(...usesOf(name, found.symbol, scope));
      }
    }
  }
  return { symbolOf: name => bySymbol.get(name), uses, scopeOf: uri => scopes.get(uri)!, diagnostics };
}

function* namesIn(root: Specification): Generator<Name> {
  for (const node of nodesIn(root)) if (isName(node) && node.parts.length > 0) yield node;
}

const isWord = (name: Name, expected: Expected) =>
  name.parts.length === 1 && expected.words?.includes(name.parts[0]) === true;

type Found = { readonly symbol: NameSymbol | undefined } | { readonly problem: Diagnostic };

function resolve(name: Name, expected: Expected, scope: Scope): Found {
  const text = name.parts.join('.');
  if (name.parts.length === 1 && expected.words?.includes('rest') && roleWords.includes(text)) {
    return { problem: unresolved(name, roleMessage(text, scope)) };
  }
  const texts = fullTexts(name, text, expected, scope);
  if (texts === 'any') return { symbol: undefined };
  const found = distinctPaths(texts.flatMap(each => scope.lookup(each, expected.kinds)));
  // A field that several stores of a workload have is meant in each of them.
  if (found.length === 1 || (found.length > 1 && found.every(each => each.kind === 'field')))
    return { symbol: found[0] };
  if (found.length > 1) return { problem: unresolved(name, ambiguousMessage(text, found)) };
  return { problem: notFound(name, text, texts, expected.kinds, scope) };
}

/**
 * The full names that a name may be short for: fields and partitions are written without their store inside of it.
 * `any`: some store around declares no record, and may have any field.
 */
function fullTexts(name: Name, text: string, { kinds }: Expected, scope: Scope): string[] | 'any' {
  const [kind] = kinds;
  if (kinds.length > 1 || (kind !== 'field' && kind !== 'partition')) return [text];
  const owners = name.parts.length > 1 ? scope.lookup(name.parts[0], ['store']) : [];
  if (owners.length > 0 || (kind === 'field' && name.parts.length > 1)) {
    const isOpen = kind === 'field' && owners.some(each => hasAnyField(each.declaration as Store));
    return isOpen ? 'any' : [text];
  }
  const around = storesAround(name, scope);
  if (kind === 'field' && around.some(hasAnyField)) return 'any';
  return around.length === 0 ? [text] : around.map(store => `${store.name}.${text}`);
}

const hasAnyField = (store: Store) => store.records.every(record => record.fields.length === 0);

/** Declarations of the same path are duplicates and reported as such: the first of them is meant. */
function distinctPaths(symbols: readonly NameSymbol[]): NameSymbol[] {
  const byPath = new Map<string, NameSymbol>();
  for (const symbol of symbols) {
    const key = `${symbol.kind} ${symbol.path}`;
    if (!byPath.has(key)) byPath.set(key, symbol);
  }
  return [...byPath.values()];
}

function usesOf(name: Name, symbol: NameSymbol, scope: Scope): NameUse[] {
  const uses: NameUse[] = [];
  for (let part = 0; part < name.parts.length - 1; part++) {
    const [owner] = scope.lookup(name.parts.slice(0, part + 1).join('.'), ownerKinds(symbol.kind));
    if (owner) uses.push({ name, part, symbol: owner });
  }
  return [...uses, { name, part: name.parts.length - 1, symbol }];
}

function ownerKinds(kind: SymbolKind): SymbolKind[] {
  switch (kind) {
    case 'zone':
      return ['region'];
    case 'node':
      return ['cluster'];
    default:
      return ['store', 'partition'];
  }
}

function notFound(
  name: Name,
  text: string,
  texts: readonly string[],
  kinds: readonly SymbolKind[],
  scope: Scope,
): Diagnostic {
  const other = scope.lookup(text, everyKind)[0];
  const says = `There is no ${oneOfKinds(kinds)} '${text}'${other ? `: '${text}' is a ${other.kind}` : ''}.`;
  // A name without its store is suggested without it too.
  const full = texts[0] === text ? text : texts[0];
  const near = suggestion(scope, full, kinds);
  const short =
    near && full !== text && near.startsWith(`${full.split('.')[0]}.`) ? near.slice(near.indexOf('.') + 1) : near;
  if (!short) return unresolved(name, says);
  const place = placeOf(name);
  return {
    ...unresolved(name, `${says} Did you mean '${short}'?`),
    fixes: [{ title: `Change to ${short}`, edits: [{ ...place, newText: short }] }],
  };
}

function unresolved(name: Name, message: string): Diagnostic {
  return { rule: 'unresolved-name', severity: 'error', message, ...placeOf(name) };
}

function roleMessage(word: string, scope: Scope): string {
  const [node] = scope.lookup(word, ['node']);
  const orNode = node ? `; the node is written '${node.path}'` : '';
  const article = word === 'any' ? "'any follower of' and a store" : `'${word} of' and what it is of`;
  return `'${word}' is a role here: write ${article}${orNode}.`;
}

function ambiguousMessage(text: string, found: readonly NameSymbol[]): string {
  return `'${text}' could be ${found.map(each => `${each.kind} ${each.path}`).join(' or ')}: write it in full.`;
}

function oneOfKinds(kinds: readonly SymbolKind[]): string {
  return kinds.length < 2 ? kinds[0] : `${kinds.slice(0, -1).join(', ')} or ${kinds.at(-1)}`;
}

const everyKind: readonly SymbolKind[] = [
  ...(['region', 'zone', 'cluster', 'node', 'store', 'field', 'partition'] as const),
  ...(['transaction', 'workload', 'scenario', 'exploration'] as const),
];
