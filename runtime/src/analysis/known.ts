/** What could be computed, or why it could not: a figure is exact or it is not given. */
export type Known<T> = { readonly value: T } | { readonly unknown: string };

export const known = <T>(value: T): Known<T> => ({ value });
export const unknown = (why: string): { readonly unknown: string } => ({ unknown: why });

export const isKnown = <T>(figure: Known<T>): figure is { readonly value: T } => 'value' in figure;

/** `change` of what is known; the reason where it is not. */
export const mapKnown = <T, U>(figure: Known<T>, change: (value: T) => U): Known<U> =>
  isKnown(figure) ? known(change(figure.value)) : figure;

/** All of them, or the first reason why not. */
export function allKnown<T>(figures: readonly Known<T>[]): Known<readonly T[]> {
  const values: T[] = [];
  for (const figure of figures) {
    if (!isKnown(figure)) return figure;
    values.push(figure.value);
  }
  return known(values);
}

/** The value. @throws Error with the reason when there is none; for callers that have made sure */
export function valueIn<T>(figure: Known<T>): T {
  if (isKnown(figure)) return figure.value;
  throw new Error(figure.unknown);
}
