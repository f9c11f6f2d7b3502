// Text and its bytes in UTF-8. Not with TextEncoder and TextDecoder, which some hosts lack (jsdom, so Jest's pages; older React Native).
import type { OwnBytes } from './hostTypes.js';

/** The least code point for each number of bytes that follow the first: a longer form of one is no UTF-8. */
const least = [0, 0x80, 0x800, 0x10000];

/** Arguments that String.fromCodePoint is given at a time: engines allow some ten thousand. */
const CHUNK = 4096;

/** The text, or null where the bytes are no UTF-8: cut off, longer than they need be, half of a surrogate pair. Keeps a byte order mark. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  let text = '';
  let points: number[] = [];
  for (let i = 0; i < bytes.length;) {
    const first = bytes[i++]!;
    const more = first < 0x80 ? 0 : first < 0xc0 ? NaN : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf8 ? 3 : NaN;
    let point = more === 0 ? first : first & (0x3f >> more);
    for (let left = more; left > 0; left--) {
      const next = bytes[i++] ?? 0;
      if (next >> 6 !== 2) return null;
      point = (point << 6) | (next & 0x3f);
    }
    if (!(point >= least[more]!) || point > 0x10ffff || point >> 11 === 0x1b) return null;
    if (points.push(point) < CHUNK) continue;
    text += String.fromCodePoint(...points);
    points = [];
  }
  return text + String.fromCodePoint(...points);
}

/** Half of a surrogate pair becomes U+FFFD. */
export function encodeUtf8(text: string): OwnBytes {
  const bytes = new Uint8Array(3 * text.length);
  let at = 0;
  for (const character of text) {
    const found = character.codePointAt(0)!;
    const point = found >> 11 === 0x1b ? 0xfffd : found;
    const more = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    bytes[at++] = more === 0 ? point : ((0x3f80 >> more) & 0xff) | (point >> (6 * more));
    for (let left = more - 1; left >= 0; left--) bytes[at++] = 0x80 | ((point >> (6 * left)) & 0x3f);
  }
  return bytes.slice(0, at);
}
