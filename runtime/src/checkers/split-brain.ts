import type { Verdict } from './history.ts';
import { milliseconds, plural } from './words.ts';

/** A leader told a client that its write took effect. */
export interface Acknowledgement {
  readonly partition: string;
  readonly leader: string;
  /** Term, ballot, view: what numbers the leaders of a partition. */
  readonly epoch: number;
  /** Virtual ns. */
  readonly time: number;
  /** Id of the operation in the history, and row of the event in the trace, where they are known. */
  readonly operation?: number;
  readonly event?: number;
}

/** A node took itself for the leader of a partition. */
export interface Leadership {
  readonly partition: string;
  readonly leader: string;
  readonly epoch: number;
  /** Virtual ns at which it began. */
  readonly from: number;
}

/**
 * Whether no leader acknowledged a write after a later leader of the partition had. Later is who has the higher epoch
 * or, in the same epoch, began later (`leaderships`; without an entry, with the first acknowledgement). That two nodes
 * take themselves for leaders is allowed, as long as one of them stays silent.
 */
export function checkSplitBrain(
  acknowledgements: readonly Acknowledgement[],
  leaderships: readonly Leadership[] = [],
): Verdict {
  if (acknowledgements.length === 0)
    return {
      property: PROPERTY,
      verdict: 'unknown',
      why: 'Nothing was checked: no leader acknowledged a write.',
      witness: null,
    };
  const began = beginnings(acknowledgements, leaderships);
  const start = ({ partition, leader, epoch }: Acknowledgement) => began.get(partition)!.get(leaderKey(leader, epoch))!;
  const later = (a: Acknowledgement, b: Acknowledgement) =>
    a.epoch > b.epoch || (a.epoch === b.epoch && start(a) > start(b));
  /** By partition and node: the acknowledgement of its latest leadership so far that came first. */
  const latest = new Map<string, Map<string, Acknowledgement>>();
  for (const acknowledgement of [...acknowledgements].sort((a, b) => a.time - b.time)) {
    const { partition, leader, time } = acknowledgement;
    const leaders = latest.get(partition) ?? new Map<string, Acknowledgement>();
    latest.set(partition, leaders);
    for (const before of leaders.values()) {
      if (before.leader !== leader && before.time < time && later(before, acknowledgement))
        return violated(acknowledgement, before);
    }
    const own = leaders.get(leader);
    if (own === undefined || later(acknowledgement, own)) leaders.set(leader, acknowledgement);
  }
  const leaders = new Set(
    acknowledgements.map(({ partition, leader, epoch }) => `${partition} ${leaderKey(leader, epoch)}`),
  );
  return {
    property: PROPERTY,
    verdict: 'holds',
    why: `${plural(acknowledgements.length, 'acknowledgement')} by ${plural(leaders.size, 'leader')} of ${plural(latest.size, 'partition')}, none after a later leader's.`,
    witness: null,
  };
}

const PROPERTY = 'no split-brain';

const leaderKey = (leader: string, epoch: number) => `${epoch} ${leader}`;

/** By partition and leader in its epoch: when it began. */
function beginnings(
  acknowledgements: readonly Acknowledgement[],
  leaderships: readonly Leadership[],
): Map<string, Map<string, number>> {
  const began = new Map<string, Map<string, number>>();
  const entries = [...leaderships, ...acknowledgements.map(entry => ({ ...entry, from: entry.time }))];
  for (const { partition, leader, epoch, from } of entries) {
    const leaders = began.get(partition) ?? new Map<string, number>();
    began.set(partition, leaders);
    const key = leaderKey(leader, epoch);
    leaders.set(key, Math.min(leaders.get(key) ?? Number.POSITIVE_INFINITY, from));
  }
  return began;
}

function violated(late: Acknowledgement, before: Acknowledgement): Verdict {
  const at = milliseconds([late.time, before.time]);
  const both = [before, late];
  return {
    property: PROPERTY,
    verdict: 'violated',
    why: `${late.leader}, leader of ${late.partition} in epoch ${late.epoch}, acknowledged a write at ${at(late.time)}, after ${before.leader}, leader in epoch ${before.epoch}, had acknowledged one at ${at(before.time)}.`,
    witness: {
      operations: both.flatMap(({ operation }) => (operation === undefined ? [] : [operation])),
      events: both.flatMap(({ event }) => (event === undefined ? [] : [event])),
    },
  };
}
