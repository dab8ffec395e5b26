/** The invariants of three-phase commit: those of atomic commit, and what makes it non-blocking. */
import type { ThreePhaseCommit } from '../../design/mechanism.ts';
import { commitInvariants } from '../atomic-commit/invariants.ts';
import { describe, type Outcome } from '../atomic-commit/state.ts';
import type { Invariant, Monitor } from '../contract.ts';
import type { State } from './termination.ts';

/**
 * Skeen's second condition: from no state does one step lead to a commit and another to an abort. A replica that was
 * down takes no step of its own: it is told.
 */
function nonBlock(): Monitor<State> {
  const next = new Map<string, Outcome>();
  return {
    step(node, { changes }, view) {
      for (const { tx, status, from, recovered } of changes) {
        if (from === undefined || recovered || (status !== 'committed' && status !== 'aborted')) continue;
        const outcome = status === 'committed' ? 'commit' : 'abort';
        const known = next.get(from);
        next.set(from, known ?? outcome);
        if (known !== undefined && known !== outcome)
          return `${view.nameOf(node)} went from ${from} to ${status} in ${describe(tx)}, and others went from ${from} to ${known}`;
      }
      return undefined;
    },
  };
}

/** Skeen's first condition: nobody still waits when somebody has committed. */
function concurrencySet(): Monitor<State> {
  return {
    step(node, { changes }, view) {
      for (const { tx, status } of changes) {
        if (status !== 'committed') continue;
        for (const [other, state] of view.states) {
          const open = state.open[tx.id];
          if (other !== node && open?.status === 'prepared' && !open.recovered)
            return `${view.nameOf(node)} committed ${describe(tx)} while ${view.nameOf(other)} was still waiting`;
        }
      }
      return undefined;
    },
  };
}

const discards = ({ onTimeout }: ThreePhaseCommit): string | undefined =>
  onTimeout === 'discard' ? 'a participant that times out when pre-committed discards what others commit' : undefined;

export const threePhaseInvariants: readonly Invariant<State, ThreePhaseCommit>[] = [
  ...commitInvariants<ThreePhaseCommit>(discards),
  {
    name: 'NonBlock',
    source: 'Skeen 1981: no state is adjacent to both a commit and an abort',
    means: 'from no state do replicas go to a commit and to an abort',
    protects: ['no-blocking', 'consistency', 'no-divergence', 'no-lost-writes'],
    givenUp: discards,
    monitor: nonBlock,
  },
  {
    name: 'ConcurrencySet',
    source: 'Skeen 1981: no state is non-committable while another has committed',
    means: 'nobody still waits when somebody has committed',
    protects: ['no-blocking', 'consistency', 'no-divergence', 'no-lost-writes'],
    givenUp: () => 'it holds while messages arrive in time and the network does not split; ask for it where they do',
    monitor: concurrencySet,
  },
];
