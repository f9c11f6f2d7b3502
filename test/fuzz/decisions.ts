// The bytes of a fuzzer as a row of decisions: how a file is built, and where it is damaged. Nearby bytes make nearby files, so a fuzzer
// that follows coverage finds its way through checksums and lengths that it could never guess.

export class Decisions {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** 0 when they are used up. */
  byte(): number {
    return this.#at < this.#bytes.length ? this.#bytes[this.#at++]! : 0;
  }

  /** 0 … n - 1, for n ≤ 65536. */
  below(n: number): number {
    return (n > 256 ? this.byte() * 256 + this.byte() : this.byte()) % n;
  }

  /** True once in `n` times; false when they are used up. */
  rarely(n: number): boolean {
    return this.below(n) === n - 1;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  uint32(): number {
    return ((this.byte() << 24) | (this.byte() << 16) | (this.byte() << 8) | this.byte()) >>> 0;
  }

  /** `length` of them, or as many as are left. */
  bytes(length: number): Uint8Array {
    const taken = this.#bytes.slice(this.#at, this.#at + length);
    this.#at += taken.length;
    return taken;
  }

  rest(): Uint8Array {
    return this.bytes(this.#bytes.length);
  }
}

/** The file with up to three wounds, or none: bits and bytes changed, the end or a part cut off, a part twice, bytes put in. */
export function damaged(file: Uint8Array, decisions: Decisions): Uint8Array {
  let result = file;
  for (let wounds = Math.max(0, decisions.below(6) - 2); wounds > 0; wounds--) result = wounded(result, decisions);
  return result;
}

function wounded(file: Uint8Array, decisions: Decisions): Uint8Array {
  const kind = decisions.below(6);
  const at = file.length === 0 ? 0 : decisions.below(Math.min(65536, file.length));
  const length = decisions.below(16);
  if (kind === 0) return file.slice(0, at);
  if (kind === 1) return joined(file.subarray(0, at), file.subarray(at + length));
  if (kind === 2) return joined(file.subarray(0, at + length), file.subarray(at));
  if (kind === 3) return joined(file.subarray(0, at), decisions.bytes(length), file.subarray(at));
  const copy = file.slice();
  if (kind === 4) copy[at]! ^= 1 << (length & 7);
  else copy[at] = decisions.byte();
  return copy;
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
