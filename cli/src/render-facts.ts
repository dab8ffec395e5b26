/** The facts of a design in the terminal: a small table per store. */
import { factNotes, factRows } from '@dsys/language-server';
import type { StoreFacts } from '@dsys/runtime/analysis/facts';
import { descriptors } from '@dsys/runtime/protocols/descriptors';
import type { Colors } from './output.ts';
import { wrap } from './wrap.ts';

interface Look {
  readonly colors: Colors;
  /** Leaves out what the figures mean. */
  readonly quiet: boolean;
}

export function renderFacts(stores: readonly StoreFacts[], { colors, quiet }: Look): string {
  if (stores.length === 0) return 'The design has no store, so there is nothing to say.\n';
  const tables = stores.map(store => table(store, colors));
  const foot = quiet
    ? ''
    : `\n${factNotes(stores)
        .map(note => `${colors.dim(wrap(note, 0))}\n`)
        .join('')}`;
  return tables.join('\n') + foot;
}

function table(store: StoreFacts, colors: Colors): string {
  const rows = factRows(store);
  const width = Math.max(...rows.map(({ name }) => name.length)) + 2;
  const indent = width + 2;
  const lines = rows.map(({ name, value, why }) => {
    const reason = why === undefined ? '' : value === null ? why : `  ${why}`;
    const text = value === null ? `unknown: ${reason}` : value;
    const first = wrap(text, indent);
    const painted = value === null ? colors.yellow(first) : first;
    const more = value === null || why === undefined ? '' : `\n${' '.repeat(indent)}${colors.dim(wrap(why, indent))}`;
    return `  ${name.padEnd(width)}${painted}${more}\n`;
  });
  const { title } = descriptors[store.mechanism as keyof typeof descriptors];
  return `${colors.bold(store.name)}  ${title}\n${lines.join('')}`;
}
