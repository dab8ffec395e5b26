/** What diagnostics mean that no rule of the catalogue finds: the text cannot be read, or says nothing that can be built. */

import { allRules } from './all.ts';

export interface OtherId {
  readonly id: string;
  /** "A name stands for nothing" */
  readonly title: string;
  /** What it means and what to do, in one or two sentences. Markdown. */
  readonly means: string;
}

const all: readonly OtherId[] = [
  {
    id: 'syntax',
    title: 'The text cannot be read',
    means:
      'Something is written that the language does not have at this place: a bracket is missing, a word is misspelt, a unit does not fit. What could be read of the rest is still checked.',
  },
  {
    id: 'unresolved-name',
    title: 'A name stands for nothing',
    means:
      'No node, store, workload or other thing of that name is declared in this file or in one that it imports. Names that are near are suggested.',
  },
  {
    id: 'unresolved-import',
    title: 'An imported file is not there',
    means: 'The path is relative to the importing file. At most 1000 files are read.',
  },
  {
    id: 'import-cycle',
    title: 'Files import each other in a circle',
    means: 'Move what both need into a file of its own, and import that from both.',
  },
  {
    id: 'duplicate-name',
    title: 'Two things have one name',
    means:
      'Names are unique among things of the same kind; regions and clusters share their names, and so do stores and transactions.',
  },
  {
    id: 'duplicate-option',
    title: 'An option is written twice',
    means: 'The first one counts. Take one of them away.',
  },
  {
    id: 'option-not-applicable',
    title: 'An option that means nothing here',
    means:
      'The option, or one of its values, belongs to another mechanism or block, or to another choice than the one made here. Completion offers what applies.',
  },
  {
    id: 'option-value',
    title: 'A value that an option cannot have',
    means:
      'A quantity of another kind, a number out of range, or a word that the option does not know; the message says what it takes.',
  },
  {
    id: 'empty-cluster',
    title: 'A cluster without nodes',
    means: 'Nothing can be kept on it. Write, for example, `nodes 3`.',
  },
  {
    id: 'store-without-cluster',
    title: 'A store that is nowhere',
    means: 'Say which clusters keep it: `store orders on eu, us { … }`.',
  },
  {
    id: 'replicas-exceed-nodes',
    title: 'More replicas than nodes',
    means: 'A node keeps at most one copy of a key. Declare more nodes, or ask for fewer replicas.',
  },
  {
    id: 'copies-without-mechanism',
    title: 'Several copies, and nothing that keeps them equal',
    means: 'Choose a `replication` or a `consensus`, or keep one copy with `replicas 1`.',
  },
  {
    id: 'two-mechanisms',
    title: 'Replication and consensus for one store',
    means: 'Each of them orders writes, and two orders are none. Keep one of the two.',
  },
  {
    id: 'unknown-mechanism',
    title: 'No such mechanism',
    means: 'The message lists the kinds of replication, consensus, commit or partitioning that there are.',
  },
  {
    id: 'colocation-cycle',
    title: 'Stores placed with each other in a circle',
    means: '`partition with` takes the partitions of another store, which must have some of its own.',
  },
  {
    id: 'node-not-in-store',
    title: 'A node that does not keep the store',
    means:
      'Leaders, coordinators, quorums and targets that name nodes can name only those that take part in the store.',
  },
  {
    id: 'node-already-in-store',
    title: 'A node is added that takes part already',
    means: 'Declare it as `spare` in its cluster if it is to be added later.',
  },
  {
    id: 'range-overlap',
    title: 'Two partitions for the same keys',
    means:
      'Each key belongs to one partition. A range has its lower bound and not its upper one, so ranges can meet: `..10` and `10..`.',
  },
  {
    id: 'range-gap',
    title: 'Keys that belong to no partition',
    means: 'Operations on them have nowhere to go. Add a partition, for lists for example `others: rest`.',
  },
  {
    id: 'shares-sum',
    title: 'Shares of values above 100%',
    means: 'The shares of the values of a field can be at most all of them.',
  },
  {
    id: 'operations-sum',
    title: 'An operation mix that is not 100%',
    means: 'The shares of a workload’s operations add up to 100%.',
  },
  {
    id: 'time-outside-run',
    title: 'Something is to happen when the run is over',
    means: 'Make the run longer (`run w for 60s`), or let it happen earlier.',
  },
  {
    id: 'unknown-property',
    title: 'No such claim or expectation',
    means: 'The message lists what can be claimed; claims and expectations share one set of properties.',
  },
  {
    id: 'unknown-role',
    title: 'No such role',
    means: 'Targets name nodes, places, or a role of something, such as `leader of orders`.',
  },
  {
    id: 'unknown-verb',
    title: 'No such action',
    means: 'The message lists what can happen in a scenario, or be bounded in an exploration.',
  },
  {
    id: 'semisync-k-range',
    title: 'More acknowledgements than followers',
    means:
      'No write can ever be acknowledged: semi-synchronous replication waits for followers, of which there are fewer.',
  },
  {
    id: 'not-executable',
    title: 'What the runtime does not execute yet',
    means:
      'The design can be checked, and its facts computed, but a run would not be what is written, so there is none.',
  },
  {
    id: 'unknown-rule',
    title: 'A setting for a rule that there is not',
    means: '`rules { … }` at the head of a file names rules of the catalogue: `rules { even-cluster off }`.',
  },
  {
    id: 'ignore-unused',
    title: 'A comment that silences nothing',
    means:
      '`// dsys-ignore rule-id: why` speaks of the next line. It can go when the rule no longer finds anything there; ids that are not rules cannot be ignored.',
  },
  {
    id: 'ignore-without-reason',
    title: 'A comment that silences a rule without saying why',
    means: 'The reason is for whoever reads the design next: `// dsys-ignore rule-id: why`.',
  },
];

/** Ids that the catalogue has too are explained there. */
export const otherIds: readonly OtherId[] = all.filter(({ id }) => !allRules.some(rule => rule.id === id));
