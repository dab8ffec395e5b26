/** Asking a directory where the keys of a store are: a read of the map that it keeps, by whoever serves reads there. */
import type { Store } from '../design/store.ts';
import { schedule } from '../kernel/simulation.ts';
import { transmit } from '../kernel/transport.ts';
import { nodesByDistance } from './routing.ts';
import type { Session } from './session.ts';

/** Another node of it is asked when one is silent for so long, or so soon after a refusal. */
const askAgainNs = 200_000_000;
const refusedPauseNs = 10_000_000;

/**
 * Asks until there is an answer, and goes on then.
 * @param isOver whether nobody waits for it any more
 */
export function askDirectory(session: Session, store: Store, isOver: () => boolean, then: () => void): void {
  const { sim, log, gathering, router, settings, turn } = session;
  const { partition, key } = router.directoryOf(store)!;
  const nodes = nodesByDistance(sim.design, settings.place, partition.replicas, turn);
  const { cause } = sim;
  let position = 0;
  const ask = () => {
    if (isOver()) return;
    const id = log.attempts++;
    gathering.set(id, reply => {
      gathering.delete(id);
      if (isOver()) return;
      if (reply.kind === 'ok') {
        router.told(store, reply.output);
        return then();
      }
      const hinted = reply.kind === 'refused' && reply.leader !== null ? nodes.indexOf(reply.leader) : -1;
      position = hinted >= 0 ? hinted : position + 1;
      schedule(sim, sim.now + refusedPauseNs, ask);
    });
    sim.cause = cause;
    const command = { kind: 'read' as const, key, input: null, operation: -2 - id };
    const request = { id, command, session: null, attempt: 0 };
    const body = { kind: 'request' as const, partition: partition.id, request, hops: 0 };
    transmit(sim, session.port.endpoint, nodes[position % nodes.length]!, body, 'request', 'client', 64);
    schedule(sim, sim.now + askAgainNs, () => {
      if (!gathering.delete(id)) return;
      position++;
      ask();
    });
  };
  ask();
}
