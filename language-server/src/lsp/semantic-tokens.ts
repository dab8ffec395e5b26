/**
 * What each word is where it stands. Every word of the language may be a name, which the colours of a TextMate grammar
 * cannot tell; these can.
 */
import { CstUtils, GrammarAST, type LangiumDocument, type LeafCstNode } from 'langium';
import {
  AbstractSemanticTokenProvider,
  type LangiumServices,
  type LangiumSharedServices,
  type SemanticTokenAcceptor,
} from 'langium/lsp';
import { type CancellationToken, SemanticTokenModifiers, SemanticTokenTypes as Type } from 'vscode-languageserver';
import type { SymbolKind } from '../names/symbols.ts';
import { kindOfToken } from '../parsing/quantities.ts';
import { type Occurrence, occurrencesIn } from './occurrences.ts';
import { projectOf } from './project.ts';
import { rootOf, ruleOf } from './tree.ts';

const typeOfName: Readonly<Record<SymbolKind, Type>> = {
  region: Type.namespace,
  zone: Type.namespace,
  cluster: Type.class,
  node: Type.variable,
  store: Type.struct,
  field: Type.property,
  partition: Type.property,
  transaction: Type.function,
  workload: Type.event,
  scenario: Type.method,
  exploration: Type.method,
};

/** Rules whose words are names of options and attributes. */
const optionRules = new Set(['OptionName', 'FigureWord']);

/** Deltas and the legend are Langium's. */
export class DsysSemanticTokens extends AbstractSemanticTokenProvider {
  private readonly shared: LangiumSharedServices;

  constructor(services: LangiumServices) {
    super(services);
    this.shared = services.shared;
  }

  protected override async computeHighlighting(
    document: LangiumDocument,
    accept: SemanticTokenAcceptor,
    _cancelToken: CancellationToken,
  ): Promise<void> {
    const names = new Map<number, Occurrence>();
    for (const each of occurrencesIn(await projectOf(this.shared, document))) {
      names.set(document.textDocument.offsetAt(each.range.start), each);
    }
    const root = rootOf(document).$cstNode;
    if (!root) return;
    for (const leaf of CstUtils.flattenCst(root)) {
      const found = leaf.hidden ? undefined : typeOf(leaf, names.get(leaf.offset));
      if (found) accept({ cst: leaf, ...found });
    }
  }

  protected override highlightElement(): undefined {
    return undefined;
  }
}

interface Highlight {
  readonly type: Type;
  readonly modifier?: SemanticTokenModifiers;
}

function typeOf(leaf: LeafCstNode, name: Occurrence | undefined): Highlight | undefined {
  if (name) {
    const type = typeOfName[name.symbol.kind];
    return name.isDeclaration ? { type, modifier: SemanticTokenModifiers.declaration } : { type };
  }
  const token = leaf.tokenType.name;
  if (token === 'FUNCTION') return { type: Type.function };
  if (token in kindOfToken && token !== 'PERCENTILE') return { type: Type.number };
  if (!/^[A-Za-z_]/.test(leaf.text)) return undefined;
  const source = leaf.grammarSource;
  const rule = ruleOf(source);
  if (rule && optionRules.has(rule)) return { type: Type.property };
  const owner = source?.$container;
  const feature = GrammarAST.isAssignment(owner) ? owner.feature : undefined;
  if (feature === 'name' && (rule === 'PlainOption' || rule === 'ReadOption' || rule === 'Replicas'))
    return { type: Type.property };
  // `idempotent`, `majority`: words of a value.
  if (GrammarAST.isKeyword(source) && feature !== 'parts') return { type: Type.keyword };
  return { type: Type.enumMember };
}
