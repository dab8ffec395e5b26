/** What a word, a name or a quantity means. */
import { isOption, isQuantity, type Quantity } from '@dsys/grammar';
import type { Design } from '@dsys/runtime/design/design';
import { CstUtils, GrammarAST, type LangiumDocument, type LeafCstNode } from 'langium';
import type { HoverProvider, LangiumServices } from 'langium/lsp';
import { type Hover, MarkupKind } from 'vscode-languageserver';
import { documentationOf } from '../parsing/comments.ts';
import { quantityKindOf } from '../parsing/form.ts';
import type { Place } from './completion/place.ts';
import { probe } from './completion/probe.ts';
import { declarationText } from './declaration-text.ts';
import { defaultOf } from './meanings/defaults.ts';
import { blockKind, optionMeanings } from './meanings/options.ts';
import { statementMeanings } from './meanings/statements.ts';
import { distributionMeanings, wordMeanings } from './meanings/words.ts';
import { occurrenceAt } from './occurrences.ts';
import { type Project, projectOf } from './project.ts';
import { rootOf, ruleOf } from './tree.ts';

/** Markdown about a store that takes more than elaboration: its ceiling, its quorums. Undefined: nothing to add. */
export type StoreFacts = (design: Design, store: string) => string | undefined;

export const hoverProvider = (services: LangiumServices, storeFacts?: StoreFacts): HoverProvider => ({
  async getHoverContent(document, { position }): Promise<Hover | undefined> {
    const project = await projectOf(services.shared, document);
    const named = occurrenceAt(project, position);
    if (named) return hover(aboutName(project, named.symbol, storeFacts), named.range);
    const leaf = leafAt(document, document.textDocument.offsetAt(position));
    if (!leaf) return undefined;
    const text = aboutQuantity(leaf) ?? aboutOption(document, leaf) ?? aboutWord(leaf);
    return text === undefined ? undefined : hover(text, leaf.range);
  },
});

const hover = (value: string, range: Hover['range']): Hover => ({
  contents: { kind: MarkupKind.Markdown, value },
  range: range!,
});

function leafAt(document: LangiumDocument, offset: number): LeafCstNode | undefined {
  const root = rootOf(document).$cstNode;
  if (!root) return undefined;
  const at = (place: number) => {
    const leaf = place < 0 ? undefined : CstUtils.findLeafNodeAtOffset(root, place);
    return leaf && !leaf.hidden && /[A-Za-z0-9]/.test(leaf.text) ? leaf : undefined;
  };
  return at(offset) ?? at(offset - 1);
}

type Named = NonNullable<ReturnType<typeof occurrenceAt>>['symbol'];

function aboutName(project: Project, symbol: Named, storeFacts: StoreFacts | undefined): string {
  const documentation = documentationOf(symbol.declaration);
  const facts = symbol.kind === 'store' ? storeFacts?.(project.design(), symbol.path) : undefined;
  const code = `\`\`\`dsys\n${declarationText(project, symbol)}\n\`\`\``;
  return [code, documentation, facts].filter(Boolean).join('\n\n');
}

const baseUnits: Readonly<Record<string, (value: number) => string>> = {
  duration: value => `${grouped(value)} ns`,
  size: value => `${grouped(value)} bytes`,
  bandwidth: value => `${grouped(value)} bit/s`,
  rate: value => `${value} per second`,
  percent: value => `${value} as a fraction`,
  ppm: value => `${value} parts per million`,
  factor: value => `${value} times`,
};

const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ' ');

function aboutQuantity({ astNode, text }: LeafCstNode): string | undefined {
  if (!isQuantity(astNode) || astNode.$type === 'DateLiteral' || !/\d/.test(text)) return undefined;
  const { $type, value } = astNode as Exclude<Quantity, { $type: 'DateLiteral' }>;
  const kind = quantityKindOf($type);
  const inBase = baseUnits[kind]?.(value);
  return inBase === undefined || Number.isNaN(value) ? undefined : `\`${text}\`: a ${kind}, ${inBase}.`;
}

/** The name of an option; which block it stands in is what elaboration says. */
function aboutOption(document: LangiumDocument, leaf: LeafCstNode): string | undefined {
  const { astNode, text } = leaf;
  if (!isOption(astNode) || astNode.name !== text) return undefined;
  const owner = probe(document.textDocument.getText(), placeOfLeaf(document, leaf), text).option?.owner;
  const block = owner === undefined ? undefined : blockKind(owner);
  const meaning = block === undefined ? undefined : optionMeanings[block]?.[text];
  if (block === undefined || meaning === undefined) return undefined;
  const usual = defaultOf(block, text);
  const example = meaning.example === '' ? text : `${text} ${meaning.example}`;
  const says = usual === undefined ? undefined : `Default: \`${usual}\`.`;
  return [`**${text}** (${block})`, meaning.means, says, `For example \`${example}\`.`].filter(Boolean).join('\n\n');
}

function placeOfLeaf(document: LangiumDocument, leaf: LeafCstNode): Place {
  const declaration = rootOf(document).declarations.find(
    ({ $cstNode: cst }) => cst && cst.offset <= leaf.offset && leaf.end <= cst.end,
  );
  const slice = { start: declaration?.$cstNode?.offset ?? 0, end: declaration?.$cstNode?.end ?? leaf.end };
  const word = { start: leaf.offset, end: leaf.end, prefix: leaf.text };
  return {
    offset: leaf.offset,
    word,
    slice,
    leftOut: [],
    state: new Set(),
    atStart: false,
    before: undefined,
  };
}

function aboutWord({ text, grammarSource, tokenType }: LeafCstNode): string | undefined {
  const rule = ruleOf(grammarSource);
  const isKeyword = GrammarAST.isKeyword(grammarSource);
  const meaning =
    (tokenType.name === 'FUNCTION' ? distributionMeanings[text] : undefined) ??
    (isKeyword && rule ? statementMeanings[rule]?.[text]?.means : undefined) ??
    wordMeanings[text];
  return meaning === undefined ? undefined : `**${text}**: ${meaning}`;
}
