// A plain inflater, bit by bit as RFC 1950 and 1951 tell it, slow: the oracle of the PNG reader. As that, and other than zlib, it looks at
// the checksum at the end and not at redundancy before it: the complement of a stored block's length, codes that no code uses.

/** Null for what does not inflate, or has another checksum. */
export function referenceInflate(stream: Uint8Array): Uint8Array | null {
  try {
    const inflated = inflated1951(stream.subarray(2));
    const [a, b, c, d] = stream.subarray(-4) as unknown as [number, number, number, number];
    return adler32(inflated) === ((a << 24) | (b << 16) | (c << 8) | d) >>> 0 ? Uint8Array.from(inflated) : null;
  } catch (error) {
    if (error instanceof Unsound) return null;
    throw error;
  }
}

class Unsound extends Error {}

function adler32(bytes: readonly number[]): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) ((a = (a + byte) % 65521), (b = (b + a) % 65521));
  return b * 65536 + a;
}

const LENGTHS = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const lengthBits = (symbol: number): number => (symbol < 8 || symbol === 28 ? 0 : (symbol >> 2) - 1);
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** 'length, code' → symbol. */
type Codes = ReadonlyMap<string, number>;

function codesOf(lengths: readonly number[]): Codes {
  const codes = new Map<string, number>();
  for (let length = 1, code = 0; length <= 15; length++, code <<= 1)
    for (const [symbol, each] of lengths.entries()) if (each === length) codes.set(`${length},${code++}`, symbol);
  return codes;
}

const range = (count: number, value: number): number[] => new Array<number>(count).fill(value);
const fixed = codesOf([...range(144, 8), ...range(112, 9), ...range(24, 7), ...range(8, 8)]);
const fixedDistances = codesOf(range(30, 5));

function inflated1951(bytes: Uint8Array): number[] {
  let at = 0;
  const bit = (): number => {
    if (at >= bytes.length * 8) throw new Unsound();
    return (bytes[at >> 3]! >> (at++ & 7)) & 1;
  };
  const bits = (count: number): number => {
    let value = 0;
    for (let i = 0; i < count; i++) value += bit() * 2 ** i;
    return value;
  };
  const symbolOf = (codes: Codes): number => {
    for (let length = 1, code = 0; length <= 15; length++) {
      code = code * 2 + bit();
      const symbol = codes.get(`${length},${code}`);
      if (symbol !== undefined) return symbol;
    }
    throw new Unsound();
  };
  const readCodes = (): [Codes, Codes] => {
    const [literals, distances, count] = [257 + bits(5), 1 + bits(5), 4 + bits(4)];
    const own = range(19, 0);
    for (let i = 0; i < count; i++) own[ORDER[i]!] = bits(3);
    const codes = codesOf(own);
    const lengths: number[] = [];
    while (lengths.length < literals + distances) {
      const symbol = symbolOf(codes);
      if (symbol < 16) lengths.push(symbol);
      else if (symbol === 16) lengths.push(...range(3 + bits(2), lengths.at(-1) ?? 0));
      else lengths.push(...range(symbol === 17 ? 3 + bits(3) : 11 + bits(7), 0));
    }
    return [codesOf(lengths.slice(0, literals)), codesOf(lengths.slice(literals, literals + distances))];
  };
  const out: number[] = [];
  for (let last = 0; last === 0;) {
    last = bit();
    const kind = bits(2);
    if (kind === 3) throw new Unsound();
    if (kind === 0) {
      at = Math.ceil(at / 8) * 8;
      const length = bits(16);
      bits(16);
      for (let i = 0; i < length; i++) out.push(bits(8));
      continue;
    }
    const [literals, distances] = kind === 1 ? [fixed, fixedDistances] : readCodes();
    for (;;) {
      const symbol = symbolOf(literals);
      if (symbol === 256) break;
      if (symbol < 256) {
        out.push(symbol);
        continue;
      }
      if (symbol > 285) throw new Unsound();
      const length = LENGTHS[symbol - 257]! + bits(lengthBits(symbol - 257));
      const code = symbolOf(distances);
      if (code > 29) throw new Unsound();
      const extra = Math.max(0, (code >> 1) - 1);
      const distance = 1 + (code < 4 ? code : (2 + (code & 1)) * 2 ** extra + bits(extra));
      if (distance > out.length) throw new Unsound();
      for (let i = 0; i < length; i++) out.push(out.at(-distance)!);
    }
  }
  return out;
}
