/** How a design is laid out: on one line or on many, with comments here and there. */
import type { Choices } from './choices.ts';

/** At random some of the items that are offered, in another order. */
export const someOf = (c: Choices, items: readonly (() => string)[], percent = 35): string[] =>
  c
    .some(
      items.filter(() => c.chance(percent)),
      0,
      items.length,
    )
    .map(item => item());

const notes = ['note', '"quoted', 'a { b', 'x } y', 'store s on db', "it's", '/* inner', ''];
const widest = 100;

const indented = (item: string): string =>
  item
    .split('\n')
    .map(line => (line === '' ? line : `  ${line}`))
    .join('\n');

/** A block, with what `rest` stands behind it. */
export function block(c: Choices, head: string, items: readonly string[], rest = ''): string {
  if (items.length === 0) return `${head} {${c.pick(['', ' ', '\n'])}}${rest}`;
  const whole = `${head} { ${items.join(c.pick(['  ', ' ']))} }${rest}`;
  if (!whole.includes('\n') && whole.length <= widest && c.below(3) < 2) return whole;
  const lines = items.flatMap(item => commented(c, item)).map(indented);
  return `${head} {\n${lines.join('\n')}\n}${rest}`;
}

/** A line of its own and what belongs to it. */
export function commented(c: Choices, item: string): string[] {
  const note = c.pick(notes);
  switch (c.below(14)) {
    case 1:
      return [`// ${note}`, item];
    case 2:
      return [`${item} // ${note}`];
    case 3:
      return [`/* ${note} */ ${item}`];
    case 4:
      return ['', item];
    case 5:
      return [item, `/* ${note}\n     of two lines */`];
    default:
      return [item];
  }
}
