/** Elaborates the declaration around a place with a filler in it, and listens to what is looked for there. */
import { isOption, type Specification } from '@dsys/grammar';
import { type AstNode, AstUtils, CstUtils, type LangiumDocument, type LeafCstNode } from 'langium';
import { elaborate } from '../../elaborate/elaborate.ts';
import type { Wanted } from '../../elaborate/questions.ts';
import { parseText } from '../../module.ts';
import { resolveNames } from '../../names/resolve.ts';
import type { Workspace } from '../../workspace/load.ts';
import type { Place } from './place.ts';

/** A word that nobody writes. */
export const filler = 'zz-cursor-zz';

const uri = 'file:///cursor.dsys';

export interface Probe {
  /** The node that the filler is in. */
  readonly node: AstNode | undefined;
  /** What elaboration looks for where the filler stands. */
  readonly wanted: readonly Wanted[];
  /** The option around it, and how messages call the block that this stands in. */
  readonly option: { readonly name: string; readonly owner: string } | undefined;
}

export function probe(text: string, place: Place, insert: string): Probe {
  const { document, offset } = withInserted(text, place, insert);
  const leaf = leafAt(document, offset);
  const node = leaf?.astNode;
  const property = leaf && propertyOf(leaf);
  const around = node && AstUtils.getContainerOfType(node, isOption);
  const wanted: Wanted[] = [];
  let option: Probe['option'];
  run(document, (at, found, of) => {
    if (at === node && (of === undefined || of === property)) wanted.push(found);
    if (at === around && found.kind === 'options') option ??= { name: around.name, owner: found.owner };
  });
  return { node, wanted, option };
}

/** Errors that say: this does not belong here. Of two mechanisms the later one is reported, wherever the first is. */
const misplaced = new Set(['option-not-applicable', 'duplicate-option']);

/** Whether elaboration has a use for a candidate (with what has to follow it) at a place. */
export function belongs(text: string, place: Place, candidate: string): boolean {
  const { document, offset } = withInserted(text, place, candidate);
  // All readings of what stands before are followed; the parser has chosen one.
  if (document.parseResult.parserErrors.some(({ token }) => token.startOffset === offset)) return false;
  const { diagnostics, isUnderstood } = run(document);
  const end = offset + candidate.length;
  const { textDocument } = document;
  const isWrong = diagnostics.some(({ rule, range }) => {
    const start = textDocument.offsetAt(range.start);
    if (rule === 'option-value') return start === offset;
    return (
      rule === 'two-mechanisms' || (misplaced.has(rule) && start < end && textDocument.offsetAt(range.end) > offset)
    );
  });
  if (isWrong) return false;
  let node = leafAt(document, offset)?.astNode;
  while (node && !(isOption(node.$container) && node.$containerProperty === 'values')) node = node.$container;
  return node === undefined || isUnderstood(node);
}

/** Which of these options do not belong here, though the block has them: those of another mode or policy. */
export function misplacedAmong(text: string, place: Place, options: readonly string[]): Set<string> {
  const inserted = options.map(name => `${name} 1ns`).join(' ');
  const { document, offset } = withInserted(text, place, inserted);
  const written = document.textDocument.getText();
  const suspects = new Set<string>();
  for (const { rule, range } of run(document).diagnostics) {
    if (!misplaced.has(rule)) continue;
    const start = document.textDocument.offsetAt(range.start);
    if (start < offset || start >= offset + inserted.length) continue;
    suspects.add(/^[A-Za-z-]*/.exec(written.slice(start))![0]);
  }
  // Some only do not go together.
  return new Set([...suspects].filter(name => !belongs(text, place, `${name} 1ns`)));
}

/** So many characters after the place are looked at: whether an option is written there already, how blocks end. */
const behind = 1000;

function withInserted(text: string, place: Place, insert: string) {
  const { slice, word, leftOut } = place;
  const kept = leftOut.toReversed().reduce(
    (rest, { start, end }) => {
      return rest.slice(0, start - slice.start) + rest.slice(end - slice.start);
    },
    text.slice(slice.start, word.start),
  );
  const before = kept.replace(/[\r\n]+[ \t]*$/, '\n');
  const after = text.slice(word.end, Math.min(slice.end, word.end + behind));
  const document = parseText(`${before}${insert} ${after}`, uri);
  return { document, offset: before.length };
}

function run(document: LangiumDocument<Specification>, ask?: Parameters<typeof elaborate>[3]) {
  const entry = { uri, document, imports: [] };
  const workspace: Workspace = { entry, files: [entry], byUri: new Map([[uri, entry]]), diagnostics: [] };
  return elaborate(workspace, resolveNames(workspace), () => '', ask);
}

function leafAt(document: LangiumDocument, offset: number): LeafCstNode | undefined {
  const root = document.parseResult.value.$cstNode;
  return root && CstUtils.findLeafNodeAtOffset(root, offset);
}

/** The property of its node that a token belongs to. */
function propertyOf(leaf: LeafCstNode): string | undefined {
  for (let source: AstNode | undefined = leaf.grammarSource; source; source = source.$container) {
    if ('feature' in source && typeof source.feature === 'string') return source.feature;
    if (source.$type === 'ParserRule') break;
  }
  // The words of a rule without a node of its own (`OptionName`) belong to the property that calls it.
  const call = leaf.container?.grammarSource;
  const owner = call?.$container as (AstNode & { feature?: string }) | undefined;
  return typeof owner?.feature === 'string' ? owner.feature : undefined;
}
