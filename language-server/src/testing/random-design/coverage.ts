/** What of the language a design uses: so a test sees that random designs use all of it. */
import type { AstNode } from 'langium';
import { AstUtils, GrammarAST } from 'langium';
import { elaborate } from '../../elaborate/elaborate.ts';
import type { Wanted } from '../../elaborate/questions.ts';
import { blockKind } from '../../lsp/meanings/options.ts';
import { createDsysCoreServices } from '../../module.ts';
import { resolveNames } from '../../names/resolve.ts';
import { workspaceOf } from '../check.ts';
import { filesOf, type RandomDesign } from './random-design.ts';

export interface Coverage {
  /** `raft.heartbeat`: options that are written. */
  readonly options: Set<string>;
  /** Words that elaboration looks for. */
  readonly known: Set<string>;
  /** Those that stand where it looks for them. */
  readonly words: Set<string>;
  readonly mechanisms: Set<string>;
  readonly properties: Set<string>;
  readonly verbs: Set<string>;
  /** Types of syntax nodes. */
  readonly nodes: Set<string>;
  /** Everything that looks like a word, comments included. */
  readonly texts: Set<string>;
}

export const nothingCovered = (): Coverage => ({
  options: new Set(),
  known: new Set(),
  words: new Set(),
  mechanisms: new Set(),
  properties: new Set(),
  verbs: new Set(),
  nodes: new Set(),
  texts: new Set(),
});

const wordsIn = (text: string): string[] => text.match(/[\w-]+/g) ?? [];

/** Adds what a design uses. */
export async function cover(covered: Coverage, design: RandomDesign): Promise<void> {
  const workspace = await workspaceOf(filesOf(design));
  const ask = (at: AstNode, wanted: Wanted, property?: string): void => {
    if (wanted.kind === 'options') {
      const { name } = at as AstNode & { readonly name: string };
      covered.options.add(`${blockKind(wanted.owner)}.${name}`);
    }
    if (wanted.kind !== 'words') return;
    const value = property === undefined ? undefined : (at as unknown as Record<string, unknown>)[property];
    const written = [value].flat().join(' ') || (at.$cstNode?.text ?? '');
    const stands = new Set([written, ...(property === undefined ? wordsIn(written) : [])]);
    for (const word of wanted.words) {
      covered.known.add(word);
      if (stands.has(word)) covered.words.add(word);
    }
  };
  const elaborated = elaborate(workspace, resolveNames(workspace), String, ask).design;
  const { stores, transactions, scenarios, explorations } = elaborated;
  for (const { mechanism } of stores) covered.mechanisms.add(mechanism.kind);
  const expected = [...scenarios, ...explorations].flatMap(one => one.expectations.map(({ property }) => property));
  for (const { kind } of [...stores, ...transactions].flatMap(one => one.claims).concat(expected))
    covered.properties.add(kind);
  for (const { verb } of scenarios.flatMap(one => one.actions)) covered.verbs.add(verb.kind);
  for (const { document } of workspace.files) {
    for (const node of AstUtils.streamAst(document.parseResult.value)) covered.nodes.add(node.$type);
    for (const word of wordsIn(document.textDocument.getText())) covered.texts.add(word);
  }
}

/** Every keyword of the grammar that is a word. */
export function keywords(): string[] {
  const { rules } = createDsysCoreServices().dsys.Grammar;
  const all = rules.filter(GrammarAST.isParserRule).flatMap(rule =>
    AstUtils.streamAllContents(rule)
      .filter(GrammarAST.isKeyword)
      .map(({ value }) => value)
      .toArray(),
  );
  return [...new Set(all)].filter(word => /^[a-z]/.test(word));
}

/** The types of syntax nodes that the parser makes: those that are not only names for several others. */
export function nodeTypes(): string[] {
  const { AstReflection } = createDsysCoreServices().dsys.shared;
  const types = AstReflection.getAllTypes();
  return types.filter(type => !types.some(other => other !== type && AstReflection.isSubtype(other, type)));
}
