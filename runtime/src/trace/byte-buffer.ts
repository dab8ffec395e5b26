/** A buffer that text is written into as UTF-8, without strings in between. */

export interface ByteBuffer {
  bytes: Uint8Array;
  length: number;
}

const utf8 = new TextEncoder();

export function createByteBuffer(): ByteBuffer {
  return { bytes: new Uint8Array(256), length: 0 };
}

export function putByte(out: ByteBuffer, byte: number): void {
  if (out.length === out.bytes.length) grow(out, 1);
  out.bytes[out.length++] = byte;
}

/** Writes a text of ASCII characters. */
export function putAscii(out: ByteBuffer, text: string): void {
  if (out.length + text.length > out.bytes.length) grow(out, text.length);
  const { bytes } = out;
  let end = out.length;
  for (let index = 0; index < text.length; index++) bytes[end++] = text.charCodeAt(index);
  out.length = end;
}

/** Writes any text. */
export function putText(out: ByteBuffer, text: string): void {
  // A UTF-16 code unit takes at most three bytes of UTF-8.
  if (out.length + text.length * 3 > out.bytes.length) grow(out, text.length * 3);
  out.length += utf8.encodeInto(text, out.bytes.subarray(out.length)).written;
}

/** Writes a text as a JSON string. */
export function putJsonString(out: ByteBuffer, text: string): void {
  const start = out.length;
  if (start + text.length + 2 > out.bytes.length) grow(out, text.length + 2);
  const { bytes } = out;
  let end = start;
  bytes[end++] = 34;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 32 || unit > 126 || unit === 34 || unit === 92) {
      putText(out, JSON.stringify(text));
      return;
    }
    bytes[end++] = unit;
  }
  bytes[end++] = 34;
  out.length = end;
}

/** Writes a finite number as JSON does. */
export function putNumber(out: ByteBuffer, value: number): void {
  // Integers of up to nine digits, which nearly all are, without a string.
  if (value < 0 || value > 999_999_999 || (value | 0) !== value) {
    putAscii(out, `${value}`);
    return;
  }
  if (out.length + 9 > out.bytes.length) grow(out, 9);
  let digits = 1;
  for (let bound = 10; bound <= value; bound *= 10) digits++;
  let rest = value;
  for (let place = out.length + digits - 1; place >= out.length; place--) {
    const tenth = (rest / 10) | 0;
    out.bytes[place] = 48 + rest - tenth * 10;
    rest = tenth;
  }
  out.length += digits;
}

function grow(out: ByteBuffer, more: number): void {
  const larger = new Uint8Array(Math.max(out.length + more, out.bytes.length * 2));
  larger.set(out.bytes.subarray(0, out.length));
  out.bytes = larger;
}
