import { expect, test } from 'vitest';
import type { CompletionItem, TextEdit } from 'vscode-languageserver';
import { InsertTextFormat } from 'vscode-languageserver';
import { analysed } from '../../testing/design.ts';
import { edited, editor } from '../../testing/editor.ts';

async function items(marked: string, files: Readonly<Record<string, string>> = {}): Promise<CompletionItem[]> {
  const { services, document, at } = await editor(marked, files);
  const list = await services.lsp.CompletionProvider!.getCompletion(document, at);
  return list!.items;
}

const labels = async (marked: string, files?: Readonly<Record<string, string>>) =>
  (await items(marked, files)).map(({ label }) => label).join(' ');

const others = `
region fra { zones a, b }
region vir
cluster db { nodes e1, e2 in fra.a  nodes 2 }
store orders on db { record { user: string  country: string } consensus raft }
transaction buy { update orders }
workload load on orders { clients 3 }
`;

/** A place and all that is offered there, separated by spaces. */
test.each<[string, string]>([
  // Statements
  ['¦', 'import rules region network cluster faults store transaction workload scenario exploration'],
  ['store a on db { ¦ }', 'model data replicas record partition replication consensus claims'],
  ['store a on db { consensus raft\n¦ }', 'model data replicas record partition claims'],
  ['transaction t { ¦ }', 'isolation concurrency deadlock commit-wait update read commit claims'],
  [
    'workload w on orders { ¦ }',
    'clients rate think keys session session-token timeout retries cache read write operations',
  ],
  ['scenario s { ¦ }', 'seeds settle run at every when chaos expect'],
  ['network { ¦ }', 'latency loss duplicate reorder bandwidth between from within'],
  ['cluster c { ¦ }', 'disk clock reliability capacity nodes witness observer spare'],
  ['exploration x of orders { ¦ }', 'operations at expect'],
  ['faults { ¦ }', 'outage pause cut delay corruption'],
  // Names
  ['store a on ¦', 'db'],
  ['store a on db, ¦', ''],
  ['cluster x { nodes 3 in ¦ }', 'fra fra.a fra.b vir'],
  ['cluster x { nodes 3 in fra.¦ }', 'fra.a fra.b'],
  ['workload w on ¦', 'orders buy'],
  ['workload w on orders { operations 50% read by ¦', 'user country'],
  ['store b on db { record { u: string -> ¦ } }', 'b.u orders.user orders.country'],
  ['store a on db { record { user: string } partition by hash(¦ }', 'user'],
  ['scenario s { run ¦', 'load for'],
  ['transaction t { update orders commit two-phase-commit { coordinator ¦ } }', 'e1 e2 db3 db4 raft'],
  ['scenario s { at 1s move ¦', 'orders.p0'],
  // Mechanisms and their options
  [
    'store a on db { consensus ¦ }',
    'raft paxos multi-paxos fast-paxos cheap-paxos flexible-paxos epaxos two-phase-commit three-phase-commit',
  ],
  [
    'store a on db { consensus raft { heartbeat 50ms  ¦ } }',
    'election-timeout read pre-vote check-quorum leader-stickiness durable-votes commit-old-terms deduplicate membership new-voters quorum snapshot',
  ],
  ['store a on db { consensus raft { read ¦ } }', 'index lease log local'],
  ['store a on db { consensus raft { pre-vote ¦ } }', 'on off'],
  ['store a on db { consensus raft { heartbeat ¦ } }', '1ms 10ms 100ms 1s 10s 1min'],
  ['store a on db { consensus raft { heartbeat 25¦ } }', '25ns 25us 25ms 25s 25min 25h 25d'],
  ['store a on db { replication ¦ }', 'single-leader multi-leader leaderless chain'],
  [
    'store a on db { replication single-leader ¦ }',
    'model data replicas synchronous asynchronous semi-synchronous record partition claims',
  ],
  [
    'store a on db { replication single-leader synchronous { ¦ } }',
    'leader read failover on-replica-down acknowledge on-failure log rejoin',
  ],
  [
    'store a on db { replication single-leader semi-synchronous { ¦ } }',
    'leader read failover fallback acknowledge on-failure log rejoin',
  ],
  ['store a on db { replication multi-leader { conflicts optimistic-lock  ¦ } }', 'leader version-check'],
  ['store a on db { replication leaderless { read ¦ } }', 'majority all one 1 2 3 any grid weight local each'],
  [
    'store a on db { replication leaderless { hinted-handoff on ¦ } }',
    'read write sloppy read-repair read-write-back anti-entropy resolve tombstones cas for',
  ],
  ['store a on db { replication leaderless { anti-entropy ¦ } }', 'off every'],
  [
    'workload w on orders { keys 100 ¦ }',
    'clients rate think session session-token timeout retries cache read write uniform sequential zipf operations',
  ],
  ['store a on db { partition by ¦ }', 'hash jump-hash consistent-hash range list directory columns'],
  [
    'network { latency ¦ }',
    'write-request write-acknowledge read-request read-response client control 1ms 10ms 100ms 1s 10s 1min uniform normal lognormal exponential pareto mix',
  ],
  ['network { latency lognormal(1ms, ¦ }', '1 2 3'],
  // Properties
  [
    'store a on db { claims { ¦ } }',
    'availability read availability write availability read write transaction staleness recovery throughput loss-window durability consistency cap survives no isolation keeps residency apart-from invariant',
  ],
  ['store a on db { claims { no ¦ } }', 'lost-writes lost-updates split-brain divergence blocking fractured-reads'],
  ['store a on db { claims { survives 2 ¦ } }', 'node nodes zone zones region regions'],
  ['store a on db { claims { cap ¦ } }', 'CP AP CA'],
  ['scenario s { expect read ¦', 'availability <= >= < > p50 p95 p99 p99.9'],
  ['scenario s { expect read p99 < ¦', '1ms 10ms 100ms 1s 10s 1min'],
  ['scenario s { expect throughput > ¦', '100/s 1000/s'],
  // Faults
  [
    'scenario s {\n at 1s ¦',
    'crash restart pause resume isolate slow skew drift promote heal cut degrade fail add remove move lose delay client',
  ],
  [
    'scenario s {\n at 1s crash ¦',
    'fra fra.a fra.b vir db e1 e2 db3 db4 rest all leader of any follower of coordinator of minority of majority of clients of',
  ],
  ['scenario s {\n at 1s crash leader ¦', 'seeds settle of losing for run at every when chaos expect'],
  ['scenario s {\n at 1s slow e1 by ¦', '2x 10x'],
  ['scenario s {\n at 1s drift e1 by ¦', '50ppm 100ppm'],
  ['scenario s {\n at 1s restart e1 ¦', 'seeds settle run at every when chaos expect'],
  ['scenario s { chaos { ¦ } }', 'crash cut pause isolate slow skew'],
  [
    'scenario s { when ¦',
    'pre-vote pre-vote-response request-vote vote append-entries append-entries-response install-snapshot timeout-now',
  ],
  ['scenario s { at 1s client c1 ¦', 'read write cas delete increment add append transaction'],
  ['exploration x of orders { at most 1 ¦ }', 'crash loss duplicate timeout change'],
  ['rules { even-cluster ¦ }', 'off error warning information info'],
  // Where nothing is to be said
  ['// ¦', ''],
  ['/* ¦ */', ''],
  ['store a on db { record { c: string values "¦" } }', ''],
  ['region ¦', ''],
])('%s', async (place, offered) => {
  expect(await labels(place + others)).toBe(offered);
});

/** Half-written statements before, behind and around the place. */
test.each<[string, string, string]>([
  ['a value is still missing on the line above', 'store a on db { consensus chain {\n  heartbeat\n  ¦', ''],
  [
    'an option without its value',
    'store a on db {\n  consensus two-phase-commit {\n    timeout\n    ¦\n  }\n  claims { cap CP }\n}',
    'coordinator timeout on-timeout durable-log presume',
  ],
  [
    'a block that is not closed',
    'store a on db {\n consensus raft { read index\n claims { cap CP }\n ¦',
    'model data replicas record partition claims',
  ],
  [
    'nonsense in a record',
    'store a on db { record { id string }\n ¦ }',
    'model data replicas record partition replication consensus claims',
  ],
  ['nonsense on the line above', 'scenario s {\n at 1s crsh e1 for\n ¦', 'seeds settle run at every when chaos expect'],
  ['brackets too many', 'store a on db { } } }\ncluster c { nodes 3 in ¦ }', 'fra fra.a fra.b vir'],
  ['a declaration without a name before it', 'store\nworkload w on ¦', 'orders buy'],
])('half-written text: %s', async (_, marked, offered) => {
  expect(await labels(marked + others)).toBe(offered);
});

test('names of files in the same folder bring their import along', async () => {
  const files = { 'places.dsys': 'cluster far { nodes 1 }', 'sub/deep.dsys': 'cluster deep { nodes 1 }' };
  const text = 'import "./known.dsys"\nstore a on ¦';
  const found = await items(text, { ...files, 'known.dsys': 'cluster near { nodes 1 }' });
  expect(found.map(({ label, detail }) => [label, detail])).toEqual([
    ['near', 'cluster'],
    ['far', 'cluster, import "./places.dsys"'],
  ]);
  const { textEdit, additionalTextEdits } = found[1]!;
  expect(edited(text.replace('¦', ''), [textEdit as TextEdit, ...additionalTextEdits!])).toBe(
    'import "./known.dsys"\nimport "./places.dsys"\nstore a on far',
  );
});

test('paths of imports are the files of the same folder', async () => {
  const files = { 'b.dsys': '', 'a.dsys': '', 'sub/c.dsys': '' };
  expect(await labels('import "./b.dsys"\nimport "¦"', files)).toBe('./a.dsys');
  expect(await labels('import "./¦', files)).toBe('./a.dsys ./b.dsys');
});

test('an item says what it means and what holds without it', async () => {
  const [first] = (await items('store a on db { consensus raft { pre¦ } }')).filter(
    ({ label }) => label === 'pre-vote',
  );
  expect(first).toMatchObject({
    documentation: { value: 'Ask whether an election could be won before standing for it.\n\nDefault: `on`.' },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a snippet.
    textEdit: { newText: 'pre-vote ${1:on}', range: { start: { character: 33 }, end: { character: 36 } } },
  });
});

test('nodes are written with their cluster where they have to be', async () => {
  const text = 'scenario s { at 1s isolate ¦ }\ncluster a { nodes leader, x, y }\ncluster b { nodes y }';
  const found = (await items(text)).filter(({ detail }) => detail === 'node');
  expect(found.map(({ label }) => label)).toEqual(['a.leader', 'x', 'a.y', 'b.y']);
});

test('names in snippets are those that there are', async () => {
  const found = await items(`network { ¦ }${others}`);
  const between = found.find(({ label }) => label === 'between')!;
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a snippet.
  expect(between.textEdit!.newText).toBe('between ${1:fra} and ${2:vir} { latency ${3:10ms} }');
});

test('a space after a whole statement asks for nothing', async () => {
  const { services, document, at } = await editor('store a on db { model kv ¦ }');
  const context = { triggerKind: 2, triggerCharacter: ' ' } as const;
  const list = await services.lsp.CompletionProvider!.getCompletion(document, { ...at, context });
  expect(list!.items).toEqual([]);
});

/** A recorded session: what is chosen from the list, and what is typed because only its author can know it (names). */
type Step =
  | { readonly choose: string; readonly fill?: readonly string[] }
  | { readonly type: string }
  /** Behind the next closing brace, to a line of its own. */
  | 'leave';

/** Does what an editor does with a chosen item; the tab stops are filled in their order, as they stand if not given. */
async function perform(steps: readonly Step[]): Promise<string> {
  let text = '¦';
  for (const step of steps) {
    if (step === 'leave') {
      text = text.replace(/¦([^}]*\})/, '$1\n¦');
      continue;
    }
    if ('type' in step) {
      text = text.replace('¦', `${step.type}¦`);
      continue;
    }
    const found = (await items(text)).find(({ label }) => label === step.choose);
    if (!found) throw new Error(`${step.choose} is not offered at\n${text}\n: ${await labels(text)}`);
    const { newText } = found.textEdit as TextEdit;
    const isSnippet = found.insertTextFormat === InsertTextFormat.Snippet;
    const inserted = isSnippet ? filled(newText, step.fill ?? []) : newText;
    const at = text.indexOf('¦');
    const withEnd = inserted.includes('¦') ? inserted : `${inserted}¦`;
    text = edited(text.replace('¦', ''), [{ ...(found.textEdit as TextEdit), newText: withEnd }]);
    expect(text.indexOf('¦')).toBeGreaterThanOrEqual(at);
  }
  return text.replace('¦', '');
}

function filled(snippet: string, values: readonly string[]): string {
  return snippet
    .replaceAll('\\}', '\u0000')
    .replace(
      /\$\{(\d+)(?::([^}]*)|\|([^}|]*)\|)?\}/g,
      (_, stop, usual, choices) => values[Number(stop) - 1] ?? usual ?? choices?.split(',')[0] ?? '',
    )
    .replaceAll('\u0000', '}')
    .replace('$0', '¦');
}

const choose = (label: string, ...fill: string[]): Step => ({ choose: label, fill });
const type = (written: string): Step => ({ type: written });
const line = type('\n');
const leave: Step = 'leave';

test('somebody new to the language writes a design for three regions with completion alone', async () => {
  const text = await perform([
    ...[choose('region', 'europe'), line, choose('region', 'america'), line, choose('region', 'asia'), line],
    ...[choose('network'), choose('between', 'europe', 'america', '44ms'), line],
    ...[choose('between', 'america', 'asia', '80ms'), line, choose('between', 'europe', 'asia', '110ms'), line],
    ...[choose('loss', '0.01%'), leave],
    ...[choose('cluster', 'world', '1'), type(' '), choose('in'), type(' '), choose('europe'), line],
    ...[choose('nodes'), type(' '), choose('1'), type(' '), choose('in'), type(' '), choose('america'), line],
    ...[choose('nodes'), type(' '), choose('1'), type(' '), choose('in'), type(' '), choose('asia')],
    leave,
    ...[
      choose('store', 'accounts', 'world'),
      choose('consensus', 'raft'),
      type(' {\n'),
      choose('read'),
      type('\n'),
      choose('pre-vote'),
      type('\n}\n'),
    ],
    ...[choose('claims'), choose('consistency'), type(' '), choose('linearizable'), line],
    ...[choose('survives'), type(' '), choose('1'), type(' '), choose('region'), line],
    ...[choose('no'), type(' '), choose('lost-writes')],
    leave,
    leave,
    ...[choose('workload', 'people', 'accounts', '20', '80', '20'), line],
    ...[choose('keys', '1000'), line, choose('timeout', '2s'), line, choose('retries')],
    leave,
    ...[choose('scenario', 'outage', 'people', '30s')],
    ...[choose('at'), type(' '), choose('10s'), type(' '), choose('crash'), type(' '), choose('america'), type(' ')],
    ...[choose('for'), type(' '), choose('10s'), line],
    ...[choose('at'), type(' '), choose('1s'), type(' '), choose('degrade', 'loss 10%'), type(' '), choose('between')],
    ...[type(' '), choose('europe'), type(' '), choose('and'), type(' '), choose('asia'), line],
    ...[choose('expect'), type(' '), choose('recovery', '15s'), line],
    ...[choose('expect'), type(' '), choose('write', '2s')],
  ]);
  expect(text).toMatchInlineSnapshot(`
    "region europe
    region america
    region asia
    network {
    	between europe and america { latency 44ms }
    between america and asia { latency 80ms }
    between europe and asia { latency 110ms }
    loss 0.01%
    }
    cluster world {
    	nodes 1 in europe
    nodes 1 in america
    nodes 1 in asia
    }
    store accounts on world {
    	consensus raft {
    read index
    pre-vote on
    }
    claims {
    	consistency linearizable
    survives 1 region
    no lost-writes
    }

    }
    workload people on accounts {
    	clients 20
    	operations 80% read, 20% write
    keys 1000
    timeout 2s
    retries 3 idempotent
    }
    scenario outage {
    	run people for 30s
    	at 10s crash america for 10s
    at 1s degrade { loss 10% } between europe and asia
    expect recovery < 15s
    expect write p99 < 2s
    }"
  `);
  const { diagnostics, design } = await analysed(text);
  expect(diagnostics).toEqual([]);
  expect(design.regions.map(({ name }) => name)).toEqual(['europe', 'america', 'asia']);
  expect(design.stores[0]!.claims.map((claim: { text: string }) => claim.text)).toEqual([
    'consistency linearizable',
    'survives 1 region',
    'no lost-writes',
  ]);
});
