// Random numbers as a pure function of (key, counter): no state is shared, so any thread may ask for any number in any order.
// The mixer is Chris Wellons' "lowbias32" (https://nullprogram.com/blog/2018/07/31/); only exact 32-bit integer arithmetic
// is used, so a key yields the same numbers on every host. assembly/random.ts holds the same function for kernels.

/** Scrambles 32 bits; a bijection. */
export function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

/** One 32-bit key from any whole numbers up to 2^53 (a seed, a stream's number, an epoch …); their order counts. */
export function makeKey(...parts: number[]): number {
  let key = 0x9e3779b9;
  for (const part of parts) {
    key = mix(key ^ mix(part >>> 0));
    key = mix(key + Math.floor(part / 4294967296));
  }
  return key;
}

/** The 32 random bits number `counter` of the stream `key`. */
export function randomBits(key: number, counter: number): number {
  return mix(mix(counter ^ key) + key);
}

/** Walks through one stream. Two streams made of the same parts give the same numbers. */
export class RandomStream {
  readonly #key: number;
  #counter = 0;

  constructor(...parts: number[]) {
    this.#key = makeKey(...parts);
  }

  /** 32 random bits, 0 … 2^32 - 1. */
  bits(): number {
    return randomBits(this.#key, this.#counter++);
  }

  /** Uniform in [0, 1), 24 bits: each value is an exact f32. */
  uniform(): number {
    return (this.bits() >>> 8) / 16777216;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** A whole number 0 … n - 1, for n ≤ 2^21 (the product stays exact). */
  below(n: number): number {
    return Math.floor((this.bits() * n) / 4294967296);
  }

  /** Shuffles in place (Fisher and Yates). */
  shuffle<Item>(items: Item[] | Uint32Array): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const item = items[i]!;
      items[i] = items[j]!;
      items[j] = item;
    }
  }
}
