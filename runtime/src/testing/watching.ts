/** A tracer that records nothing and shows every event of a lane to whoever wants to count. */
import { type LocalKind, noTrace, type Tracer } from '../kernel/tracer.ts';

export interface Watched {
  readonly timeNs: number;
  readonly kind: LocalKind;
  /** Of a message, its type. */
  readonly name: string;
  /** What it carries besides; of a note, its words. Only if `detailed`. */
  readonly text: string | undefined;
}

/** @param detailed whether texts are worked out */
export function watchingTrace(look: (event: Watched) => void, detailed = false): Tracer {
  const silent = noTrace();
  return {
    ...silent,
    detailed,
    event(...args) {
      const [timeNs, kind, , name, , , text] = args;
      look({ timeNs, kind, name, text });
      return silent.event(...args);
    },
  };
}

/** Sent from node to node: not what clients ask and are told. */
export const isBetweenNodes = ({ kind, name }: Watched): boolean =>
  kind === 'send' && name !== 'request' && name !== 'reply';
