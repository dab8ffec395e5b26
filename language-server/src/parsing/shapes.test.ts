import type { Exploration, Network, Scenario, Store } from '@dsys/grammar';
import { expect, test } from 'vitest';
import { analyse } from '../testing/check.ts';
import { show } from '../testing/show.ts';

async function declarationIn(text: string) {
  const { workspace, diagnostics } = await analyse(text);
  expect(diagnostics.filter(each => each.rule === 'syntax')).toEqual([]);
  return workspace.entry.document.parseResult.value.declarations[0];
}

test.each([
  ['consistency strict', 'ConsistencyProperty(levels=[strict])'],
  ['consistency causal-memory, pram', 'ConsistencyProperty(levels=[causal-memory, pram])'],
  ['cap AP', 'CapProperty(class=AP)'],
  ['survives 2 nodes', 'SurvivesProperty(count=2 unit=nodes)'],
  ['survives frankfurt.a', 'SurvivesProperty(place=frankfurt.a)'],
  ['no lost-writes', 'NoProperty(anomaly=lost-writes)'],
  ['availability >= 99.95%', 'FigureProperty(words=[availability] comparison=>= bound=99.95%)'],
  ['write availability >= 99%', 'FigureProperty(words=[write, availability] comparison=>= bound=99%)'],
  ['read p99 < 20ms', 'FigureProperty(words=[read] percentile=99 comparison=< bound=20ms)'],
  ['transaction p99.9 < 1s', 'FigureProperty(words=[transaction] percentile=99.9 comparison=< bound=1s)'],
  ['staleness < 5s', 'FigureProperty(words=[staleness] comparison=< bound=5s)'],
  ['staleness <= 2 versions', 'FigureProperty(words=[staleness] comparison=<= bound=2 unit=versions)'],
  ['throughput > 500/s', 'FigureProperty(words=[throughput] comparison=> bound=500/s)'],
  ['happiness', 'FigureProperty(words=[happiness])'],
  ['isolation snapshot', 'IsolationProperty(level=snapshot)'],
  ['keeps unique email', 'KeepsProperty(constraint=unique field=email)'],
  ['keeps balance >= -1', 'KeepsProperty(field=balance comparison=>= bound=-1)'],
  ['keeps sum(balance)', 'KeepsProperty(constraint=sum field=balance)'],
  ['residency europe in frankfurt', 'ResidencyProperty(partition=europe places=[frankfurt])'],
  ['residency in frankfurt, oslo', 'ResidencyProperty(places=[frankfurt, oslo])'],
  ['apart-from logs, audit', 'ApartProperty(stores=[logs, audit])'],
  ['invariant AC1', 'InvariantProperty(invariant=AC1)'],
])('property: %s', async (text, shown) => {
  const store = (await declarationIn(`store s { claims { cap CP ${text} no blocking } }`)) as Store;
  expect(show(store.claims[0].claims[1])).toBe(shown);
  expect(store.claims[0].claims).toHaveLength(3);
  const scenario = (await declarationIn(
    `scenario s { expect violation ${text} of a, b.p0 from 1s until 2s }`,
  )) as Scenario;
  expect(show(scenario.expectations[0])).toBe(
    `Expectation(violation=true property=${shown} scopes=[a, b.p0] from=1s until=2s)`,
  );
});

test.each([
  ['at 1s crash leader of orders', 'At(time=1s action=NodeAction(verb=crash targets=[leader of orders]))'],
  [
    'at 1s crash any follower of o.p1 for 1s',
    'At(time=1s action=NodeAction(verb=crash targets=[any follower of o.p1] duration=1s))',
  ],
  [
    'at 1s crash e1 for 5s losing disk',
    'At(time=1s action=NodeAction(verb=crash targets=[e1] duration=5s losing=true))',
  ],
  ['at 1s restart all', 'At(time=1s action=NodeAction(verb=restart targets=[all]))'],
  ['at 1s pause clients of w, e2', 'At(time=1s action=NodeAction(verb=pause targets=[clients of w, e2]))'],
  ['at 1s resume e1', 'At(time=1s action=NodeAction(verb=resume targets=[e1]))'],
  ['at 1s isolate rest', 'At(time=1s action=NodeAction(verb=isolate targets=[rest]))'],
  ['at 1s slow e2 by 10x', 'At(time=1s action=NodeAction(verb=slow targets=[e2] amount=10x))'],
  ['at 1s skew e1 by +5s', 'At(time=1s action=NodeAction(verb=skew targets=[e1] amount=+5s))'],
  ['at 1s drift e1 by -10ppm', 'At(time=1s action=NodeAction(verb=drift targets=[e1] amount=-10ppm))'],
  ['at 1s promote e2 on o', 'At(time=1s action=NodeAction(verb=promote targets=[e2] store=o))'],
  ['at 1s heal', 'At(time=1s action=HealAction(verb=heal))'],
  [
    'at 1s cut a, b to c for 2s',
    'At(time=1s action=CutAction(verb=cut left=[a, b] direction=to right=[c] duration=2s))',
  ],
  [
    'at 1s cut minority of o from majority of o',
    'At(time=1s action=CutAction(verb=cut left=[minority of o] direction=from right=[majority of o]))',
  ],
  [
    'at 1s degrade { loss 20% } between a and b, c for 3s',
    'At(time=1s action=DegradeAction(verb=degrade block={loss(20%)} kind=between left=[a] right=[b, c] duration=3s))',
  ],
  [
    'at 1s degrade { loss 20% } from a to b',
    'At(time=1s action=DegradeAction(verb=degrade block={loss(20%)} kind=from left=[a] right=[b]))',
  ],
  ['at 1s degrade { } within a', 'At(time=1s action=DegradeAction(verb=degrade block={} kind=within left=[a]))'],
  ['at 1s fail disk of e1', 'At(time=1s action=DiskAction(verb=fail targets=[e1]))'],
  [
    'at 1s add e9, e8 to o as observer',
    'At(time=1s action=MembershipAction(verb=add targets=[e9, e8] store=o role=observer))',
  ],
  ['at 1s remove e3 from o', 'At(time=1s action=MembershipAction(verb=remove targets=[e3] store=o))'],
  ['at 1s move o.p3 to us', 'At(time=1s action=MoveAction(verb=move partition=o.p3 targets=[us]))'],
  [
    'at 1s lose vote from a to b for 1s',
    'At(time=1s action=MessageAction(verb=lose message=vote left=[a] right=[b] duration=1s))',
  ],
  ['at 1s delay vote by 2s', 'At(time=1s action=MessageAction(verb=delay message=vote amount=2s))'],
  [
    'at 1s client c write x = 1 via e1 on o',
    'At(time=1s action=ClientAction(verb=client client=c operation=write key=x value=1 via=e1 store=o))',
  ],
  [
    'at 1s client c cas x = 1 -> 2',
    'At(time=1s action=ClientAction(verb=client client=c operation=cas key=x value=1 newValue=2))',
  ],
  ['at 1s explode e1 by 5x', 'At(time=1s action=NodeAction(verb=explode targets=[e1] amount=5x))'],
  ['every 5s from 1s until 9s heal', 'Every(period=5s from=1s until=9s action=HealAction(verb=heal))'],
  [
    'when prepare leaves leader of o heal',
    'When(message=prepare event=leaves target=leader of o action=HealAction(verb=heal))',
  ],
])('action: %s', async (text, shown) => {
  // Whatever comes next in a scenario is not part of the action.
  for (const next of [
    'at 7s heal',
    'every 7s heal',
    'when x reaches y heal',
    'expect cap CP',
    'seeds 5',
    'run for 5s',
    'chaos { }',
  ]) {
    const scenario = (await declarationIn(`scenario s { ${text} ${next} }`)) as Scenario;
    expect(show(scenario.schedule[0])).toBe(shown);
  }
});

test.each([
  [
    'by hash(a, b) into 16 replicas 3',
    'Partitioning(levels=[PartitionLevel(strategy=hash fields=[a, b] count=16)] replicas=replicas(3))',
  ],
  ['by hash(a) modulo nodes', 'Partitioning(levels=[PartitionLevel(strategy=hash fields=[a] modulo=nodes)])'],
  [
    'by consistent-hash(a) virtual-nodes 64 replicas 3 per region { rebalance on }',
    'Partitioning(levels=[PartitionLevel(strategy=consistent-hash fields=[a] virtualNodes=64)] replicas=replicas(3, per region) block={rebalance(on)})',
  ],
  [
    'by range(a) { old: ..2024-01-01, 5 on x, y  new: 2024-01-01.. }',
    'Partitioning(levels=[PartitionLevel(strategy=range fields=[a] body=PartitionBody(partitions=[Partition(name=old members=[..2024-01-01, 5] clusters=[x, y]), Partition(name=new members=[2024-01-01..])]))])',
  ],
  [
    'by list(a) { b: "x" rebalance off } then by hash(c) into 4',
    'Partitioning(levels=[PartitionLevel(strategy=list fields=[a] body=PartitionBody(partitions=[Partition(name=b members=["x"])] options=[rebalance(off)])), PartitionLevel(strategy=hash fields=[c] count=4)])',
  ],
  [
    'by directory(a) at routes',
    'Partitioning(levels=[PartitionLevel(strategy=directory fields=[a] directory=routes)])',
  ],
  [
    'by columns { open: name, city on x }',
    'Partitioning(levels=[PartitionLevel(strategy=columns body=PartitionBody(partitions=[Partition(name=open members=[name, city] clusters=[x])]))])',
  ],
  ['with users', 'Partitioning(with=users)'],
])('partition %s', async (text, shown) => {
  const store = (await declarationIn(`store s on x { partition ${text} data 5GB claims { } }`)) as Store;
  expect(show(store.partitionings[0])).toBe(shown);
  expect(store.options.map(show)).toEqual(['data(5GB)']);
});

test('values are in base units, with their signs', async () => {
  const values =
    '0.1ms, +2min, 64KB, 2.5Gbit/s, 30/min, 99.95%, -1%, 50ppm, -3ppm, 2.5x, 7, -0.5, "a \\"b\\"", 2024-01-31';
  const store = (await declarationIn(`store s { quux ${values} }`)) as Store;
  expect(store.options[0].values.map(each => 'value' in each && each.value)).toEqual([
    ...[100_000, 120e9, 64_000, 2.5e9, 0.5, 0.9995, -0.01, 50, -3, 2.5, 7, -0.5],
    ...['a "b"', '2024-01-31'],
  ]);
  const scenario = (await declarationIn('scenario s { at 1s skew e1 by -5s }')) as Scenario;
  expect(scenario.schedule[0]).toMatchObject({ time: { value: 1e9 }, action: { amount: { value: -5e9 } } });
});

test('fields and the shapes of their values', async () => {
  const text =
    'store s { record size 4KB { a: string b: string -> t.x on-delete refuse c: int values 1 10%, 2, "x" 3% d: string distinct 5 zipf 1.1 e: date increasing f: int colour 5 } }';
  const store = (await declarationIn(text)) as Store;
  expect(store.records[0].fields.map(show)).toEqual([
    'Field(name=a type=string)',
    'Field(name=b type=string target=t.x attributes=[FieldAttribute(name=on-delete action=refuse)])',
    'Field(name=c type=int attributes=[FieldAttribute(name=values shares=[ValueShare(value=1 share=10%), ValueShare(value=2), ValueShare(value="x" share=3%)])])',
    'Field(name=d type=string attributes=[FieldAttribute(name=distinct amount=5), FieldAttribute(name=zipf amount=1.1)])',
    'Field(name=e type=date attributes=[FieldAttribute(name=increasing)])',
    'Field(name=f type=int attributes=[FieldAttribute(name=colour amount=5)])',
  ]);
});

test('links', async () => {
  const text =
    'network { latency control 1ms between a and b.c { loss 1% } from a to b { } within c { latency 75ms + normal(1ms, 2ms) } loss 2% }';
  const network = (await declarationIn(text)) as Network;
  expect(network.options.map(show)).toEqual(['latency(control, 1ms)', 'loss(2%)']);
  expect(network.links.map(show)).toEqual([
    'Link(kind=between left=a right=b.c options=[loss(1%)])',
    'Link(kind=from left=a right=b)',
    'Link(kind=within left=c options=[latency(75ms + normal(1ms, 2ms))])',
  ]);
});

test('the frame of a scenario', async () => {
  const text =
    'scenario s { run a, b for 5s run for 2s seeds 5 settle 3s chaos from 1s until 2s { crash up to 1 every 5s cut up to 2 every 1s } }';
  const scenario = (await declarationIn(text)) as Scenario;
  expect(scenario.runs.map(show)).toEqual(['Run(workloads=[a, b] duration=5s)', 'Run(duration=2s)']);
  expect(scenario.options.map(show)).toEqual(['seeds(5)', 'settle(3s)']);
  expect(show(scenario.chaos[0])).toBe(
    'Chaos(from=1s until=2s faults=[ChaosFault(verb=crash count=1 period=5s), ChaosFault(verb=cut count=2 period=1s)])',
  );
});

test('explorations', async () => {
  const text =
    'exploration x of o { operations 2 write on p, 1 read by f at most 1 crash at most 2 losses expect cap CP }';
  const exploration = (await declarationIn(text)) as Exploration;
  expect(exploration.operations.map(show)).toEqual([
    'Operations(shares=[OperationShare(amount=2 operation=write target=p), OperationShare(amount=1 operation=read field=f)])',
  ]);
  expect(exploration.bounds.map(show)).toEqual(['Bound(count=1 event=crash)', 'Bound(count=2 event=losses)']);
});
