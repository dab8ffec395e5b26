/** Names that may stand at a place: those of the file and its imports, and those that an import would bring. */
import { isField, isName, isStore, type Specification, type Store } from '@dsys/grammar';
import type { MechanismKind } from '@dsys/runtime/design/mechanism';
import { findProtocol } from '@dsys/runtime/protocols/registry';
import { type AstNode, AstUtils, type LangiumDocument, type URI, UriUtils } from 'langium';
import { CompletionItemKind, type TextEdit } from 'vscode-languageserver';
import { roles } from '../../elaborate/targets.ts';
import { type Expected, expectedAt, roleWords } from '../../names/expected.ts';
import { storesAround } from '../../names/fields.ts';
import { type Scope, scopeOf } from '../../names/scope.ts';
import { type NameSymbol, type SymbolKind, symbolsOf } from '../../names/symbols.ts';
import { documentationOf } from '../../parsing/comments.ts';
import type { Workspace } from '../../workspace/load.ts';
import { wordMeanings } from '../meanings/words.ts';
import { type Offer, wordOffer } from './offers.ts';

/** More names of one kind than this are not listed: the list is for reading. */
export const maxNames = 200;

const icons: Readonly<Record<SymbolKind, CompletionItemKind>> = {
  region: CompletionItemKind.Module,
  zone: CompletionItemKind.Module,
  cluster: CompletionItemKind.Class,
  node: CompletionItemKind.Variable,
  store: CompletionItemKind.Struct,
  field: CompletionItemKind.Field,
  partition: CompletionItemKind.Property,
  transaction: CompletionItemKind.Function,
  workload: CompletionItemKind.Event,
  scenario: CompletionItemKind.Event,
  exploration: CompletionItemKind.Event,
};

export interface Surroundings {
  readonly workspace: Workspace;
  readonly uri: string;
  readonly scope: Scope;
  /** Other files that are known, whether they are imported or not. */
  readonly others: readonly LangiumDocument[];
}

export const surroundingsOf = (workspace: Workspace, others: readonly LangiumDocument[]): Surroundings => ({
  workspace,
  uri: workspace.entry.uri,
  scope: scopeOf(workspace, workspace.entry.uri),
  others,
});

/** @param node the name at the place, in a text with a filler */
export function nameOffers(node: AstNode | undefined, around: Surroundings, written: string): Offer[] {
  if (!isName(node)) return [];
  const expected = expectedAt(node);
  if (expected === undefined) return [];
  const taken = siblingsOf(node);
  const isTarget = expected.words?.includes('rest') === true;
  const own = listed(ofStoresAround(node, around.scope.list(expected.kinds), around.scope), written)
    .map(symbol => ({ symbol, text: textAt(node, symbol, expected, around.scope) }))
    .filter(({ text }) => !taken.has(text));
  return [
    ...own.map(({ symbol, text }) => nameOffer(symbol, text, 'name')),
    ...(expected.words ?? []).map(word => wordOffer(word, wordMeanings[word])),
    ...(isTarget ? roleOffers(around.scope) : []),
    ...importOffers(expected, around, new Set([...taken, ...own.map(({ text }) => text)])),
  ];
}

/** Fields are those of the stores around (a reference may lead to any); in a store, so are partitions. */
function ofStoresAround(node: AstNode, symbols: readonly NameSymbol[], scope: Scope): readonly NameSymbol[] {
  if (isField(node.$container)) return symbols;
  const inStore = AstUtils.getContainerOfType(node, isStore) !== undefined;
  const isBound = ({ kind }: NameSymbol) => kind === 'field' || (kind === 'partition' && inStore);
  if (!symbols.some(isBound)) return symbols;
  const stores = new Set(storesAround(node, scope).map(store => store.name));
  return symbols.filter(symbol => !isBound(symbol) || stores.has(symbol.path.slice(0, symbol.path.indexOf('.'))));
}

/** Nodes and partitions may be many: then those that begin as what is written. */
function listed(symbols: readonly NameSymbol[], written: string): readonly NameSymbol[] {
  if (symbols.length <= maxNames) return symbols;
  return symbols.filter(({ path, name }) => path.startsWith(written) || name.startsWith(written)).slice(0, maxNames);
}

const nameOffer = (symbol: NameSymbol, text: string, group: 'name' | 'import', edits?: readonly TextEdit[]): Offer => ({
  label: text,
  group,
  kind: icons[symbol.kind],
  detail: symbol.kind,
  means: documentationOf(symbol.declaration)?.split('\n')[0],
  ...(edits && { edits }),
});

/** Names in the same list as a name. */
function siblingsOf(node: AstNode): Set<string> {
  const siblings = (node.$container as unknown as Record<string, unknown>)?.[node.$containerProperty ?? ''];
  if (!Array.isArray(siblings)) return new Set();
  return new Set(siblings.filter(each => isName(each) && each !== node).map(each => each.parts.join('.')));
}

/** As short as it may be: nodes without their cluster, fields without the store around. */
function textAt(node: AstNode, symbol: NameSymbol, expected: Expected, scope: Scope): string {
  const { kind, path, name } = symbol;
  if (kind === 'node') {
    const isWord = expected.words?.includes(name) || (expected.words?.includes('rest') && roleWords.includes(name));
    return !isWord && scope.lookup(name, expected.kinds).length === 1 ? name : path;
  }
  const inStore = AstUtils.getContainerOfType(node, isStore);
  const isShort = (kind === 'partition' && inStore) || (kind === 'field' && !isField(node.$container));
  return isShort && expected.kinds.length === 1 ? path.slice(path.indexOf('.') + 1) : path;
}

function roleOffers(scope: Scope): Offer[] {
  const kinds: Readonly<Record<string, readonly SymbolKind[]>> = { S: ['store'], T: ['transaction'], W: ['workload'] };
  return roles.map(role => {
    const words = role.slice(0, -2);
    const [of] = scope.list(kinds[role.at(-1)!] ?? []);
    const word = words.replace(/^any | of$/g, '');
    return {
      label: words,
      group: 'word',
      kind: CompletionItemKind.EnumMember,
      snippet: `${words} \${1:${of?.path ?? role.at(-1)}}`,
      means: wordMeanings[word],
    };
  });
}

function importOffers(expected: Expected, around: Surroundings, taken: ReadonlySet<string>): Offer[] {
  const here = UriUtils.dirname(around.workspace.entry.document.uri).toString();
  const visible = new Set(around.workspace.files.map(file => file.uri));
  return around.others
    .filter(({ uri }) => !visible.has(uri.toString()) && UriUtils.dirname(uri).toString() === here)
    .flatMap(document => {
      const root = document.parseResult.value as Specification;
      const edits = [importEdit(around.workspace, document.uri)];
      return symbolsOf(root, document.uri.toString())
        .filter(({ kind, path }) => expected.kinds.includes(kind) && kind !== 'partition' && !taken.has(path))
        .slice(0, maxNames)
        .map(symbol => ({
          ...nameOffer(symbol, symbol.kind === 'node' ? symbol.name : symbol.path, 'import', edits),
          detail: `${symbol.kind}, import "./${UriUtils.basename(document.uri)}"`,
        }));
    });
}

/** Below the last import; without one, at the beginning, but after a comment about the whole file. */
export function importEdit(workspace: Workspace, uri: URI): TextEdit {
  const { document } = workspace.entry;
  const text = `import "./${UriUtils.basename(uri)}"`;
  const last = document.parseResult.value.imports.at(-1)?.$cstNode;
  if (last) return { range: { start: last.range.end, end: last.range.end }, newText: `\n${text}` };
  const start = { line: 0, character: 0 };
  return { range: { start, end: start }, newText: `${text}\n` };
}

/** Message kinds and invariants of the protocols that the visible stores use. */
export function protocolOffers(what: 'messages' | 'invariants', scope: Scope): Offer[] {
  const kinds = new Set(scope.list(['store']).map(({ declaration }) => mechanismOf(declaration as Store)));
  return [...kinds].flatMap(kind => {
    const protocol = kind && findProtocol(kind as MechanismKind);
    if (!protocol) return [];
    return what === 'messages'
      ? Object.entries(protocol.messages).map(([name, means]) => wordOffer(name, means))
      : protocol.invariants.map(({ name, means }) => wordOffer(name, means));
  });
}

const mechanismOf = (store: Store): string | undefined =>
  store.consensus[0]?.algorithm ?? store.replications[0]?.topology;
