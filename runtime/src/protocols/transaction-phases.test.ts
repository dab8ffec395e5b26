/** What a partition answers when it is pre-committed, asked for its state, or has waited too long. */
import { describe, expect, it } from 'vitest';
import type { Value } from '../checkers/history.ts';
import { apply, copyMachine, emptyMachine, fromImage, type Machine, takeImage } from './machine.ts';
import { watchTransaction } from './transaction-coordinator/invariants.ts';
import { inDoubtInput, preabortInput, precommitInput, stateInput, timeoutInput } from './transaction-phases.ts';
import { outcomeInput, prepareInput } from './transactions.ts';

const tell = (machine: Machine, input: Value): Value =>
  apply(machine, { kind: 'transaction', key: '', input, operation: -1 }, null)!;
const groups = ['g', 'h'];

function prepared(id = 't#1'): Machine {
  const machine = emptyMachine('kv');
  const steps = [['write', 'x', 7]] as const;
  tell(machine, prepareInput(id, { age: 1, groups, isolation: 'serializable', steps }, 'detect'));
  return machine;
}

describe('a partition', () => {
  it('is pre-committed, and commits', () => {
    const machine = prepared();
    expect(tell(machine, stateInput('t#1', 0))).toEqual(['state-response', 'prepared', -1]);
    expect(tell(machine, precommitInput('t#1', 0))).toEqual(['ack-pre', 'precommitted', 0]);
    expect(tell(machine, precommitInput('t#1', 0))).toEqual(['ack-pre', 'precommitted', 0]);
    expect(tell(machine, stateInput('t#1', 0))).toEqual(['state-response', 'precommitted', 0]);
    tell(machine, outcomeInput('t#1', true));
    expect(tell(machine, precommitInput('t#1', 0))).toEqual(['state-response', 'committed', -1]);
    expect([machine.data, machine.transactions.phases, machine.transactions.locks]).toEqual([{ x: 7 }, {}, {}]);
  });

  it('follows whoever took over last, and tells of its latest attempt', () => {
    const machine = prepared();
    expect(tell(machine, stateInput('t#1', 2_001))).toEqual(['state-response', 'prepared', -1]);
    expect(tell(machine, precommitInput('t#1', 0))).toEqual(['state-response', 'fenced', 2_001]);
    expect(tell(machine, stateInput('t#1', 1_002))).toEqual(['state-response', 'fenced', 2_001]);
    expect(tell(machine, stateInput('t#1', 3_002))).toEqual(['state-response', 'prepared', -1]);
    expect(tell(machine, precommitInput('t#1', 3_002))).toEqual(['ack-pre', 'precommitted', 3_002]);
    expect(tell(machine, stateInput('t#1', 4_001))).toEqual(['state-response', 'precommitted', 3_002]);
    expect(tell(machine, preabortInput('t#1', 3_002))).toEqual(['state-response', 'fenced', 4_001]);
    expect(tell(machine, preabortInput('t#1', 4_001))).toEqual(['ack-pre', 'prepared', 4_001]);
    expect(tell(machine, stateInput('t#1', 0))).toEqual(['state-response', 'prepared', 4_001]);
  });

  it('does not do what an overtaken termination says, but what its coordinator or a later one does', () => {
    const machine = prepared();
    tell(machine, stateInput('t#1', 3_001));
    expect(tell(machine, outcomeInput('t#1', false, null, 2_001))).toEqual(['state-response', 'fenced', 0]);
    expect(machine.transactions.outcomes).toEqual({});
    expect(tell(machine, outcomeInput('t#1', true, null, 3_001))).toEqual(['ack']);
    expect(tell(machine, outcomeInput('t#1', true, null, 2_001))).toEqual(['ack']);
    const other = prepared();
    tell(other, stateInput('t#1', 3_001));
    expect(tell(other, outcomeInput('t#1', false))).toEqual(['ack']);
  });

  it('that has not voted never will once it is asked', () => {
    const machine = emptyMachine('kv');
    expect(tell(machine, stateInput('t#1', 1_001))).toEqual(['state-response', 'aborted', -1]);
    const late = prepareInput('t#1', { age: 1, groups, isolation: 'serializable', steps: [] }, 'detect');
    expect((tell(machine, late) as string[])[0]).toBe('no');
  });

  it('decides alone only in the state that somebody found it in', () => {
    const machine = prepared();
    tell(machine, precommitInput('t#1', 0));
    expect(tell(machine, timeoutInput('t#1', 'prepared', 'abort'))).toEqual(['state-response', 'precommitted', 0]);
    expect(tell(machine, timeoutInput('t#1', 'precommitted', 'commit'))).toEqual(['state-response', 'committed', -1]);
    expect(machine.transactions.left['t#1']).toEqual({ precommitted: true, round: 0, attempt: 0, alone: true });
    expect(tell(machine, timeoutInput('t#1', 'precommitted', 'abort'))).toEqual(['state-response', 'committed', -1]);
  });

  it('tells what is in doubt, also from an image or a copy, which go their own ways', () => {
    const machine = prepared();
    tell(machine, precommitInput('t#1', 4_001));
    for (const other of [fromImage(takeImage(machine)), copyMachine(machine)]) {
      expect(tell(other, inDoubtInput('t#'))).toEqual(['doubts', [['t#1', groups, 'precommitted', 4_001]]]);
      expect(tell(other, inDoubtInput('u#'))).toEqual(['doubts', []]);
      tell(other, outcomeInput('t#1', false));
    }
    expect([machine.transactions.left, machine.transactions.outcomes]).toEqual([{}, {}]);
  });
});

describe('monitors', () => {
  const look = (invariant: 'NonBlock' | 'ConcurrencySet' | 'AC2') => {
    const { ofParticipant } = watchTransaction('t');
    return (group: string, machine: Machine) =>
      ofParticipant(invariant, state => state as Machine).step(0, machine, {
        group: { name: group },
        nameOf: () => `${group}1`,
      } as never);
  };

  it('NonBlock: pre-committed, one commits and one aborts by itself', () => {
    const [g, h] = [prepared(), prepared('t#2')];
    const step = look('NonBlock');
    for (const [machine, id] of [[g, 't#1'] as const, [h, 't#2'] as const]) {
      step(id, machine);
      tell(machine, precommitInput(id, 0));
    }
    tell(g, outcomeInput('t#1', true));
    expect(step('g', g)).toBeUndefined();
    tell(h, timeoutInput('t#2', 'precommitted', 'abort'));
    expect(step('h', h)).toBe('h went from precommitted to aborted in t#2, and g from precommitted to committed');
  });

  it('ConcurrencySet: one has committed while the other waits', () => {
    const [g, h] = [prepared(), prepared()];
    const step = look('ConcurrencySet');
    step('g', g);
    step('h', h);
    tell(g, precommitInput('t#1', 0));
    tell(g, outcomeInput('t#1', true));
    expect(step('g', g)).toBe('g1 committed t#1 while h was still waiting');
  });

  it('AC2: one commits what the other has not prepared', () => {
    const g = prepared();
    const step = look('AC2');
    step('g', g);
    tell(g, timeoutInput('t#1', 'prepared', 'commit'));
    expect(step('g', g)).toBe('g1 committed t#1, which h has not prepared');
  });
});
