/**
 * Reading a block of options. A table says which options there are; everything else in the block is unknown, repeated
 * or of another mechanism, and is reported where it stands.
 */
import type { Option } from '@dsys/grammar';
import type { AstNode } from 'langium';
import { placeOf } from '../diagnostic.ts';
import { type Context, orList, report } from './context.ts';

export type Readers = Readonly<Record<string, (option: Option) => void>>;

/** Options that may stand more than once in a block. */
const repeatable = new Set(['latency']);

/** Calls the reader of each option. `owner` names the block in messages: "raft", "a cluster". */
export function readOptions(context: Context, owner: string, options: readonly Option[], readers: Readers): void {
  const seen = new Map<string, Option>();
  for (const option of options) {
    const reader = readers[option.name];
    if (reader === undefined) {
      report(
        context,
        'option-not-applicable',
        placeOf(option, 'name'),
        unknownMessage(owner, option.name, Object.keys(readers)),
      );
      continue;
    }
    const before = seen.get(keyOf(option));
    if (before !== undefined) {
      report(
        context,
        'duplicate-option',
        placeOf(option, 'name'),
        `${option.name} is already given for ${owner}; one of the two must go.`,
        {
          related: [{ ...placeOf(before, 'name'), message: 'given here first' }],
        },
      );
      continue;
    }
    seen.set(keyOf(option), option);
    reader(option);
  }
}

/** `read` of single-leader may say from whom and how; `latency` may stand once per message class. */
const keyOf = (option: Option): string =>
  repeatable.has(option.name)
    ? `${option.name} ${option.values.length > 1 ? (option.values[0]?.$cstNode?.text ?? '') : ''}`
    : option.name;

function unknownMessage(owner: string, name: string, known: readonly string[]): string {
  const near = known.find(word => distance(word, name) <= 2);
  if (near !== undefined) return `There is no option ${name} for ${owner}. Did you mean ${near}?`;
  return known.length === 0
    ? `${owner} has no options.`
    : `There is no option ${name} for ${owner}. It has ${orList(known)}.`;
}

/** Levenshtein's distance, for words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** An option without a block where none belongs. */
export function refuseBlock(context: Context, option: { readonly block?: AstNode; readonly name: string }): void {
  if (option.block !== undefined)
    report(context, 'option-not-applicable', option.block, `${option.name} has no options of its own.`);
}
