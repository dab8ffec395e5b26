/**
 * The matrix: what each mechanism keeps under each kind of fault. Designs that differ in nothing but a line each are executed
 * under the same load; `npm run matrix` looks for a seed that shows a violation, the tests execute these seeds again, and look
 * for others where nothing was found.
 */
import { implies } from '@dsys/runtime/design/consistency';
import type { MechanismKind } from '@dsys/runtime/design/mechanism';
import { type ConsistencyModel, consistencyModels } from '@dsys/runtime/design/property';
import type { Promises } from '@dsys/runtime/protocols/descriptor';
import { descriptorOf } from '@dsys/runtime/protocols/descriptors';
import { table } from './markdown.ts';

/** A mechanism with options, as the store writes them. */
export interface Variant {
  readonly kind: MechanismKind;
  readonly store: string;
  /** What else the design needs: a store of the configuration, witnesses. */
  readonly besides?: string;
  readonly cluster?: string;
  /** Data model, where it is not keys and values. */
  readonly model?: 'counter' | 'set';
}

const master = 'cluster control { nodes 3 }\nstore routes on control { consensus raft }';

/** Sooner than by itself: faults are short here. */
const failover = 'failover automatic { detect 150ms }';

export const variants: readonly Variant[] = [
  ...['synchronous', 'semi-synchronous 1', 'asynchronous'].map(
    (mode): Variant => ({ kind: 'single-leader', store: `replication single-leader ${mode} { ${failover} }` }),
  ),
  { kind: 'single-leader', store: `replication single-leader synchronous { read from any  ${failover} }` },
  { kind: 'leaderless', store: 'replication leaderless { read-write-back on  anti-entropy every 1s }' },
  { kind: 'leaderless', store: 'replication leaderless { anti-entropy every 1s }' },
  { kind: 'leaderless', store: 'replication leaderless { read 1  write 1  anti-entropy every 1s }' },
  { kind: 'leaderless', store: 'replication leaderless { sloppy  hinted-handoff on for 3h  anti-entropy every 1s }' },
  { kind: 'leaderless', store: 'replication leaderless { resolve siblings by dotted-vector  anti-entropy every 1s }' },
  ...(
    [
      ['none'],
      ['last-write-wins by physical'],
      ['last-write-wins by hybrid'],
      ['siblings by dotted-vector'],
      ['merge pn-counter', 'counter'],
      ['merge or-set', 'set'],
      ['optimistic-lock version-check local'],
      ['optimistic-lock version-check home'],
      ['optimistic-lock version-check quorum'],
      ['pessimistic-lock lease 1s fencing on granted-by majority'],
      ['pessimistic-lock lease 1s fencing off granted-by majority'],
    ] as const
  ).map(
    ([conflicts, model]): Variant => ({
      kind: 'multi-leader',
      store: `replication multi-leader asynchronous { conflicts ${conflicts} }`,
      ...(model !== undefined && { model }),
    }),
  ),
  { kind: 'chain', store: 'replication chain { master routes }', besides: master },
  { kind: 'chain', store: 'replication chain { master routes  read from any }', besides: master },
  { kind: 'raft', store: 'consensus raft' },
  { kind: 'raft', store: 'consensus raft { read local }' },
  { kind: 'raft', store: 'consensus raft { read local from any }' },
  { kind: 'paxos', store: 'consensus paxos' },
  { kind: 'multi-paxos', store: 'consensus multi-paxos' },
  { kind: 'multi-paxos', store: 'consensus multi-paxos { lease 1s }' },
  { kind: 'fast-paxos', store: 'consensus fast-paxos' },
  {
    kind: 'cheap-paxos',
    store: 'consensus cheap-paxos { main m1, m2  auxiliary w1 }',
    cluster: 'nodes m1, m2  witness w1',
  },
  { kind: 'flexible-paxos', store: 'consensus flexible-paxos { prepare 2  accept 2 }' },
  { kind: 'two-phase-commit', store: 'consensus two-phase-commit' },
  { kind: 'three-phase-commit', store: 'consensus three-phase-commit' },
];

export interface Fault {
  readonly name: string;
  /** Of the network, and of the cluster's clocks. */
  readonly network?: string;
  readonly cluster?: string;
  /** Actions of the scenario. */
  readonly actions?: string;
}

export const faults: readonly Fault[] = [
  { name: 'none' },
  { name: 'messages lost', network: 'loss 5%' },
  { name: 'crashes', actions: 'chaos from 300ms until 2s { crash up to 1 every 600ms }' },
  { name: 'cuts', actions: 'chaos from 300ms until 2s { cut up to 1 every 600ms }' },
  { name: 'pauses', actions: 'chaos from 300ms until 2s { pause up to 1 every 600ms }' },
  { name: 'clocks apart', cluster: 'clock { skew 400ms  drift 1000ppm }' },
];

/** One each of those that differ by little, and none that nothing could keep. */
const leftOut = ['strict', 'causal-memory', 'causal-convergence', 'weak-causal'] as const;
export type Model = Exclude<ConsistencyModel, (typeof leftOut)[number]>;
export const models = consistencyModels.filter((model): model is Model => !leftOut.some(one => one === model));

const operations = { counter: '50% read, 50% increment', set: '50% read, 50% add' };

/** A store that few clients want much of; less of what is searched for an order that explains sums or sets. */
export function matrixDesign(variant: Variant, fault: Fault): string {
  const { besides = '', cluster = 'nodes 3', model } = variant;
  const mix = model === undefined ? '' : `  operations ${operations[model]}`;
  return `rules { ${silenced.map(id => `${id} off`).join('  ')} }
network { latency uniform(1ms, 8ms)  ${fault.network ?? ''} }
cluster db { ${cluster}  ${fault.cluster ?? ''} }
${besides}
store s on db {
  ${model === undefined ? '' : `model ${model}  `}${variant.store}
}
workload few on s { clients 5  think exponential(${model === undefined ? 25 : 100}ms)  keys 2  timeout 400ms${mix} }
scenario matrix {
  run few for 2s
  settle 3s
  ${fault.actions ?? ''}
}`;
}

/** Designs of a matrix are as weak as they are on purpose. */
const silenced = ['consistency-exceeds-protocol'];

/** By variant and fault, in their order: the first seed that violates a model; what is not there was kept. */
export type Found = readonly (readonly Readonly<Partial<Record<Model, number>>>[])[];

export interface Matrix {
  /** Seeds 1, 2, … that each design was executed under. */
  readonly seeds: number;
  readonly found: Found;
}

/** What each variant promises under each fault, by their order. */
export type Promised = readonly (readonly Pick<Promises, 'consistency' | 'converges'>[])[];

/** Copies that become equal are promised by themselves. */
export const isPromised = ({ consistency, converges }: Promised[number][number], model: Model): boolean =>
  model === 'eventual' ? converges : implies(consistency, model);

export function matrixPage({ seeds, found }: Matrix, promised: Promised): string {
  const kinds = [...new Set(variants.map(({ kind }) => kind))];
  const parts = kinds.flatMap(kind => [
    `## ${descriptorOf(kind).title}`,
    ...variants.flatMap((variant, index) =>
      variant.kind === kind ? sectionOf(variant, found[index]!, promised[index]!) : [],
    ),
  ]);
  return `${['# What is kept under which fault', introduction(seeds), ...parts].join('\n\n')}\n`;
}

const introduction = (seeds: number): string =>
  `Each store has three copies, few clients and two keys, and was executed under ${seeds} seeds with each kind of fault (\`npm run matrix\`). A
seed is the first one under which a model of consistency was violated. *kept* is what the mechanism promises there, and was
never seen to break; *not seen* is what it does not promise, and no seed has shown: another load may. The tests execute every
seed again that stands here, and look for others where none does. Clients stay with the node that they know while it answers.`;

function sectionOf({ store, model }: Variant, found: Found[number], promised: Promised[number]): readonly string[] {
  const cell = (one: Model, fault: number): string => {
    const seed = found[fault]?.[one];
    if (seed !== undefined) return `seed ${seed}`;
    return isPromised(promised[fault]!, one) ? 'kept' : 'not seen';
  };
  return [
    `\`${model === undefined ? '' : `model ${model}  `}${store}\``,
    table(
      ['', ...faults.map(({ name }) => name)],
      [
        ['promised', ...promised.map(({ consistency }) => `*${consistency}*`)],
        ...models.map(one => [one, ...faults.map((_, index) => cell(one, index))]),
      ],
    ),
  ];
}
