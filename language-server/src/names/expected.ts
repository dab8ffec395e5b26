import {
  isClientAction,
  isHomeAssignment,
  isOption,
  isPartitionLevel,
  isPhrase,
  isRole,
  type Name,
  type Option,
  type Phrase,
} from '@dsys/grammar';
import type { AstNode } from 'langium';
import type { SymbolKind } from './symbols.ts';

/** What a name may stand for where it stands. */
export interface Expected {
  readonly kinds: readonly SymbolKind[];
  /** Words that mean something else here and are no references: `none` of `master none`. They win over names. */
  readonly words?: readonly string[];
}

const places: readonly SymbolKind[] = ['region', 'zone', 'cluster', 'node'];
const domains: readonly SymbolKind[] = ['region', 'zone', 'cluster'];
const data: readonly SymbolKind[] = ['store', 'partition', 'transaction'];

/** By node type and property: what is expected there. Types and properties that are not here hold words. */
const byProperty: Readonly<Record<string, Readonly<Record<string, Expected>>>> = {
  Link: { left: { kinds: places }, right: { kinds: places } },
  Members: { place: { kinds: ['zone', 'region'] } },
  Store: { clusters: { kinds: ['cluster'] } },
  Field: { target: { kinds: ['field'] } },
  Partitioning: { with: { kinds: ['store'] } },
  PartitionLevel: { fields: { kinds: ['field'] }, directory: { kinds: ['store'] } },
  Partition: { clusters: { kinds: ['cluster'] } },
  Access: { stores: { kinds: ['store'] } },
  SurvivesProperty: { place: { kinds: places } },
  KeepsProperty: { field: { kinds: ['field'] } },
  ResidencyProperty: { partition: { kinds: ['partition'] }, places: { kinds: domains } },
  ApartProperty: { stores: { kinds: ['store'] } },
  Workload: { targets: { kinds: ['store', 'transaction'] } },
  OperationShare: { target: { kinds: ['store', 'transaction'] }, field: { kinds: ['field'] } },
  Run: { workloads: { kinds: ['workload'] } },
  Expectation: { scopes: { kinds: data } },
  NodeAction: { targets: targets(), store: { kinds: ['store', 'partition'] } },
  CutAction: { left: targets(), right: targets() },
  DegradeAction: { left: targets(), right: targets() },
  DiskAction: { targets: targets() },
  MessageAction: { left: targets(), right: targets() },
  MembershipAction: { targets: targets(), store: { kinds: ['store', 'partition'] } },
  MoveAction: { partition: { kinds: ['partition'] }, targets: targets() },
  When: { target: targets() },
  ClientAction: { via: { kinds: ['node'] }, store: { kinds: ['store'] } },
  Exploration: { target: { kinds: ['store', 'transaction'] } },
  AnyOf: { members: { kinds: ['node'] } },
  AllOf: { members: { kinds: ['node'] } },
  WeightedMember: { member: { kinds: ['node'] } },
  HomeAssignment: { home: { kinds: ['node'] } },
};

function targets(): Expected {
  return { kinds: places, words: ['rest', 'all'] };
}

/** Words that name a role in targets: they need `of` and something, and win over nodes of that name. */
export const roleWords = ['leader', 'follower', 'coordinator', 'any', 'minority', 'majority', 'clients'];

/** By role: what it can be a role of. Unknown roles may be of anything: elaboration reports the role. */
const byRole = new Map<string, readonly SymbolKind[]>([
  ['leader', ['store', 'partition']],
  ['follower', ['store', 'partition']],
  ['minority', ['store', 'partition']],
  ['majority', ['store', 'partition']],
  ['coordinator', ['transaction', 'store']],
  ['clients', ['workload']],
]);

/** By option: what its values refer to. The values of all other options are words. */
const byOption = new Map<string, Expected>([
  ['leader', { kinds: ['node'] }],
  ['main', { kinds: ['node'] }],
  ['auxiliary', { kinds: ['node'] }],
  ['coordinator', { kinds: ['node'] }],
  ['manager', { kinds: ['node', 'store'], words: ['peers'] }],
  ['master', { kinds: ['store'], words: ['none'] }],
]);

/** What `name` may refer to; undefined if it is a word. */
export function expectedAt(name: Name): Expected | undefined {
  const { $container: container, $containerProperty: property } = name;
  // `client c1 transaction buy`: the keys of all other operations are data.
  if (isClientAction(container) && property === 'key')
    return container.operation === 'transaction' ? { kinds: ['transaction'] } : undefined;
  if (isRole(container)) return { kinds: byRole.get(container.role) ?? [...data, 'workload'] };
  if (isOption(container)) return expectedInOption(container, name);
  if (isPhrase(container)) return expectedInPhrase(container);
  if (container.$type === 'Partition' && property === 'members') return expectedInPartition(container);
  if (isHomeAssignment(container) && property === 'keys') return undefined;
  return byProperty[container.$type]?.[property ?? ''];
}

function expectedInOption(option: Option, name: Name): Expected | undefined {
  const isReplicated = option.name === 'coordinator' && option.values.some(isPhrase);
  // `coordinator raft on eu`: raft is an algorithm.
  return isReplicated && option.values[0] === name ? undefined : byOption.get(option.name);
}

function expectedInPhrase({ preposition, $container }: Phrase): Expected | undefined {
  if (!isOption($container)) return undefined;
  const { name, values } = $container;
  if (name === 'coordinator' && preposition === 'on') return { kinds: ['cluster'] };
  if (name === 'clients' && preposition === 'in') return { kinds: places };
  const [first] = values;
  const avoids = name === 'conflicts' && first?.$type === 'Name' && first.parts[0] === 'avoid';
  return avoids && preposition === 'by' ? { kinds: ['field'] } : undefined;
}

/** The members of a vertical partition are fields; those of the others are values. */
function expectedInPartition(partition: AstNode): Expected | undefined {
  const level = partition.$container?.$container;
  return isPartitionLevel(level) && level.strategy === 'columns' ? { kinds: ['field'] } : undefined;
}
