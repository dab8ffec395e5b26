/**
 * Where a word of the language is certainly not a name. Every word may be a name, but while people type, blocks are
 * half written, and then the next line must not become the missing name or value:
 *
 *     heartbeat              // its value is still to come
 *     claims { ... }         // not the value of heartbeat
 */

/**
 * Words that begin a declaration or a statement. First on a line they do, unless a name is due and what follows does
 * not look like a statement.
 */
const openers = new Set([
  ...['import', 'rules', 'region', 'network', 'cluster', 'faults', 'store', 'transaction', 'workload', 'scenario'],
  ...['exploration', 'zones', 'between', 'within', 'nodes', 'witness', 'observer', 'spare', 'record', 'partition'],
  ...['replication', 'consensus', 'claims', 'operations', 'run', 'at', 'every', 'when', 'chaos', 'expect'],
  ...['consistency', 'cap', 'survives', 'no', 'keeps', 'residency', 'apart-from', 'invariant'],
]);

/** Words that are no names before this text. */
const leads: Readonly<Record<string, RegExp>> = {
  at: /\s+\d/y,
  every: /\s+\d/y,
  up: /\s+to\s*(\d|\})/y,
  any: /\s+\d/y,
  weight: /\s+\d/y,
  grid: /\s*\(/y,
  all: /\s+of\s*\(/y,
  local: /\s+(majority|all|one)(?![A-Za-z0-9_-])/y,
  each: /\s+(majority|all|one)(?![A-Za-z0-9_-])/y,
  claims: /\s*\{/y,
};

/** What stands after a statement's first word but not after a name: another word, or a literal. */
const statement = /[ \t]+(?!(?:in|on|of|to|from|by|for|via|as|and|losing|until)(?![A-Za-z0-9_-]))["A-Za-z0-9_]/y;

/** After these a name is due, also on the next line. */
const beforeNames = new Set([
  ...['region', 'cluster', 'store', 'transaction', 'workload', 'scenario', 'exploration'],
  ...[',', '(', '.', ':', '=', '->', 'on', 'of', 'in', 'to', 'from', 'with', 'by', 'via', 'as', 'and', 'any'],
  ...['zones', 'between', 'within', 'nodes', 'witness', 'observer', 'spare', 'run', 'update', 'read', 'client'],
]);

export function isOpener(word: string): boolean {
  return openers.has(word);
}

export function isSometimesStrict(word: string): boolean {
  return openers.has(word) || word in leads;
}

/**
 * Whether `word`, which ends at offset `end` of `text`, is certainly not a name.
 * @param previous the token before it, and whether that stands on an earlier line; undefined at the beginning
 */
export function isStrict(
  text: string,
  word: string,
  end: number,
  previous: { readonly word: string; readonly onEarlierLine: boolean } | undefined,
): boolean {
  const lead = leads[word];
  if (lead && !(word === 'claims' && previous && beforeNames.has(previous.word))) {
    lead.lastIndex = end;
    if (lead.test(text)) return true;
  }
  if (!openers.has(word)) return false;
  if (previous === undefined) return true;
  if (!previous.onEarlierLine) return false;
  statement.lastIndex = end;
  return !beforeNames.has(previous.word) || statement.test(text);
}
