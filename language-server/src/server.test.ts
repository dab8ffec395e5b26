/** Live execution, settings and threads over messages, with threads and time in the test's hands. */
import { EmptyFileSystem } from 'langium';
import { expect, it } from 'vitest';
import type { CodeAction, CodeLens, Diagnostic } from 'vscode-languageserver';
import { errorCodes, requests } from './protocol.ts';
import type { FromWorker, ToWorker } from './runs/jobs.ts';
import type { Later, WorkerPort } from './runs/runs.ts';
import { handle } from './runs/work.ts';
import { type Client, localClient } from './testing/client.ts';
import { design } from './testing/conversation.ts';
import { version } from './version.ts';

/** Asynchronous replication under crashes loses writes; nobody has written a scenario that shows it. */
const losing = `region eu
cluster db { nodes 3 in eu }
store orders on db {
  replication single-leader asynchronous { failover automatic { detect 100ms } }
  claims { no lost-writes  residency in eu }
}
workload shops on orders { clients 20  operations 20% read, 80% write }
`;
const uri = 'file:///live/main.dsys';

/** What comes out must not depend on the machine. */
const unhurried = (message: ToWorker): ToWorker =>
  message.job.kind === 'live'
    ? { ...message, job: { ...message.job, budgetMs: Number.POSITIVE_INFINITY, seeds: 3 } }
    : message;

interface Stage {
  readonly client: Client;
  /** Jobs that threads have got, in order, with what they can do about them. */
  readonly jobs: { readonly message: ToWorker; answer(answer: FromWorker): void; die(why: string): void }[];
  job(): Promise<Stage['jobs'][number]>;
  /** Time passes: everything that waits for later happens; if nothing does yet, what comes next. */
  pass(): Promise<void>;
  readonly waiting: Set<() => void>;
}

/** @param works whether threads do what they are asked; else the test answers for them */
async function stage(works: boolean, settings: unknown = {}): Promise<Stage> {
  const jobs: Stage['jobs'] = [];
  const asked: ((job: Stage['jobs'][number]) => void)[] = [];
  const waiting = new Set<() => void>();
  const told: (() => void)[] = [];
  const later: Later = (_ms, work) => {
    const once = () => {
      waiting.delete(once);
      work();
    };
    waiting.add(once);
    for (const tell of told.splice(0)) tell();
    return () => waiting.delete(once);
  };
  const startWorker = (): WorkerPort => {
    let say: (message: FromWorker) => void = () => {};
    let end: (why: string) => void = () => {};
    return {
      listen(onMessage, onEnd) {
        say = onMessage;
        end = onEnd;
      },
      post(message) {
        if (works) setImmediate(() => handle(structuredClone(unhurried(message)), answer => say(answer)));
        const job = { message, answer: say, die: end };
        const next = asked.shift();
        if (next) next(job);
        else jobs.push(job);
      },
      stop() {},
    };
  };
  const client = await localClient({ startWorker, later }, { settings });
  return {
    client,
    jobs,
    job: () => new Promise(resolve => (jobs.length > 0 ? resolve(jobs.shift()!) : asked.push(resolve))),
    pass: async () => {
      if (waiting.size === 0) await new Promise<void>(resolve => told.push(resolve));
      for (const once of [...waiting]) once();
    },
    waiting,
  };
}

const isLive = ({ code }: Diagnostic) => code === 'live';
const titles = async ({ connection }: Client) =>
  ((await connection.sendRequest('textDocument/codeLens', { textDocument: { uri } })) as CodeLens[]).map(
    ({ command }) => command!.title,
  );

it('a claim that runs violate is a warning at the claim, with the run as a fix', async () => {
  const { client, pass } = await stage(true);
  client.open(uri, losing);
  await client.diagnostics(uri, found => !found.some(isLive));
  expect(await titles(client)).toContain('no lost-writes: not checked yet');
  await pass();
  const shown = await client.verdicts(({ claims }) => claims.length > 0);
  const warning = (await client.diagnostics(uri, found => found.some(isLive))).find(isLive)!;
  expect(warning).toMatchObject({ severity: 2, source: 'dsys', range: { start: { line: 4, character: 11 } } });
  expect(warning.message).toMatch(/^seed \d+ violates "no lost-writes": ./);
  const claim = shown.claims.find(({ property }) => property === 'no lost-writes')!;
  expect(claim).toMatchObject({ verdict: 'violated', store: 'orders' });
  expect(shown.version).toBe(1);
  const lenses = await titles(client);
  expect(lenses).toContain(`no lost-writes: ✗ violated by seed ${claim.shown!.seed}`);
  // What no run can check is said to be so, never left out.
  expect(lenses.some(title => /^residency in eu: unknown, ./.test(title))).toBe(true);
  expect(client.refreshed).toContain('workspace/codeLens/refresh');

  // The run of the warning can be asked for, and the text of the fix runs the same.
  const run = (scenario: string) =>
    client.connection.sendRequest<{ report: { properties: { property: string; verdict: string; why: string }[] } }>(
      requests.run,
      { uri, scenario, seed: claim.shown!.seed },
    );
  const lost = ({ report }: Awaited<ReturnType<typeof run>>) =>
    report.properties.find(({ property }) => property === 'no lost-writes');
  const first = lost(await run(claim.shown!.scenario));
  expect(first).toMatchObject({ verdict: 'violated', why: claim.why });
  const actions = await client.connection.sendRequest<CodeAction[]>('textDocument/codeAction', {
    textDocument: { uri },
    range: warning.range,
    context: { diagnostics: [warning] },
  });
  const fix = actions.find(({ diagnostics }) => diagnostics?.some(isLive))!;
  const [edit] = fix.edit!.changes![uri]!;
  client.change(uri, losing + edit!.newText);
  expect(lost(await run(claim.shown!.scenario))).toMatchObject({ verdict: 'violated', why: claim.why });
});

it('typing ends live execution, is answered at once, and nothing of the text before is shown', async () => {
  const { client, job, pass } = await stage(false);
  client.open(uri, losing);
  await client.diagnostics(uri);
  await pass();
  const { message, answer } = await job();
  expect(message.job.kind).toBe('live');
  expect(message.flag![0]).toBe(0);
  // The thread computes; meanwhile somebody types.
  client.change(uri, losing.replace('on db {', 'on d {'));
  const mistaken = await client.diagnostics(uri, found => found.some(({ code }) => code === 'unresolved-name'));
  expect(mistaken.some(isLive)).toBe(false);
  expect(message.flag![0]).toBe(1);
  // What it found comes too late.
  const store = { store: 'orders', claims: [] };
  answer({ id: message.id, kind: 'progress', tidings: store });
  answer({ id: message.id, kind: 'done', answer: [store] });
  expect(await titles(client)).toContain('no lost-writes: not checked, the file has errors');
});

it('what the budget did not reach is said to be not checked', async () => {
  const { client, job, pass } = await stage(false);
  client.open(uri, losing);
  await client.diagnostics(uri);
  await pass();
  const { message, answer } = await job();
  const answers: FromWorker[] = [];
  if (message.job.kind !== 'live') throw new Error('another job');
  handle({ ...message, job: { ...message.job, budgetMs: 0 } }, one => answers.push(one));
  for (const one of answers) answer(one);
  const { claims } = await client.verdicts(each => each.claims.length > 0);
  expect(claims.map(({ verdict, why }) => [verdict, why])).toEqual([
    ['not checked', 'no run ended within 0 ms'],
    ['not checked', 'no run ended within 0 ms'],
  ]);
  expect(await titles(client)).toContain('no lost-writes: not checked, no run ended within 0 ms');
});

it('a claim that holds says in how many runs', async () => {
  const { client, pass } = await stage(true);
  client.open(uri, design);
  await client.diagnostics(uri);
  await pass();
  const { claims } = await client.verdicts(each => each.claims.length > 0);
  expect(claims).toMatchObject([{ property: 'consistency linearizable', verdict: 'holds', runs: 6, shown: null }]);
  expect(await titles(client)).toContain('consistency linearizable: held in 6 short runs');
});

it('is off with a setting, and rules have the levels of the settings', async () => {
  const { client, waiting } = await stage(false, { liveExecution: false, rules: { live: 'off', typo: 'no' } });
  client.open(uri, losing);
  await client.diagnostics(uri);
  expect(await client.message()).toContain('dsys.rules.typo is "no"');
  expect(waiting.size).toBe(0);
  expect((await titles(client)).filter(title => title.startsWith('no lost-writes'))).toEqual([]);
  // Turned on again, it begins.
  await client.connection.sendNotification('workspace/didChangeConfiguration', { settings: { dsys: {} } });
  await client.diagnostics(uri);
  expect(await titles(client)).toContain('no lost-writes: not checked yet');
  expect(waiting.size).toBe(1);
});

it('a thread that dies is an error of its request, and another one takes its place', async () => {
  const { client, job } = await stage(false, { liveExecution: false });
  client.open(uri, design);
  await client.diagnostics(uri);
  const ask = () =>
    client.connection.sendRequest(requests.run, { uri, seed: 3 }).then(
      () => undefined,
      (error: { code: number; message: string }) => error,
    );
  const first = ask();
  (await job()).die('out of memory');
  const error = await first;
  expect(error?.code).toBe(errorCodes.workerFailed);
  expect(error?.message).toBe('dsys has a bug: the run of scenario crash with seed 3 failed. out of memory');
  const second = ask();
  const { message, answer } = await job();
  handle(message, one => answer(one));
  expect(await second).toBeUndefined();
});

it('tests scenarios with progress, all of them or one', async () => {
  const { client } = await stage(true, { liveExecution: false });
  client.open(uri, design);
  const seen: { kind: string; percentage?: number; message?: string }[] = [];
  client.connection.onNotification('$/progress', ({ value }) => {
    seen.push(value);
  });
  const answer = await client.connection.sendRequest(requests.test, { uri, seeds: 2, workDoneToken: 't' });
  expect(answer).toMatchObject({ reports: [{ scenario: 'crash', outcome: 'pass', seeds: { ran: 2 } }] });
  expect(seen.map(({ kind, percentage, message }) => [kind, percentage, message])).toEqual([
    ['begin', undefined, undefined],
    ['report', 50, 'crash: 1 of 2 seeds'],
    ['report', 100, 'crash: 2 of 2 seeds'],
    ['end', undefined, undefined],
  ]);
  expect(await titles(client)).toContain('✓ pass, 2 seeds');
});

it('says who it is, and leads to the pages of rules that its client has', async () => {
  const rulePages = 'file:///pages/{rule}.md';
  const client = await localClient({}, { settings: { liveExecution: false }, initializationOptions: { rulePages } });
  expect(client.serverInfo).toEqual({ name: 'dsys', version });
  client.open(
    uri,
    'cluster c { nodes 2 }\nstore s on c { replication leaderless { read 1  write 1 } }\nstore t on d {}\n',
  );
  const found = await client.diagnostics(uri);
  const pages = Object.fromEntries(found.map(({ code, codeDescription }) => [code, codeDescription?.href]));
  expect(pages).toMatchObject({
    'quorum-rw-disjoint': 'file:///pages/quorum-rw-disjoint.md',
    'unresolved-name': undefined,
  });
  expect(Object.keys(pages)).toContain('unresolved-name');
  await client.end();
});

it('leads nowhere for a client that has no pages', async () => {
  const client = await localClient({}, { settings: { liveExecution: false } });
  client.open(uri, 'cluster c { nodes 2 }\nstore s on c { replication leaderless { read 1  write 1 } }\n');
  const found = await client.diagnostics(uri, some => some.length > 0);
  expect(found.map(({ codeDescription }) => codeDescription)).toEqual(found.map(() => undefined));
  await client.end();
});

it('goes on when a buffer that was never saved is closed while another file changes', async () => {
  const startWorker = () => ({ post() {}, listen() {}, stop() {} });
  let seen: () => void = () => {};
  const asked = new Promise<void>(resolve => (seen = resolve));
  let answer: () => void = () => {};
  const answered = new Promise<void>(resolve => (answer = resolve));
  const fileSystem = EmptyFileSystem.fileSystemProvider();
  fileSystem.exists = async () => {
    seen();
    await answered;
    return false;
  };
  const client = await localClient({ startWorker, fileSystemProvider: () => fileSystem });
  const untitled = 'untitled:Untitled-1';
  client.open(untitled, design);
  client.open(uri, design);
  await Promise.all([client.diagnostics(untitled), client.diagnostics(uri)]);
  // What is closed has no language any more, and is still there when the change is built.
  void client.connection.sendNotification('textDocument/didClose', { textDocument: { uri: untitled } });
  await asked;
  client.change(uri, 'cluster {');
  const syntax = (all: readonly Diagnostic[]) => all.some(({ code }) => code === 'syntax');
  expect(await client.diagnostics(uri, syntax)).not.toEqual([]);
  answer();
  await client.end();
});
