import type { Value } from '../checkers/history.ts';

/** A string that is equal for equal values and only for them: the key of a value in a Map. */
export function valueKey(value: Value): string {
  if (typeof value === 'string') return `"${value}`;
  if (Array.isArray(value)) {
    // Every element's key is preceded by its length, so that no element can be mistaken for two.
    let key = '[';
    for (const element of value) {
      const elementKey = valueKey(element);
      key += `${elementKey.length}:${elementKey}`;
    }
    return key;
  }
  return String(value);
}

export function sameValue(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  return a.every((element, i) => sameValue(element, b[i]));
}

/** As people write it: `1`, `"a"`, `nothing` for an absent value, `[1, 2]`. At most `limit` characters, the end is kept. */
export function showValue(value: Value, limit = 40): string {
  const text = value === null ? 'nothing' : Array.isArray(value) ? showList(value) : JSON.stringify(value);
  return text.length <= limit ? text : `${text.slice(0, limit >> 1)}…${text.slice(text.length - (limit >> 1) + 1)}`;
}

function showList(list: readonly Value[]): string {
  return `[${list.map(element => (element === null ? 'null' : showValue(element))).join(', ')}]`;
}

/** A total order on values: by type, then by size or text, lists element by element. Negative: `a` comes first. */
export function compareValues(a: Value, b: Value): number {
  const types = rank(a) - rank(b);
  if (types !== 0) return types;
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < a.length && i < b.length; i++) {
      const elements = compareValues(a[i], b[i]);
      if (elements !== 0) return elements;
    }
    return a.length - b.length;
  }
  return a === b ? 0 : (a as number) < (b as number) ? -1 : 1;
}

function rank(value: Value): number {
  if (value === null) return 0;
  if (typeof value === 'boolean') return 1;
  if (typeof value === 'number') return 2;
  return typeof value === 'string' ? 3 : 4;
}
