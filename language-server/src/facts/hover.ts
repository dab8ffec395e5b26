/** The facts of a store as a small Markdown table, for hovers. */
import type { Design } from '@dsys/runtime/design/design';
import { factsOfOneStore } from '@dsys/runtime/protocols/facts';
import { factRows } from './rows.ts';

/** What a reader at a store wants to know first; the rest is what `dsys facts` is for. */
const shown =
  /^(consistency|CAP|PACELC|when partitioned|tolerates|((read|write) )?(quorum|availability|latency floor))$/;

const known = new WeakMap<Design, Map<string, string | undefined>>();

/**
 * Computed once per design and store. Staleness is left out: predicting it takes a simulation, and hovers must not wait.
 * @returns undefined for a store that is nowhere, of which nothing can be said
 */
export function storeFactsTable(design: Design, name: string): string | undefined {
  let tables = known.get(design);
  if (tables === undefined) known.set(design, (tables = new Map()));
  if (!tables.has(name)) tables.set(name, tableOf(design, name));
  return tables.get(name);
}

function tableOf(design: Design, name: string): string | undefined {
  const store = design.stores.find(one => one.name === name);
  if (store === undefined || store.partitions.some(id => design.partitions[id]!.replicas.length === 0))
    return undefined;
  if (store.partitions.length === 0) return undefined;
  const rows = factRows(factsOfOneStore(design, store, 0)).filter(row => shown.test(row.name));
  const lines = rows.map(row => {
    const text = row.value ?? '*unknown*';
    return `| ${row.name} | ${cell(row.why === undefined ? text : `${text}: ${row.why}`)} |`;
  });
  return ['| | |', '|---|---|', ...lines, '', `More, with staleness: \`dsys facts\`.`].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
