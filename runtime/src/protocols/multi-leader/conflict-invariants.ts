/** Monitors of single policies: locks, version checks, homes. */

import type { MultiLeader } from '../../design/mechanism.ts';
import type { NodeId } from '../../design/topology.ts';
import type { Group, GroupView, Monitor } from '../contract.ts';
import { ofDeeds } from '../deeds.ts';
import { compareStamps } from '../versions/stamps.ts';
import { showToken } from './locks-state.ts';
import { includes, type MultiLeaderState, nodeOf, type Write } from './state.ts';
import { Disks, Tries } from './watching.ts';

type M = Monitor<MultiLeaderState>;
type View = GroupView<MultiLeaderState>;

const originOf = (write: Write, view: View) => view.nameOf(nodeOf(write.stream));

/**
 * Where the write arrives, tokens only rise. Where nobody looks at tokens, the lock itself must keep two apart: whoever
 * gets it finds no other that still believes to have it.
 */
export function mutex(_group: Group, { conflicts }: MultiLeader): M {
  const fencing = conflicts.kind === 'pessimistic-lock' && conflicts.fencing;
  const disks = new Disks();
  const accepted = new Map<string, Write>();
  const holders = new Map<string, Map<NodeId, number>>();
  return ofDeeds(
    (node, deed, view) => {
      if (disks.follow(node, deed))
        for (const name of [...accepted.keys()]) if (name.startsWith(`${node} `)) accepted.delete(name);
      if (deed.kind === 'gives up') holders.get(deed.key)?.delete(node);
      if (deed.kind === 'holds') {
        let those = holders.get(deed.key);
        if (those === undefined) holders.set(deed.key, (those = new Map()));
        const other = fencing ? undefined : [...those.keys()].find(one => one !== node);
        those.set(node, deed.token);
        if (other !== undefined)
          return `${view.nameOf(node)} got the lock of ${deed.key} while ${view.nameOf(other)} held it`;
      }
      if (deed.kind !== 'took' || !deed.installed) return undefined;
      const { write } = deed;
      const name = `${node} ${write.key}`;
      const before = accepted.get(name);
      accepted.set(name, write);
      return before === undefined || compareStamps(before.stamp, write.stamp) < 0
        ? undefined
        : `${view.nameOf(node)} accepted a write of ${write.key} by ${originOf(write, view)} with token ${showToken(write.stamp.time)} after one by ${originOf(before, view)} with token ${showToken(before.stamp.time)}`;
    },
    {
      crashed(node) {
        for (const those of holders.values()) those.delete(node);
      },
    },
  );
}

/** A lock is freed by its holder or by the end of its lease. */
export function noUnlockWithoutAbort(): M {
  const givenUp = new Set<string>();
  const crashed = new Set<NodeId>();
  return ofDeeds(
    (node, deed, view) => {
      if (deed.kind === 'gives up') givenUp.add(`${node} ${deed.key} ${deed.token}`);
      if (deed.kind !== 'freed' || deed.expired || crashed.has(deed.by)) return undefined;
      return givenUp.has(`${deed.by} ${deed.key} ${deed.token}`)
        ? undefined
        : `${view.nameOf(node)} freed the lock of ${deed.key}, which ${view.nameOf(deed.by)} had neither used nor given up`;
    },
    { crashed: node => void crashed.add(node) },
  );
}

/** Of two acknowledged writes of a key one had seen the other. */
export function noLostUpdate(): M {
  const tries = new Tries();
  const latest = new Map<string, Write>();
  return ofDeeds(
    (_node, deed) => {
      if (deed.kind === 'writes') tries.add(deed.write);
      return undefined;
    },
    {
      acknowledged(_node, { kind, key, operation }, view) {
        const all = kind === 'read' ? [] : tries.of(operation);
        const before = latest.get(key);
        const next = all.find(write => before === undefined || includes(write.after, before));
        if (next !== undefined) latest.set(key, next);
        if (all.length === 0 || next !== undefined || before!.operation === operation) return undefined;
        if (all.some(write => includes(before!.after, write))) return undefined;
        return `writes of ${key} by ${originOf(before!, view)} and ${originOf(all[0]!, view)} were acknowledged, and neither had seen the other`;
      },
    },
  );
}

/** In each epoch one home writes a key; the next one has seen what it wrote. */
export function oneHome(): M {
  const last = new Map<string, Write>();
  return ofDeeds((_node, deed, view) => {
    if (deed.kind !== 'took' || nodeOf(deed.write.stream) !== _node) return undefined;
    const { write } = deed;
    const name = `${write.stamp.time} ${write.key}`;
    const before = last.get(name);
    last.set(name, write);
    return before === undefined || nodeOf(before.stream) === nodeOf(write.stream) || includes(write.after, before)
      ? undefined
      : `${originOf(write, view)} wrote ${write.key} as its home in the same epoch as ${originOf(before, view)}, without having seen it`;
  });
}
