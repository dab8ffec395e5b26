import { valueKey } from '../model/value.ts';
import type { Value } from './history.ts';

/** Numbers different values 0, 1, 2 … in the order in which they are first seen. */
export class ValueIds {
  #plain = new Map<Value, number>();
  #lists = new Map<string, number>();
  readonly values: Value[] = [];
  /** Characters of all list and text values: what a checker that keeps many states runs out of. */
  characters = 0;

  of(value: Value): number {
    if (Array.isArray(value)) return this.#number(this.#lists, valueKey(value), value);
    return this.#number(this.#plain, value, value);
  }

  #number<K>(ids: Map<K, number>, key: K, value: Value): number {
    const known = ids.get(key);
    if (known !== undefined) return known;
    const id = this.values.length;
    ids.set(key, id);
    this.values.push(value);
    if (typeof key === 'string') this.characters += key.length;
    return id;
  }

  find(value: Value): number | undefined {
    return Array.isArray(value) ? this.#lists.get(valueKey(value)) : this.#plain.get(value);
  }
}
