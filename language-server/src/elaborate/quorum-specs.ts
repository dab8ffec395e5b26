/** Quorums as options write them: numbers, words, and forms that name nodes. */
import type { Name, QuorumForm } from '@dsys/grammar';
import type { QuorumSpec } from '@dsys/runtime/design/quorum';
import type { NodeId } from '@dsys/runtime/design/topology';
import type { AstNode } from 'langium';
import { type Context, nodeOf, report, textOf } from './context.ts';
import { askWords } from './questions.ts';
import { count, isWord, wrongValue } from './values.ts';

/** A quorum as written, relative to whoever holds the key. */
export function quorum(
  context: Context,
  value: AstNode | undefined,
  what: string,
  owner: AstNode,
): QuorumSpec | undefined {
  const expected = 'a quorum: a number, majority, all, one, or a form such as any 2 of (a, b, c)';
  if (value === undefined) {
    report(context, 'option-value', owner, `${what} needs ${expected}.`);
    return undefined;
  }
  context.understood.add(value);
  context.ask?.(value, { kind: 'quorum' });
  switch (value.$type) {
    case 'NumberLiteral': {
      const number = count(context, value, what, owner, { least: 0 });
      return number === undefined ? undefined : { kind: 'count', count: number };
    }
    case 'Name': {
      const word = textOf(value as Name);
      if (word === 'majority' || word === 'all' || word === 'one') return { kind: word };
      return wrongValue(context, value, what, expected);
    }
    case 'AnyOf':
    case 'AllOf':
    case 'Grid':
    case 'Weighted':
    case 'ScopedQuorum':
      return quorumForm(context, value as QuorumForm, what);
    default:
      return wrongValue(context, value, what, expected);
  }
}

function quorumForm(context: Context, form: QuorumForm, what: string): QuorumSpec | undefined {
  switch (form.$type) {
    case 'AnyOf':
    case 'AllOf': {
      const members = form.members.map(member =>
        member.$type === 'Name' ? nodeOf(context, member) : quorumForm(context, member, what),
      );
      if (!members.every(member => member !== undefined)) return undefined;
      const names = form.members.filter(member => member.$type === 'Name');
      if (!areDistinct(context, names)) return undefined;
      const need = form.$type === 'AllOf' ? members.length : count(context, form.count, 'any N of', form);
      if (need === undefined) return undefined;
      if (need <= members.length) return { kind: 'of', need, members };
      report(
        context,
        'quorum-size-range',
        form,
        `any ${need} of ${members.length} can never be gathered: name more members, or need ${members.length} at most.`,
      );
      return undefined;
    }
    case 'Grid': {
      askWords(context, form, ['row', 'column', 'cross'], 'shape');
      const rows = count(context, form.rows, 'grid', form);
      const columns = count(context, form.columns, 'grid', form);
      if (rows === undefined || columns === undefined) return undefined;
      const { shape } = form;
      if (shape === 'row' || shape === 'column' || shape === 'cross')
        return { kind: 'grid', rows, columns, take: shape };
      report(context, 'option-value', form, `A grid quorum is a row, a column or a cross, not "${shape}".`);
      return undefined;
    }
    case 'Weighted':
      return weighted(context, form);
    case 'ScopedQuorum': {
      if (isWord(context, form.quorum, 'majority')) return { kind: `${form.scope}-majority` };
      if (form.scope === 'local' && isWord(context, form.quorum, 'one')) return { kind: 'local-one' };
      const words = form.scope === 'local' ? 'local majority or local one' : 'each majority';
      report(context, 'option-value', form, `${form.scope} is written with a quorum of a region: ${words}.`);
      return undefined;
    }
  }
}

function weighted(context: Context, form: Extract<QuorumForm, { $type: 'Weighted' }>): QuorumSpec | undefined {
  const need = count(context, form.threshold, 'weight', form);
  const weights: (readonly [NodeId, number])[] = [];
  for (const { member, weight } of form.members) {
    const node = nodeOf(context, member);
    const votes = count(context, weight, 'a weight', form);
    if (node === undefined || votes === undefined) return undefined;
    weights.push([node, votes]);
  }
  if (
    need === undefined ||
    !areDistinct(
      context,
      form.members.map(({ member }) => member),
    )
  )
    return undefined;
  const sum = weights.reduce((total, [, weight]) => total + weight, 0);
  if (need <= sum) return { kind: 'weight', need, weights };
  const message = `A weight of ${need} can never be gathered: all weights together are ${sum}.`;
  report(context, 'quorum-size-range', form, message);
  return undefined;
}

/** Whether each node is named once: it has one vote. */
function areDistinct(context: Context, names: readonly Name[]): boolean {
  const seen = new Set<NodeId | undefined>();
  const again = names.find(name => seen.size === seen.add(nodeOf(context, name)).size);
  if (again === undefined) return true;
  report(context, 'duplicate-name', again, `${textOf(again)} stands twice in this quorum; a node has one vote in it.`);
  return false;
}
