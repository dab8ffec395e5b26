import fc from 'fast-check';
import { expect, test } from 'vitest';
import { analyse } from '../testing/check.ts';
import { fixtures } from '../testing/fixtures.ts';
import { show } from '../testing/show.ts';

/** What is left in the AST of a text with errors, one line per declaration, and how many errors there are. */
async function recovered(text: string) {
  const { workspace, diagnostics } = await analyse(text);
  const { imports, declarations } = workspace.entry.document.parseResult.value;
  return {
    errors: diagnostics.filter(each => each.rule === 'syntax').length,
    declarations: [...imports, ...declarations].map(show),
  };
}

const after = 'store last on eu { model kv }';
const last = 'Store(name=last clusters=[eu] options=[model(kv)])';

test.each<[string, string, number, string[]]>([
  [
    'a field without a type',
    'store a on eu { record { id:  user: string } data 5GB }',
    1,
    [
      'Store(name=a clusters=[eu] records=[RecordShape(fields=[Field(name=id), Field(name=user type=string)])] options=[data(5GB)])',
    ],
  ],
  [
    'nonsense in a record',
    'store a on eu { record { id string  user: string } data 5GB }',
    1,
    ['Store(name=a clusters=[eu] records=[RecordShape(fields=[Field(name=user type=string)])] options=[data(5GB)])'],
  ],
  [
    'an option without a value before a block',
    'store a on eu {\n  consensus raft {\n    heartbeat\n  }\n  claims { cap CP }\n}',
    1,
    [
      'Store(name=a clusters=[eu] consensus=[Consensus(algorithm=raft block={heartbeat()})] claims=[Claims(claims=[CapProperty(class=CP)])])',
    ],
  ],
  [
    'an option without a value before another statement',
    'store a on eu {\n  model\n  claims { cap CP }\n  data 5GB\n}',
    1,
    ['Store(name=a clusters=[eu] options=[model(), data(5GB)] claims=[Claims(claims=[CapProperty(class=CP)])])'],
  ],
  [
    'an inner block that is not closed',
    'store a on eu {\n  consensus raft { read index\n  claims { cap CP }\n  data 5GB\n}',
    1,
    [
      'Store(name=a clusters=[eu] consensus=[Consensus(algorithm=raft block={read(index)})] claims=[Claims(claims=[CapProperty(class=CP)])] options=[data(5GB)])',
    ],
  ],
  [
    'two blocks that are not closed',
    'store a on eu {\n  consensus raft { read index\n',
    1,
    ['Store(name=a clusters=[eu] consensus=[Consensus(algorithm=raft block={read(index)})])'],
  ],
  ['a declaration without a name', 'store { model kv }', 1, ['Store(options=[model(kv)])']],
  ['a declaration without a body yet', 'workload w on', 1, ['Workload(name=w)']],
  ['a misspelt declaration', 'stroe a on eu { model kv claims { cap CP } }', 1, []],
  [
    'a property without its end',
    'store a on eu { claims {\n  survives\n  no lost-writes\n  read p99 <\n  cap CP\n} data 5GB }',
    2,
    [
      'Store(name=a clusters=[eu] claims=[Claims(claims=[SurvivesProperty(), NoProperty(anomaly=lost-writes), FigureProperty(words=[read] percentile=99 comparison=<), CapProperty(class=CP)])] options=[data(5GB)])',
    ],
  ],
  [
    'actions without their ends',
    'scenario s {\n  run w for\n  at 1s crash\n  at 2s cut e1\n  at 3s\n  at 4s degrade { loss 1% } between a\n  every 5s\n  expect\n  at 6s heal\n}',
    7,
    [
      'Scenario(name=s runs=[Run(workloads=[w])] schedule=[At(time=1s action=NodeAction(verb=crash)), At(time=2s action=CutAction(verb=cut left=[e1])), At(time=3s), ' +
        'At(time=4s action=DegradeAction(verb=degrade block={loss(1%)} kind=between left=[a])), Every(period=5s), At(time=6s action=HealAction(verb=heal))] expectations=[Expectation()])',
    ],
  ],
  [
    'a time without a unit',
    'scenario s { run w for 5 at 1 crash e1 at 2s crash e2 }',
    2,
    [
      'Scenario(name=s runs=[Run(workloads=[w])] schedule=[At(action=NodeAction(verb=crash targets=[e1])), At(time=2s action=NodeAction(verb=crash targets=[e2]))])',
    ],
  ],
  [
    'a quantity that is badly written',
    'store a on eu { consensus raft { heartbeat 5 ms election-timeout 1m..1min30s } }',
    3,
    [
      'Store(name=a clusters=[eu] consensus=[Consensus(algorithm=raft block={heartbeat(5 ms) election-timeout(1m..1min30s)})])',
    ],
  ],
  [
    'a bracket that is not closed',
    'store a on eu { partition by hash(user into 16 data 5GB }',
    1,
    [
      'Store(name=a clusters=[eu] partitionings=[Partitioning(levels=[PartitionLevel(strategy=hash fields=[user] count=16)])] options=[data(5GB)])',
    ],
  ],
  [
    'a distribution that is not finished',
    'network { latency lognormal(0.4ms, loss 3% between a and b { loss 1% } }',
    1,
    ['Network(options=[latency(lognormal(0.4ms))] links=[Link(kind=between left=a right=b options=[loss(1%)])])'],
  ],
  [
    'a link without its other end',
    'network {\n  between a { loss 1% }\n  within b { loss 2% }\n}',
    1,
    ['Network(links=[Link(kind=between left=a), Link(kind=within left=b options=[loss(2%)])])'],
  ],
  [
    'nodes without names',
    'cluster c {\n  nodes\n  witness w in\n}\nregion r { zones\n}',
    3,
    ['Cluster(name=c members=[Members(role=nodes), Members(role=witness nodes=[Node(name=w)])])', 'Region(name=r)'],
  ],
  [
    'a partition without members',
    'store a on eu { partition by list(c) { europe:  asia: "JP" on eu } data 5GB }',
    1,
    [
      'Store(name=a clusters=[eu] partitionings=[Partitioning(levels=[PartitionLevel(strategy=list fields=[c] body=PartitionBody(partitions=[Partition(name=europe), Partition(name=asia members=["JP"] clusters=[eu])]))])] options=[data(5GB)])',
    ],
  ],
  ['an import without a path', 'import\nregion r', 1, ['Import()', 'Region(name=r)']],
  ['a bracket too many', 'store a on eu { model kv } }', 1, ['Store(name=a clusters=[eu] options=[model(kv)])']],
  [
    'a character without a meaning',
    'store a on eu { model kv; data @ 5GB }',
    2,
    ['Store(name=a clusters=[eu] options=[model(kv), data(5GB)])'],
  ],
])('%s', async (_, text, errors, declarations) => {
  const found = await recovered(`${text}\n${after}`);
  expect(found).toEqual({ errors, declarations: [...declarations, last] });
});

/** Any text, however broken, gives a tree and messages, and nothing throws or hangs. */
const damaged = fc
  .tuple(
    fc.constantFrom(...fixtures().map(each => each.text)),
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.nat(12),
        fc.constantFrom('', '', '{', '}', '(', '"', '/*', ' 5 ', ' on ', '..', ',', ':', ' at 5s '),
      ),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
  )
  .map(([text, cuts]) =>
    cuts.reduce((rest, [at, length, insert]) => {
      const start = at % (rest.length + 1);
      return rest.slice(0, start) + insert + rest.slice(start + length);
    }, text),
  );

test('damaged text is analysed without a crash', async () => {
  await fc.assert(
    fc.asyncProperty(damaged, async text => {
      const { diagnostics } = await analyse(text);
      for (const { message, range } of diagnostics) {
        expect(message.replace(/'[^']*'/g, '')).not.toMatch(/undefined|NaN|Expecting|token/);
        expect(range.start.line).toBeGreaterThanOrEqual(0);
        expect(range.end.line * 1e4 + range.end.character).toBeGreaterThanOrEqual(
          range.start.line * 1e4 + range.start.character,
        );
      }
    }),
    { numRuns: 1500 },
  );
});

test('any characters are analysed without a crash', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async text => {
      await analyse(text);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['blocks', 'x { '.repeat(5000), /nested deeper than 100/],
  ['brackets', `read ${'any 1 of ('.repeat(5000)}`, /nested deeper than 100/],
  ['comments', '// x\n'.repeat(60_000), /at most 50000 comments/],
  ['comment', `/*${'*x '.repeat(300_000)}`, /not closed/],
])('too much of a thing: %s', async (_, text, message) => {
  const { diagnostics } = await analyse(`store a { ${text} } }`);
  expect(diagnostics.map(each => each.message)).toContainEqual(expect.stringMatching(message));
});

test('every text that is not empty and not understood has an error', async () => {
  for (const text of ['x', '}', '5', '"', '/*', '@', 'store', 'rules {', 'import "', 'store a on eu { 5 }']) {
    const { diagnostics } = await analyse(text);
    expect(
      diagnostics.filter(each => each.rule === 'syntax'),
      text,
    ).not.toEqual([]);
  }
});
