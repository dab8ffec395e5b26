/** Looks into recorded runs, in a thread: the executions of the last ones are held, because one look follows another. */
import { createReplay, type Replay } from '@dsys/runtime/run/replay';
import type { Origin, Rebuilt } from '@dsys/runtime/trace/state';
import type { StateAnswer } from '../protocol.ts';
import type { OriginJob, StateJob } from './jobs.ts';

/** Runs whose executions are held. */
const runsMax = 2;

const replays = new Map<string, Replay>();

function replayOf({ key, design, scenario, seed, changes }: StateJob | OriginJob): Replay {
  const replay = replays.get(key) ?? createReplay(design, scenario, { seed, changes });
  replays.delete(key);
  replays.set(key, replay);
  if (replays.size > runsMax) replays.delete(replays.keys().next().value!);
  return replay;
}

export function lookAtState(job: StateJob, cancelled: () => boolean): Rebuilt<StateAnswer> {
  const replay = replayOf(job);
  // The earlier one first: an execution only goes forward.
  const before = job.before && replay.stateAt(job.before, job.node, cancelled);
  if (before !== null && before.kind !== 'rebuilt') return before;
  const now = replay.stateAt(job.moment, job.node, cancelled);
  if (now.kind !== 'rebuilt') return now;
  return { kind: 'rebuilt', value: { now: now.value, before: before?.value ?? null } };
}

export const lookForOrigin = (job: OriginJob, cancelled: () => boolean): Rebuilt<Origin> =>
  replayOf(job).originOf(job.moment, job.node, job.path, cancelled);
