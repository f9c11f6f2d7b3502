// A WebAssembly module in the sources: a text that assembly/encodeModule.js made of its bytes.
import type { OwnBytes } from '../base/hostTypes.js';

export interface ModuleText {
  readonly text: string;
  /** Replaces the bytes from `at` to `until` for a memory that threads share. */
  readonly shared: { readonly at: number; readonly until: number; readonly bytes: readonly number[] };
}

/** Characters that are never used: ' " \ ` $ <. */
const LEFT_OUT = [34, 36, 39, 60, 92, 96];
const CHARACTERS = 89;
/** Bytes of one character; the last two characters announce a second one. */
const FREQUENT = CHARACTERS - 2;

/** A plain loop: at the start, before anything is compiled, a callback for each byte costs milliseconds. */
function decode(text: string): OwnBytes {
  const digits = new Uint8Array(128);
  for (let code = 32, digit = 0; code < 127; code++) if (!LEFT_OUT.includes(code)) digits[code] = digit++;
  const values = Array.from({ length: FREQUENT }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
  for (let byte = 0; byte < 256; byte++) if (!values.includes(byte)) values.push(byte);
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let i = 2 * FREQUENT; i < text.length; i++) {
    let digit = digits[text.charCodeAt(i)]!;
    if (digit >= FREQUENT) digit = FREQUENT + (digit - FREQUENT) * CHARACTERS + digits[text.charCodeAt(++i)]!;
    bytes[length++] = values[digit]!;
  }
  return bytes.slice(0, length);
}

export function moduleBytes({ text, shared: { at, until, bytes: own } }: ModuleText, shared: boolean): OwnBytes {
  const bytes = decode(text);
  if (!shared) return bytes;
  const changed = new Uint8Array(at + own.length + bytes.length - until);
  changed.set(bytes.subarray(0, at));
  changed.set(own, at);
  changed.set(bytes.subarray(until), at + own.length);
  return changed;
}
