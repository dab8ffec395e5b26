/**
 * The least that a simulator can be: a binary heap of event objects, and a leader that replicates to four followers and
 * answers when a majority has it. No faults, no checks, no trace: what all of those may cost is measured against it.
 */
interface Event {
  readonly at: number;
  readonly sequence: number;
  readonly run: () => void;
}

const before = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.sequence < b.sequence);

function push(heap: Event[], event: Event): void {
  let i = heap.push(event) - 1;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (!before(event, heap[parent]!)) break;
    heap[i] = heap[parent]!;
    i = parent;
  }
  heap[i] = event;
}

function pop(heap: Event[]): Event {
  const top = heap[0]!;
  const last = heap.pop()!;
  if (heap.length === 0) return top;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
    if (!before(heap[child]!, last)) break;
    heap[i] = heap[child]!;
    i = child;
  }
  heap[i] = last;
  return top;
}

/** Replicates `operations` one after the other for each of `clients`; the answer is the number of events. */
export function runBaseline(operations: number, clients: number): number {
  const heap: Event[] = [];
  let now = 0;
  let sequence = 0;
  let state = 12345;
  const delay = () => ((state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff) % 1_000_000) + 500_000;
  const schedule = (after: number, run: () => void) => push(heap, { at: now + after, sequence: sequence++, run });
  const logs: { index: number; client: number }[][] = Array.from({ length: 5 }, () => []);
  let left = operations;
  const request = (client: number) => {
    if (left-- <= 0) return;
    const entry = { index: logs[0]!.push({ index: logs[0]!.length, client }), client };
    let acknowledged = 1;
    for (let node = 1; node < 5; node++) {
      schedule(delay(), () => {
        logs[node]!.push(entry);
        schedule(delay(), () => {
          if (++acknowledged === 3) schedule(0, () => schedule(delay(), () => request(client)));
        });
      });
    }
  };
  for (let client = 0; client < clients; client++) schedule(0, () => request(client));
  let handled = 0;
  while (heap.length > 0) {
    const event = pop(heap);
    now = event.at;
    event.run();
    handled++;
  }
  return handled;
}
