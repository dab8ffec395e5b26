/**
 * Optimistic locks: a leader works out a write from its own copy and asks whether that was the latest version; if not,
 * the write is a conflict and takes no effect (Kung and Robinson, "On Optimistic Methods for Concurrency Control", 1981).
 * Asked is the key's home, a majority of the leaders (Thomas, "A Majority Consensus Approach", TODS 1979), or only itself.
 */
import { hashKey } from '../../design/keys.ts';
import type { ConflictPolicy } from '../../design/mechanism.ts';
import type { NodeId } from '../../design/topology.ts';
import type { ClientRequest } from '../contract.ts';
import { plannedPut } from './install.ts';
import type { Policy } from './policy.ts';
import { answer } from './relaying.ts';
import { write } from './replication.ts';
import { giveUpNs, type MultiLeaderIo, type MultiLeaderState, resendNs } from './state.ts';
import type { Attempt, VersionMessage, Vote } from './version-check-state.ts';

type Of<T extends VersionMessage['type']> = Extract<VersionMessage, { type: T }>;
type Options = Extract<ConflictPolicy, { kind: 'optimistic-lock' }>;

/** How many versions of the key came before the one that is shown here, itself included. */
const versionOf = (state: MultiLeaderState, key: string): number => state.cells[key]?.write.stamp.time ?? 0;

/** Where versions of the key are compared. */
export const homeOfKey = (leaders: readonly NodeId[], key: string): NodeId => leaders[hashKey(key) % leaders.length]!;

const stampOf = (version: number, node: NodeId, attempt: number) => ({ time: version, count: 0, node, life: attempt });

export function versionChecks({ check }: Options): Omit<Policy, 'copies'> {
  return {
    causal: false,
    // Versions that were not compared with anybody's say nothing: what comes last stays.
    ordered: check !== 'local',
    begin(state, request, io) {
      const { command, session } = request;
      const { key, operation } = command;
      const { effect, output } = plannedPut(state, command);
      if (effect === null) return answer(state, request, { kind: 'ok', output }, io);
      const base = versionOf(state, key);
      const number = state.nextId++;
      if (check === 'local') {
        const stamp = stampOf(base + 1, state.context.self, number);
        write(state, { key, stamp, operation, session, effect, output }, request, io);
        return;
      }
      const now = io.monotonicNs();
      const attempt: Attempt = {
        ...{ number, request, key, base, effect, output, after: { ...state.heard } },
        ...{ sinceNs: now, sentNs: now, agreed: [], refused: [] },
      };
      state.checks.attempts[number] = attempt;
      ask(state, attempt, check, io);
    },
    // Of what another node has asked for, its attempt stands in the stamp.
    ended(_state, { request, write: { stamp } }, acknowledged, io) {
      if (request === null && acknowledged) io.send(stamp.node, { type: 'written', attempt: stamp.life });
    },
    receive(state, from, m, io) {
      switch (m.type) {
        case 'write-if':
          return receiveWriteIf(state, from, m, io);
        case 'written':
          return finish(state, m.attempt, io, request =>
            answer(state, request, { kind: 'ok', output: outputOf(state, m) }, io),
          );
        case 'vote-request':
          return receiveVoteRequest(state, from, m, io);
        case 'agreed':
          return receiveAgreed(state, from, m, io);
        case 'conflict':
          return receiveConflict(state, from, m, check, io);
        case 'inquire':
          return receiveInquire(state, from, m, io);
        case 'cancel':
          return receiveCancel(state, from, m, io);
      }
    },
    tick: (state, io) => tick(state, check, io),
  };
}

const outputOf = ({ checks }: MultiLeaderState, { attempt }: Of<'written'>) => checks.attempts[attempt]?.output ?? null;

function ask(state: MultiLeaderState, one: Attempt, check: Options['check'], io: MultiLeaderIo): void {
  const { key, base, number, effect, output, after, request, agreed, refused } = one;
  if (check === 'home') {
    const { operation } = request.command;
    const home = homeOfKey(state.leaders, key);
    const { session } = request;
    io.send(home, { type: 'write-if', key, base, attempt: number, effect, output, after, operation, session });
  } else
    for (const node of state.leaders)
      if (!agreed.includes(node) && !refused.includes(node))
        io.send(node, { type: 'vote-request', key, base, attempt: number });
}

function finish(
  state: MultiLeaderState,
  number: number,
  io: MultiLeaderIo,
  tell: (request: ClientRequest, io: MultiLeaderIo) => void,
): void {
  const attempt = state.checks.attempts[number];
  if (attempt === undefined) return;
  tell(attempt.request, io);
  delete state.checks.attempts[number];
}

function conflicted(state: MultiLeaderState, number: number, version: number, io: MultiLeaderIo): void {
  const attempt = state.checks.attempts[number];
  if (attempt === undefined) return;
  state.conflicts++;
  const { key, base } = attempt;
  const why = `a conflict: the write was based on version ${base} of ${key}, which is at version ${version}`;
  finish(state, number, io, request => answer(state, request, { kind: 'failed', why }, io));
}

/** The home compares and writes in one step. A question that comes twice is answered as before. */
function receiveWriteIf(state: MultiLeaderState, from: NodeId, m: Of<'write-if'>, io: MultiLeaderIo): void {
  const { key, base, attempt, effect, output, after, operation, session } = m;
  const version = versionOf(state, key);
  if (base === version) {
    const stamp = stampOf(version + 1, from, attempt);
    write(state, { key, stamp, operation, session, effect, output, after }, null, io);
    return;
  }
  const written = state.streams[state.stream]?.find(({ stamp }) => stamp.node === from && stamp.life === attempt);
  if (written === undefined) io.send(from, { type: 'conflict', attempt, version });
  else if (state.pending[written.number] === undefined) io.send(from, { type: 'written', attempt });
}

const hasWritten = ({ streams, stream }: MultiLeaderState, by: NodeId, attempt: number): boolean =>
  streams[stream]?.some(({ stamp }) => stamp.node === by && stamp.life === attempt) === true;

/** Agrees to one successor of each version. */
function receiveVoteRequest(state: MultiLeaderState, from: NodeId, m: Of<'vote-request'>, io: MultiLeaderIo): void {
  const { key, base, attempt } = m;
  const vote = state.checks.votes[key];
  const isAgain = vote?.by === from && vote.attempt === attempt;
  const version = Math.max(versionOf(state, key), vote?.version ?? 0);
  if (!isAgain) {
    if (version > base) {
      io.send(from, { type: 'conflict', attempt, version });
      return;
    }
    keepVote(state, key, { version: base + 1, by: from, attempt }, io);
  }
  io.send(from, { type: 'agreed', attempt });
}

function keepVote(state: MultiLeaderState, key: string, vote: Vote, io: MultiLeaderIo): void {
  state.checks.votes[key] = vote;
  delete state.checks.doubts[key];
  io.persist({ kind: 'vote', key, vote });
}

function receiveAgreed(state: MultiLeaderState, from: NodeId, m: Of<'agreed'>, io: MultiLeaderIo): void {
  const attempt = state.checks.attempts[m.attempt];
  if (attempt === undefined || attempt.agreed.includes(from)) return;
  attempt.agreed.push(from);
  if (attempt.agreed.length < state.policy.copies) return;
  const { key, base, effect, output, request, number } = attempt;
  delete state.checks.attempts[number];
  const stamp = stampOf(base + 1, state.context.self, number);
  const { operation } = request.command;
  write(state, { key, stamp, operation, session: request.session, effect, output }, request, io);
}

function receiveConflict(
  state: MultiLeaderState,
  from: NodeId,
  m: Of<'conflict'>,
  check: Options['check'],
  io: MultiLeaderIo,
): void {
  const attempt = state.checks.attempts[m.attempt];
  if (attempt === undefined || attempt.refused.includes(from)) return;
  attempt.refused.push(from);
  // As long as enough may still agree it is open.
  if (check === 'quorum' && attempt.refused.length <= state.leaders.length - state.policy.copies) return;
  if (check === 'quorum') withdraw(state, attempt, io);
  conflicted(state, m.attempt, m.version, io);
}

function withdraw({ leaders }: MultiLeaderState, { key, number }: Attempt, io: MultiLeaderIo): void {
  for (const node of leaders) io.send(node, { type: 'cancel', key, attempt: number });
}

/** Somebody is in doubt. What was decided comes with the stream; what nobody knows of any more was not. */
function receiveInquire(state: MultiLeaderState, from: NodeId, m: Of<'inquire'>, io: MultiLeaderIo): void {
  const { key, attempt } = m;
  if (state.checks.attempts[attempt] === undefined && !hasWritten(state, state.context.self, attempt))
    io.send(from, { type: 'cancel', key, attempt });
}

function receiveCancel(state: MultiLeaderState, from: NodeId, m: Of<'cancel'>, io: MultiLeaderIo): void {
  const vote = state.checks.votes[m.key];
  if (vote?.by !== from || vote.attempt !== m.attempt) return;
  keepVote(state, m.key, { version: vote.version - 1, by: from, attempt: -1 }, io);
}

function tick(state: MultiLeaderState, check: Options['check'], io: MultiLeaderIo): void {
  const now = io.monotonicNs();
  const { attempts, votes, doubts } = state.checks;
  for (const attempt of Object.values(attempts)) {
    if (now - attempt.sinceNs >= giveUpNs) {
      const { number } = attempt;
      if (check === 'quorum') {
        withdraw(state, attempt, io);
        const why = 'too few leaders have agreed to the version';
        finish(state, number, io, request => answer(state, request, { kind: 'refused', why, leader: null }, io));
      } else {
        const why = 'the home of the key does not answer';
        finish(state, number, io, request => answer(state, request, { kind: 'unknown', why }, io));
      }
    } else if (now - attempt.sentNs >= resendNs) {
      attempt.sentNs = now;
      ask(state, attempt, check, io);
    }
  }
  for (const [key, { version, by, attempt }] of Object.entries(votes)) {
    if (attempt < 0 || version <= versionOf(state, key)) {
      delete doubts[key];
      continue;
    }
    doubts[key] ??= now;
    if (now - doubts[key] < resendNs) continue;
    doubts[key] = now;
    io.send(by, { type: 'inquire', key, attempt });
  }
}
