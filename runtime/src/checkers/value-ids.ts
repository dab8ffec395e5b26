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
    const known = this.find(value);
    if (known !== undefined) return known;
    const id = this.values.length;
    this.values.push(value);
    if (Array.isArray(value)) {
      const key = valueKey(value);
      this.characters += key.length;
      this.#lists.set(key, id);
    } else {
      if (typeof value === 'string') this.characters += value.length;
      this.#plain.set(value, id);
    }
    return id;
  }

  find(value: Value): number | undefined {
    return Array.isArray(value) ? this.#lists.get(valueKey(value)) : this.#plain.get(value);
  }
}
