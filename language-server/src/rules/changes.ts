/** From what a fix wants written to edits of text. */
import { type Claims, isCluster, isMembers, type Partitioning } from '@dsys/grammar';
import { type AstNode, AstUtils } from 'langium';
import type { Edit } from '../diagnostic.ts';
import type { Change, Fix } from './rule.ts';
import { openingBrace, type Written } from './spots.ts';

export interface TextFix {
  readonly title: string;
  readonly edits: readonly Edit[];
}

/** What is to be added to a node's block: with everything else that goes there, in one edit. */
interface Addition {
  readonly into: AstNode;
  readonly text: string;
}

/** The edits of a fix; undefined when something that it wants to change is not written. */
export function editsOf({ title, changes }: Fix, written: Written): TextFix | undefined {
  const found = changes.map(change => editOf(change, written));
  if (!found.every(each => each !== undefined)) return undefined;
  const edits: Edit[] = [];
  const additions = new Map<AstNode, string[]>();
  for (const one of found.flat()) {
    if ('into' in one) additions.set(one.into, [...(additions.get(one.into) ?? []), one.text]);
    // Two witnesses on a line want the same.
    else if (!edits.some(other => isSame(other, one))) edits.push(one);
  }
  return { title, edits: [...edits, ...[...additions].map(([node, texts]) => insertion(node, texts))] };
}

const isSame = (a: Edit, b: Edit): boolean => JSON.stringify(a) === JSON.stringify(b);

function editOf(change: Change, written: Written): readonly (Edit | Addition)[] | undefined {
  switch (change.kind) {
    case 'set':
      return setOption(change, written);
    case 'unset': {
      const option = written.optionOf(change.of, change.option);
      return option === undefined ? [] : [removal(option)];
    }
    case 'replace': {
      const node = written.nodeOf(change.what);
      if (node !== undefined) return [replacement(node, change.text)];
      // One word of a list (`consistency causal, monotonic-reads`): the word before the list stands already.
      const { at } = change.what;
      const range = { start: at.start, end: at.end };
      return [{ uri: written.uriOf(change.what), range, newText: change.text.replace(/^consistency /, '') }];
    }
    case 'head': {
      const node = written.nodeOf(change.of);
      return node && [headReplacement(node, change.text)];
    }
    case 'remove': {
      const node = written.nodeOf(change.what);
      return node && [removal(withEmptyBlock(node))];
    }
    case 'add': {
      const node = written.nodeOf(change.to);
      return node && [{ into: node, text: change.text }];
    }
    case 'split': {
      const node = written.optionOf(change.of, 'partition');
      return node && [splitReplacement(node as Partitioning, change.text)];
    }
    case 'divide': {
      const level = (written.optionOf(change.of, 'partition') as Partitioning | undefined)?.levels.at(-1);
      const end = level?.$cstNode?.end;
      return level && end !== undefined ? [edit(level, end, end, ` ${change.text}`)] : undefined;
    }
    case 'stand': {
      const { clusters = [] } = (written.nodeOf(change.of) ?? {}) as { readonly clusters?: readonly AstNode[] };
      const [first, last] = [clusters[0]?.$cstNode, clusters.at(-1)?.$cstNode];
      return first && last && [edit(clusters[0]!, first.offset, last.end, change.on.join(', '))];
    }
    case 'hold-data':
      return holdingData(written.nodeOf(change.node));
    case 'append': {
      const end = written.nodeOf(change.to)?.$cstNode?.range.end;
      return end && [{ uri: written.uriOf(change.to), range: { start: end, end }, newText: ` ${change.text}` }];
    }
    case 'declare': {
      const uri = written.uriOf(change.near);
      const lines = written.textOf(uri).split('\n');
      const end = { line: lines.length - 1, character: lines.at(-1)!.length };
      const gap = lines.at(-1)!.trim() === '' ? '\n' : '\n\n';
      return [{ uri, range: { start: end, end }, newText: `${gap}${change.text}\n` }];
    }
  }
}

function setOption(
  { of, option, text, parent }: Extract<Change, { kind: 'set' }>,
  written: Written,
): (Edit | Addition)[] | undefined {
  const existing = written.optionOf(of, option);
  if (existing !== undefined) return [replacement(existing, text)];
  const path = option.split(' ');
  if (path.length === 2) {
    const outer = written.optionOf(of, path[0]!);
    if (outer !== undefined) return [{ into: outer, text }];
    if (parent === undefined) return undefined;
  }
  const node = written.nodeOf(of);
  return node && [{ into: node, text: path.length === 2 ? `${parent} { ${text} }` : text }];
}

const documentOf = (node: AstNode) => AstUtils.getDocument(node);

function edit(node: AstNode, from: number, to: number, newText: string): Edit {
  const { uri, textDocument } = documentOf(node);
  return {
    uri: uri.toString(),
    range: { start: textDocument.positionAt(from), end: textDocument.positionAt(to) },
    newText,
  };
}

function replacement(node: AstNode, text: string): Edit {
  const cst = node.$cstNode!;
  return edit(node, cst.offset, cst.end, text);
}

function headReplacement(node: AstNode, text: string): Edit {
  const { offset, text: whole } = node.$cstNode!;
  const block = (node as { readonly block?: AstNode }).block?.$cstNode;
  const head = block === undefined ? whole : whole.slice(0, block.offset - offset).trimEnd();
  return edit(node, offset, offset + head.length, text);
}

/** Another strategy in place of all levels; their options stay, and so does what stands behind them. */
function splitReplacement(node: Partitioning, strategy: string): Edit {
  const options = node.levels.flatMap(level => level.body?.options ?? []).map(option => option.$cstNode!.text);
  const [first, last] = [node.levels[0]!, node.levels.at(-1)!];
  const text = options.length === 0 ? strategy : `${strategy} { ${options.join('  ')} }`;
  return edit(node, first.$cstNode!.offset, last.$cstNode!.end, text);
}

/** Lines that count nodes go on counting: behind the line they would give their nodes other names. */
function holdingData(node: AstNode | undefined): readonly Edit[] | undefined {
  const line = AstUtils.getContainerOfType(node, isMembers);
  const cluster = line?.$container;
  if (line?.role !== 'witness' || !isCluster(cluster)) return undefined;
  const behind = cluster.members.slice(cluster.members.indexOf(line) + 1);
  if (behind.some(({ count }) => count !== undefined)) return undefined;
  const { offset } = line.$cstNode!;
  return [edit(line, offset, offset + line.role.length, 'nodes')];
}

/** Takes a node away, with its line when nothing else stands there, else with the space before it. */
function removal(node: AstNode): Edit {
  const text = documentOf(node).textDocument.getText();
  const { offset, end } = node.$cstNode!;
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const lineEnd = text.indexOf('\n', end);
  const before = text.slice(lineStart, offset);
  const after = text.slice(end, lineEnd < 0 ? text.length : lineEnd);
  if (before.trim() === '' && after.trim() === '' && lineEnd >= 0) return edit(node, lineStart, lineEnd + 1, '');
  const space = before.length - before.trimEnd().length;
  return edit(node, offset - space, end, '');
}

/** The only claim of a block goes with its block. */
function withEmptyBlock(node: AstNode): AstNode {
  const block = node.$container;
  if (block?.$type !== 'Claims') return node;
  const { claims } = block as Claims;
  return claims.length === 1 ? block : node;
}

/** Adds to a node's block, on lines of their own where the block has lines; without a block, gives it one. */
function insertion(node: AstNode, added: readonly string[]): Edit {
  const text = documentOf(node).textDocument.getText();
  const { offset, end } = node.$cstNode!;
  const inner = blockOf(node);
  const block = inner?.$cstNode;
  const brace = openingBrace(inner ?? node);
  if (brace === undefined) return edit(node, end, end, ` { ${added.join('  ')} }`);
  const inside = text.slice(brace.end, (block?.end ?? end) - 1);
  // Behind the last that is said, and nothing else is touched: other edits of the same fix may lie in the block.
  const lastEnd = brace.end + inside.trimEnd().length;
  if (!inside.includes('\n')) {
    const before = inside.trim() === '' ? ' ' : '  ';
    return edit(node, lastEnd, lastEnd, before + added.join('  ') + (/\s$/.test(inside) ? '' : ' '));
  }
  const indent = /\n([ \t]*)\S/.exec(inside)?.[1] ?? `${indentOf(text, offset)}  `;
  return edit(node, lastEnd, lastEnd, added.map(line => `\n${indent}${line}`).join(''));
}

/** The block of a node's options: its own, or of a partitioning the last level's. */
function blockOf(node: AstNode): AstNode | undefined {
  const { block, levels } = node as {
    readonly block?: AstNode;
    readonly levels?: readonly { readonly body?: AstNode }[];
  };
  return block ?? levels?.at(-1)?.body;
}

function indentOf(text: string, offset: number): string {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(lineStart, offset))![0];
}
