/**
 * The page of a mechanism that is executed, made from what it says of itself: its descriptor, its protocol's messages and
 * invariants, the meanings of its options, and the rules that speak of it.
 */
import type { MechanismKind } from '@dsys/runtime/design/mechanism';
import type { Invariant } from '@dsys/runtime/protocols/contract';
import type { Promises } from '@dsys/runtime/protocols/descriptor';
import { descriptorOf, promisesOf } from '@dsys/runtime/protocols/descriptors';
import { findProtocol } from '@dsys/runtime/protocols/registry';
import { analyse } from '../elaborate/analyse.ts';
import { optionMeanings } from '../lsp/meanings/options.ts';
import { families } from '../rules/all.ts';
import { type Example, examples } from './examples.ts';
import { fence, list, namedRows, optionRow, table } from './markdown.ts';
import { faults, type Matrix, matrixDesign, matrixPage, type Promised, variants } from './matrix.ts';
import { partitionsMean, partitionsPage } from './partitions.ts';
import { transactionsMean, transactionsPage } from './transactions.ts';

/** A design that shows it, beside the page. */
export interface Shown {
  /** Path from the top of the project. */
  readonly path: string;
  readonly text: string;
}

export const executedKinds: readonly MechanismKind[] = (Object.keys(examples) as MechanismKind[]).filter(
  kind => findProtocol(kind) !== undefined,
);

/** All pages by the name of their file in `docs/mechanisms/`. */
export async function mechanismPages(shown: readonly Shown[], matrix: Matrix): Promise<ReadonlyMap<string, string>> {
  const pages = new Map([['README.md', indexPage()]]);
  pages.set('transactions.md', transactionsPage(shown));
  pages.set('partitioning.md', partitionsPage(shown));
  pages.set('matrix.md', matrixPage(matrix, await promisedInMatrix()));
  for (const kind of executedKinds) pages.set(`${kind}.md`, await pageOf(kind, shown));
  return pages;
}

async function promisedInMatrix(): Promise<Promised> {
  const all: Promises[][] = [];
  for (const variant of variants) {
    const row: Promises[] = [];
    for (const fault of faults) row.push(await promisesIn(matrixDesign(variant, fault), 's'));
    all.push(row);
  }
  return all;
}

/** Families of rules about mechanisms themselves; the others show theirs with any that is at hand. */
const OWN = /replication|consensus/i;

async function pageOf(kind: MechanismKind, shown: readonly Shown[]): Promise<string> {
  const { title, means, source, durable, notes = [] } = descriptorOf(kind);
  const { text, blocks, word, choices } = examples[kind]!;
  const protocol = findProtocol(kind)!;
  const options = blocks.flatMap(block => Object.entries(optionMeanings[block] ?? {}));
  const rules = families
    .filter(({ title }) => OWN.test(title))
    .flatMap(one => one.rules.filter(rule => word.test(rule.wrong)));
  const designs = shown.filter(one => word.test(one.text));
  const parts = [
    `# ${title}`,
    means,
    fence(text),
    '## What it promises',
    'With the options that stand here; `dsys facts` says it of your design.',
    promised(await promisesIn(text)),
    `On disk before a node answers: ${durable}.`,
    ...(choices === undefined ? [] : [`## ${choices.title}`, await chosen(text, choices)]),
    '## Invariants',
    'Watched at every step of every run, unless the options give one up; `expect invariant NAME` asks for one.',
    table(['invariant', 'says', 'stated in'], protocol.invariants.map(invariantRow)),
    '## Messages',
    'By these names scenarios lose and delay them, and traces show them.',
    table(['message', 'for'], namedRows(protocol.messages)),
    ...(options.length === 0 ? [] : ['## Options', table(['option', 'means', 'as in'], options.map(optionRow))]),
    ...notes.flatMap(([title, text]) => [`## ${title}`, text]),
    ...(designs.length === 0 ? [] : ['## Seen in', list(designs.map(({ path }) => `[${path}](../../${path})`))]),
    ...(rules.length === 0
      ? []
      : ['## Rules that speak of it', list(rules.map(({ id, title }) => `[${id}](../rules/${id}.md): ${title}`))]),
    '## Source',
    `${source}.`,
  ];
  return `${parts.join('\n\n')}\n`;
}

function indexPage(): string {
  const rows = executedKinds.map(kind => {
    const { title, means } = descriptorOf(kind);
    return [`[${title}](${kind}.md)`, means];
  });
  rows.push(['[Transactions](transactions.md)', transactionsMean], ['[Partitioning](partitioning.md)', partitionsMean]);
  return `# Mechanisms\n\nWhat dsys executes, each as its paper has it. These pages are made from the protocols themselves by \`npm run docs\`.\n\n${table(['mechanism', 'means'], rows)}\n\n[What is kept under which fault](matrix.md): mechanisms side by side, with seeds that show it.\n`;
}

/** @param name of the store; undefined: the first one */
async function promisesIn(text: string, name?: string): Promise<Promises> {
  const uri = 'file:///example.dsys';
  const analysis = await analyse(
    uri,
    asked => (asked === uri ? text : undefined),
    () => 'example.dsys',
  );
  const { design } = analysis!;
  return promisesOf(design, design.stores.find(store => store.name === name) ?? design.stores[0]!);
}

function promised({ consistency, why, read, write, takesOver, keepsAcknowledgedWrites }: Promises): string {
  return list([
    `Consistency: ${consistency}; ${why}.`,
    `Reads are served by ${served(read.servedBy)}; while the network is parted: ${read.availability}.`,
    `Writes go through ${served(write.servedBy)}; while the network is parted: ${write.availability}.`,
    keepsAcknowledgedWrites
      ? 'An acknowledged write survives the failures that it tolerates.'
      : 'Acknowledged writes may be lost.',
    `When a node is gone that all depend on: ${takesOver}.`,
  ]);
}

const served = (by: string): string => (/^(the|any) /.test(by) ? by : `the ${by}`);

/** One row for each choice. */
async function chosen(text: string, { of, all }: NonNullable<Example['choices']>): Promise<string> {
  const rows: string[][] = [];
  for (const choice of all) {
    const { consistency, why, write, converges } = await promisesIn(text.replace(of, choice));
    rows.push([`\`${choice}\``, `${consistency}: ${why}`, write.availability, converges ? 'yes' : 'no']);
  }
  return table(['written', 'consistency at most', 'writes while the network is parted', 'copies become equal'], rows);
}

const invariantRow = ({ name, means, source }: Invariant<never, never>): string[] => [`\`${name}\``, means, source];
