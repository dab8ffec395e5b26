/** The life of messages, as the network tells it to the recorder: sent, copied, delivered or dropped. */

import { makeRoom } from './columns.ts';
import { KIND, MESSAGE_FLAG, WHY, type WhyName } from './kinds.ts';
import { MESSAGE_SCHEMA, NONE16 } from './model.ts';
import { payloadId, type Recorder, writeEvent } from './recorder-core.ts';
import { absorb, absorbTime } from './rolling-hash.ts';

/** A message leaves, with the event `sendEvent` (kind `send`, its name the message's type). Returns the message row. */
export function messageSent(
  recorder: Recorder,
  sendEvent: number,
  to: number,
  bytes: number,
  payload?: unknown,
  flags = 0,
): number {
  absorb(recorder.hash, sendEvent);
  absorb(recorder.hash, to | (flags << 16));
  absorb(recorder.hash, bytes);
  const row = recorder.messageCount++;
  if (!recorder.recording) return row;
  const value = payloadId(recorder, payload);
  return appendMessage(recorder, row, sendEvent, to, bytes, value, flags);
}

/** The network makes another copy of a message: a `duplicate` event, and a message row of its own, which is returned. */
export function messageDuplicated(recorder: Recorder, timeNs: number, message: number, cause = -1): number {
  absorbTime(recorder.hash, timeNs);
  absorb(recorder.hash, KIND.duplicate);
  absorb(recorder.hash, message);
  absorb(recorder.hash, cause);
  const row = recorder.messageCount++;
  const event = endOfMessage(recorder, timeNs, KIND.duplicate, message, 0, cause, NONE16);
  if (!recorder.recording) return row;
  const { send, to, bytes, payload } = recorder.messages;
  appendMessage(recorder, row, send[message], to[message], bytes[message], payload[message], MESSAGE_FLAG.duplicate);
  if (recorder.recording) recorder.events.msg[event] = row;
  return row;
}

/** A message arrives and is handled. Returns the `deliver` event. */
export function messageDelivered(recorder: Recorder, timeNs: number, message: number, epoch = 0, src = NONE16): number {
  const hash = recorder.hash;
  absorbTime(hash, timeNs);
  absorb(hash, KIND.deliver | (src << 16));
  absorb(hash, message);
  absorb(hash, epoch);
  const event = endOfMessage(recorder, timeNs, KIND.deliver, message, epoch, -1, src);
  if (recorder.recording) recorder.messages.end[message] = event;
  return event;
}

/** A message is lost, where and when the network decides so. `cause`: the `faultStart` to blame, or -1. Returns the `drop` event. */
export function messageDropped(
  recorder: Recorder,
  timeNs: number,
  message: number,
  why: Exclude<WhyName, 'none'>,
  cause = -1,
): number {
  absorbTime(recorder.hash, timeNs);
  absorb(recorder.hash, KIND.drop | (WHY[why] << 8));
  absorb(recorder.hash, message);
  absorb(recorder.hash, cause);
  const event = endOfMessage(recorder, timeNs, KIND.drop, message, 0, cause, NONE16);
  if (recorder.recording) {
    recorder.messages.end[message] = event;
    recorder.messages.why[message] = WHY[why];
  }
  return event;
}

/** Adds `MESSAGE_FLAG` bits to a message, for what is known only later. */
export function flagMessage(recorder: Recorder, message: number, flags: number): void {
  absorb(recorder.hash, message);
  absorb(recorder.hash, flags);
  if (recorder.recording) recorder.messages.flags[message] |= flags;
}

/** The event in which a message ends, or is copied: in the receiver's lane, with the type and operation of its send event. */
function endOfMessage(
  recorder: Recorder,
  timeNs: number,
  kind: number,
  message: number,
  epoch: number,
  cause: number,
  src: number,
): number {
  if (!recorder.recording) return recorder.eventCount++;
  const { events, messages } = recorder;
  const send = messages.send[message];
  return writeEvent(
    recorder,
    timeNs,
    kind,
    messages.to[message],
    events.name[send],
    message,
    events.op[send],
    epoch,
    cause,
    src,
    0,
  );
}

function appendMessage(
  recorder: Recorder,
  row: number,
  send: number,
  to: number,
  bytes: number,
  payload: number,
  flags: number,
): number {
  const { messages } = recorder;
  if (!recorder.recording) return row;
  // There are never more messages than events, so they are never full first.
  if (row === messages.send.length) makeRoom(MESSAGE_SCHEMA, messages, recorder.maximumEvents);
  messages.send[row] = send;
  messages.end[row] = -1;
  messages.to[row] = to;
  messages.why[row] = WHY.none;
  messages.flags[row] = flags;
  messages.payload[row] = payload;
  messages.bytes[row] = bytes;
  messages.length = row + 1;
  if ((flags & MESSAGE_FLAG.duplicate) === 0) recorder.events.msg[send] = row;
  return row;
}
