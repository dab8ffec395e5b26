/** Names in snippets: what is visible, instead of a word that says what is meant. */
import type { Scope } from '../../names/scope.ts';
import type { SymbolKind } from '../../names/symbols.ts';

/** Words that stand for a name in the snippets and examples of the language. */
const kinds: Readonly<Record<string, SymbolKind>> = {
  place: 'region',
  cluster: 'cluster',
  store: 'store',
  workload: 'workload',
  CLUSTER: 'cluster',
  NODE: 'node',
  NODES: 'node',
  WITNESS: 'node',
};

/** The tab stops of a snippet with names of the scope in them, each once as long as there are others. */
export function withNames(snippet: string, scope: Scope): string {
  const used = new Map<SymbolKind, number>();
  const nameFor = (word: string): string => {
    const kind = kinds[word]!;
    const names = scope.list([kind]);
    const index = used.get(kind) ?? 0;
    used.set(kind, index + 1);
    const symbol = names[Math.min(index, names.length - 1)];
    return symbol === undefined ? word : kind === 'node' ? symbol.name : symbol.path;
  };
  return snippet
    .replace(/\b(?:NODES?|WITNESS|CLUSTER)\b/g, nameFor)
    .replace(/(?<=\$\{\d:)(?:place|cluster|store|workload)(?=\})/g, nameFor);
}
