/** Reads JSON of unknown origin into typed data: each reader returns what it promises or says in plain words what stands there instead. */

/** `T` of a piece of JSON; `where` names the piece. @throws ShapeError */
export type Reader<T> = (json: unknown, where: string) => T;

export class ShapeError extends Error {}

function wrong(where: string, wanted: string, json: unknown): ShapeError {
  const text = JSON.stringify(json) ?? 'nothing';
  return new ShapeError(`${where} must be ${wanted}, not ${text.length > 40 ? `${text.slice(0, 37)}...` : text}`);
}

export const text: Reader<string> = (json, where) => {
  if (typeof json === 'string') return json;
  throw wrong(where, 'a text', json);
};

/** An integer from `least` to `greatest`. */
export function integer(least: number, greatest: number): Reader<number> {
  return (json, where) => {
    if (typeof json === 'number' && Number.isInteger(json) && json >= least && json <= greatest) return json;
    throw wrong(where, `an integer from ${least} to ${greatest}`, json);
  };
}

export const safeInteger = integer(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
export const index = integer(-1, 4_294_967_295);

export const finiteOrNull: Reader<number | null> = (json, where) => {
  if (json === null || (typeof json === 'number' && Number.isFinite(json))) return json;
  throw wrong(where, 'a number or null', json);
};

export function oneOf<T extends string>(...choices: readonly T[]): Reader<T> {
  return (json, where) => {
    if (choices.includes(json as T)) return json as T;
    throw wrong(where, `one of ${choices.join(', ')}`, json);
  };
}

export function list<T>(element: Reader<T>): Reader<T[]> {
  return (json, where) => {
    if (!Array.isArray(json)) throw wrong(where, 'a list', json);
    return json.map((one, position) => element(one, `${where}[${position}]`));
  };
}

/** A list of exactly as many elements. */
export function tuple<T extends readonly unknown[]>(
  ...elements: { [Position in keyof T]: Reader<T[Position]> }
): Reader<T> {
  return (json, where) => {
    if (!Array.isArray(json) || json.length !== elements.length) {
      throw wrong(where, `a list of ${elements.length}`, json);
    }
    return elements.map((element, position) => element(json[position], `${where}[${position}]`)) as unknown as T;
  };
}

/** An object's named members. Members that the shape does not know are dropped: newer versions may have more. */
export function record<T>(members: { readonly [Name in keyof T]-?: Reader<T[Name]> }): Reader<T> {
  return (json, where) => {
    const object = plainObject(json, where);
    const result: Partial<T> = {};
    for (const name of Object.keys(members) as (keyof T & string)[]) {
      const value = members[name](object[name], `${where}.${name}`);
      if (value !== undefined) result[name] = value;
    }
    return result as T;
  };
}

/** An object whose members are all alike. */
export function dictionary<T>(member: Reader<T>): Reader<{ [name: string]: T }> {
  return (json, where) => {
    const object = plainObject(json, where);
    // `fromEntries` makes own members even of `__proto__`.
    return Object.fromEntries(Object.keys(object).map(name => [name, member(object[name], `${where}.${name}`)]));
  };
}

function plainObject(json: unknown, where: string): Record<string, unknown> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  throw wrong(where, 'an object', json);
}

/** What may be missing. */
export function optional<T>(reader: Reader<T>): Reader<T | undefined> {
  return (json, where) => (json === undefined ? undefined : reader(json, where));
}

export function nullable<T>(reader: Reader<T>): Reader<T | null> {
  return (json, where) => (json === null ? null : reader(json, where));
}

/** Any JSON, as it stands. */
export const anyJson: Reader<never> = json => json as never;
