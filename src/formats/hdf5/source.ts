// The bytes of an HDF5 file, none read beyond their end, and how much may be made of them.
import { check, WasmCnnError } from '../../base/errors.js';

/** What may be unpacked of a file, beside eight times its size: zeros of a compressed one. */
const ALLOWED = 1 << 26;

export class Source {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly who: string;
  #allowed: number;

  constructor(bytes: Uint8Array, who: string) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.who = who;
    this.#allowed = ALLOWED + 8 * bytes.length;
  }

  fail(sentence: string): never {
    throw new WasmCnnError(`${this.who}: ${sentence}`);
  }

  damaged(at: number, what: string): never {
    this.fail(`the HDF5 file is damaged: byte ${at} is to be ${what}; fetch the file or save it again`);
  }

  /** Throws unless `length` bytes from `at` on are within the file. */
  within(at: number, length: number, what: string): void {
    if (!(at >= 0 && length >= 0 && at + length <= this.bytes.length)) this.damaged(at, `that of ${what}`);
  }

  u8(at: number): number {
    this.within(at, 1, 'a number');
    return this.bytes[at]!;
  }

  u16(at: number): number {
    this.within(at, 2, 'a number');
    return this.view.getUint16(at, true);
  }

  u32(at: number): number {
    this.within(at, 4, 'a number');
    return this.view.getUint32(at, true);
  }

  /** An address or a length; one that is undefined, or that no file has, is Infinity. */
  u64(at: number): number {
    this.within(at, 8, 'a number');
    const high = this.view.getUint32(at + 4, true);
    return high > 0x1fffff ? Infinity : high * 0x100000000 + this.view.getUint32(at, true);
  }

  slice(at: number, length: number, what: string): Uint8Array {
    this.within(at, length, what);
    return this.bytes.subarray(at, at + length);
  }

  /** Whether these letters stand there. */
  has(at: number, letters: string): boolean {
    return (
      at >= 0 &&
      at + letters.length <= this.bytes.length &&
      [...letters].every((letter, i) => this.bytes[at + i] === letter.charCodeAt(0))
    );
  }

  expect(at: number, letters: string, what: string): void {
    if (!this.has(at, letters)) this.damaged(at, `that of ${what}`);
  }

  /** Counts bytes that are about to be made of the file: parts that are used again and again make much of little. */
  allow(bytes: number, what: string): void {
    this.#allowed -= bytes;
    check(
      this.#allowed >= 0,
      `${this.who}: the HDF5 file has ${this.bytes.length} bytes, and more than eight times as much would be made of it (${what}); do not trust this file, or save it without compression`,
    );
  }
}
