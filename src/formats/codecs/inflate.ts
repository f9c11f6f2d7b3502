// Inflates a zlib stream piece by piece. inlinePackages.js puts the package in here.
import { Inflate } from 'fflate';

/** How many compressed bytes are inflated at once: at 1032 to 1 they become 17 MB. */
const PIECE = 1 << 14;

/**
 * Gives the inflated bytes in order to `take`, which may throw to stop. Throws an Error that says what is wrong with the stream; its two
 * header bytes and the checksum at its end are the caller's.
 */
export function inflate(deflated: Uint8Array, take: (bytes: Uint8Array) => void): void {
  const stream = new Inflate(take);
  for (let at = 0; ; at += PIECE) {
    const isLast = at + PIECE >= deflated.length;
    stream.push(deflated.subarray(at, at + PIECE), isLast);
    if (isLast) return;
  }
}
