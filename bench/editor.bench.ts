/**
 * What somebody who types waits for, over real messages with the bundled server in a process of its own, live execution
 * on: from a keystroke to the diagnostics that tell of it, from a request to its answer. The baseline is the limit that
 * the project has set itself.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Client, processClient } from '../language-server/src/testing/client.ts';
import { type Row, row } from './table.ts';

const bundle = join(import.meta.dirname, '..', 'language-server', 'out', 'main.js');
const uri = 'file:///bench/main.dsys';

/**
 * Copies of one small system under names of their own, 19 lines each. Three share a cluster: a design may have no more
 * than 1,000 nodes.
 */
const system = (i: number) => {
  const first = i - (i % 3);
  return `${i === first ? clusterOf(i) : comment}store s${i} on c${first} {
  record { user: string  country: string }
  partition by hash(user) into 8 replicas 3
  consensus raft { read index  pre-vote on }
  claims { consistency linearizable  survives 1 node }
}
workload w${i} on s${i} { clients 20 in r${first}  operations 60% read, 40% write  keys 1000 zipf 1.1 }
scenario x${i} {
  run w${i} for 30s
  at 5s crash leader of s${i} for 4s
  at 12s cut minority of s${i} from majority of s${i} for 5s
  expect recovery < 2s
}

`;
};

const clusterOf = (i: number) => `region r${i} { zones a, b }
cluster c${i} {
  nodes 3 in r${i}.a
  nodes 2 in r${i}.b { disk { fsync 2ms } }
}
`;

const comment = `/**
 * Beside others on their cluster,
 * and with as many lines
 * as they have.
 */
`;

const systems = (count: number, from = 0) => Array.from({ length: count }, (_, i) => system(from + i)).join('');

const quantile = (times: readonly number[], share: number): number =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.ceil(share * times.length) - 1)]!;

const limited = (work: string, ms: number, limitMs: number): Row =>
  row(work, `${ms.toFixed(0)} ms`, `≤ ${limitMs} ms`, (ms / limitMs).toFixed(2));

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

const start = (folder?: string) => processClient([bundle, '--stdio'], { folder });

/** The word that is typed: an unknown rule is a warning, which keeps live execution going. */
const word = (i: number) => `nonsense-${String(i).padStart(5, '0')}`;

const tellsOf = (client: Client, i: number) =>
  client.diagnostics(uri, found => found.some(({ message }) => `${message}`.includes(word(i))));

/** The first keystrokes after a start, with code that has hardly run yet, are those of the start. */
const warmUp = 5;

/** Every other keystroke comes when the file has just settled and live execution is under way. */
async function keystrokes(copies: number, count: number, limitMs: number): Promise<Row[]> {
  const { client } = await start();
  const text = `${systems(copies)}rules { ${word(0)} off }\n`;
  const lines = text.split('\n').length - 1;
  client.open(uri, text);
  await tellsOf(client, 0);
  const times: number[] = [];
  for (let i = 1; i <= warmUp + count; i++) {
    if (i % 2 === 0) await pause(400);
    const range = { start: { line: lines - 1, character: 8 }, end: { line: lines - 1, character: 8 + word(i).length } };
    const started = performance.now();
    void client.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version: i + 1 },
      contentChanges: [{ range, text: word(i) }],
    });
    await tellsOf(client, i);
    if (i > warmUp) times.push(performance.now() - started);
  }
  await client.end();
  const work = `keystroke to diagnostics, ${lines} lines`;
  return [
    row(`${work}, p50`, `${quantile(times, 0.5).toFixed(0)} ms`),
    limited(`${work}, p95`, quantile(times, 0.95), limitMs),
  ];
}

async function coldStart(): Promise<Row> {
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const started = performance.now();
    const { client } = await start();
    client.open(uri, `${system(0)}rules { ${word(0)} off }\n`);
    await tellsOf(client, 0);
    times.push(performance.now() - started);
    await client.end();
  }
  return limited('start of the process to first diagnostics', quantile(times, 0.5), 500);
}

const files = 100;

/** One file with a cluster, ten that import it, the others on their own. */
async function workspace(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'dsys-bench-'));
  const textOf = (i: number) => (i > 0 && i <= 10 ? `import "f0.dsys"\nstore t${i} on c0 {}\n` : system(3 * i));
  const urls = Array.from({ length: files }, (_, i) => pathToFileURL(join(folder, `f${i}.dsys`)).href);
  for (let i = 0; i < files; i++) writeFileSync(join(folder, `f${i}.dsys`), textOf(i));
  try {
    const started = performance.now();
    const { client } = await start(pathToFileURL(folder).href);
    await Promise.all(urls.map(url => client.diagnostics(url)));
    const opened = performance.now() - started;
    const told: string[] = [];
    client.open(urls[50]!, textOf(50));
    await client.diagnostics(urls[50]!);
    const listener = client.connection.onNotification('textDocument/publishDiagnostics', (one: { uri: string }) => {
      told.push(one.uri);
    });
    const edited = performance.now();
    client.change(urls[50]!, `${textOf(50)}\n`);
    while (!told.includes(urls[50]!)) await pause(1);
    const edit = performance.now() - edited;
    // What is validated in its wake would be told of by now.
    await client.connection.sendRequest('workspace/symbol', { query: 'c0' });
    listener.dispose();
    await client.end();
    const others = new Set(told).size - 1;
    return [
      limited(`opening a workspace of ${files} files`, opened, 2000),
      row(`editing one of ${files} files`, `${edit.toFixed(0)} ms`),
      row('files validated again besides it', `${others}`, '0'),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One long declaration. */
const many = Array.from({ length: 500 }, (_, i) => `  at ${i}s crash leader of s0 for 4s\n`).join('');
const places = {
  completion: [
    'store t on ¦',
    'store t on c0 { consensus raft { ¦ } }',
    'store t on c0 { replication leaderless { hinted-handoff on ¦ } }',
    'scenario y {\n  run w0 for 10s\n  at 5s crash ¦',
    `scenario y {\n  run w0 for 2000s\n${many}  at 5s crash c0 ¦`,
  ],
  hover: ['store t on c0 { consensus raft { heart¦beat 50ms } }', 'store t on c¦0 { }', 'workload t on s¦0 { }'],
} as const;

async function answers(feature: 'completion' | 'hover'): Promise<Row> {
  const { client } = await start();
  const medians: number[] = [];
  for (const [i, marked] of places[feature].entries()) {
    const textBefore = `rules { ${word(i)} off }\n${systems(27)}${marked.split('¦')[0]}`;
    const text = `${textBefore}${marked.split('¦')[1]}\n${systems(27, 102)}`;
    if (i === 0) client.open(uri, text);
    else client.change(uri, text);
    await tellsOf(client, i);
    const line = textBefore.split('\n').length - 1;
    const at = { textDocument: { uri }, position: { line, character: textBefore.split('\n').at(-1)!.length } };
    const times: number[] = [];
    for (let each = 0; each < 15; each++) {
      const started = performance.now();
      const answer = await client.connection.sendRequest(`textDocument/${feature}`, at);
      times.push(performance.now() - started);
      if (answer === null) throw new Error(`no ${feature} at ${marked}`);
    }
    medians.push(quantile(times, 0.5));
  }
  await client.end();
  return limited(`${feature}, 1,000 lines, slowest place, median`, Math.max(...medians), 20);
}

export async function rows(): Promise<Row[]> {
  if (!existsSync(bundle)) throw new Error('The server is not built yet: npm run build');
  return [
    ...(await keystrokes(53, 60, 50)),
    ...(await keystrokes(527, 20, 300)),
    await coldStart(),
    ...(await workspace()),
    await answers('completion'),
    await answers('hover'),
  ];
}
