/** Looks for a bare word in what events say, without a text for each of a million: most say what others have said before. */

import { kindOf, nodeName, senderOf } from '@dsys/runtime/trace/access';
import { describeEvent } from '@dsys/runtime/trace/describe';
import { FAULT_KINDS, KIND, KIND_NAMES, OP_KINDS } from '@dsys/runtime/trace/kinds';
import type { Trace } from '@dsys/runtime/trace/model';

/** Kinds whose words are of operations or faults; there are far fewer of these than of messages. */
const OF_THEIR_OWN: ReadonlySet<number> = new Set([...OP_KINDS, ...FAULT_KINDS]);

/**
 * @param text what is looked for, small letters; with a `*` it is for whole texts
 * @param test whether a text in small letters has it
 */
export function wordsTester(trace: Trace, text: string, test: (text: string) => boolean): (event: number) => boolean {
  const { events, messages, details } = trace;
  const kinds = KIND_NAMES.map(kind => test(kind.toLowerCase()));
  const nodes = trace.header.nodes.map(({ name }) => test(name.toLowerCase()));
  const noNode = test(nodeName(trace, trace.header.nodes.length).toLowerCase());
  const own = new Uint8Array(events.length);
  for (const event of details.event) if (event >= 0) own[event] = 1;
  // Times are all that two arrivals of the same message differ in, and have no letters.
  const inTimes = /[*\d.-]/.test(text);
  const known = new Map<number, boolean>();
  const says = (event: number): boolean => test(describeEvent(trace, event).toLowerCase());

  const inWords = (event: number): boolean => {
    const kind = events.kind[event];
    if (own[event] === 1 || OF_THEIR_OWN.has(kind) || (kind === KIND.deliver && inTimes)) return says(event);
    const message = events.msg[event];
    // What the words of these kinds are made of, each number below 2^16 and together below 2^53: the other node, the reason
    // or the epoch, the name, and the kind.
    const other = message < 0 ? 0xffff : kind === KIND.send ? messages.to[message] : senderOf(trace, message);
    const more =
      kind === KIND.drop && message >= 0
        ? messages.why[message]
        : kind === KIND.deliver
          ? +(messages.send[message] >= 0)
          : 0;
    if ((kind === KIND.role || kind === KIND.epoch) && events.epoch[event] > 0) return says(event);
    const key = ((kind * 8 + more) * 0x10000 + other) * 0x10000 + events.name[event];
    let answer = known.get(key);
    if (answer === undefined) known.set(key, (answer = says(event)));
    return answer;
  };
  return event =>
    (nodes[events.node[event]] ?? noNode) ||
    (kinds[events.kind[event]] ?? test(kindOf(trace, event).toLowerCase())) ||
    inWords(event);
}
