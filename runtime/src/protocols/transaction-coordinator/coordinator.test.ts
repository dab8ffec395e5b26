/** A coordinator by itself: what it presumes, and of what it must presume nothing. */
import { describe, expect, it } from 'vitest';
import { coordinatorOptions as options } from '../../testing/coordinator.ts';
import type { Command } from '../contract.ts';
import { transactionCoordinator as protocol } from './protocol.ts';
import { type CoordinatorDisk, type CoordinatorOptions, type CoordinatorState, coordinatorDisk } from './state.ts';

function stage(changes: Partial<CoordinatorOptions> = {}, image?: CoordinatorDisk) {
  const disk = image ?? coordinatorDisk.empty();
  let now = 0;
  const calls: { group: string; command: Command; token: number }[] = [];
  const replies: string[] = [];
  const context = { self: 1, options: options(changes), group: {} as never };
  const io = {
    persist: (write: never) => coordinatorDisk.apply(disk, write),
    call: (group: string, command: Command, token: number) => void calls.push({ group, command, token }),
    reply: (_: unknown, reply: { kind: string }) => void replies.push(reply.kind),
    setTimer() {},
    cancelTimer() {},
    note() {},
    wallNs: () => 0,
    monotonicNs: () => now,
  } as never;
  const state: CoordinatorState = protocol.boot(context, image, io);
  /** The oldest call with this command to this group. */
  const answer = (word: string, group: string, output: unknown) => {
    const at = calls.findIndex(one => one.group === group && (one.command.input as string[])[0] === word);
    const [call] = calls.splice(at, 1);
    protocol.answered!(state, call!.token, { kind: 'ok', output } as never, io);
    return call!;
  };
  const ask = () =>
    protocol.request(
      state,
      {
        id: 1,
        attempt: 0,
        session: null,
        command: {
          kind: 'transaction',
          key: '',
          operation: 0,
          input: [
            ['g', 'write', 'x', 1],
            ['h', 'write', 'y', 1],
          ],
        },
      },
      io,
    );
  const timer = (name: string, atNs: number) => {
    now = atNs;
    protocol.timer(state, name, io);
  };
  const words = () => calls.map(({ group, command }) => `${(command.input as string[] | null)?.[0]} ${group}`);
  return { state, disk, replies, ask, answer, words, timer, io };
}

describe('a coordinator', () => {
  it('commits when all say yes, tells everybody, and forgets when all know', () => {
    const { ask, answer, words, replies, disk, state } = stage();
    ask();
    answer('prepare', 'g', ['yes', [null]]);
    expect(words()).toEqual(['prepare h']);
    answer('prepare', 'h', ['yes', [null]]);
    expect(replies).toEqual(['ok']);
    expect(words()).toEqual(['commit g', 'commit h']);
    expect(Object.values(disk.decisions).map(one => one.outcome)).toEqual(['commit']);
    answer('commit', 'g', ['ack']);
    answer('commit', 'h', ['ack']);
    expect([disk.decisions, state.open]).toEqual([{}, {}]);
  });

  it.each([
    ['abort', ['abort g', 'abort h']],
    ['commit', ['commit g', 'commit h']],
    ['nothing', []],
  ] as const)('presumes %s of what it does not know', (presume, told) => {
    const { answer, words } = stage({ presume }, { incarnation: 1, begun: {}, decisions: {} });
    answer('inquire', 'g', [['t#1.1.5', ['g', 'h']]]);
    expect(words()).toEqual(['inquire h', ...told]);
  });

  it('tells after a restart what was decided before, and aborts what was only begun', () => {
    const decisions = {
      't#1.1.5': { id: 't#1.1.5', outcome: 'commit', groups: ['g'], stamp: null, unanimous: true, early: true },
    } as const;
    const { words } = stage({ presume: 'commit' }, { incarnation: 1, begun: { 't#1.1.6': ['h'] }, decisions });
    expect(words()).toEqual(['commit g', 'abort h', 'inquire g', 'inquire h']);
  });

  it('presumes nothing of what all participants know already', () => {
    const { ask, answer, words, state, io } = stage();
    ask();
    const { id } = Object.values(state.open)[0]!;
    for (const group of ['g', 'h']) answer('prepare', group, ['yes', [null]]);
    protocol.timer(state, 'inquire', io);
    for (const group of ['g', 'h']) answer('commit', group, ['ack']);
    answer('inquire', 'g', [[id, ['g', 'h']]]);
    expect(words()).toEqual(['inquire h']);
    expect(state.decided.map(one => one.outcome)).not.toContain('abort');
  });

  it('on a Raft store commits only when that says so, and follows what stands there', () => {
    const { ask, answer, words, replies, state, io } = stage({ decisions: 'd' });
    ask();
    for (const group of ['g', 'h']) answer('prepare', group, ['yes', [null]]);
    expect(replies).toEqual([]);
    const find = (kind: string) => Object.entries(state.calls).find(([, call]) => call.kind === kind)![0];
    protocol.answered!(state, Number(find('decide')), { kind: 'ok', output: false }, io);
    protocol.answered!(state, Number(find('look')), { kind: 'ok', output: 'abort' }, io);
    expect(replies).toEqual(['failed']);
    expect(words().filter(one => one.startsWith('abort'))).toEqual(['abort g', 'abort h']);
  });

  describe('of three phases', () => {
    const voted = () => {
      const it = stage({ threePhases: true });
      it.ask();
      for (const group of ['g', 'h']) it.answer('prepare', group, ['yes', [null]]);
      return it;
    };

    it('commits when all are pre-committed, and not before', () => {
      const { answer, words, replies } = voted();
      expect([words(), replies]).toEqual([['pre-commit g', 'pre-commit h'], []]);
      answer('pre-commit', 'g', ['ack-pre', 'precommitted', 0]);
      expect(replies).toEqual([]);
      answer('pre-commit', 'h', ['ack-pre', 'precommitted', 0]);
      expect([words(), replies]).toEqual([['commit g', 'commit h'], ['ok']]);
    });

    it('takes the silent for failed after another timeout', () => {
      const { answer, replies, timer } = voted();
      answer('pre-commit', 'g', ['ack-pre', 'precommitted', 0]);
      timer('deadline', 0.9e9);
      expect(replies).toEqual([]);
      timer('deadline', 1.1e9);
      expect(replies).toEqual(['ok']);
    });

    it.each([
      ['nobody has acknowledged', [], [0.5e9, 1.1e9]],
      ['it stood still', ['g'], [3e9]],
    ] as const)('asks what the participants have decided when %s', (_name, groups, times) => {
      const { answer, words, replies, timer } = voted();
      for (const group of groups) answer('pre-commit', group, ['ack-pre', 'precommitted', 0]);
      for (const at of times) timer('deadline', at);
      expect(words().filter(one => one.startsWith('state'))).toEqual(['state-request g', 'state-request h']);
      expect(replies).toEqual([]);
      answer('state-request', 'h', ['state-response', 'committed', 0]);
      expect(replies).toEqual(['ok']);
    });

    it('does not decide what somebody else has taken over: it asks for what they do', () => {
      const { answer, words, replies, timer } = voted();
      answer('pre-commit', 'g', ['ack-pre', 'precommitted', 0]);
      answer('pre-commit', 'h', ['state-response', 'fenced', 1_001]);
      timer('deadline', 3e9);
      expect([words(), replies]).toEqual([['state-request g', 'state-request h'], []]);
      answer('state-request', 'g', ['state-response', 'precommitted', 1_001]);
      answer('state-request', 'h', ['state-response', 'aborted', 0]);
      expect(replies).toEqual(['failed']);
    });

    it('leaves what it had begun before a restart to the participants, and tells what it had decided', () => {
      const decision = {
        id: 't#1.1.5',
        outcome: 'commit',
        groups: ['g'],
        stamp: null,
        unanimous: true,
        early: true,
      } as const;
      const { words } = stage(
        { threePhases: true },
        { incarnation: 1, begun: {}, decisions: { [decision.id]: decision } },
      );
      expect(words()).toEqual(['commit g']);
    });
  });
});
