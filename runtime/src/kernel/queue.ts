/**
 * The pending events of a simulation: a 4-ary heap on typed arrays, with the events themselves in pooled slots.
 *
 * Order is total: by time, then by insertion. So a run depends on nothing but what was pushed, and lazily cancelled
 * entries or rebuilds of the heap cannot change it. Nothing is allocated per event.
 *
 * A 4-ary heap is half as deep as a binary one and its four children share a cache line, which measures faster for
 * the queue lengths that occur (tens to thousands); LaMarca and Ladner, "The Influence of Caches on the Performance
 * of Heaps", JEA 1996.
 */

/** Most events that may be pending at once. More than this is a run that sends faster than it consumes. */
export const MAX_PENDING_EVENTS = 4_194_304;

/** Cancelled entries stay in the heap until there are this many and they are the majority; then it is rebuilt. */
const MIN_CANCELLED_TO_REBUILD = 1024;

/** Names one pushed event for `cancel`, even after its slot was used again. */
export type Handle = number & { readonly __handle: unique symbol };

/**
 * The columns `kind`, `a`, `b`, `c`, `ref` are read by slot, after `pop`. They are replaced when the queue grows:
 * read them through the queue every time.
 */
export interface EventQueue {
  kind: Int32Array;
  a: Int32Array;
  b: Int32Array;
  c: Int32Array;
  ref: unknown[];
  /** Virtual ns of the event popped last; 0 before. */
  now: number;
  /** Events pending, without the cancelled ones. */
  size: number;

  readonly maximum: number;
  heapTime: Float64Array;
  heapSequence: Float64Array;
  heapSlot: Int32Array;
  heapLength: number;
  /** Bumped when a slot is given back, so that old handles no longer match. */
  generation: Int32Array;
  cancelled: Uint8Array;
  cancelledCount: number;
  free: Int32Array;
  freeLength: number;
  used: number;
  nextSequence: number;
  /** Slot of the event popped last, given back by the next `pop`; -1 for none. */
  poppedSlot: number;
}

/**
 * @param capacity events for which there is room at once; doubles when needed
 * @param maximum most events pending (and popped last), at most `MAX_PENDING_EVENTS`
 */
export function createQueue(capacity = 1024, maximum = MAX_PENDING_EVENTS): EventQueue {
  const limit = Math.min(maximum, MAX_PENDING_EVENTS);
  const room = Math.max(4, Math.min(capacity, limit));
  return {
    kind: new Int32Array(room),
    a: new Int32Array(room),
    b: new Int32Array(room),
    c: new Int32Array(room),
    ref: new Array(room).fill(undefined),
    now: 0,
    size: 0,
    maximum: limit,
    heapTime: new Float64Array(room),
    heapSequence: new Float64Array(room),
    heapSlot: new Int32Array(room),
    heapLength: 0,
    generation: new Int32Array(room),
    cancelled: new Uint8Array(room),
    cancelledCount: 0,
    free: new Int32Array(room),
    freeLength: 0,
    used: 0,
    nextSequence: 0,
    poppedSlot: -1,
  };
}

/**
 * Adds an event at virtual time `timeNs` (finite, not before `queue.now`); `kind`, `a`, `b`, `c` are int32.
 * Returns its slot, which `handleOf` turns into something that can be cancelled.
 * @throws RangeError when the time lies in the past or is not a number, or when the queue is full
 */
export function push(
  queue: EventQueue,
  timeNs: number,
  kind: number,
  a: number,
  b: number,
  c: number,
  ref: unknown,
): number {
  if (!(timeNs >= queue.now && timeNs < Infinity)) {
    throw new RangeError(`an event cannot be set for ${timeNs} ns: virtual time is already ${queue.now} ns`);
  }
  let slot: number;
  if (queue.freeLength > 0) {
    slot = queue.free[--queue.freeLength];
  } else {
    slot = queue.used;
    if (slot === queue.kind.length) grow(queue);
    queue.used = slot + 1;
  }
  queue.kind[slot] = kind;
  queue.a[slot] = a;
  queue.b[slot] = b;
  queue.c[slot] = c;
  queue.ref[slot] = ref;
  queue.size++;
  siftUp(queue, queue.heapLength++, timeNs, queue.nextSequence++, slot);
  return slot;
}

/**
 * Takes the earliest event: sets `queue.now` to its time and returns its slot, or -1 when nothing is pending.
 * The slot's columns stay readable until the next `pop`.
 */
export function pop(queue: EventQueue): number {
  if (queue.poppedSlot >= 0) {
    release(queue, queue.poppedSlot);
    queue.poppedSlot = -1;
  }
  dropCancelled(queue);
  if (queue.heapLength === 0) return -1;
  const slot = queue.heapSlot[0];
  queue.now = queue.heapTime[0];
  removeTop(queue);
  queue.size--;
  queue.poppedSlot = slot;
  return slot;
}

/** Time of the earliest pending event in virtual ns, `Infinity` when nothing is pending. */
export function peekTime(queue: EventQueue): number {
  dropCancelled(queue);
  return queue.heapLength === 0 ? Infinity : queue.heapTime[0];
}

/** The handle of the event that a `push` just put into `slot`. Boxed by the engine, so ask only for what may be cancelled. */
export function handleOf(queue: EventQueue, slot: number): Handle {
  return (queue.generation[slot] * MAX_PENDING_EVENTS + slot) as Handle;
}

/** Cancels a pending event; false when it was already popped or cancelled. */
export function cancel(queue: EventQueue, handle: Handle): boolean {
  const slot = handle % MAX_PENDING_EVENTS;
  if (slot === queue.poppedSlot || queue.cancelled[slot] !== 0 || handleOf(queue, slot) !== handle) return false;
  queue.cancelled[slot] = 1;
  queue.ref[slot] = undefined;
  queue.size--;
  queue.cancelledCount++;
  if (queue.cancelledCount >= MIN_CANCELLED_TO_REBUILD && queue.cancelledCount * 2 > queue.heapLength) rebuild(queue);
  return true;
}

function release(queue: EventQueue, slot: number): void {
  queue.ref[slot] = undefined;
  queue.generation[slot] = (queue.generation[slot] + 1) & 0x7fffffff;
  queue.free[queue.freeLength++] = slot;
}

function dropCancelled(queue: EventQueue): void {
  while (queue.cancelledCount > 0 && queue.heapLength > 0) {
    const slot = queue.heapSlot[0];
    if (queue.cancelled[slot] === 0) return;
    removeTop(queue);
    forget(queue, slot);
  }
}

function forget(queue: EventQueue, slot: number): void {
  queue.cancelled[slot] = 0;
  queue.cancelledCount--;
  release(queue, slot);
}

function removeTop(queue: EventQueue): void {
  const last = --queue.heapLength;
  if (last > 0) siftDown(queue, 0, queue.heapTime[last], queue.heapSequence[last], queue.heapSlot[last]);
}

/** Puts the newest entry at `position` or above it. Nothing in the heap has a later sequence, so times alone decide. */
function siftUp(queue: EventQueue, position: number, time: number, sequence: number, slot: number): void {
  const { heapTime, heapSequence, heapSlot } = queue;
  let hole = position;
  while (hole > 0) {
    const parent = (hole - 1) >> 2;
    const parentTime = heapTime[parent];
    if (parentTime <= time) break;
    heapTime[hole] = parentTime;
    heapSequence[hole] = heapSequence[parent];
    heapSlot[hole] = heapSlot[parent];
    hole = parent;
  }
  heapTime[hole] = time;
  heapSequence[hole] = sequence;
  heapSlot[hole] = slot;
}

/** Puts an entry at `position` or below it. */
function siftDown(queue: EventQueue, position: number, time: number, sequence: number, slot: number): void {
  const { heapTime, heapSequence, heapSlot, heapLength } = queue;
  let hole = position;
  for (;;) {
    const first = hole * 4 + 1;
    if (first >= heapLength) break;
    const end = first + 4 < heapLength ? first + 4 : heapLength;
    let least = first;
    let leastTime = heapTime[first];
    for (let child = first + 1; child < end; child++) {
      const childTime = heapTime[child];
      if (childTime < leastTime || (childTime === leastTime && heapSequence[child] < heapSequence[least])) {
        least = child;
        leastTime = childTime;
      }
    }
    if (time < leastTime || (time === leastTime && sequence < heapSequence[least])) break;
    heapTime[hole] = leastTime;
    heapSequence[hole] = heapSequence[least];
    heapSlot[hole] = heapSlot[least];
    hole = least;
  }
  heapTime[hole] = time;
  heapSequence[hole] = sequence;
  heapSlot[hole] = slot;
}

/** Throws the cancelled entries out and makes a heap of the rest, so that far-off cancelled timers do not pile up. */
function rebuild(queue: EventQueue): void {
  const { heapTime, heapSequence, heapSlot } = queue;
  let kept = 0;
  for (let entry = 0; entry < queue.heapLength; entry++) {
    const slot = heapSlot[entry];
    if (queue.cancelled[slot] !== 0) {
      forget(queue, slot);
      continue;
    }
    heapTime[kept] = heapTime[entry];
    heapSequence[kept] = heapSequence[entry];
    heapSlot[kept] = slot;
    kept++;
  }
  queue.heapLength = kept;
  for (let parent = (kept - 2) >> 2; parent >= 0; parent--) {
    siftDown(queue, parent, heapTime[parent], heapSequence[parent], heapSlot[parent]);
  }
}

function grow(queue: EventQueue): void {
  const from = queue.kind.length;
  if (from >= queue.maximum) {
    throw new RangeError(
      `${queue.size} events are pending at virtual time ${queue.now} ns, and there is room for ${queue.maximum}: ` +
        'messages or timers are made faster than they are consumed; lower the rate of the load or shorten the run',
    );
  }
  const room = Math.min(from * 2, queue.maximum);
  queue.kind = widenInts(queue.kind, room);
  queue.a = widenInts(queue.a, room);
  queue.b = widenInts(queue.b, room);
  queue.c = widenInts(queue.c, room);
  queue.heapSlot = widenInts(queue.heapSlot, room);
  queue.generation = widenInts(queue.generation, room);
  queue.free = widenInts(queue.free, room);
  queue.heapTime = widenFloats(queue.heapTime, room);
  queue.heapSequence = widenFloats(queue.heapSequence, room);
  const cancelled = new Uint8Array(room);
  cancelled.set(queue.cancelled);
  queue.cancelled = cancelled;
  for (let slot = from; slot < room; slot++) queue.ref.push(undefined);
}

function widenInts(column: Int32Array, room: number): Int32Array {
  const wider = new Int32Array(room);
  wider.set(column);
  return wider;
}

function widenFloats(column: Float64Array, room: number): Float64Array {
  const wider = new Float64Array(room);
  wider.set(column);
  return wider;
}
