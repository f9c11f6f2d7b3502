// GIF's LZW: codes of growing width, each a string of palette indices.
import { check } from '../base/errors.js';

/** Codes have 12 bits at most. */
const CODES = 4096;
/** A code stands for a string that is one longer than one before it: n codes give n² / 2 indices at most, and CODES each at the end. */
const INDICES_PER_BYTE = 4096;

/** `count` indices; codes behind them are passed over. */
export function decodeLzw(minCodeSize: number, blocks: readonly Uint8Array[], count: number, who: string): Uint8Array {
  check(
    minCodeSize >= 1 && minCodeSize <= 8,
    `${who} is damaged: its codes have ${minCodeSize} bits, 1 to 8 are allowed; copy it again`,
  );
  const bytes = blocks.reduce((sum, { length }) => sum + length, 0);
  const short = (found: number): string =>
    `${who} is damaged: its first frame has ${found} of its ${count} pixels; copy it again`;
  check(count <= bytes * INDICES_PER_BYTE, () => short(0));
  const indices = new Uint8Array(count);
  // A code's string is its prefix's, and one index more.
  const prefix = new Uint16Array(CODES);
  const suffix = new Uint8Array(CODES);
  const first = new Uint8Array(CODES);
  const length = new Uint16Array(CODES);
  const [clearCode, endCode] = [1 << minCodeSize, (1 << minCodeSize) + 1];
  for (let code = 0; code < clearCode; code++) {
    suffix[code] = first[code] = code;
    length[code] = 1;
  }
  let [next, codeSize, previous] = [endCode + 1, minCodeSize + 1, -1];
  let [bits, bitCount, found] = [0, 0, 0];
  for (const block of blocks)
    for (let i = 0; i < block.length; i++) {
      bits |= block[i]! << bitCount;
      bitCount += 8;
      while (bitCount >= codeSize) {
        const code = bits & ((1 << codeSize) - 1);
        bits >>>= codeSize;
        bitCount -= codeSize;
        if (code === clearCode) {
          [next, codeSize, previous] = [endCode + 1, minCodeSize + 1, -1];
          continue;
        }
        check(code !== endCode, () => short(found));
        // The code that is about to be made may be used at once: it is the one before, and its own first index again.
        check(
          code < clearCode || (previous >= 0 && (code < next || (code === next && next < CODES))),
          () => `${who} is damaged: code ${code} at pixel ${found} is not known yet; copy it again`,
        );
        if (previous >= 0 && next < CODES) {
          prefix[next] = previous;
          suffix[next] = first[code === next ? previous : code]!;
          first[next] = first[previous]!;
          length[next] = length[previous]! + 1;
          next++;
          if (next === 1 << codeSize && codeSize < 12) codeSize++;
        }
        previous = code;
        // From its last index to its first; what lies past the picture's end is left out by the array.
        for (let at = found + length[code]! - 1, rest = code; at >= found; at--, rest = prefix[rest]!)
          indices[at] = suffix[rest]!;
        found += length[code]!;
        if (found >= count) return indices;
      }
    }
  check(false, () => short(found));
}
