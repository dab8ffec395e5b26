/** `replication single-leader | multi-leader | leaderless | chain`, with every option of the language's table. */
import type { Option, Replication } from '@dsys/grammar';
import type {
  Chain,
  ClockKind,
  ConflictPolicy,
  Failover,
  Leaderless,
  Mechanism,
  MultiLeader,
  SingleLeader,
} from '@dsys/runtime/design/mechanism';
import type { NodeId } from '@dsys/runtime/design/topology';
import { type Context, nodeOf, oneLine, orList, report, symbolOf, textOf } from '../context.ts';
import { defaults } from '../defaults.ts';
import { type Readers, readOptions } from '../options.ts';
import { choice, duration, isWord, literal, onOff, phrase, phraseWord, quorum, wordOf } from '../values.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function elaborateReplication(context: Context, replication: Replication): Mechanism | undefined {
  const { topology, mode } = replication;
  if (mode !== undefined && (topology === 'leaderless' || topology === 'chain')) {
    report(context, 'option-not-applicable', replication, `${topology} replication has no mode: leave "${mode}" out.`);
  }
  if (mode === 'semi-synchronous' && topology === 'multi-leader') {
    report(context, 'option-not-applicable', replication, 'multi-leader replication is synchronous or asynchronous.');
  }
  switch (topology) {
    case 'single-leader':
      return singleLeader(context, replication);
    case 'multi-leader':
      return multiLeader(context, replication);
    case 'leaderless':
      return leaderless(context, replication);
    case 'chain':
      return chain(context, replication);
    default:
      report(
        context,
        'unknown-mechanism',
        replication,
        `There is no replication "${topology}": it can be single-leader, multi-leader, leaderless or chain.`,
      );
      return undefined;
  }
}

const optionsOf = (replication: Replication): readonly Option[] => replication.block?.options ?? [];

/** A node, or a comma-separated list of nodes. */
export function nodesIn(context: Context, option: Option): NodeId[] {
  const nodes: NodeId[] = [];
  for (const value of option.values) {
    if (value.$type !== 'Name') {
      report(context, 'option-value', value, `${option.name} needs names of nodes, not "${oneLine(value)}".`);
      continue;
    }
    const node = nodeOf(context, value);
    if (node !== undefined && nodes.includes(node))
      report(context, 'duplicate-name', value, `${textOf(value)} stands twice here.`);
    else if (node !== undefined) nodes.push(node);
  }
  return nodes;
}

function singleLeader(context: Context, replication: Replication): SingleLeader {
  const mode = replication.mode ?? 'synchronous';
  const draft: Mutable<SingleLeader> = {
    kind: 'single-leader',
    mode,
    acknowledgements: null,
    leader: null,
    read: 'leader',
    leaderRead: { kind: 'checked' },
    failover: {
      mode: 'automatic',
      detect: { kind: 'timeout', ns: defaults.replication.detectNs },
      promote: 'most-advanced',
      consult: { kind: 'majority' },
      fencing: true,
      manager: { kind: 'peers' },
    },
    onReplicaDown: 'block',
    fallbackAfterNs: null,
    acknowledge: 'applied',
    onFailure: 'unknown',
    logRetentionNs: defaults.replication.logRetentionNs,
    log: 'global-ids',
    rejoin: 'rewind',
  };
  if (mode === 'semi-synchronous') {
    const written =
      replication.quorum === undefined
        ? undefined
        : quorum(context, replication.quorum, 'semi-synchronous', replication);
    draft.acknowledgements = written ?? { kind: 'count', count: 1 };
  }
  const only = (wanted: SingleLeader['mode'], option: Option): boolean => {
    if (mode === wanted) return true;
    report(
      context,
      'option-not-applicable',
      option,
      `${option.name} is for ${wanted} replication; this one is ${mode}.`,
    );
    return false;
  };
  readOptions(context, `single-leader ${mode} replication`, optionsOf(replication), {
    leader: option => void (draft.leader = nodesIn(context, option)[0] ?? null),
    read: option => readFrom(context, option, draft),
    failover: option => void (draft.failover = failover(context, option, draft.failover)),
    'on-replica-down': option => {
      if (only('synchronous', option))
        draft.onReplicaDown = choice(context, option, ['block', 'drop'] as const) ?? 'block';
    },
    fallback: option => {
      if (!only('semi-synchronous', option)) return;
      const word = choice(context, option, ['none', 'asynchronous'] as const);
      if (word === 'asynchronous')
        draft.fallbackAfterNs =
          duration(context, phrase(option, 'after')?.values[0], 'fallback asynchronous after', option, true) ?? null;
    },
    acknowledge: option =>
      void (draft.acknowledge = choice(context, option, ['applied', 'received'] as const) ?? 'applied'),
    'on-failure': option =>
      void (draft.onFailure = choice(context, option, ['unknown', 'error'] as const) ?? 'unknown'),
    log: option => {
      const word = choice(context, option, ['retention', 'global-ids', 'positions'] as const);
      if (word === 'retention')
        draft.logRetentionNs =
          duration(context, option.values[1], 'log retention', option, true) ?? draft.logRetentionNs;
      else if (word !== undefined) draft.log = word;
    },
    rejoin: option => void (draft.rejoin = choice(context, option, ['rewind', 'reclone', 'keep'] as const) ?? 'rewind'),
  });
  return draft;
}

/** `read from leader [checked | lease 5s | local]`, `read from followers | any | nearest`. */
function readFrom(context: Context, option: Option, draft: Mutable<SingleLeader>): void {
  const from = phraseWord(option, 'from');
  if (from !== 'leader' && from !== 'followers' && from !== 'any' && from !== 'nearest') {
    return report(
      context,
      'option-value',
      option,
      'Reads come from the leader, followers, any or the nearest replica: read from leader.',
    );
  }
  draft.read = from;
  const how = option.values.find(value => value.$type === 'Name');
  if (how === undefined) return;
  const word = wordOf(how);
  if (from !== 'leader')
    return report(
      context,
      'option-not-applicable',
      how,
      `"${word}" says how a leader reads; these reads come from ${from}.`,
    );
  if (word === 'checked' || word === 'local') draft.leaderRead = { kind: word };
  else if (word === 'lease') {
    const ns = duration(context, option.values[option.values.indexOf(how) + 1], 'read from leader lease', option, true);
    draft.leaderRead = { kind: 'lease', ns: ns ?? defaults.replication.leaderReadLeaseNs };
  }
}

function failover(context: Context, option: Option, before: Failover): Failover {
  const mode =
    option.values.length === 0 ? 'automatic' : choice(context, option, ['automatic', 'manual', 'none'] as const);
  let draft: Failover = { ...before, mode: mode ?? 'automatic' };
  const set = (change: Partial<Failover>) => {
    draft = { ...draft, ...change };
  };
  const options = option.block?.options ?? [];
  if (mode === 'none' && option.block !== undefined) {
    report(context, 'option-not-applicable', option.block, 'failover none has no options: nobody is ever promoted.');
    return draft;
  }
  readOptions(context, 'failover', options, {
    detect: one => {
      if (isWord(one.values[0], 'phi')) {
        const threshold = literal(context, one.values[1], 'NumberLiteral', 'detect phi', one);
        if (threshold !== undefined && threshold > 0) set({ detect: { kind: 'phi', threshold } });
        else if (threshold !== undefined)
          report(context, 'option-value', one, 'A phi threshold is more than 0; 8 is common.');
        return;
      }
      const ns = duration(context, one.values[0], 'detect', one, true);
      if (ns !== undefined) set({ detect: { kind: 'timeout', ns } });
    },
    promote: one => set({ promote: choice(context, one, ['most-advanced', 'any'] as const) ?? 'most-advanced' }),
    consult: one => {
      const consult = quorum(context, one.values[0], 'consult', one);
      if (consult !== undefined) set({ consult });
    },
    fencing: one => set({ fencing: onOff(context, one) ?? true }),
    manager: one => {
      const [value] = one.values;
      if (isWord(value, 'peers')) return set({ manager: { kind: 'peers' } });
      if (value?.$type !== 'Name') return report(context, 'option-value', one, 'manager is peers, a node or a store.');
      const symbol = symbolOf(context, value);
      const node = nodeOf(context, value);
      if (node !== undefined) set({ manager: { kind: 'node', node } });
      else if (symbol?.kind === 'store') set({ manager: { kind: 'store', store: symbol.path } });
    },
  });
  return draft;
}

const clockOf = (context: Context, option: Option, fallback: ClockKind): ClockKind => {
  const word = phraseWord(option, 'by');
  if (word === undefined) return fallback;
  if (word === 'physical' || word === 'lamport' || word === 'hybrid') return word;
  report(
    context,
    'option-value',
    option,
    `Writes are ordered by a physical, lamport or hybrid clock, not by "${word}".`,
  );
  return fallback;
};

const perOf = (context: Context, option: Option): 'server' | 'client' => {
  const word = phraseWord(option, 'per') ?? 'server';
  if (word === 'server' || word === 'client') return word;
  report(context, 'option-value', option, `Versions are kept per server or per client, not per "${word}".`);
  return 'server';
};

function multiLeader(context: Context, replication: Replication): MultiLeader {
  const draft: Mutable<MultiLeader> = {
    kind: 'multi-leader',
    mode: replication.mode === 'synchronous' ? 'synchronous' : 'asynchronous',
    leaders: [],
    conflicts: { kind: 'none' },
  };
  const extra: Record<string, Option> = {};
  readOptions(context, 'multi-leader replication', optionsOf(replication), {
    leader: option => void (draft.leaders = nodesIn(context, option)),
    conflicts: option => void (draft.conflicts = conflictPolicy(context, option)),
    'version-check': option => void (extra['version-check'] = option),
    'granted-by': option => void (extra['granted-by'] = option),
    fencing: option => void (extra.fencing = option),
    'on-move': option => void (extra['on-move'] = option),
  });
  draft.conflicts = refine(context, draft.conflicts, extra);
  return draft;
}

/** Options of a policy may stand behind it or on lines of their own. */
function refine(context: Context, policy: ConflictPolicy, extra: Readonly<Record<string, Option>>): ConflictPolicy {
  let refined = policy;
  for (const [name, option] of Object.entries(extra)) {
    if (name === 'version-check' && refined.kind === 'optimistic-lock')
      refined = { ...refined, check: choice(context, option, ['home', 'quorum', 'local'] as const) ?? 'home' };
    else if (name === 'granted-by' && refined.kind === 'pessimistic-lock')
      refined = { ...refined, grantedBy: choice(context, option, ['majority', 'all'] as const) ?? 'majority' };
    else if (name === 'fencing' && refined.kind === 'pessimistic-lock')
      refined = { ...refined, fencing: onOff(context, option) ?? true };
    else if (name === 'on-move' && refined.kind === 'avoid')
      refined = { ...refined, onMove: choice(context, option, ['drain', 'fence', 'none'] as const) ?? 'drain' };
    else report(context, 'option-not-applicable', option, `${name} does not belong to conflicts ${policy.kind}.`);
  }
  return refined;
}

const policies = [
  'none',
  'pessimistic-lock',
  'optimistic-lock',
  'last-write-wins',
  'siblings',
  'merge',
  'avoid',
] as const;

/** Words behind a policy come in pairs: `lease 5s fencing on granted-by majority`. */
function wordPairs(option: Option): Map<string, Option['values'][number] | undefined> {
  const pairs = new Map<string, Option['values'][number] | undefined>();
  for (let i = 1; i < option.values.length; i++) {
    const word = wordOf(option.values[i]);
    if (word !== undefined && ['lease', 'fencing', 'granted-by', 'version-check', 'on-move'].includes(word))
      pairs.set(word, option.values[++i]);
  }
  for (const one of option.block?.options ?? []) pairs.set(one.name, one.values[0]);
  return pairs;
}

function conflictPolicy(context: Context, option: Option): ConflictPolicy {
  const kind = choice(context, option, policies);
  const pairs = wordPairs(option);
  const wordAt = <W extends string>(name: string, words: readonly W[], fallback: W): W => {
    const value = pairs.get(name);
    if (value === undefined && !pairs.has(name)) return fallback;
    const word = wordOf(value);
    if (word !== undefined && (words as readonly string[]).includes(word)) return word as W;
    report(context, 'option-value', value ?? option, `${name} can be ${orList(words)}.`);
    return fallback;
  };
  switch (kind) {
    case 'pessimistic-lock': {
      const leaseNs = pairs.has('lease')
        ? (duration(context, pairs.get('lease'), 'lease', option, true) ?? null)
        : defaults.replication.lockLeaseNs;
      return {
        kind,
        leaseNs,
        fencing: wordAt('fencing', ['on', 'off'] as const, 'on') === 'on',
        grantedBy: wordAt('granted-by', ['majority', 'all'] as const, 'majority'),
      };
    }
    case 'optimistic-lock':
      return { kind, check: wordAt('version-check', ['home', 'quorum', 'local'] as const, 'home') };
    case 'last-write-wins':
      return { kind, clock: clockOf(context, option, 'physical') };
    case 'siblings':
      return { kind, by: versionBy(context, option), per: perOf(context, option) };
    case 'merge': {
      const type = choice(context, option, ['g-counter', 'pn-counter', 'g-set', 'or-set', 'lww-register'] as const, 1);
      return type === undefined ? { kind: 'none' } : { kind, type };
    }
    case 'avoid':
      return avoidance(context, option, wordAt('on-move', ['drain', 'fence', 'none'] as const, 'drain'));
    default:
      return { kind: 'none' };
  }
}

function avoidance(context: Context, option: Option, onMove: 'drain' | 'fence' | 'none'): ConflictPolicy {
  const homes: [string, NodeId][] = [];
  for (const { keys, home } of option.block?.assignments ?? []) {
    const node = nodeOf(context, home);
    if (node === undefined) continue;
    for (const key of keys) {
      const value = key.$type === 'Name' ? textOf(key) : String(key.value);
      if (homes.some(([known]) => known === value))
        report(context, 'range-overlap', key, `"${value}" already has a home.`);
      else homes.push([value, node]);
    }
  }
  if (homes.length === 0)
    report(
      context,
      'option-value',
      option,
      'avoid needs the home of each value: avoid by country { "DE" -> e1  "US" -> u1 }.',
    );
  return { kind: 'avoid', field: phraseWord(option, 'by') ?? '', homes, onMove };
}

function versionBy(context: Context, option: Option): 'vector' | 'dotted-vector' | 'lamport' {
  const word = phraseWord(option, 'by') ?? 'vector';
  if (word === 'vector' || word === 'dotted-vector' || word === 'lamport') return word;
  report(
    context,
    'option-value',
    option,
    `Siblings are told apart by a vector, a dotted-vector or lamport stamps, not by "${word}".`,
  );
  return 'vector';
}

function leaderless(context: Context, replication: Replication): Leaderless {
  const draft: Mutable<Leaderless> = {
    kind: 'leaderless',
    read: { kind: 'majority' },
    write: { kind: 'majority' },
    sloppy: false,
    hintedHandoffNs: null,
    readRepair: true,
    readWriteBack: false,
    antiEntropyNs: null,
    resolve: { kind: 'last-write-wins', clock: 'hybrid' },
    tombstonesNs: defaults.replication.tombstonesNs,
    cas: 'refuse',
  };
  const readers: Readers = {
    read: option => void (draft.read = quorum(context, option.values[0], 'read', option) ?? draft.read),
    write: option => void (draft.write = quorum(context, option.values[0], 'write', option) ?? draft.write),
    sloppy: option => void (draft.sloppy = onOff(context, option) ?? true),
    'hinted-handoff': option => {
      if (onOff(context, option) !== true) return;
      const lasts = phrase(option, 'for')?.values[0];
      draft.hintedHandoffNs =
        lasts === undefined
          ? defaults.replication.hintedHandoffNs
          : (duration(context, lasts, 'hinted-handoff', option, true) ?? null);
    },
    'read-repair': option => void (draft.readRepair = onOff(context, option) ?? true),
    'read-write-back': option => void (draft.readWriteBack = onOff(context, option) ?? true),
    'anti-entropy': option =>
      void (draft.antiEntropyNs =
        duration(context, phrase(option, 'every')?.values[0], 'anti-entropy every', option, true) ?? null),
    resolve: option => {
      const word = choice(context, option, ['last-write-wins', 'siblings'] as const);
      if (word === 'last-write-wins') draft.resolve = { kind: word, clock: clockOf(context, option, 'hybrid') };
      else if (word === 'siblings')
        draft.resolve = { kind: word, by: versionBy(context, option), per: perOf(context, option) };
    },
    tombstones: option =>
      void (draft.tombstonesNs = duration(context, option.values[1], 'tombstones keep', option) ?? draft.tombstonesNs),
    cas: option => void (draft.cas = choice(context, option, ['refuse', 'paxos', 'local'] as const) ?? 'refuse'),
  };
  readOptions(context, 'leaderless replication', optionsOf(replication), readers);
  return draft;
}

function chain(context: Context, replication: Replication): Chain {
  const draft: Mutable<Chain> = { kind: 'chain', master: null, read: 'tail', resend: true };
  readOptions(context, 'chain replication', optionsOf(replication), {
    master: option => {
      const [value] = option.values;
      if (isWord(value, 'none')) draft.master = null;
      else if (value?.$type === 'Name') draft.master = symbolOf(context, value)?.path ?? null;
      else report(context, 'option-value', option, 'master is the store that keeps the configuration, or none.');
    },
    read: option => {
      const from = phraseWord(option, 'from');
      if (from === 'tail' || from === 'any') draft.read = from;
      else report(context, 'option-value', option, 'A chain is read from its tail or from any node: read from tail.');
    },
    resend: option => void (draft.resend = onOff(context, option) ?? true),
  });
  return draft;
}
