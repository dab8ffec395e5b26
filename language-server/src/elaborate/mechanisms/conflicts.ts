/**
 * Conflict policies of multi-leader replication, and how versions are told apart. What belongs to a policy (`lease 5s`,
 * `fencing on`, `granted-by majority`, `version-check home`, `on-move drain`) is written behind it, where the parser
 * takes it for an option of its own, or in a block.
 */
import type { Option } from '@dsys/grammar';
import type { ClockKind, ConflictPolicy, VersionBy } from '@dsys/runtime/design/mechanism';
import type { NodeId } from '@dsys/runtime/design/topology';
import { type Context, nodeOf, report, textOf } from '../context.ts';
import { defaults } from '../defaults.ts';
import { type Readers, readOptions } from '../options.ts';
import { blockOf, choice, duration, oneOfWords, onOff, phrase, wordOf } from '../values.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const policies = [
  'none',
  'pessimistic-lock',
  'optimistic-lock',
  'last-write-wins',
  'siblings',
  'merge',
  'avoid',
] as const;

/** The policy that an option says; undefined if it cannot be understood. */
export function conflictPolicy(context: Context, option: Option): ConflictPolicy | undefined {
  const kind = choice(context, option, policies);
  const policy = kind && bare(context, kind, option);
  if (policy === undefined) return undefined;
  if (policy.kind === 'avoid') return policy;
  const refinements = blockOf(context, option);
  return refinements.length === 0 ? policy : refine(context, policy, refinements);
}

function bare(context: Context, kind: (typeof policies)[number], option: Option): ConflictPolicy | undefined {
  switch (kind) {
    case 'none':
      return { kind };
    case 'pessimistic-lock':
      return { kind, ...defaults.lock };
    case 'optimistic-lock':
      return { kind, check: 'home' };
    case 'last-write-wins':
      return { kind, clock: clockOf(context, option, 'physical') };
    case 'siblings':
      return { kind, ...siblings(context, option) };
    case 'merge': {
      const types = ['g-counter', 'pn-counter', 'g-set', 'or-set', 'lww-register'] as const;
      const type = oneOfWords(context, option.values[1], 'merge', types, option);
      return type && { kind, type };
    }
    case 'avoid':
      return avoidance(context, option);
  }
}

/** What belongs to each policy. */
const belongs: Readonly<Record<string, ConflictPolicy['kind']>> = {
  lease: 'pessimistic-lock',
  fencing: 'pessimistic-lock',
  'granted-by': 'pessimistic-lock',
  'version-check': 'optimistic-lock',
  'on-move': 'avoid',
};

export const refinements: readonly string[] = Object.keys(belongs);

export const refinementsOf = (policy: ConflictPolicy['kind']): string[] =>
  refinements.filter(name => belongs[name] === policy);

/** The policy with what is written of it elsewhere. */
export function refine(context: Context, policy: ConflictPolicy, options: readonly Option[]): ConflictPolicy {
  let refined = policy;
  const set = <P extends ConflictPolicy>(change: Partial<P>) => {
    refined = { ...refined, ...change } as ConflictPolicy;
  };
  const all: Readers = {
    lease: option => {
      const leaseNs = duration(context, option.values[0], 'lease', option, true);
      if (leaseNs !== undefined) set({ leaseNs });
    },
    fencing: option => {
      const fencing = onOff(context, option);
      if (fencing !== undefined) set({ fencing });
    },
    'granted-by': option => {
      const grantedBy = choice(context, option, ['majority', 'all'] as const);
      if (grantedBy !== undefined) set({ grantedBy });
    },
    'version-check': option => {
      const check = choice(context, option, ['home', 'quorum', 'local'] as const);
      if (check !== undefined) set({ check });
    },
    'on-move': option => {
      const onMove = choice(context, option, ['drain', 'fence', 'none'] as const);
      if (onMove !== undefined) set({ onMove });
    },
  };
  const readers = Object.entries(all).map(([name, reader]): [string, (option: Option) => void] => [
    name,
    option => {
      if (belongs[name] === policy.kind) return reader(option);
      const message = `${name} belongs to conflicts ${belongs[name]}; this store has conflicts ${policy.kind}.`;
      report(context, 'option-not-applicable', option, message);
    },
  ]);
  readOptions(context, `conflicts ${policy.kind}`, options, Object.fromEntries(readers));
  return refined;
}

/** `avoid by country { "DE", "FR" -> e1  "US" -> u1 }`. */
function avoidance(context: Context, option: Option): ConflictPolicy | undefined {
  blockOf(context, option);
  const by = phrase(context, option, 'by')?.values[0];
  const field = wordOf(context, by);
  const written = option.block?.assignments ?? [];
  if (field === undefined || written.length === 0) {
    const message =
      'avoid needs a field and the home of each of its values: avoid by country { "DE" -> e1  "US" -> u1 }.';
    report(context, 'option-value', option, message);
    return undefined;
  }
  const homes = new Map<string, NodeId>();
  for (const { keys, home } of written) {
    const node = nodeOf(context, home);
    if (node === undefined) continue;
    for (const key of keys) {
      const value = key.$type === 'Name' ? textOf(key) : String(key.value);
      if (homes.has(value)) report(context, 'range-overlap', key, `"${value}" already has a home in ${option.name}.`);
      else homes.set(value, node);
    }
  }
  return { kind: 'avoid', field: field.split('.').at(-1)!, homes: [...homes], onMove: 'drain' };
}

/** `by physical | lamport | hybrid`. */
export function clockOf(context: Context, option: Option, fallback: ClockKind): ClockKind {
  const by = phrase(context, option, 'by');
  if (by === undefined) return fallback;
  const clocks = ['physical', 'lamport', 'hybrid'] as const;
  return oneOfWords(context, by.values[0], 'the clock that orders writes', clocks, option) ?? fallback;
}

/** `siblings by vector | dotted-vector | lamport per server | client`. */
export function siblings(context: Context, option: Option): { by: VersionBy; per: 'server' | 'client' } {
  const versions: Mutable<{ by: VersionBy; per: 'server' | 'client' }> = { by: 'vector', per: 'server' };
  const by = phrase(context, option, 'by');
  const per = phrase(context, option, 'per');
  if (by !== undefined) {
    const words = ['vector', 'dotted-vector', 'lamport'] as const;
    versions.by = oneOfWords(context, by.values[0], 'what tells siblings apart', words, option) ?? versions.by;
  }
  if (per !== undefined) {
    const words = ['server', 'client'] as const;
    versions.per = oneOfWords(context, per.values[0], 'siblings per', words, option) ?? versions.per;
  }
  return versions;
}
