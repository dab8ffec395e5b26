/** A leader that learns what a later one has had chosen, before it hears that there is one. Message by message. */
import { describe, expect, it } from 'vitest';
import { plainGroup, silentIo } from '../../testing/by-hand.ts';
import { multiPaxosOptions } from '../../testing/design.ts';
import type { Command } from '../contract.ts';
import { snapshotEvery } from './learning.ts';
import { multiPaxos } from './multi-paxos.ts';
import type { PaxosMessage, PaxosState, PaxosWrite } from './state.ts';

interface Sent {
  readonly from: number;
  readonly to: number;
  readonly message: PaxosMessage;
}

const group = plainGroup(5);

/** Five members on disks that write at once; nothing is delivered unless the test says so. */
function members() {
  const underWay: Sent[] = [];
  const ios = group.replicas.map(self =>
    silentIo<PaxosMessage, PaxosWrite>({
      send: (to, message) => void underWay.push({ from: self, to, message }),
      persist(_write, token) {
        if (token !== undefined) written.push({ self, token });
      },
    }),
  );
  const written: { readonly self: number; readonly token: number }[] = [];
  const options = multiPaxosOptions();
  const states = group.replicas.map(self => multiPaxos.boot({ self, group, options }, undefined, ios[self]!));
  const sync = () => {
    for (let one = written.shift(); one !== undefined; one = written.shift())
      multiPaxos.persisted!(states[one.self]!, one.token, ios[one.self]!);
  };
  const timer = (node: number, name: string) => {
    multiPaxos.timer(states[node]!, name, ios[node]!);
    sync();
  };
  const write = (node: number, input: string) => {
    const command: Command = { kind: 'write', key: 'k', input, operation: -1 };
    multiPaxos.request(states[node]!, { id: underWay.length, command, session: null, attempt: 0 }, ios[node]!);
    sync();
  };
  /** Delivers the first message that fits. */
  const deliver = (fits: (one: Sent) => boolean): boolean => {
    const at = underWay.findIndex(fits);
    if (at < 0) return false;
    const [{ from, to, message }] = underWay.splice(at, 1) as [Sent];
    multiPaxos.receive(states[to]!, from, message, ios[to]!);
    sync();
    return true;
  };
  /** Delivers what is under way between these members, and what that leads to. */
  const among = (...nodes: number[]) => {
    while (deliver(({ from, to }) => nodes.includes(from) && nodes.includes(to)));
  };
  const lose = () => void underWay.splice(0);
  return { states: states as readonly PaxosState[], timer, write, deliver, among, lose };
}

const chosen = (state: PaxosState) => multiPaxos.contents(state).k;

describe('a leader that learns what was chosen under a later ballot', () => {
  it.each([
    ['slot by slot', 1],
    ['by a snapshot', snapshotEvery],
  ])('%s leads no more: what it has proposed itself is not taken for chosen', (_name, writes) => {
    const { states, timer, write, deliver, among, lose } = members();
    timer(2, 'election');
    among(1, 2, 3, 4);
    write(2, 'first');
    among(1, 2, 3, 4);
    lose();
    // n1 hears from n3 that something is chosen and asks what; the question takes its time.
    timer(2, 'heartbeat');
    expect(deliver(({ from, to }) => from === 2 && to === 0)).toBe(true);
    const isQuestion = ({ from, message }: Sent) => from === 0 && message.type === 'catch-up';
    // Meanwhile n1 leads, and its next write reaches n2 alone.
    timer(0, 'election');
    among(0, 1, 3);
    write(0, 'not chosen');
    among(0, 1);
    // n5 leads after it, and has something else chosen in that slot.
    timer(4, 'election');
    among(2, 3, 4);
    for (let i = 0; i < writes; i++) write(4, 'second');
    among(2, 3, 4);
    timer(4, 'heartbeat');
    among(2, 3, 4);
    expect(chosen(states[2]!)).toBe('second');
    expect(states[0]!.role).toBe('leader');
    expect(deliver(isQuestion)).toBe(true);
    expect(deliver(({ to, message }) => to === 0 && message.type === 'chosen')).toBe(true);
    expect(chosen(states[0]!)).toBe('second');
    timer(0, 'heartbeat');
    among(0, 1);
    expect(chosen(states[1]!)).not.toBe('not chosen');
    expect(states[0]!.role).toBe('follower');
  });
});
