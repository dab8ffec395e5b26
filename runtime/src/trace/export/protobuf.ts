/** Protocol buffers by hand (protobuf.dev/programming-guides/encoding): fields of a message, one after the other. */

import { type ByteBuffer, createByteBuffer, putByte, putText } from '../byte-buffer.ts';

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;

/** An unsigned integer up to 2^53 - 1; numbers are split by division, since bits end at 32. */
function putVarint(out: ByteBuffer, value: number): void {
  let rest = value;
  while (rest >= 128) {
    putByte(out, (rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  putByte(out, rest);
}

function putTag(out: ByteBuffer, field: number, type: number): void {
  putVarint(out, field * 8 + type);
}

/** A field of type uint32, uint64, enum, or a non-negative int32 or int64. */
export function putUint(out: ByteBuffer, field: number, value: number): void {
  putTag(out, field, VARINT);
  putVarint(out, value);
}

/** A field of type fixed64, up to 2^53 - 1. */
export function putFixed64(out: ByteBuffer, field: number, value: number): void {
  putTag(out, field, FIXED64);
  let rest = value;
  for (let byte = 0; byte < 8; byte++) {
    putByte(out, rest % 256);
    rest = Math.floor(rest / 256);
  }
}

const double = new DataView(new ArrayBuffer(8));

export function putDouble(out: ByteBuffer, field: number, value: number): void {
  putTag(out, field, FIXED64);
  double.setFloat64(0, value, true);
  for (let byte = 0; byte < 8; byte++) putByte(out, double.getUint8(byte));
}

const texts: ByteBuffer = createByteBuffer();

export function putString(out: ByteBuffer, field: number, text: string): void {
  texts.length = 0;
  putText(texts, text);
  putMessage(out, field, texts);
}

/** A field whose message has been written into a buffer of its own. */
export function putMessage(out: ByteBuffer, field: number, message: ByteBuffer): void {
  putTag(out, field, LENGTH);
  putVarint(out, message.length);
  for (let at = 0; at < message.length; at++) putByte(out, message.bytes[at]);
}
