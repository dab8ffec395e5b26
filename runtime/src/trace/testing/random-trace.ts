/**
 * Synthetic traces for tests and benchmarks: valid by construction, with every kind of row, and a function of the seed.
 * They look like a replicated store under faults from afar, and mean nothing.
 */

import { type RandomStream, stream } from '../../kernel/random.ts';
import type { TraceValue } from '../itf.ts';
import { EVENT_FLAG, KIND, MESSAGE_FLAG, type StatusName, type WhyName } from '../kinds.ts';
import type { Trace, TraceNode } from '../model.ts';
import {
  beginEvent,
  createRecorder,
  detail,
  epochChanged,
  faultEnd,
  faultStart,
  finish,
  flagMessage,
  messageDelivered,
  messageDropped,
  messageDuplicated,
  messageSent,
  nameId,
  opCompleted,
  opInvoked,
  type Recorder,
  type RecorderOptions,
  stateDelta,
} from '../recorder.ts';
import { rollingHashText } from '../rolling-hash.ts';

export interface RandomTraceOptions extends Partial<RecorderOptions> {
  /** Steps of the script; each writes one to three events. */
  readonly steps: number;
  readonly servers?: number;
  readonly clients?: number;
  /** Payloads, keys and states are drawn from these; by default small records that differ. */
  readonly values?: readonly TraceValue[];
}

const MESSAGE_TYPES = ['AppendEntries', 'AppendReply', 'RequestVote', 'Vote', 'Read', 'ReadReply'];
const REASONS: Exclude<WhyName, 'none'>[] = ['loss', 'partition', 'crashed', 'overflow', 'filter'];
const STATUSES: StatusName[] = ['ok', 'fail', 'info'];

interface Script {
  readonly recorder: Recorder;
  readonly random: RandomStream;
  readonly value: () => TraceValue;
  readonly servers: number;
  readonly clients: number;
  readonly nemesis: number;
  readonly inFlight: number[];
  readonly timers: [node: number, event: number][];
  /** Open operation of each client, -1 when idle. */
  readonly open: number[];
  /** Process of each client: another one after an unknown outcome, which retires it. */
  readonly process: number[];
  /** Open fault, and its start event. */
  fault: number;
  faultEvent: number;
  now: number;
}

/** The trace of a random script, and the recorder's fingerprint of it. */
export function randomTrace(seed: number, options: RandomTraceOptions): { trace: Trace; fingerprint: string } {
  const recorder = runScript(seed, options);
  const events = Math.min(recorder.eventCount, recorder.events.length);
  const random = stream(seed, 'verdicts');
  const trace = finish(recorder, {
    outcome: random.pick(['pass', 'fail', 'unknown'] as const),
    ...(events > 0 && random.chance(0.3) && { loop: { fromEvent: random.int(events) } }),
    checks: [
      { name: 'ElectionSafety', kind: 'invariant', verdict: 'holds', message: 'one leader', src: 0, witness: null },
      {
        name: 'linearizable',
        kind: 'linearizability',
        verdict: 'violated',
        message: 'a read went back',
        src: 65_535,
        witness: {
          events: events > 0 ? [random.int(events)] : [],
          ops: recorder.ops.length > 0 ? [random.int(recorder.ops.length)] : [],
        },
      },
    ],
    metrics: [{ name: 'latency', unit: 'ns', agg: 'p99', x: [0, 1e6], series: { write: [1.5, null], read: [3, 4] } }],
    notes: events > 0 ? [{ event: random.int(events), text: 'look here', author: 'test' }] : [],
  });
  return { trace, fingerprint: fingerprintOf(seed, options) };
}

/** The fingerprint alone, from a recorder that keeps nothing. */
function fingerprintOf(seed: number, options: RandomTraceOptions): string {
  return rollingHashText(runScript(seed, { ...options, mode: 'hash' }).hash);
}

export function runScript(seed: number, options: RandomTraceOptions): Recorder {
  const servers = options.servers ?? 3;
  const clients = options.clients ?? 2;
  const recorder = createRecorder(description(seed, servers, clients), { mode: 'full', ...options });
  const random = stream(seed, 'script');
  const { values } = options;
  const script: Script = {
    recorder,
    random,
    value: () =>
      values === undefined ? { term: random.int(5), index: random.int(1000), ok: true } : random.pick(values),
    servers,
    clients,
    nemesis: servers + clients,
    inFlight: [],
    timers: [],
    open: new Array<number>(clients).fill(-1),
    process: Array.from({ length: clients }, (_, client) => client),
    fault: -1,
    faultEvent: -1,
    now: 0,
  };
  for (let step = 0; step < options.steps; step++) {
    script.now += random.int(50_000);
    act(script);
  }
  return recorder;
}

function act(script: Script): void {
  const { random, inFlight } = script;
  const dice = random.int(100);
  if (dice < 35) send(script);
  else if (dice < 70 && inFlight.length > 0) endMessage(script);
  else if (dice < 80) timer(script);
  else if (dice < 92) operation(script);
  else if (dice < 97) change(script);
  else fault(script);
}

function send(script: Script): void {
  const { recorder, random, servers, clients, inFlight, now } = script;
  const from = random.int(servers + clients);
  const op = from >= servers ? script.open[from - servers] : -1;
  const type = nameId(recorder, random.pick(MESSAGE_TYPES));
  const event = beginEvent(recorder, now, KIND.send, from, type, op, random.int(4), -1, random.int(2));
  const message = messageSent(recorder, event, random.int(servers), 40 + random.int(100), script.value());
  inFlight.push(message);
  if (random.chance(0.02)) inFlight.push(messageDuplicated(recorder, now, message, script.faultEvent));
  if (random.chance(0.02)) flagMessage(recorder, message, MESSAGE_FLAG.delayed);
}

function endMessage(script: Script): void {
  const { recorder, random, inFlight, now } = script;
  const index = random.int(Math.min(inFlight.length, 8));
  const message = inFlight[index];
  inFlight[index] = inFlight[inFlight.length - 1];
  inFlight.pop();
  if (random.chance(0.05)) {
    messageDropped(recorder, now, message, random.pick(REASONS), script.faultEvent);
    return;
  }
  const event = messageDelivered(recorder, now, message, random.int(4), random.int(2));
  if (random.chance(0.3)) stateDelta(recorder, event, nameId(recorder, 'commitIndex'), random.int(99), random.int(99));
}

function timer(script: Script): void {
  const { recorder, random, servers, timers, now } = script;
  const name = nameId(recorder, 'election');
  if (timers.length > 0 && random.chance(0.5)) {
    const [node, set] = timers.pop()!;
    beginEvent(recorder, now, random.chance(0.9) ? KIND.timerFire : KIND.timerCancel, node, name, -1, 2, set);
    return;
  }
  const node = random.int(servers);
  const set = beginEvent(recorder, now, KIND.timerSet, node, name, -1, 2);
  detail(recorder, set, random.int(1_000_000));
  timers.push([node, set]);
}

function operation(script: Script): void {
  const { recorder, random, servers, clients, open, process, now } = script;
  const client = random.int(clients);
  if (open[client] === -1) {
    const f = nameId(recorder, random.pick(['read', 'write', 'cas']));
    open[client] = opInvoked(
      recorder,
      now,
      servers + client,
      process[client],
      f,
      `k${random.int(9)}`,
      script.value(),
      1,
    );
  } else {
    const status = random.chance(0.9) ? 'ok' : random.pick(STATUSES);
    opCompleted(recorder, now, servers + client, open[client], status, status === 'ok' ? script.value() : undefined);
    open[client] = -1;
    if (status === 'info') process[client] += clients;
  }
}

function change(script: Script): void {
  const { recorder, random, servers, now } = script;
  const role = nameId(recorder, random.pick(['follower', 'candidate', 'leader']));
  const leads = recorder.strings[role] === 'leader';
  const term = random.int(1000);
  const event = beginEvent(
    recorder,
    now,
    random.chance(0.5) ? KIND.role : KIND.epoch,
    random.int(servers),
    role,
    -1,
    term,
    -1,
    0,
    leads ? EVENT_FLAG.significant : 0,
  );
  epochChanged(recorder, event, nameId(recorder, random.pick(['', 'shard-1'])), role, term, leads);
  stateDelta(recorder, event, nameId(recorder, 'term'), random.chance(0.2) ? undefined : term - 1, term);
}

function fault(script: Script): void {
  const { recorder, random, servers, nemesis, now } = script;
  if (script.fault >= 0) {
    faultEnd(recorder, now, nemesis, script.fault);
    script.fault = -1;
    script.faultEvent = -1;
    return;
  }
  const node = random.int(servers);
  const kind = random.pick(['crash', 'partition', 'slow']);
  script.faultEvent = recorder.eventCount;
  script.fault = faultStart(recorder, now, nemesis, {
    kind,
    nodes: [node],
    groups: kind === 'partition' ? [[node], [...Array(servers).keys()].filter(other => other !== node)] : [],
    params: { factor: 3 },
    src: 1,
  });
  if (kind === 'crash') {
    beginEvent(recorder, now, KIND.crash, node, 0, -1, 0, script.faultEvent, 1, EVENT_FLAG.injected);
    beginEvent(recorder, now, KIND.restart, node, 0, -1, 0, script.faultEvent, 1, EVENT_FLAG.injected);
  }
}

function description(seed: number, servers: number, clients: number): Parameters<typeof createRecorder>[0] {
  const lane = (kind: TraceNode['kind'], prefix: string, count: number): TraceNode[] =>
    Array.from({ length: count }, (_, index) => ({ name: `${prefix}${index + 1}`, kind, group: '' }));
  return {
    runId: `random-${seed}`,
    tool: 'random-trace',
    model: { uri: 'random.dsys', sha256: '00', name: 'random' },
    seed,
    params: { servers, clients },
    nodes: [...lane('server', 's', servers), ...lane('client', 'c', clients), ...lane('nemesis', 'nemesis', 1)],
    sources: [{ uri: 'random.dsys', sha256: '00' }],
    src: [
      { source: 0, range: [1, 1, 3, 2], decl: 'protocol', handler: 'receive' },
      { source: 0, range: [5, 1, 9, 2], decl: 'scenario', handler: '' },
    ],
  };
}
