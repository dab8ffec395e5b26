/** The page of transactions over several stores and partitions, made from what their protocols say of themselves. */
import { transactionInvariants } from '@dsys/runtime/protocols/transaction-coordinator/invariants';
import { phaseMessages, transactionMessages } from '@dsys/runtime/protocols/transaction-coordinator/protocol';
import { versionInvariants } from '@dsys/runtime/protocols/transactions/version-invariants';
import { versionLevels } from '@dsys/runtime/protocols/transactions/versions';
import { optionMeanings } from '../lsp/meanings/options.ts';
import { families } from '../rules/all.ts';
import { fence, list, namedRows, optionRow, table } from './markdown.ts';
import type { Shown } from './page.ts';

export const transactionsMean =
  'What touches several stores or partitions happens as a whole or not at all, kept apart from others by locks or by versions.';

const example = `cluster shop { nodes 3 }
cluster warehouse { nodes 3 }
cluster checkout { nodes 3 }
store orders on shop { consensus raft }
store stock on warehouse { consensus raft }
transaction place-order {
  update orders, stock
  commit two-phase-commit { coordinator raft on checkout }
  isolation serializable
}`;

const word = /^transaction /m;

export function transactionsPage(shown: readonly Shown[]): string {
  const rules = families.flatMap(one => one.rules.filter(rule => word.test(rule.wrong)));
  const parts = [
    '# Transactions',
    transactionsMean,
    fence(example),
    'Participants are the groups of the stores: what is prepared, its locks and versions, and what was decided stand in their logs. They commit in two phases ([two-phase commit](two-phase-commit.md)) or three ([three-phase commit](three-phase-commit.md)); the coordinator is whichever node is asked, one that is named, or in two phases a Raft group.',
    '## Levels',
    'By locks, which are two-phase and strict, every level up to `strict-serializable` is what Berenson et al. 1995, table 2, say of its locks. By versions:',
    table(['level', 'means'], namedRows(versionLevels)),
    '## Invariants',
    'Watched at every step of every run, unless the options give one up; `expect invariant NAME of TRANSACTION` asks for one.',
    table(['invariant', 'says'], [...namedRows(transactionInvariants), ...namedRows(versionInvariants)]),
    '## Messages',
    'By these names scenarios lose and delay them, and traces show them. The last ones are sent where participants do something about a silent coordinator.',
    table(['message', 'for'], [...namedRows(transactionMessages), ...namedRows(phaseMessages)]),
    '## Options',
    table(['option', 'means', 'as in'], Object.entries(optionMeanings.transaction!).map(optionRow)),
    '## Seen in',
    list(shown.filter(one => word.test(one.text)).map(({ path }) => `[${path}](../../${path})`)),
    '## Rules that speak of it',
    list(rules.map(({ id, title }) => `[${id}](../rules/${id}.md): ${title}`)),
    '## Source',
    'Gray 1978; Skeen 1981; Mohan, Lindsay and Obermarck 1986 (presumptions); Bernstein, Hadzilacos and Goodman 1987, ch. 3, 5 and 7 (AC1 to AC4); Berenson et al. 1995; Adya, Liskov and O’Neil 2000; Gray and Lamport 2006; Peng and Dabek 2010; Corbett et al. 2012.',
  ];
  return `${parts.join('\n\n')}\n`;
}
