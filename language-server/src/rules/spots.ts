/** Where the parts of a design are written. */
import type { Block, Option, Specification } from '@dsys/grammar';
import type { Design } from '@dsys/runtime/design/design';
import type { Located, SourceRange } from '@dsys/runtime/design/source';
import { type AstNode, AstUtils, type CstNode, CstUtils } from 'langium';
import { type Place, placeOf, type Range } from '../diagnostic.ts';
import type { Workspace } from '../workspace/load.ts';
import type { Spot } from './rule.ts';

export interface Written {
  /** Where a spot is shown: the option if it is written, else the head of what it belongs to. */
  placeOf(spot: Spot): Place;
  /** The syntax node of a part; undefined: it was not written (the default scenario). */
  nodeOf(part: Located): AstNode | undefined;
  /** The option of that path, if it is written. */
  optionOf(of: Located, path: string): AstNode | undefined;
  textOf(uri: string): string;
  uriOf(part: Located): string;
}

/** Looks parts up by their ranges; each file is indexed when something of it is asked for. */
export function writtenIn(workspace: Workspace, design: Design): Written {
  const indexes = new Map<number, Map<string, AstNode>>();
  const uriOf = ({ at }: Located) => design.files[at.file]?.uri ?? '';
  const nodeOf = ({ at }: Located): AstNode | undefined => {
    let index = indexes.get(at.file);
    if (index === undefined) {
      const file = workspace.files.find(({ uri }) => uri === design.files[at.file]?.uri);
      index = file === undefined ? new Map() : indexOf(file.document.parseResult.value);
      indexes.set(at.file, index);
    }
    return index.get(keyOf(at));
  };
  const optionOf = (of: Located, path: string): AstNode | undefined => {
    const node = nodeOf(of);
    return node && findOption(node, path.split(' '));
  };
  return {
    nodeOf,
    optionOf,
    uriOf,
    textOf: uri => workspace.files.find(file => file.uri === uri)?.document.textDocument.getText() ?? '',
    placeOf(spot) {
      // Claims have an `of` of their own.
      const of = 'option' in spot ? spot.of : spot;
      const option = 'option' in spot ? optionOf(of, spot.option) : undefined;
      if (option !== undefined) return headOf(option);
      const node = nodeOf(of);
      return node === undefined ? { uri: uriOf(of), range: of.at } : headOf(node);
    },
  };
}

const keyOf = ({ start, end }: Range | SourceRange): string =>
  `${start.line}:${start.character}-${end.line}:${end.character}`;

/**
 * Of nodes with the same range the outermost: it is the one that has the options. The file itself is no part of a
 * design; it has the range of its only declaration.
 */
function indexOf(root: Specification): Map<string, AstNode> {
  const index = new Map<string, AstNode>();
  for (const node of AstUtils.streamAllContents(root)) {
    const range = node.$cstNode?.range;
    if (range !== undefined && !index.has(keyOf(range))) index.set(keyOf(range), node);
  }
  return index;
}

type WithOptions = AstNode & {
  readonly name?: string;
  readonly block?: Block;
  readonly options?: readonly Option[];
  readonly [property: string]: unknown;
};

/** What is written under a word elsewhere than in a block of options, by the property that holds it. */
const properties: Readonly<Record<string, string>> = {
  'semi-synchronous': 'quorum',
  partition: 'partitionings',
  replication: 'replications',
  consensus: 'consensus',
  claims: 'claims',
  record: 'records',
  commit: 'commits',
  operations: 'operations',
  mode: 'mode',
};

/** Options that go by one word and are two: `log retention 24h`, `log positions`. */
const nameOf = ({ name, values }: Option): string =>
  name === 'log' ? (values[0]?.$cstNode?.text === 'retention' ? 'log-retention' : 'log-form') : name;

function findOption(node: AstNode, [word, ...rest]: readonly string[]): AstNode | undefined {
  const options = optionsOf(node);
  // What belongs to a conflict policy stands behind it or in a block of its own.
  const policy = options.find(({ name }) => name === 'conflicts')?.block;
  const inPolicy = policy !== undefined && 'options' in policy ? (policy.options as readonly Option[]) : [];
  const found = [...options, ...inPolicy].find(option => nameOf(option) === word) ?? heldUnder(node, word!);
  return found === undefined || rest.length === 0 ? found : findOption(found, rest);
}

export function optionsOf(node: AstNode): readonly Option[] {
  const { block, options, partitionings, replicas, levels } = node as WithOptions & {
    readonly partitionings?: readonly { readonly replicas?: Option }[];
    readonly replicas?: Option;
    readonly levels?: readonly { readonly body?: { readonly options: readonly Option[] } }[];
  };
  const partitioned = partitionings?.flatMap(one => one.replicas ?? []) ?? [];
  const ofLevels = levels?.flatMap(level => level.body?.options ?? []) ?? [];
  return [...(block?.options ?? []), ...(options ?? []), ...partitioned, ...(replicas ? [replicas] : []), ...ofLevels];
}

function heldUnder(node: AstNode, word: string): AstNode | undefined {
  const property = properties[word];
  const held = property === undefined ? undefined : (node as WithOptions)[property];
  const first = Array.isArray(held) ? held[0] : held;
  return typeof first === 'object' && first !== null ? (first as AstNode) : undefined;
}

/** A node without its block, and a declaration by its name: what is marked stays on one line. */
function headOf(node: AstNode): Place {
  const { name, block, $type } = node as WithOptions;
  if (typeof name === 'string' && $type !== 'Option') return placeOf(node, 'name' as never);
  const whole = placeOf(node);
  const brace = block?.$cstNode ?? openingBrace(node);
  if (brace === undefined) return whole;
  const text = node.$cstNode!.text.slice(0, brace.offset - node.$cstNode!.offset).trimEnd();
  const lines = text.split('\n');
  const { start } = whole.range;
  const last = lines.at(-1)!;
  const end = {
    line: start.line + lines.length - 1,
    character: lines.length === 1 ? start.character + last.length : last.length,
  };
  return { uri: whole.uri, range: { start, end } };
}

/** The `{` of a node that has its block's contents as its own. */
export function openingBrace(node: AstNode): CstNode | undefined {
  return node.$cstNode && CstUtils.flattenCst(node.$cstNode).find(leaf => leaf.text === '{' && leaf.astNode === node);
}
