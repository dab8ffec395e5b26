/**
 * Completion. What may come next is said by the grammar (walk.ts) and by elaboration, which is asked about the
 * declaration with a filler in it (probe.ts); names come from the scope of the file. So there is no list of what is
 * allowed where besides those that parse and elaborate.
 */
import { isImport, type Specification } from '@dsys/grammar';
import { type AstNode, CstUtils, GrammarAST, type LangiumDocument, type URI, UriUtils } from 'langium';
import type { CompletionProvider, LangiumServices } from 'langium/lsp';
import {
  type CompletionItem,
  CompletionItemKind,
  type CompletionList,
  CompletionTriggerKind,
} from 'vscode-languageserver';
import type { Wanted } from '../../elaborate/questions.ts';
import { kindOfToken } from '../../parsing/quantities.ts';
import { defaultTexts } from '../meanings/defaults.ts';
import { blockKind } from '../meanings/options.ts';
import { wordMeanings } from '../meanings/words.ts';
import { projectOf } from '../project.ts';
import { maxNames, nameOffers, protocolOffers, type Surroundings, surroundingsOf } from './names.ts';
import { itemsOf, type Offer, wordOffer } from './offers.ts';
import { type Place, placeAt } from './place.ts';
import { filler, type Probe, probe } from './probe.ts';
import { distributionOffers, percentileOffers, type QuantityType, quantityOffers, quorumOffers } from './quantities.ts';
import { withNames } from './snippets.ts';
import { createWalk, type Leaf, type Walk } from './walk.ts';
import { keywordOffers, optionOffers, wordOffers } from './words.ts';

export interface KnownRule {
  readonly id: string;
  readonly means: string;
}

export function completionProvider(services: LangiumServices, rules: readonly KnownRule[] = []): CompletionProvider {
  let walk: Walk | undefined;
  return {
    completionOptions: { triggerCharacters: ['.', ' ', '"', '/'] },
    async getCompletion(document, params): Promise<CompletionList> {
      walk ??= createWalk(services.Grammar.rules.find(isEntry)!);
      const offset = document.textDocument.offsetAt(params.position);
      const path = importAt(document, offset);
      if (path) return complete(await importPaths(document, path, services));
      const place = placeAt(document, offset, services.parser.Lexer, walk);
      const isUnasked =
        params.context?.triggerKind === CompletionTriggerKind.TriggerCharacter &&
        params.context.triggerCharacter === ' ';
      // A space after a whole statement asks for nothing.
      if (!place || (isUnasked && place.atStart)) return complete([]);
      const { workspace } = await projectOf(services.shared, document);
      const others = services.shared.workspace.LangiumDocuments.all.toArray();
      return listAt(document, place, walk, { ...surroundingsOf(workspace, others), rules });
    },
  };
}

const isEntry = (rule: GrammarAST.AbstractRule): rule is GrammarAST.ParserRule =>
  GrammarAST.isParserRule(rule) && rule.entry;

const complete = (items: CompletionItem[]): CompletionList => ({ isIncomplete: false, items });

type Around = Surroundings & { readonly rules: readonly KnownRule[] };

function listAt(document: LangiumDocument, place: Place, walk: Walk, around: Around): CompletionList {
  const { textDocument } = document;
  const text = textDocument.getText();
  const { word } = place;
  const range = { start: textDocument.positionAt(word.start), end: textDocument.positionAt(word.end) };
  const leaves = walk.leaves(place.state);
  const probes = fillersFor(leaves).map(insert => probe(text, place, insert));
  const offers = [
    ...probes.flatMap(each => offersOf(each, text, place, around)),
    ...tokenOffers(leaves, probes, place, around),
    ...keywordOffers(leaves, wants(probes, 'quorum'), text, place, walk),
  ];
  const begins = /^\d|^.*\./.exec(word.prefix)?.[0] ?? '';
  const fitting = offers.filter(({ label }) => label.startsWith(begins));
  const named = fitting.map(offer =>
    offer.snippet ? { ...offer, snippet: withNames(offer.snippet, around.scope) } : offer,
  );
  const items = itemsOf(named, range);
  return { isIncomplete: items.length > maxNames || /\d/.test(word.prefix), items };
}

const wants = (probes: readonly Probe[], kind: string): boolean =>
  probes.some(({ wanted }) => wanted.some(each => each.kind === kind));

const isOptionName = ({ path }: Leaf): boolean => path.rule === 'OptionName' && path.up?.rule === 'PlainOption';

/** One text for each kind of thing that may stand here: an option with a value, a name, a quantity. */
function fillersFor(leaves: readonly Leaf[]): string[] {
  const has = (token: string, test: (leaf: Leaf) => boolean = () => true) =>
    leaves.some(leaf => leaf.token === token && test(leaf));
  const isName =
    has('NAME') || has('ID', leaf => !isOptionName(leaf)) || has('FUNCTION', leaf => leaf.path.rule !== 'Call');
  return [
    ...(has('ID', isOptionName) ? [`${filler} 1ns`] : []),
    ...(isName ? [filler] : []),
    ...(has('DURATION') ? ['1ns'] : has('PERCENT') ? ['1%'] : has('NUMBER') ? ['1'] : []),
  ];
}

function offersOf({ wanted, node, option }: Probe, text: string, place: Place, around: Surroundings): Offer[] {
  const usual = option && defaultTexts[blockKind(option.owner)]?.[option.name];
  const { prefix } = place.word;
  const asked = (each: Wanted): Offer[] => {
    switch (each.kind) {
      case 'options':
        return optionOffers(each, text, place);
      case 'words':
        return wordOffers(each, node, usual);
      case 'quantity':
        return quantityOffers(each.type, prefix, usual && isQuantity(usual) ? usual : undefined);
      case 'quorum':
        return quorumOffers(usual);
      case 'distribution':
        return [...quantityOffers('Duration', prefix), ...distributionOffers()];
    }
  };
  return [...nameOffers(node, around, prefix), ...wanted.flatMap(asked)];
}

const isQuantity = (text: string): boolean => /^\d\S*$/.test(text);

const types: Readonly<Record<string, QuantityType>> = {
  ...{ DURATION: 'Duration', SIZE: 'Size', BANDWIDTH: 'Bandwidth', RATE: 'Rate', PERCENT: 'Percent', PPM: 'Ppm' },
  ...{ FACTOR: 'Factor', NUMBER: 'NumberLiteral' },
};

/** What the grammar alone says: the only kind of quantity that fits, message kinds, invariants, comparisons. */
function tokenOffers(
  leaves: readonly Leaf[],
  probes: readonly Probe[],
  place: Place,
  { scope, rules }: Around,
): Offer[] {
  // Witnesses, observers and spares are named, not counted.
  const isCount = (leaf: Leaf) => leaf.path.up?.up?.rule === 'Members' && place.before?.image !== 'nodes';
  const tokens = leaves.filter(leaf => !isCount(leaf)).map(leaf => leaf.token);
  const quantities = new Set(tokens.filter(token => token in kindOfToken && token in types));
  const isAsked = probes.some(({ wanted }) => wanted.length > 0);
  const offers: Offer[] = [];
  if (quantities.size === 1 && !isAsked) offers.push(...quantityOffers(types[[...quantities][0]!]!, place.word.prefix));
  if (leaves.some(leaf => leaf.token === 'PERCENTILE')) offers.push(...percentileOffers());
  for (const { token, path } of leaves) {
    if (path.rule === 'When' && path.property === 'message') offers.push(...protocolOffers('messages', scope));
    if (path.rule === 'MessageAction' && path.property === 'message') offers.push(...protocolOffers('messages', scope));
    if (path.rule === 'InvariantProperty' && path.property) offers.push(...protocolOffers('invariants', scope));
    if (path.rule === 'Field' && path.property === 'type') {
      offers.push(...['string', 'int', 'date'].map(type => wordOffer(type, undefined)));
    }
    if (path.rule === 'FieldAttribute' && path.property === 'action')
      offers.push(wordOffer('refuse', wordMeanings.refuse));
    if (path.rule === 'RuleSetting' && path.property === 'rule' && token === 'NAME') {
      offers.push(...rules.map(({ id, means }) => wordOffer(id, means)));
    }
    if (path.rule === 'Comparison' && token !== '=') {
      offers.push({ label: token, group: 'word', kind: CompletionItemKind.Operator });
    }
  }
  return offers;
}

interface ImportPath {
  readonly start: number;
  readonly end: number;
}

/** The text between the quotes of an import that a place is in. */
function importAt(document: LangiumDocument, offset: number): ImportPath | undefined {
  const root: AstNode = document.parseResult.value;
  const leaf = root.$cstNode && offset > 0 ? CstUtils.findLeafNodeAtOffset(root.$cstNode, offset - 1) : undefined;
  if (!leaf?.text.startsWith('"') || !isImport(leaf.astNode)) return undefined;
  const isClosed = leaf.text.length > 1 && leaf.text.endsWith('"');
  const end = leaf.end - (isClosed ? 1 : 0);
  return offset <= end ? { start: leaf.offset + 1, end } : undefined;
}

/** Other files of the same folder that are not imported yet. */
async function importPaths(document: LangiumDocument, { start, end }: ImportPath, services: LangiumServices) {
  const { textDocument, uri } = document;
  const folder = UriUtils.dirname(uri);
  const { LangiumDocuments, FileSystemProvider } = services.shared.workspace;
  const onDisk = await FileSystemProvider.readDirectory(folder).catch(() => []);
  const uris: URI[] = [...LangiumDocuments.all.map(each => each.uri), ...onDisk.map(each => each.uri)];
  const imported = new Set((document.parseResult.value as Specification).imports.map(each => each.path));
  const beside = uris.filter(
    each =>
      each.path.endsWith('.dsys') &&
      !UriUtils.equals(each, uri) &&
      UriUtils.equals(UriUtils.dirname(each), folder) &&
      !imported.has(`./${UriUtils.basename(each)}`),
  );
  const range = { start: textDocument.positionAt(start), end: textDocument.positionAt(end) };
  const offers = beside.map(
    (each): Offer => ({
      label: `./${UriUtils.basename(each)}`,
      group: 'name',
      kind: CompletionItemKind.File,
    }),
  );
  return itemsOf(
    offers.toSorted((a, b) => (a.label < b.label ? -1 : 1)),
    range,
  );
}
