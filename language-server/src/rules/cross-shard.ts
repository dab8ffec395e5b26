/** Operations over several shards, column groups or stores. */
import { inSeries } from '@dsys/runtime/analysis/availability';
import { slowFanOut } from '@dsys/runtime/analysis/failure-detectors';
import { crossesShards } from '@dsys/runtime/analysis/shards';
import { nodeAvailability } from '@dsys/runtime/analysis/store-availability';
import type { Design } from '@dsys/runtime/design/design';
import type { Store } from '@dsys/runtime/design/store';
import { listed, partitionsOf, percent, placedStores, workloadsOn } from './questions.ts';
import { add, type Fix, fix, type Rule } from './rule.ts';
import { repartition } from './sharding.ts';
import { atomicity, storesOf } from './transactions.ts';

const crossShardAtomicity: Rule = {
  id: 'cross-shard-atomicity',
  title: 'One operation, several shards, no commit',
  severity: 'warning',
  condition:
    'A transaction touches keys of two or more shards and has no commit protocol. An error when atomicity is claimed.',
  why: 'Each shard does its part by itself. A crash between them leaves one part done and the other not, and readers see the state in between.',
  source:
    'Gray and Reuter, "Transaction Processing", 1993; Bailis et al., "Scalable Atomic Visibility with RAMP Transactions", SIGMOD 2014',
  wrong: `cluster c { nodes 3 }
store accounts on c { partition by hash(id) into 4  consensus raft }
transaction transfer { update 2 accounts  claims { no fractured-reads } }`,
  right: `cluster c { nodes 3 }
store accounts on c { partition by hash(id) into 4  consensus raft }
transaction transfer { update 2 accounts  commit two-phase-commit { coordinator raft on c }  claims { no fractured-reads } }`,
  *check(design) {
    for (const transaction of design.transactions) {
      if (transaction.commit.kind !== 'none' || transaction.kind === 'read') continue;
      const stores = storesOf(design, transaction);
      const keys = transaction.keys ?? 1;
      const [first] = stores;
      const shards = first?.partitions.length ?? 1;
      const share = stores.length > 1 ? 1 : crossesShards(keys, shards);
      if (first === undefined || share <= 0) continue;
      const claim = atomicity(transaction);
      yield {
        severity: claim === undefined ? 'warning' : 'error',
        at: transaction,
        message:
          stores.length > 1
            ? `${listed(stores.map(store => store.name))} are changed one after the other: a crash in between leaves ${transaction.name} half done.`
            : `${keys} keys of ${first.name} span several of its ${shards} shards in ${percent(share)} of ${transaction.name}: a crash in between leaves it half done.`,
        related: [
          ...(claim ? [{ at: claim, message: `"${claim.text}" is claimed here.` }] : []),
          { at: first, message: `${first.name} is kept here.` },
        ],
        fixes: [fix('Commit atomically', add(transaction, 'commit two-phase-commit'))],
      };
    }
  },
};

/** One request in this many is slow on a shard: what "the 99th percentile" stands for. */
const slowOneIn = 100;

const scatterGatherTail: Rule = {
  id: 'scatter-gather-tail',
  title: 'A query that waits for every shard',
  severity: 'warning',
  condition: 'A workload reads or scans by a field that the store is not split by: all shards are asked.',
  why: 'An answer that needs all shards is as slow as the slowest and as available as all together. What is rare on one shard is common on a hundred.',
  source: 'Dean and Barroso, "The Tail at Scale", CACM 2013',
  wrong: `cluster c { nodes 3 }
store s on c { record { user: string  city: string }  partition by hash(user) into 100  consensus raft }
workload w on s { operations 90% read, 10% read by city }`,
  right: `cluster c { nodes 3 }
store s on c { record { user: string  city: string }  partition by hash(user) into 100  consensus raft }
workload w on s { operations 90% read, 10% read by user }`,
  *check(design) {
    for (const store of design.stores) {
      const { partitioning } = store;
      const k = store.partitions.length;
      if (k < 2 || !('field' in partitioning)) continue;
      for (const workload of workloadsOn(design, store)) {
        const query = workload.mix.find(
          ({ by, on, kind }) =>
            (kind === 'read' || kind === 'scan') &&
            by !== null &&
            by !== partitioning.field &&
            (on === null || on === store.name),
        );
        if (query === undefined) continue;
        yield {
          at: query,
          message: `${query.by} is not what ${store.name} is split by: asking ${k} shards, ${percent(slowFanOut(k, 1 / slowOneIn))} of such queries wait for a 1-in-${slowOneIn} slow reply, and one shard down fails all of them.`,
          related: [
            { at: { of: store, option: 'partition' }, message: `${store.name} is split by ${partitioning.field}.` },
          ],
          fixes: isOnlyAskedBy(design, store, query.by!) ? splitBy(store, query.by!) : [],
        };
      }
    }
  },
};

/** Whether all who read a store do it by one field of its record. */
const isOnlyAskedBy = (design: Design, store: Store, field: string): boolean =>
  store.fields.some(({ name }) => name === field) &&
  workloadsOn(design, store)
    .flatMap(({ mix }) => mix)
    .filter(({ kind, on }) => (kind === 'read' || kind === 'scan') && (on === null || on === store.name))
    .every(({ by }) => by === field);

/** Hashed by another field. */
function splitBy(store: Store, field: string): Fix[] {
  const { partitioning } = store;
  const title = `Split by ${field}`;
  if (partitioning.kind === 'consistent-hash')
    return [repartition(store, title, `consistent-hash(${field}) virtual-nodes ${partitioning.virtualNodes}`)];
  const isSlots = partitioning.kind === 'hash' && partitioning.scheme === 'slots';
  return isSlots ? [repartition(store, title, `hash(${field}) into ${partitioning.into}`)] : [];
}

const verticalJoin: Rule = {
  id: 'vertical-join',
  title: 'Every read joins what was split',
  severity: 'warning',
  condition: 'A store is split by columns, and a workload reads whole records.',
  why: 'A record whose columns are in several places is put together at each read: two requests, and all places must be up. Columns that are read together belong together.',
  source: 'Navathe et al., "Vertical Partitioning Algorithms for Database Design", 1984',
  wrong: `cluster c { nodes 3 }
store users on c { record { name: string  dob: date }  partition by columns { public: name  private: dob }  consensus raft }
workload w on users { operations 90% read, 10% write }`,
  right: `cluster c { nodes 3 }
store users on c { record { name: string  dob: date }  partition by columns { public: name  private: dob }  consensus raft }
workload w on users { operations 90% read by name, 10% write }`,
  *check(design) {
    for (const store of placedStores(design)) {
      const { partitioning } = store;
      if (partitioning.kind !== 'columns') continue;
      // Of a group whose fields could not be read nothing can be said.
      const groups = partitioning.groups.filter(({ columns }) => columns.length > 0);
      if (groups.length < 2) continue;
      for (const workload of workloadsOn(design, store)) {
        const read = workload.mix.find(
          ({ kind, by, on }) => kind === 'read' && by === null && (on === null || on === store.name),
        );
        if (read === undefined) continue;
        const firsts = partitionsOf(design, store).flatMap(({ replicas }) => replicas.slice(0, 1));
        const up = inSeries(firsts.map(nodeAvailability(design)));
        yield {
          at: read,
          message: `Each such read joins ${listed(groups.map(({ name, columns }) => `${columns[0]}@${name}`))}: ${groups.length} requests, and all ${groups.length} places must be up (${percent(up)} with one node each).`,
          related: [{ at: { of: store, option: 'partition' }, message: `${store.name} is split by columns.` }],
        };
      }
    }
  },
};

const functionalCrossref: Rule = {
  id: 'functional-crossref',
  title: 'References that nobody keeps',
  severity: 'warning',
  condition: 'A field refers to another store, and nothing is said about deletion (`on-delete`).',
  why: 'Two stores share no transaction: when the row that is referred to is deleted, the reference stays and leads nowhere. Somebody has to refuse the deletion, or to follow it.',
  source: 'Pritchett, "BASE: An Acid Alternative", ACM Queue 2008',
  wrong: `cluster c { nodes 3 }
store users on c { record { id: string }  consensus raft }
store orders on c { record { user: string -> users.id }  consensus raft }`,
  right: `cluster c { nodes 3 }
store users on c { record { id: string }  consensus raft }
store orders on c { record { user: string -> users.id on-delete refuse }  consensus raft }`,
  *check(design) {
    for (const store of design.stores) {
      for (const field of store.fields) {
        const { reference } = field;
        if (reference === null || reference.onDelete !== null || reference.store === store.name) continue;
        const other = design.stores.find(({ name }) => name === reference.store);
        yield {
          at: field,
          message: `${store.name}.${field.name} points to ${reference.store}.${reference.field}, another store; deleting there leaves orphans here.`,
          ...(other && { related: [{ at: other, message: `${other.name} knows nothing of it.` }] }),
          fixes: [
            {
              title: 'Refuse the deletion',
              changes: [{ kind: 'append', to: field, text: 'on-delete refuse' }],
            } satisfies Fix,
          ],
        };
      }
    }
  },
};

export const crossShardRules: readonly Rule[] = [
  crossShardAtomicity,
  scatterGatherTail,
  verticalJoin,
  functionalCrossref,
];
