// A memory for kernel calls in which every array lies between guard words, on each build.
import { readFileSync } from 'node:fs';
import { instantiateSync } from '@assemblyscript/loader';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Kernels } from '../../src/engine/kernels.generated.js';
import { openMemory } from '../../src/engine/kernels.js';
import { RandomStream } from '../../src/base/random.js';
import { moduleBytes } from '../../src/engine/moduleText.js';
import { enableFused } from '../../src/node/threads/fused.js';
import { wideModule } from '../../src/node/threads/wideKernels.generated.js';

/** A NaN of our own: what is read from a guard shows in the result, what is written there shows in verify(). */
const GUARD = 0x7fc0dead;
/** Words before and after each array. An odd number, so that arrays lie at any multiple of 4 bytes, as a shard's do. */
const GUARD_WORDS = 17;

/** The builds that a model may be given. */
export const buildNames = ['debug', 'release'] as const;
/**
 * 'wide' is made for vectors of 256 bits, and here for a memory that threads share. 'fused' rounds a · b + c once: the limits that hold
 * for two roundings hold for it, too.
 */
export type BuildName = (typeof buildNames)[number] | 'wide' | 'fused';
enableFused();

/** The module build/wasm/NAME.wasm, seen from build/test/assembly/; the wide one has no file. */
export function readBuild(build: BuildName): WebAssembly.Module {
  if (build === 'wide') return new WebAssembly.Module(moduleBytes(wideModule, true));
  return new WebAssembly.Module(readFileSync(new URL(`../../wasm/${build}.wasm`, import.meta.url)));
}

//   │ guard × 17 │ array │ guard × 17 │ array │ guard × 17 │ guard … to the end
export class GuardedMemory {
  readonly kernels: Kernels;
  readonly #words: Uint32Array;
  #end = GUARD_WORDS;
  #verified = false;
  #areas: { from: number; to: number; unchanged: Uint32Array | null }[] = [];
  /** The memory at the end of each case so far. */
  readonly written: Uint32Array[] = [];

  constructor(build: BuildName, bytes = 1 << 18) {
    const memory = openMemory(bytes, build === 'wide', 'a test');
    // By the loader, whose abort() gives an assertion of the debug build in words.
    this.kernels = instantiateSync(readBuild(build), { env: { memory } }).exports as unknown as Kernels;
    this.#words = new Uint32Array(memory.buffer);
    this.#words.fill(GUARD);
  }

  /** An array that the kernel may only read. Its byteOffset is its address. */
  input(values: ArrayLike<number>): Float32Array {
    return this.#take(Float32Array, values.length, values, true);
  }

  inputWords(values: ArrayLike<number>): Uint32Array {
    return this.#take(Uint32Array, values.length, values, true);
  }

  inputBytes(values: Uint8Array): Uint8Array {
    const words = this.#take(Uint32Array, Math.ceil(values.length / 4), [], false);
    const bytes = new Uint8Array(words.buffer, words.byteOffset, values.length);
    bytes.set(values);
    this.#areas.at(-1)!.unchanged = words.slice();
    return bytes;
  }

  /** An array that the kernel may write: full of NaN, so that a place left out shows. */
  output(count: number): Float32Array {
    return this.#take(Float32Array, count, [], false);
  }

  /** Bytes, a multiple of 4 of them. */
  outputBytes(count: number): Uint8Array {
    if (count % 4 !== 0) throw new Error(`${count} bytes would share a word with a guard`);
    const words = this.outputWords(count / 4);
    return new Uint8Array(words.buffer, words.byteOffset, count);
  }

  outputWords(count: number): Uint32Array {
    return this.#take(Uint32Array, count, [], false);
  }

  /** An array that the kernel reads and writes. */
  inout(values: ArrayLike<number>): Float32Array {
    return this.#take(Float32Array, values.length, values, false);
  }

  #take<View extends Float32Array | Uint32Array>(
    type: new (buffer: ArrayBuffer, at: number, count: number) => View,
    count: number,
    values: ArrayLike<number>,
    unchanged: boolean,
  ): View {
    if (this.#verified) this.#clear();
    const [from, to] = [this.#end, this.#end + count];
    if (to + GUARD_WORDS > this.#words.length) throw new Error('the guarded memory is too small for this case');
    const view = new type(this.#words.buffer as ArrayBuffer, 4 * from, count);
    view.set(values);
    this.#areas.push({ from, to, unchanged: unchanged ? this.#words.slice(from, to) : null });
    this.#end = to + GUARD_WORDS;
    return view;
  }

  /** Throws where a guard or an input has changed. The next array starts a new case, and all arrays so far are void. */
  verify(what: string): void {
    let at = 0;
    for (const { from, to, unchanged } of [
      ...this.#areas,
      { from: this.#words.length, to: this.#words.length, unchanged: null },
    ]) {
      for (; at < from; at++)
        if (this.#words[at] !== GUARD) throw new Error(`${what}: byte ${4 * at} was written, outside of every array`);
      for (; at < to; at++)
        if (unchanged && this.#words[at] !== unchanged[at - from])
          throw new Error(`${what}: element ${at - from} of an input was written`);
    }
    if (!this.#verified) this.written.push(this.#words.slice(0, this.#end));
    this.#verified = true;
  }

  #clear(): void {
    this.#words.fill(GUARD, 0, this.#end);
    this.#areas = [];
    this.#end = GUARD_WORDS;
    this.#verified = false;
  }
}

/** Registers the test once a build; its name says which build ran. The wide one must write the bits of the usual one, scratch included. */
export function onEachBuild(
  name: string,
  run: (memory: GuardedMemory, kernels: Kernels, build: BuildName) => void,
): void {
  let usual: readonly Uint32Array[] = [];
  for (const build of [...buildNames, 'wide', 'fused'] as const) {
    test(`${name} (${build} build)`, () => {
      const memory = new GuardedMemory(build);
      run(memory, memory.kernels, build);
      if (build === 'release') usual = memory.written;
      if (build !== 'wide') return;
      assert.is(memory.written.length, usual.length);
      for (const [i, words] of memory.written.entries()) {
        const at = words.findIndex((word, j) => word !== usual[i]![j]);
        assert.is(
          at,
          -1,
          `case ${i}: the wide build writes ${words[at]} at word ${at}, and the usual one ${usual[i]![at]}`,
        );
      }
    });
  }
}

/** Half the distance between 1 and the next f32: the largest relative error of one rounding. */
export const ROUNDING = 2 ** -24;

/** The worst |actual - expected| / bound over all elements. NaN stays NaN and a missing element is NaN, so compare with `<=`. */
export function worst(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  bound: ArrayLike<number> | number,
): number {
  let result = actual.length === expected.length ? 0 : NaN;
  for (let i = 0; i < expected.length; i++) {
    if (actual[i] === expected[i]) continue;
    result = Math.max(result, Math.abs(actual[i]! - expected[i]!) / (typeof bound === 'number' ? bound : bound[i]!));
  }
  return result;
}

export function within(error: number, limit: number, what: string): void {
  assert.ok(error <= limit, `${what}: off by ${error}, limit ${limit}`);
}

/** Bit for bit: -0 is not 0. NaNs are equal. */
export function same(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  assert.is(actual.length, expected.length, `${what}: length`);
  for (let i = 0; i < expected.length; i++)
    assert.ok(Object.is(actual[i], expected[i]), `${what}: element ${i} is ${actual[i]}, not ${expected[i]}`);
}

/** f32 values between low and high, from a stream of their own. */
export function randomFloats(count: number, seed: number, low = -1, high = 1): Float32Array {
  const random = new RandomStream(seed, count);
  return Float32Array.from({ length: count }, () => random.between(low, high));
}

export const wide = (values: ArrayLike<number>): Float64Array => Float64Array.from(values);
export const magnitudes = (values: ArrayLike<number>): Float64Array => Float64Array.from(values, Math.abs);
/** Around the lane of 4 and the tile of 8. */
export const sizes = [1, 3, 4, 5, 7, 8, 9, 17] as const;
