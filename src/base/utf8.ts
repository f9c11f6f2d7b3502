// Text → its bytes in UTF-8. Not with TextEncoder and TextDecoder, which some hosts lack (jsdom, so Jest's pages; older React Native).
import type { OwnBytes } from './hostTypes.js';

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
