// A module's bytes as a text that gzip compresses as well as the bytes: a character each for the frequent ones, two for the others, so that
// what repeats in the one repeats in the other. (In base64 a byte looks different at each of three places, and nothing repeats.)
// The text begins with the frequent bytes, in two hexadecimal digits each. src/engine/moduleText.ts decodes it.

/** Printable ASCII without ' " \ ` $ and <, which mean something in strings, templates and pages. */
const ALPHABET = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).filter((character) => !'\'"\\`$<'.includes(character));
/** Each of the last two announces a second character. */
const FREQUENT = ALPHABET.length - 2;

/** @param {Uint8Array} bytes */
export function encodeModule(bytes) {
  const counts = new Array(256).fill(0);
  for (const byte of bytes) counts[byte]++;
  const all = counts.map((_, byte) => byte);
  const frequent = [...all].sort((a, b) => counts[b] - counts[a] || a - b).slice(0, FREQUENT);
  const rare = all.filter((byte) => !frequent.includes(byte));
  const codes = new Array(256);
  for (const [i, byte] of frequent.entries()) codes[byte] = ALPHABET[i];
  for (const [i, byte] of rare.entries())
    codes[byte] = ALPHABET[FREQUENT + Math.floor(i / ALPHABET.length)] + ALPHABET[i % ALPHABET.length];
  const table = frequent.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return table + Array.from(bytes, (byte) => codes[byte]).join('');
}
