import type { Operation } from './history.ts';

/** Whether the operation changes something when it takes effect: figures call these writes, and all others reads. */
export function isWrite({ kind, input }: Operation): boolean {
  if (kind === 'transaction') return (input as readonly (readonly unknown[])[]).some(([step]) => step !== 'read');
  return kind !== 'read';
}

/** Whether the client was told that its change took effect. A cas that was refused changed nothing. */
export function isAcknowledgedWrite(operation: Operation): boolean {
  return isWrite(operation) && operation.outcome === 'ok' && operation.output !== false;
}
