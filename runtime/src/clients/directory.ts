/** Asking a directory where the keys of a store are: a read of the map that it keeps, by whoever serves reads there. */
import type { Store } from '../design/store.ts';
import { askUntilAnswered } from './asking.ts';
import { nodesByDistance } from './routing.ts';
import type { Session } from './session.ts';

/** How soon it is asked again after a refusal. */
const refusedPauseNs = 10_000_000;

/**
 * Asks until there is an answer, and goes on then.
 * @param isOver whether nobody waits for it any more
 */
export function askDirectory(session: Session, store: Store, isOver: () => boolean, then: () => void): void {
  const { sim, log, gathering, router, settings, turn } = session;
  const { partition, key } = router.directoryOf(store)!;
  const nodes = nodesByDistance(sim.design, settings.place, partition.replicas, turn);
  askUntilAnswered(
    { sim, log, endpoint: session.port.endpoint, open: gathering },
    {
      group: partition.id,
      nodes,
      command: id => ({ kind: 'read', key, input: null, operation: -2 - id }),
      name: 'request',
      pauseNs: refusedPauseNs,
      isOver,
      answered({ output }) {
        router.told(store, output);
        then();
        return undefined;
      },
    },
  );
}
