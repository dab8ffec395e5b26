/** Changes of a group's members that the protocols of its mechanism do not make. */
import type { Mechanism, MechanismKind } from '../design/mechanism.ts';
import type { Verb } from '../design/scenario.ts';

type Change = 'add' | 'remove' | 'promote' | 'move';

/** Changes of a group that its protocol does not make, and why not. */
const refused: Readonly<Partial<Record<MechanismKind, { readonly changes: readonly Change[]; readonly why: string }>>> =
  {
    // What Cheap Paxos removes by itself, it takes back.
    ...forAll(['multi-paxos', 'flexible-paxos', 'cheap-paxos'], {
      changes: ['add', 'remove'],
      why: 'keeps its members',
    }),
    ...forAll(['paxos', 'fast-paxos'], {
      changes: ['add', 'remove', 'promote', 'move'],
      why: 'has no leader, and its acceptors never change',
    }),
    leaderless: {
      changes: ['add', 'remove', 'promote', 'move'],
      why: 'has no leader, and its replicas never change so far',
    },
    'multi-leader': {
      changes: ['add', 'remove', 'move'],
      why: 'keeps its leaders and replicas; what can move is the home of values (conflicts avoid by FIELD, and promote)',
    },
    ...forAll(['two-phase-commit', 'three-phase-commit'], {
      changes: ['add', 'remove', 'promote', 'move'],
      why: 'has fixed members and a fixed coordinator',
    }),
  };

function forAll<T>(kinds: readonly MechanismKind[], one: T): Partial<Record<MechanismKind, T>> {
  return Object.fromEntries(kinds.map(kind => [kind, one]));
}

/** Nobody leaves a group of this mechanism: where keys can change hands, another group takes its place. */
export const keepsMembers = ({ kind }: Mechanism): boolean => refused[kind]?.changes.includes('remove') ?? false;

/** undefined: the protocol makes the change. */
export function whyNoChange(mechanism: Mechanism, verb: Extract<Verb, { kind: Change }>): string | undefined {
  if (mechanism.kind === 'chain') {
    if (verb.kind === 'promote') return 'the head of a chain follows from its order: remove those before it';
    if (mechanism.master === null) return 'a chain without a configuration service never changes: give it a master';
    return verb.kind === 'add' && verb.as === 'observer'
      ? 'a chain has no observers, it can only add members'
      : undefined;
  }
  if (mechanism.kind === 'multi-leader' && verb.kind === 'promote' && mechanism.conflicts.kind !== 'avoid')
    return `with conflicts ${mechanism.conflicts.kind} all leaders are leaders already: only homes can move (conflicts avoid by FIELD)`;
  const { changes = [], why } = refused[mechanism.kind] ?? {};
  return changes.includes(verb.kind) ? `${mechanism.kind} ${why}` : undefined;
}
