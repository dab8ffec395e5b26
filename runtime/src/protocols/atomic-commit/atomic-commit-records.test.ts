/**
 * What is written before what is said, by presumption: the table of Mohan, Lindsay and Obermarck 1986. One node at a time,
 * with nothing but its `io`; `!` marks a record that what follows has to wait for.
 */
import { expect, it } from 'vitest';
import type { TwoPhaseCommit } from '../../design/mechanism.ts';
import { plainGroup, silentIo } from '../../testing/by-hand.ts';
import { threePhaseOptions, twoPhaseOptions } from '../../testing/design.ts';
import type { AnyProtocol, Command } from '../contract.ts';
import { threePhaseCommit } from '../three-phase-commit/three-phase-commit.ts';
import { twoPhaseCommit } from '../two-phase-commit/two-phase-commit.ts';

const command: Command = { kind: 'write', key: 'x', input: 1, operation: 0 };

/** A node of three whose disk syncs at once, and what it has written and said since it was asked last. */
function node(self: number, protocol: AnyProtocol, options: unknown) {
  const said: string[] = [];
  const tokens: number[] = [];
  const sent: { to: number; message: { type: string; tx: never } }[] = [];
  const image = protocol.disk.empty();
  const seen = {
    send(to: number, message: { type: string; tx: never }) {
      sent.push({ to, message });
      said.push(`${message.type} to ${to}`);
    },
    persist(write: { kind: string; outcome?: string; awaiting?: readonly number[] }, token?: number) {
      protocol.disk.apply(image, write);
      const awaits = write.awaiting === undefined || write.awaiting.length === 0 ? '' : ` awaiting ${write.awaiting}`;
      said.push(`! ${write.kind}${write.outcome === undefined ? '' : ` ${write.outcome}`}${awaits}`);
      if (token !== undefined) tokens.push(token);
    },
    reply: (_request: unknown, reply: { kind: string }) => void said.push(`reply ${reply.kind}`),
  };
  const io = { ...silentIo(), ...seen };
  const group = plainGroup(3);
  const boot = (from: unknown) => protocol.boot({ self, group, options } as never, from, io as never);
  let state = boot(undefined);
  const since = () => said.splice(0);
  since();
  return {
    since,
    sent,
    request() {
      protocol.request(state, { id: 1, command, session: null, attempt: 0 }, io as never);
      return since();
    },
    receive(from: number, message: object) {
      protocol.receive(state, from, message as never, io as never);
      for (const token of tokens.splice(0)) protocol.persisted!(state, token, io as never);
      return since();
    },
    restart() {
      state = boot(image);
      return since().slice(1);
    },
  };
}

const tx = { id: '0.1.1', coordinator: 0, origin: 0, number: 1, ageNs: 0, command, session: null };
const all = (type: string) => [`${type} to 1`, `${type} to 2`];

/** A coordinator that commits, one that aborts, a participant that commits, one that aborts. */
function records(options: TwoPhaseCommit) {
  const coordinator = () => {
    const one = node(0, twoPhaseCommit, options);
    const asked = one.request();
    return { one, asked, of: one.sent[0]!.message.tx };
  };
  const participant = () => {
    const one = node(1, twoPhaseCommit, options);
    return { one, voted: one.receive(0, { type: 'prepare', tx, floor: 0 }) };
  };
  const commits = coordinator();
  commits.one.receive(1, { type: 'yes', tx: commits.of });
  const aborts = coordinator();
  const told = participant();
  const dropped = participant();
  const forgetful = coordinator();
  return {
    asks: commits.asked,
    commits: commits.one.receive(2, { type: 'yes', tx: commits.of }),
    aborts: aborts.one.receive(1, { type: 'no', tx: aborts.of, why: 'aborted' }),
    votes: told.voted,
    committed: told.one.receive(0, { type: 'commit', tx }),
    aborted: dropped.one.receive(0, { type: 'abort', tx }),
    restarts: forgetful.one.restart(),
    unknown: forgetful.one.receive(1, { type: 'inquire', tx: { ...tx, id: '0.0.7', number: 7 } }),
  };
}

it('presumed abort: nothing of aborts is written down or acknowledged by anybody', () => {
  expect(records(twoPhaseOptions({ presume: 'abort' }))).toEqual({
    asks: all('prepare'),
    commits: ['! outcome commit awaiting 1,2', ...all('commit'), 'reply ok'],
    aborts: all('abort'),
    votes: ['! vote', 'yes to 0'],
    committed: ['! outcome commit', 'ack to 0'],
    aborted: ['! outcome abort'],
    restarts: [],
    unknown: ['abort to 1'],
  });
});

it('presumed commit: the beginning is written, and commits are acknowledged by nobody', () => {
  expect(records(twoPhaseOptions({ presume: 'commit' }))).toEqual({
    asks: ['! begin', ...all('prepare')],
    commits: ['! outcome commit', ...all('commit'), 'reply ok'],
    aborts: ['! outcome abort awaiting 1,2', ...all('abort')],
    votes: ['! vote', 'yes to 0'],
    committed: ['! outcome commit'],
    aborted: ['! outcome abort', 'ack to 0'],
    restarts: ['! outcome abort awaiting 1,2', ...all('abort')],
    unknown: ['commit to 1'],
  });
});

it('presumed nothing: everything is written and acknowledged, and of what is unknown nothing is said', () => {
  expect(records(twoPhaseOptions({ presume: 'nothing' }))).toEqual({
    asks: ['! begin', ...all('prepare')],
    commits: ['! outcome commit awaiting 1,2', ...all('commit'), 'reply ok'],
    aborts: ['! outcome abort awaiting 1,2', ...all('abort')],
    votes: ['! vote', 'yes to 0'],
    committed: ['! outcome commit', 'ack to 0'],
    aborted: ['! outcome abort', 'ack to 0'],
    restarts: ['! outcome abort awaiting 1,2', ...all('abort')],
    unknown: [],
  });
});

it('without a durable log everything is said first', () => {
  const { commits, votes, committed } = records(twoPhaseOptions({ durableLog: false }));
  expect({ commits, votes, committed }).toEqual({
    commits: [...all('commit'), 'reply ok', '! outcome commit awaiting 1,2'],
    votes: ['yes to 0', '! vote'],
    committed: ['ack to 0', '! outcome commit'],
  });
});

it('a coordinator forgets when all have acknowledged, and tells after a crash those that have not', () => {
  const one = node(0, twoPhaseCommit, twoPhaseOptions());
  one.request();
  const of = one.sent[0]!.message.tx;
  for (const from of [1, 2]) one.receive(from, { type: 'yes', tx: of });
  expect(one.receive(1, { type: 'inquire', tx: of })).toEqual(['commit to 1']);
  one.restart();
  expect(one.receive(1, { type: 'inquire', tx: of })).toEqual(['commit to 1']);
  expect(one.receive(1, { type: 'ack', tx: of })).toEqual([]);
  expect(one.receive(2, { type: 'ack', tx: of })).toEqual(['! end']);
});

it('who has not voted and is asked will vote no; who has voted cannot say', () => {
  const fresh = node(1, twoPhaseCommit, twoPhaseOptions());
  expect(fresh.receive(2, { type: 'inquire', tx })).toEqual(['! outcome abort', 'abort to 2']);
  expect(fresh.receive(0, { type: 'prepare', tx, floor: 0 })).toEqual(['no to 0']);
  const voted = node(1, twoPhaseCommit, twoPhaseOptions());
  voted.receive(0, { type: 'prepare', tx, floor: 0 });
  expect(voted.receive(2, { type: 'inquire', tx })).toEqual([]);
});

it('a request to vote that comes after the transaction is over is refused, although nothing of it is remembered', () => {
  const one = node(1, twoPhaseCommit, twoPhaseOptions({ presume: 'commit' }));
  one.receive(0, {
    type: 'prepare',
    tx: { ...tx, id: '0.1.5', number: 5, command: { ...command, key: 'y' } },
    floor: 5,
  });
  expect(one.receive(0, { type: 'prepare', tx, floor: 1 })).toEqual(['no to 0']);
});

it('three phases: each state is written before it is said', () => {
  const coordinator = node(0, threePhaseCommit, threePhaseOptions());
  expect(coordinator.request()).toEqual(all('can-commit'));
  const of = coordinator.sent[0]!.message.tx;
  expect(coordinator.receive(1, { type: 'yes', tx: of })).toEqual([]);
  expect(coordinator.receive(2, { type: 'yes', tx: of })).toEqual(['! vote', ...all('pre-commit')]);
  expect(coordinator.receive(1, { type: 'ack-pre', tx: of })).toEqual([]);
  expect(coordinator.receive(2, { type: 'ack-pre', tx: of })).toEqual([
    '! outcome commit awaiting 1,2',
    ...all('do-commit'),
    'reply ok',
  ]);
  const participant = node(1, threePhaseCommit, threePhaseOptions());
  expect(participant.receive(0, { type: 'can-commit', tx, floor: 0 })).toEqual(['! vote', 'yes to 0']);
  expect(participant.receive(0, { type: 'pre-commit', tx })).toEqual(['! vote', 'ack-pre to 0']);
  expect(participant.receive(0, { type: 'do-commit', tx })).toEqual(['! outcome commit', 'ack to 0']);
});
