/** How sentences call writes: by their stamps, or by their versions as in the papers. */
import type { Leaderless } from '../../design/mechanism.ts';
import type { GroupView } from '../contract.ts';
import { showVersion } from '../versions/siblings.ts';
import type { LeaderlessState, Stub } from './state.ts';

type View = Pick<GroupView<LeaderlessState>, 'nameOf'>;

/** Servers are `NODE.…`, clients `cNUMBER`. */
const actorName = (actor: string, view: View): string =>
  actor.startsWith('c') ? `client ${actor.slice(1)}` : view.nameOf(Number.parseInt(actor, 10));

export function nameOf({ stamp, version }: Stub, resolve: Leaderless['resolve'], view: View): string {
  if (resolve.kind === 'siblings') return showVersion(resolve.by, version, actor => actorName(actor, view));
  return `stamp ${stamp.time}.${stamp.count} of ${view.nameOf(stamp.node)}`;
}

/** Siblings are told side by side. */
export const namesOf = (cell: readonly Stub[], resolve: Leaderless['resolve'], view: View): string =>
  cell.length === 0 ? 'nothing' : cell.map(one => nameOf(one, resolve, view)).join(' ∥ ');
