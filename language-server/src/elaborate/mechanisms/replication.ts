/** `replication single-leader | multi-leader | leaderless | chain`, with every option of the language's table. */
import type { Option, Replication } from '@dsys/grammar';
import type { Chain, ConflictPolicy, Leaderless, Mechanism, MultiLeader } from '@dsys/runtime/design/mechanism';
import { closest } from '../../names/suggest.ts';
import { type Context, orList, report, symbolOf } from '../context.ts';
import { defaults } from '../defaults.ts';
import { readOptions } from '../options.ts';
import { askWords } from '../questions.ts';
import { quorum } from '../quorum-specs.ts';
import { blockOf, choice, duration, isWord, oneOfWords, onOff, phrase } from '../values.ts';
import { clockOf, conflictPolicy, refine, refinements, refinementsOf, siblings } from './conflicts.ts';
import { nodesIn } from './nodes.ts';
import { singleLeader } from './single-leader.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const topologies: Readonly<Record<string, (context: Context, replication: Replication) => Mechanism>> = {
  'single-leader': singleLeader,
  'multi-leader': multiLeader,
  leaderless,
  chain,
};

/** Undefined if there is no such topology, which is reported. */
export function elaborateReplication(context: Context, replication: Replication): Mechanism | undefined {
  const { topology, mode } = replication;
  askWords(context, replication, Object.keys(topologies), 'topology');
  if (!topology) return undefined;
  if (mode !== undefined && (topology === 'leaderless' || topology === 'chain')) {
    const message = `${topology} replication has no mode: leave "${mode}" out.`;
    report(context, 'option-not-applicable', replication, message);
  }
  if (Object.hasOwn(topologies, topology)) return topologies[topology]!(context, replication);
  const known = Object.keys(topologies);
  const near = closest(topology, known);
  const hint = near === undefined ? `It can be ${orList(known)}.` : `Did you mean ${near}?`;
  report(context, 'unknown-mechanism', replication, `There is no replication "${topology}". ${hint}`);
  return undefined;
}

function multiLeader(context: Context, replication: Replication): MultiLeader {
  const { mode = 'asynchronous' } = replication;
  if (mode === 'semi-synchronous') {
    const message = 'multi-leader replication is synchronous or asynchronous.';
    report(context, 'option-not-applicable', replication, message);
  }
  const draft: Mutable<MultiLeader> = {
    kind: 'multi-leader',
    mode: mode === 'synchronous' ? mode : 'asynchronous',
    leaders: [],
    conflicts: { kind: 'none' },
  };
  const options = blockOf(context, replication);
  const isRefinement = (option: Option) => refinements.includes(option.name);
  let policy: ConflictPolicy | undefined = draft.conflicts;
  readOptions(
    context,
    'multi-leader replication',
    options.filter(option => !isRefinement(option)),
    {
      leader: option => {
        draft.leaders = nodesIn(context, option);
      },
      conflicts: option => {
        policy = conflictPolicy(context, option);
      },
    },
  );
  if (policy !== undefined) {
    const written = new Set(options.map(option => option.name));
    const names = refinementsOf(policy.kind).filter(name => !written.has(name));
    for (const option of options) context.ask?.(option, { kind: 'options', owner: `conflicts ${policy.kind}`, names });
  }
  // Without a policy that makes sense nothing can be said about what belongs to it.
  if (policy !== undefined) draft.conflicts = refine(context, policy, options.filter(isRefinement));
  return draft;
}

function leaderless(context: Context, replication: Replication): Leaderless {
  const draft: Mutable<Leaderless> = { kind: 'leaderless', ...defaults.leaderless };
  const switched = (key: 'sloppy' | 'readRepair' | 'readWriteBack') => (option: Option) => {
    draft[key] = onOff(context, option) ?? draft[key];
  };
  readOptions(context, 'leaderless replication', blockOf(context, replication), {
    read: option => {
      draft.read = quorum(context, option.values[0], 'read', option) ?? draft.read;
    },
    write: option => {
      draft.write = quorum(context, option.values[0], 'write', option) ?? draft.write;
    },
    sloppy: switched('sloppy'),
    'read-repair': switched('readRepair'),
    'read-write-back': switched('readWriteBack'),
    'hinted-handoff': option => {
      if (onOff(context, option) !== true) return;
      const lasts = phrase(context, option, 'for')?.values[0];
      const ns = lasts && duration(context, lasts, 'hinted-handoff on for', option, true);
      draft.hintedHandoffNs = ns ?? defaults.hintedHandoffNs;
    },
    'anti-entropy': option => {
      if (isWord(context, option.values[0], 'off')) return;
      const every = phrase(context, option, 'every')?.values[0];
      draft.antiEntropyNs = duration(context, every, 'anti-entropy every', option, true) ?? null;
    },
    resolve: option => {
      const word = choice(context, option, ['last-write-wins', 'siblings'] as const);
      if (word === 'last-write-wins') draft.resolve = { kind: word, clock: clockOf(context, option, 'hybrid') };
      if (word === 'siblings') draft.resolve = { kind: word, ...siblings(context, option) };
    },
    tombstones: option => {
      if (choice(context, option, ['keep'] as const) === undefined) return;
      draft.tombstonesNs = duration(context, option.values[1], 'tombstones keep', option) ?? draft.tombstonesNs;
    },
    cas: option => {
      draft.cas = choice(context, option, ['refuse', 'paxos', 'local'] as const) ?? draft.cas;
    },
  });
  return draft;
}

function chain(context: Context, replication: Replication): Chain {
  const draft: Mutable<Chain> = { kind: 'chain', ...defaults.chain };
  readOptions(context, 'chain replication', blockOf(context, replication), {
    master: option => {
      const [value] = option.values;
      if (isWord(context, value, 'none')) draft.master = null;
      else if (value?.$type === 'Name') {
        context.understood.add(value);
        draft.master = symbolOf(context, value)?.path ?? null;
        if (draft.master !== null && draft.master === (replication.$container as { name?: string }).name) {
          const message = `${draft.master} cannot keep its own configuration: name another store, or none.`;
          report(context, 'option-value', value, message);
        }
      } else report(context, 'option-value', option, 'master is the store that keeps the configuration, or none.');
    },
    read: option => {
      const from = phrase(context, option, 'from')?.values[0];
      draft.read = oneOfWords(context, from, 'read from', ['tail', 'any'] as const, option) ?? draft.read;
    },
    resend: option => {
      draft.resend = onOff(context, option) ?? draft.resend;
    },
  });
  return draft;
}
