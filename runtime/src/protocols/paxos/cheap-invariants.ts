/** What Cheap Paxos promises beyond Multi-Paxos (Lamport and Massa, DSN 2004). */
import type { NodeId } from '../../design/topology.ts';
import type { Group, Invariant, Monitor } from '../contract.ts';
import { alpha, configurationAt, type LogPaxos } from './configuration.ts';
import { createElectorate } from './electorate.ts';
import { mistakes } from './invariants.ts';
import type { PaxosState } from './state.ts';

/** A slot is proposed to the acceptors that stand in what is applied α slots before it, and not before that is known. */
function quorumPerConfig(group: Group, options: LogPaxos): Monitor<PaxosState> {
  const electorate = createElectorate(group, options);
  return {
    step(node, state, view) {
      electorate.watch(state);
      for (const { slot } of state.fresh.proposed) {
        if (slot > state.applied + alpha)
          return `${view.nameOf(node)} proposes in slot ${slot}, though it has applied no more than slot ${state.applied}: nobody knows yet who decides it`;
        if (slot <= state.applied) continue;
        const right = electorate.configuration(slot).main;
        const taken = configurationAt(state.configurations, slot).main;
        if (right.join() === taken.join()) continue;
        const names = (nodes: readonly NodeId[]) => nodes.map(one => view.nameOf(one)).join(', ');
        return `${view.nameOf(node)} lets ${names(taken)} decide slot ${slot}, though its main acceptors are ${names(right)}`;
      }
      return undefined;
    },
  };
}

/** Counted apart from the protocol: rounds of questions that a main acceptor has left without an answer. */
function auxIdle(group: Group, options: LogPaxos): Monitor<PaxosState> {
  const electorate = createElectorate(group, options);
  const open = new Map<NodeId, Map<NodeId, number>>();
  return {
    step(node, state, view) {
      electorate.watch(state);
      const { answered, asked, called } = state.fresh;
      if (!asked && answered === null && called.length === 0) return undefined;
      let own = open.get(node);
      if (own === undefined) open.set(node, (own = new Map()));
      const { main } = electorate.configuration(state.applied + 1);
      // Who is out of office is asked, too, and may come back silent.
      if (asked) for (const one of group.replicas) own.set(one, (own.get(one) ?? 0) + 1);
      if (answered !== null) own.set(answered, 0);
      if (called.length === 0 || main.some(one => one !== node && own.get(one)! >= 2)) return undefined;
      return `${view.nameOf(node)} calls the auxiliary acceptor ${view.nameOf(called[0]!)}, though every main one has answered`;
    },
    crashed: node => void open.delete(node),
  };
}

export const cheapInvariants: readonly Invariant<PaxosState, LogPaxos>[] = [
  {
    name: 'QuorumPerConfig',
    source: 'Lamport and Massa 2004, §3',
    means: 'a slot is decided by the acceptors that the state α slots before it names',
    protects: ['consistency', 'no-lost-writes', 'no-split-brain', 'no-divergence'],
    givenUp: mistakes,
    monitor: quorumPerConfig,
  },
  {
    name: 'AuxIdle',
    source: 'Lamport and Massa 2004, §1',
    means: 'auxiliary acceptors are not asked while all main ones answer',
    protects: [],
    givenUp: () => undefined,
    monitor: auxIdle,
  },
];
