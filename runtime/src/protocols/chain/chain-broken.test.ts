import { constant, lognormal } from '../../design/distribution.ts';
import type { Chain } from '../../design/mechanism.ts';
import { describeMistakes, type Mistake } from '../../testing/broken.ts';
import { runChain } from '../../testing/chain.ts';
import { atMs, nodesTarget, type Sketch } from '../../testing/design.ts';
import { degrade, everyMs } from '../../testing/faults.ts';
import { seedCount } from '../../testing/seeds.ts';
import type { AnyProtocol } from '../contract.ts';
import { lastIndex } from '../log.ts';
import { emptyMachine, look, takeImage } from '../machine.ts';
import { chainReplication } from './chain.ts';
import { isFormed } from './configuration.ts';
import { chainInvariants } from './invariants.ts';
import type { ChainIo, ChainMessage, ChainState } from './state.ts';
import { acknowledge, advance, isHead, isTail } from './updates.ts';

/** A tail that is cut off from the others, but not from clients beside it, and updates under way all the time. */
const storm: Sketch = {
  latency: lognormal(2_000_000, 0.8),
  fsync: constant(100_000),
  workload: { clients: 8, timeoutNs: 200_000_000, keys: { count: 3, choice: 'uniform' } },
  forNs: 4_000_000_000,
  settleNs: 2_000_000_000,
  actions: [
    atMs(500, { kind: 'isolate', targets: [nodesTarget(2)] }, 1_700),
    atMs(2_500, { kind: 'crash', targets: [nodesTarget(1)], losingDisk: false }, 700),
    everyMs(10_000, 0, 10, degrade({ loss: 0.05, reorder: 0.1 }), 4_000),
  ],
};

/** The head answers when the update is on its own disk. */
const eager: AnyProtocol = {
  ...chainReplication,
  persisted(state: ChainState, token, io) {
    chainReplication.persisted!(state, token, io as ChainIo);
    if (isHead(state) && advance(state, state.synced, io as ChainIo)) acknowledge(state, io as ChainIo);
  },
};

/** The tail answers without asking whether it still is the tail. */
const unfenced: AnyProtocol = {
  ...chainReplication,
  request(state: ChainState, request, io) {
    if (request.command.kind !== 'read' || !isTail(state))
      return chainReplication.request(state, request, io as ChainIo);
    io.reply(request, { kind: 'ok', output: look(state.machine, request.command.key) });
  },
};

/** Updates are taken as they come: as if no message were ever lost or late. */
const gullible: AnyProtocol = {
  ...chainReplication,
  receive(state: ChainState, from, message: ChainMessage, io) {
    const taken = message.type === 'forward' ? { ...message, prev: lastIndex(state.log) } : message;
    chainReplication.receive(state, from, taken, io as ChainIo);
  },
};

/** A proposal counts as decided when it is made: no compare-and-set. */
const headstrong: AnyProtocol = {
  ...chainReplication,
  timer(state: ChainState, name, io) {
    const tokens: number[] = [];
    const call: ChainIo['call'] = (group, command, token) => {
      io.call(group, command, token);
      if (command.kind === 'cas' && isFormed(state.configuration)) tokens.push(token);
    };
    chainReplication.timer(state, name, { ...io, call } as ChainIo);
    for (const token of tokens) chainReplication.answered!(state, token, { kind: 'ok', output: true }, io as ChainIo);
  },
};

/** A newcomer is let in as the tail before it has what was acknowledged. */
const hasty: AnyProtocol = {
  ...chainReplication,
  receive(state: ChainState, from, message: ChainMessage, io) {
    const { extension } = state;
    const all = message.type === 'ack' && extension?.link.node === from;
    if (all && extension.link.open) extension.link.received = Math.max(extension.link.received, state.stable);
    const empty = { index: 0, term: 0, image: takeImage(emptyMachine('kv')) };
    const sent = message.type === 'extend-copy' ? { ...message, copy: empty } : message;
    chainReplication.receive(state, from, sent, io as ChainIo);
  },
};

const mistakes: readonly Mistake<Chain>[] = [
  ['acknowledged before the tail has it', eager, {}, /ReplyOnlyFromTail|InprocessRequests|AckedInLaterChains/],
  ['an old tail that goes on answering', unfenced, {}, /violated/],
  ['updates taken in any order', gullible, {}, /UpdatePropagation/],
  ['a chain that nobody has agreed to', headstrong, {}, /OneHeadPerEpoch/],
  ['a tail that was let in too early', hasty, {}, /AckedInLaterChains|InprocessRequests/],
  [
    'updates under way not sent again',
    chainReplication,
    { resend: false },
    /UpdatePropagation|InprocessRequests|ReplyOnlyFromTail/,
  ],
];

describeMistakes('a broken chain is caught', {
  mistakes,
  invariants: chainInvariants,
  run: (seed, options, protocol) => runChain(storm, seed, options, protocol),
  sound: { 'as it is': {} },
  seeds: seedCount(8, 500),
});
