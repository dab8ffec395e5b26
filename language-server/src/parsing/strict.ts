/**
 * Where a word of the language is certainly not a name. Every word may be a name, but while people type, blocks are
 * half written, and then the next line must not become the missing name or value:
 *
 *     heartbeat              // its value is still to come
 *     claims { ... }         // not the value of heartbeat
 */

const name = '[A-Za-z_][A-Za-z0-9_-]*';
/** A word that goes on with a statement after a name, so that the word before it may be that name. */
const connective = '(?:in|on|of|to|from|by|for|via|as|and|losing|until)(?![A-Za-z0-9_-])';
const anyName = `(?!${connective})${name}`;
const members = `[ \\t]+${name}[ \\t]*(?:[,{}\\r\\n]|in(?![A-Za-z0-9_-])|//|$)`;

const gap = '(?:\\s|//[^\\n\\r]*[\\n\\r]|/\\*(?:[^*]|\\*(?!/))*\\*/)';

/** First on its line, a word before this is the beginning of a declaration or statement, unless it follows a comma. */
const openers: Readonly<Record<string, RegExp>> = onLine({
  import: '[ \\t]*"',
  rules: '[ \\t]*\\{',
  network: '[ \\t]*\\{',
  faults: '[ \\t]*\\{',
  region: `[ \\t]+${name}[ \\t]*\\{`,
  cluster: `[ \\t]+${name}[ \\t]*\\{`,
  store: `[ \\t]+${name}[ \\t]*(?:\\{|on[ \\t])`,
  transaction: `[ \\t]+${name}[ \\t]*\\{`,
  workload: `[ \\t]+${name}[ \\t]*(?:\\{|on[ \\t])`,
  scenario: `[ \\t]+${name}[ \\t]*\\{`,
  exploration: `[ \\t]+${name}[ \\t]+of[ \\t]`,
  zones: `[ \\t]+${anyName}`,
  between: `[ \\t]+${name}(?:\\.${name})*[ \\t]+and[ \\t]`,
  within: `[ \\t]+${name}(?:\\.${name})*[ \\t]*\\{`,
  nodes: `[ \\t]+\\d|${members}`,
  witness: members,
  observer: members,
  spare: members,
  record: '[ \\t]*\\{|[ \\t]+size[ \\t]',
  partition: '[ \\t]+(?:by|with)[ \\t]',
  replication: `[ \\t]+${anyName}`,
  consensus: `[ \\t]+${anyName}`,
  operations: '[ \\t]+\\d',
  run: `[ \\t]+(?:${name}(?:[ \\t]*,[ \\t]*${name})*[ \\t]+)?for[ \\t]`,
  when: `[ \\t]+${name}[ \\t]+(?:reaches|leaves)[ \\t]`,
  chaos: '[ \\t]*\\{|[ \\t]+(?:from|until)[ \\t]+\\d',
  expect: `[ \\t]+${anyName}`,
  consistency: `[ \\t]+${anyName}`,
  cap: '[ \\t]+(?:CP|AP|CA)',
  survives: `[ \\t]+(?:\\d|${anyName})`,
  no: `[ \\t]+${anyName}`,
  keeps: `[ \\t]+${anyName}`,
  residency: `[ \\t]+(?:${name}[ \\t]+)?in[ \\t]`,
  'apart-from': `[ \\t]+${anyName}`,
  invariant: `[ \\t]+${anyName}`,
});

/** Words that are no names before this text, wherever they stand. */
const leads: Readonly<Record<string, RegExp>> = onLine({
  at: `${gap}+\\d`,
  every: `${gap}+\\d`,
  up: `${gap}+to${gap}*[\\d}]`,
  any: `${gap}+\\d`,
  weight: `${gap}+\\d`,
  grid: `${gap}*\\(`,
  all: `${gap}+of${gap}*\\(`,
  local: `${gap}+(?:majority|all|one)(?![A-Za-z0-9_-])`,
  each: `${gap}+(?:majority|all|one)(?![A-Za-z0-9_-])`,
  claims: `${gap}*\\{`,
});

const declarations = new Set([
  ...['import', 'rules', 'region', 'network', 'cluster', 'faults', 'store', 'transaction', 'workload', 'scenario'],
  'exploration',
]);

/** After these a name is due: what follows is one, unless it is the whole beginning of a declaration. */
const beforeNames = new Set([
  ...['region', 'cluster', 'store', 'transaction', 'workload', 'scenario', 'exploration', '.', ',', '->', '(', '='],
  ...['on', 'of', 'in', 'to', 'from', 'with', 'by', 'and', 'within', 'between', 'as', 'via', 'per', 'any', 'zones'],
  ...['update', 'read', 'run', 'client'],
]);

function onLine(patterns: Readonly<Record<string, string>>): Readonly<Record<string, RegExp>> {
  return Object.fromEntries(Object.entries(patterns).map(([word, pattern]) => [word, new RegExp(pattern, 'y')]));
}

/** Whether a word begins declarations or statements. */
export function isOpener(word: string): boolean {
  return Object.hasOwn(openers, word) || word === 'claims' || word === 'at' || word === 'every';
}

export function isSometimesStrict(word: string): boolean {
  return Object.hasOwn(openers, word) || Object.hasOwn(leads, word);
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
  if (previous === undefined) return true;
  // `"US" -> weight  7 -> db1`: nothing but a name goes on right after these.
  if (!previous.onEarlierLine && (previous.word === '->' || previous.word === '.')) return false;
  const isDue = beforeNames.has(previous.word);
  if (!(isDue && word === 'claims') && isBefore(leads[word], text, end)) return true;
  if (isDue && (!declarations.has(word) || previous.word === ',')) return false;
  return previous.onEarlierLine && isBefore(openers[word], text, end);
}

function isBefore(pattern: RegExp | undefined, text: string, offset: number): boolean {
  if (!pattern) return false;
  pattern.lastIndex = offset;
  return pattern.test(text);
}
