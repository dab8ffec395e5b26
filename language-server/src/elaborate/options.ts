/**
 * Reading a block of options. A table says which options there are; everything else in the block is unknown, repeated
 * or of another mechanism, and is reported where it stands. So is what no reader has asked for.
 */
import type { Option } from '@dsys/grammar';
import { placeOf } from '../diagnostic.ts';
import { closest } from '../names/suggest.ts';
import { type Context, oneLine, orList, report } from './context.ts';

export type Readers = Readonly<Record<string, (option: Option) => void>>;

/** Options that may stand more than once in a block, and what tells them apart. */
const repeatable: Readonly<Record<string, (option: Option) => string>> = {
  // Once per message class.
  latency: ({ values }) => (values[0]?.$type === 'Name' ? oneLine(values[0]) : 'all'),
  // How long it is kept and what it holds.
  log: ({ values }) => (oneLine(values[0]) === 'retention' ? 'retention' : 'form'),
};

/** Calls the reader of each option. `owner` names the block in messages: "raft", "a cluster". */
export function readOptions(context: Context, owner: string, options: readonly Option[], readers: Readers): void {
  const seen = new Map<string, Option>();
  for (const option of options) {
    if (!option.name) continue;
    context.ask?.(option, { kind: 'options', owner, names: stillToWrite(option, options, readers) });
    const reader = Object.hasOwn(readers, option.name) ? readers[option.name] : undefined;
    if (reader === undefined) {
      const message = unknownMessage(owner, option.name, Object.keys(readers));
      report(context, 'option-not-applicable', placeOf(option, 'name'), message);
      continue;
    }
    const key = `${option.name} ${repeatable[option.name]?.(option) ?? ''}`;
    const before = seen.get(key);
    if (before !== undefined) {
      const related = [{ ...placeOf(before, 'name'), message: `The first ${option.name} is here.` }];
      const message = `${option.name} is already given for ${owner}: "${oneLine(before)}". One of the two must go.`;
      report(context, 'duplicate-option', placeOf(option, 'name'), message, { related });
      continue;
    }
    seen.set(key, option);
    const found = context.diagnostics.length;
    reader(option);
    // What was wrong with the values is said already.
    if (context.diagnostics.length === found) reportRest(context, option);
  }
}

function stillToWrite(option: Option, options: readonly Option[], readers: Readers): string[] {
  const others = new Set(options.filter(each => each !== option).map(each => each.name));
  return Object.keys(readers).filter(name => Object.hasOwn(repeatable, name) || !others.has(name));
}

function reportRest(context: Context, option: Option): void {
  const rest = option.values.find(value => !context.understood.has(value));
  if (rest !== undefined) {
    report(context, 'option-value', rest, `"${oneLine(rest)}" has no meaning after ${option.name} here.`);
  } else if (option.block !== undefined && !context.understood.has(option.block)) {
    report(context, 'option-not-applicable', option.block, `${option.name} has no options of its own.`);
  }
}

function unknownMessage(owner: string, name: string, known: readonly string[]): string {
  if (known.length === 0) return `There are no options for ${owner}.`;
  const near = closest(name, known);
  const all = `It has ${orList(known)}.`;
  return `There is no option ${name} for ${owner}. ${near === undefined ? all : `Did you mean ${near}?`}`;
}
