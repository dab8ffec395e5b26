/** The facts of a design as a page in Markdown, for editors: what `dsys facts` shows. */
import type { Design } from '@dsys/runtime/design/design';
import { factsOfDesign } from '@dsys/runtime/protocols/facts';
import { factNotes, factRows } from './rows.ts';

export function factsPage(design: Design): string {
  const { stores } = factsOfDesign(design);
  if (stores.length === 0) return 'The design has no store, so there is nothing to say.\n';
  const tables = stores.map(store => {
    const rows = factRows(store).map(
      row => `| ${[row.name, row.value ?? '*unknown*', row.why ?? ''].map(cell).join(' | ')} |`,
    );
    return [`## ${store.name}`, '', '| | | |', '|---|---|---|', ...rows].join('\n');
  });
  return `${[...tables, ...factNotes(stores)].join('\n\n')}\n`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
