/** Who acts for a participant: when it takes over, and what it decides by the states that it hears of. */
import { describe, expect, it } from 'vitest';
import type { Reply } from '../contract.ts';
import type { InDoubt, Status } from '../transaction-phases.ts';
import { transactionParticipant as protocol } from './protocol.ts';
import type { ParticipantOptions, ParticipantState } from './state.ts';

const seconds = (s: number): number => s * 1e9;
const doubt = (status: InDoubt[2], round = 0): InDoubt => ['t#1', ['g', 'h', 'i'], status, round];

function stage(policy: ParticipantOptions['policy']) {
  let now = 0;
  const calls: { group: string; word: string; rest: readonly unknown[]; token: number }[] = [];
  const options: ParticipantOptions = { name: 't', group: 'g', timeoutNs: seconds(1), policy, rankOf: { 1: 0 } };
  const io = {
    call(group: string, { input }: { input: readonly [string, ...unknown[]] }, token: number) {
      const [word, ...rest] = input;
      calls.push({ group, word, rest, token });
    },
    setTimer() {},
    note() {},
    wallNs: () => now,
    monotonicNs: () => now,
  } as never;
  const state: ParticipantState = protocol.boot({ self: 1, options, group: {} as never }, undefined, io);
  const take = (word: string, group: string) => {
    const at = calls.findIndex(one => one.word === word && one.group === group);
    if (at < 0) throw new Error(`${word} ${group} is not among ${words().join(', ')}`);
    return calls.splice(at, 1)[0]!;
  };
  const words = () => calls.map(({ word, group }) => `${word} ${group}`);
  const answer = (word: string, group: string, output: unknown) => {
    const reply: Reply = { kind: 'ok', output: output as never };
    protocol.answered!(state, take(word, group).token, reply, io);
  };
  const timer = (at: number) => {
    now = seconds(at);
    protocol.timer(state, 'look', io);
  };
  /** Looks at this time and finds this in doubt. */
  const look = (at: number, ...found: InDoubt[]) => {
    timer(at);
    answer('in-doubt', 'g', ['doubts', found]);
  };
  const told = (group: string, status: Status, attempt = status === 'precommitted' ? 0 : -1) =>
    answer('state-request', group, ['state-response', status, attempt]);
  return { state, words, look, timer, answer, told, take };
}

/** It has looked often enough not to have been down, and has waited for three timeouts. */
function waited(policy: ParticipantOptions['policy'], status: InDoubt[2]) {
  const it = stage(policy);
  it.look(0);
  for (let at = 0.5; at <= 3.5; at += 0.5) it.look(at, doubt(status));
  return it;
}

describe('a participant that has waited', () => {
  it.each([
    ['skeen', 'prepared', 'abort'],
    ['skeen', 'precommitted', 'commit'],
    ['discard', 'precommitted', 'abort'],
  ] as const)('%s: %s, so %s', (policy, status, outcome) => {
    const { take } = waited(policy, status);
    expect(take('time-out', 'g').rest).toEqual(['t#1', status, outcome]);
  });

  it('two phases: decides after one timeout', () => {
    const { look, take, words } = stage('abort');
    look(0);
    look(0.5, doubt('prepared'));
    look(1, doubt('prepared'));
    expect(words()).toEqual([]);
    look(1.5, doubt('prepared'));
    expect(take('time-out', 'g').rest).toEqual(['t#1', 'prepared', 'abort']);
  });

  it('begins to wait anew when something is new', () => {
    const { look, words } = stage('terminate');
    look(0);
    for (let at = 0.5; at <= 3; at += 0.5) look(at, doubt('prepared'));
    for (let at = 3.5; at <= 6; at += 0.5) look(at, doubt('precommitted'));
    expect(words()).toEqual([]);
  });

  it('and was down decides nothing alone: it asks', () => {
    const { look, words, answer, take } = stage('skeen');
    for (const at of [10, 11]) look(at, doubt('prepared'));
    expect(words()).toEqual(['state-request h', 'state-request i']);
    answer('state-request', 'h', ['state-response', 'prepared', 0]);
    answer('state-request', 'i', ['state-response', 'committed', 0]);
    expect(take('commit', 'g').rest).toEqual(['t#1']);
  });
});

describe('the termination protocol', () => {
  it('aborts when nobody is pre-committed', () => {
    const { told, words } = waited('terminate', 'prepared');
    for (const group of ['g', 'h', 'i']) told(group, 'prepared');
    expect(words()).toEqual(['abort g', 'abort h', 'abort i']);
  });

  it('brings all to the pre-commit and commits when somebody is', () => {
    const { told, words, answer } = waited('terminate', 'prepared');
    told('g', 'prepared');
    told('h', 'precommitted');
    told('i', 'prepared');
    expect(words()).toEqual(['pre-commit g', 'pre-commit h', 'pre-commit i']);
    for (const group of ['g', 'h', 'i']) answer('pre-commit', group, ['ack-pre', 'precommitted', 1]);
    expect(words()).toEqual(['commit g', 'commit h', 'commit i']);
  });

  it('takes the silent for failed', () => {
    const { told, words, timer, look, answer } = waited('terminate', 'prepared');
    told('g', 'prepared');
    told('h', 'prepared');
    for (let at = 4; at <= 5; at += 0.5) look(at, doubt('prepared'));
    timer(5.6);
    expect(words().filter(one => one.startsWith('pre'))).toEqual(['pre-abort g', 'pre-abort h']);
    for (const group of ['g', 'h']) answer('pre-abort', group, ['ack-pre', 'prepared', 1]);
    expect(words().filter(one => one.startsWith('abort'))).toEqual(['abort g', 'abort h', 'abort i']);
  });

  it('is given up by one that stood still: others may have taken over', () => {
    const { told, words, timer, state } = waited('terminate', 'prepared');
    told('g', 'prepared');
    told('h', 'prepared');
    timer(5.6);
    expect(state.doubts['t#1']!.termination).toBeUndefined();
    expect(words().filter(one => /abort|commit/.test(one))).toEqual([]);
  });

  it('does not count who was absent when the others were brought to an abort', () => {
    const { told, words } = waited('terminate', 'prepared');
    told('g', 'prepared', 1_001);
    told('h', 'prepared', -1);
    told('i', 'precommitted', 0);
    expect(words()).toEqual(['pre-abort g', 'pre-abort h', 'pre-abort i']);
  });

  it('counts a pre-commit, also where another that took over has come to nothing', () => {
    const { told, words } = waited('terminate', 'prepared');
    told('g', 'prepared', -1);
    told('h', 'prepared', -1);
    told('i', 'precommitted', 0);
    expect(words()).toEqual(['pre-commit g', 'pre-commit h', 'pre-commit i']);
  });

  it('does what has been decided', () => {
    const { told, words } = waited('terminate', 'prepared');
    told('h', 'committed');
    expect(words()).toEqual(['state-request g', 'state-request i', 'commit g', 'commit h', 'commit i']);
  });

  it('gives way to somebody with a higher round, and decides nothing without its own log', () => {
    const fenced = waited('terminate', 'prepared');
    fenced.told('h', 'fenced', 9e9);
    expect(fenced.state.doubts['t#1']!.termination).toBeUndefined();
    const alone = waited('terminate', 'prepared');
    alone.told('h', 'prepared');
    alone.timer(5.6);
    expect(alone.words().filter(one => /abort|commit/.test(one))).toEqual([]);
  });

  it('of one that was down needs to hear everybody', () => {
    const { look, words, told, timer, take } = stage('terminate');
    for (let at = 10; at <= 14; at += 0.5) look(at, doubt('precommitted'));
    while (words().filter(one => one === 'state-request h').length > 1) {
      take('state-request', 'h');
      take('state-request', 'i');
    }
    told('g', 'precommitted');
    told('h', 'precommitted');
    timer(16.5);
    expect(words().filter(one => /commit|abort/.test(one))).toEqual([]);
  });
});
