// Bytes in UTF-8 → text. A file of its own, as a page that reads no files does without it; utf8.ts says why not with TextDecoder.

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
