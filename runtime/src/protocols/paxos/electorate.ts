/** God's eye on who decides which slot: the quorums of the design, whatever a member takes for one. */
import type { NodeId } from '../../design/topology.ts';
import type { Group } from '../contract.ts';
import {
  alpha,
  type Configuration,
  cheapConfiguration,
  configurationAt,
  initialConfiguration,
  type LogPaxos,
  type Quorums,
} from './configuration.ts';
import type { PaxosState } from './state.ts';

export interface Electorate {
  /** Before anything else is asked about this event. */
  watch(state: PaxosState): void;
  configuration(slot: number): Configuration;
  /** `leader`: some quorums depend on who gathers them. */
  quorums(slot: number, leader: NodeId): Quorums;
}

/** Who applies a change first tells of it: that others apply the same one is what other monitors watch. */
export function createElectorate(group: Group, options: LogPaxos): Electorate {
  const configurations: Configuration[] = [initialConfiguration(options, group)];
  const fixed = new Map<NodeId, Quorums>();
  let last = 0;
  return {
    watch({ fresh }) {
      if (options.kind !== 'cheap-paxos') return;
      for (const { slot, proposal } of fresh.applied) {
        if (slot <= last) continue;
        last = slot;
        if (proposal.kind === 'configuration')
          configurations.push(cheapConfiguration(options, proposal.main, slot + alpha));
      }
    },
    configuration: slot => configurationAt(configurations, slot),
    quorums(slot, leader) {
      if (options.kind === 'cheap-paxos') return configurationAt(configurations, slot).quorums;
      let own = fixed.get(leader);
      if (own === undefined) fixed.set(leader, (own = initialConfiguration(options, group, leader).quorums));
      return own;
    },
  };
}
