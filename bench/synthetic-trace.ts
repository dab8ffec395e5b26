/**
 * Traces of any size that look like runs of a replicated store from afar: messages between servers, operations of clients
 * through them, timers and disk writes, now and then a loss, a crash and a new leader. Two of three events stand at an end
 * of a message. A function of its arguments.
 * (`random-trace.ts` in the runtime draws every kind as often as any: a million of its events are thousands of faults.)
 */

import { stream } from '@dsys/runtime/kernel/random';
import { EVENT_FLAG, KIND, MESSAGE_FLAG } from '@dsys/runtime/trace/kinds';
import type { Trace } from '@dsys/runtime/trace/model';
import {
  beginEvent,
  createRecorder,
  epochChanged,
  faultEnd,
  faultStart,
  finish,
  flagMessage,
  messageDelivered,
  messageDropped,
  messageSent,
  nameId,
  opCompleted,
  opInvoked,
  stateDelta,
} from '@dsys/runtime/trace/recorder';

const TYPES = ['append-entries', 'append-entries-response', 'request-vote', 'vote'];

/** @param events at least so many, and a handful more */
export function syntheticTrace(events: number, servers = 10, clients = 5): Trace {
  const nodes = [
    ...Array.from({ length: servers }, (_, i) => ({ name: `s${i + 1}`, kind: 'server', group: 'store' }) as const),
    ...Array.from({ length: clients }, (_, i) => ({ name: `c${i + 1}`, kind: 'client', group: '' }) as const),
    { name: 'nemesis', kind: 'nemesis', group: '' } as const,
  ];
  const recorder = createRecorder(
    {
      runId: 'bench',
      tool: 'bench',
      model: { uri: 'bench.dsys', sha256: '', name: 'bench' },
      seed: 1,
      params: {},
      nodes,
      sources: [{ uri: 'bench.dsys', sha256: '' }],
      src: [{ source: 0, range: [1, 1, 3, 2], decl: 'protocol', handler: 'receive' }],
    },
    { mode: 'full', payloadLimitBytes: 200 },
  );
  const random = stream(1, 'bench');
  const names = TYPES.map(type => nameId(recorder, type));
  const [heartbeat, leader, commit, read] = ['heartbeat', 'leader', 'commitIndex', 'read'].map(name =>
    nameId(recorder, name),
  );
  const inFlight: number[] = [];
  const open = new Array<number>(clients).fill(-1);
  let now = 0;
  let nextTurn = 2000;
  for (let turn = 0; recorder.eventCount < events; ) {
    now += random.int(40_000);
    if (recorder.eventCount >= nextTurn) {
      nextTurn += Math.max(10_000, events / 40);
      const node = turn++ % servers;
      const fault = faultStart(recorder, now, servers + clients, {
        kind: 'crash',
        nodes: [node],
        groups: [],
        params: {},
        src: 0,
      });
      beginEvent(recorder, now, KIND.crash, node, 0, -1, 0, -1, 0, EVENT_FLAG.injected);
      beginEvent(recorder, now + 20_000_000, KIND.restart, node, 0, -1, 0, -1, 0, EVENT_FLAG.injected);
      now += 20_000_000;
      faultEnd(recorder, now, servers + clients, fault);
      const role = beginEvent(recorder, now, KIND.role, (node + 1) % servers, leader, -1, turn);
      epochChanged(recorder, role, 0, leader, turn, true);
    }
    const dice = random.int(100);
    if (dice < 40 || inFlight.length === 0) {
      const from = random.int(servers);
      const event = beginEvent(recorder, now, KIND.send, from, random.pick(names), -1, turn, -1, 0);
      const to = (from + 1 + random.int(servers - 1)) % servers;
      const message = messageSent(recorder, event, to, 40 + random.int(100), { term: turn, index: random.int(1000) });
      if (random.chance(0.01)) flagMessage(recorder, message, MESSAGE_FLAG.delayed);
      inFlight.push(message);
    } else if (dice < 84) {
      const index = random.int(Math.min(inFlight.length, 8));
      const message = inFlight[index];
      inFlight[index] = inFlight[inFlight.length - 1];
      inFlight.pop();
      if (random.chance(0.01)) messageDropped(recorder, now, message, 'loss');
      else {
        const event = messageDelivered(recorder, now, message, turn, 0);
        if (random.chance(0.2)) stateDelta(recorder, event, commit, random.int(1000), random.int(1000));
      }
    } else if (dice < 93) {
      beginEvent(recorder, now, random.chance(0.6) ? KIND.timerFire : KIND.storage, random.int(servers), heartbeat);
    } else {
      const client = random.int(clients);
      if (open[client] < 0)
        open[client] = opInvoked(recorder, now, servers + client, client, read, `k${random.int(50)}`, undefined);
      else {
        opCompleted(recorder, now, servers + client, open[client], 'ok', random.int(1000));
        open[client] = -1;
      }
    }
  }
  const holds = { verdict: 'holds', message: 'as far as it goes', src: 0, witness: null } as const;
  return finish(recorder, {
    outcome: 'pass',
    checks: [{ name: 'linearizable', kind: 'linearizability', ...holds }],
    metrics: [],
    notes: [],
  });
}
