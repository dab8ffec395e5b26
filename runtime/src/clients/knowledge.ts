/** What a session knows from the answers that it was given, and carries with what it asks next. */
import type { PartitionId } from '../design/store.ts';
import type { Carried, Reply } from '../protocols/contract.ts';
import type { Session } from './session.ts';

const nameOf = (store: string, key: string): string => `${store}\n${key}`;

/** What goes along with a request about this key to a group. */
export function carriedTo(session: Session, group: PartitionId, store: string, key: string): Carried {
  const { process, sequence, settings, contexts, tokens, router } = session;
  return {
    client: process,
    sequence,
    context: contexts.get(nameOf(store, key)),
    ...(settings.sessionToken && {
      token: tokens.get(group) ?? null,
      epoch: router.mapOf({ name: store })?.map.epoch ?? 0,
    }),
  };
}

/** It has seen what an answer has shown, besides what others had. */
export function learn(
  { sim, contexts, tokens }: Session,
  group: PartitionId,
  store: string,
  key: string,
  { context, token }: Extract<Reply, { kind: 'ok' }>,
): void {
  if (context !== undefined) contexts.set(nameOf(store, key), context);
  if (token === undefined) return;
  const before = tokens.get(group);
  const { join } = sim.groups[group]!.protocol.tokens!;
  tokens.set(group, before === undefined ? token : join(before, token));
}
