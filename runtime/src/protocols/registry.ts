/** Which protocol executes which mechanism. A mechanism without one is described and judged, and refuses to run. */
import type { MechanismKind } from '../design/mechanism.ts';
import type { Store } from '../design/store.ts';
import { chainReplication } from './chain/chain.ts';
import type { AnyProtocol } from './contract.ts';
import { fastPaxosProtocol } from './fast-paxos/fast-paxos.ts';
import { leaderlessProtocol } from './leaderless/leaderless.ts';
import { multiLeaderProtocol } from './multi-leader/multi-leader.ts';
import { cheapPaxos, flexiblePaxos, multiPaxos } from './paxos/multi-paxos.ts';
import { raft } from './raft/raft.ts';
import { singleDecreePaxos } from './single-decree/single-decree.ts';
import { singleLeader } from './single-leader/single-leader.ts';
import { threePhaseCommit } from './three-phase-commit/three-phase-commit.ts';
import { twoPhaseCommit } from './two-phase-commit/two-phase-commit.ts';

const protocols: Partial<Record<MechanismKind, AnyProtocol>> = {
  raft,
  'single-leader': singleLeader,
  'multi-paxos': multiPaxos,
  'flexible-paxos': flexiblePaxos,
  'cheap-paxos': cheapPaxos,
  'two-phase-commit': twoPhaseCommit,
  'three-phase-commit': threePhaseCommit,
  chain: chainReplication,
  paxos: singleDecreePaxos,
  'fast-paxos': fastPaxosProtocol,
  leaderless: leaderlessProtocol,
  'multi-leader': multiLeaderProtocol,
};

export const findProtocol = (kind: MechanismKind): AnyProtocol | undefined => protocols[kind];

/** Call only for stores that `whyNotExecutable` has nothing against. */
export function protocolOf({ mechanism }: Store): AnyProtocol {
  const protocol = protocols[mechanism.kind];
  if (protocol === undefined) throw new Error(`no protocol executes ${mechanism.kind}`);
  // Where whoever is asked coordinates, nobody leads.
  return 'coordinator' in mechanism && mechanism.coordinator === null ? { ...protocol, leads: undefined } : protocol;
}
