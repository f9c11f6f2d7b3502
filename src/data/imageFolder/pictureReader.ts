// How files of pictures become inputs of a network: the contract with a host, which may decode in threads and keep pixels, and a reader
// that does neither.
import { check, WasmCnnError } from '../../base/errors.js';
import { sha256Of } from '../../base/sha256.js';
import { decodeToInput } from '../../images/decode.js';
import type { ImageInput } from '../../images/imageInput.js';

export interface PictureFile {
  /** What errors call it. */
  readonly who: string;
  /** Path below the folder of the data set, with '/'; absent where the picture is within a file. */
  readonly path?: string;
  read(): Promise<Uint8Array>;
  /** Its first bytes, at most so many. */
  head?(length: number): Promise<Uint8Array>;
  /** Differs where the content does, as far as the host can tell without reading it; null where it cannot. */
  stamp?(): Promise<string | null>;
}

export interface PictureReader {
  /** `folder`: whole path of the folder that the files' paths begin at; '' where it has none. */
  open(files: readonly PictureFile[], input: ImageInput, folder: string): Promise<OpenPictures>;
}

/** Files by number, as inputs of one kind. */
export interface OpenPictures {
  /** How many calls are worth making at once, where there are several. */
  readonly atOnce: number;
  /** Whether a picture that was read is not decoded for the next call. */
  readonly areKept: boolean;
  /**
   * Writes [height, width, channels] of the input to `into`, from `at` on, for one picture after another. A WasmCnnError says why there is
   * none of the first of them that cannot be read.
   */
  read(numbers: readonly number[], into: Uint8Array | Float32Array, at?: number): Promise<void>;
  /** The SHA-256 of the file's bytes, in hexadecimal. */
  sha256(number: number): Promise<string>;
}

/** Makes an input of a picture's bytes, in this thread or in another one. */
export interface PictureDecoder {
  readonly atOnce: number;
  decode(bytes: Uint8Array, who: string, input: ImageInput): Promise<Uint8Array>;
}

export const thisThread: PictureDecoder = {
  atOnce: 1,
  decode: decodeToInput,
};

/** Decodes each time. */
export function plainReader(decoder: PictureDecoder = thisThread): PictureReader {
  return {
    open: async (files, input) => ({
      atOnce: decoder.atOnce,
      areKept: false,
      read: (numbers, into, at = 0) =>
        eachOf(numbers.length, decoder.atOnce, async (i) => {
          const file = files[numbers[i]!]!;
          const pixels = await decoder.decode(await file.read(), file.who, input);
          into.set(pixels, at + i * pixels.length);
        }),
      async sha256(number) {
        const sha256 = await sha256Of([await files[number]!.read()]);
        check(sha256 !== null, 'pictures: this host has no SHA-256, which browsers give to pages from https; use one');
        return sha256;
      },
    }),
  };
}

/** So many bytes of pixels may be remembered. */
const REMEMBERED_BYTES = 1 << 28;

/** The same pictures of `size` bytes, of which the first that are read are remembered. */
export function remembered(pictures: OpenPictures, size: number): OpenPictures {
  const known = new Map<number, Uint8Array>();
  return {
    atOnce: pictures.atOnce,
    areKept: true,
    sha256: (number) => pictures.sha256(number),
    read: (numbers, into, start = 0) =>
      eachOf(numbers.length, pictures.atOnce, async (i) => {
        const number = numbers[i]!;
        const at = start + i * size;
        const pixels = known.get(number);
        if (pixels) return into.set(pixels, at);
        await pictures.read([number], into, at);
        if ((known.size + 1) * size <= REMEMBERED_BYTES)
          known.set(number, Uint8Array.from(into.subarray(at, at + size)));
      }),
  };
}

/** What else there is to do about a picture that cannot be read. */
export function orSkipBroken(error: unknown): unknown {
  return error instanceof WasmCnnError
    ? new WasmCnnError(`${error.message}, or leave it out with skipBroken (--skip-broken)`)
    : error;
}

/** The same pictures, for those who have not asked for skipBroken. */
export function namingSkipBroken(pictures: OpenPictures): OpenPictures {
  return {
    atOnce: pictures.atOnce,
    areKept: pictures.areKept,
    sha256: (number) => pictures.sha256(number),
    async read(numbers, into, at) {
      try {
        await pictures.read(numbers, into, at);
      } catch (error) {
        throw orSkipBroken(error);
      }
    },
  };
}

export interface Sifted {
  /** The numbers of the pictures that can be decoded. */
  readonly sound: readonly number[];
  /** The others, and why. */
  readonly skipped: readonly { readonly number: number; readonly reason: string }[];
  /** All of them, none of which is decoded again where they are small. */
  readonly pictures: OpenPictures;
}

/** Decodes `count` pictures of `size` bytes, to tell which of them can be. */
export async function sift(count: number, opened: OpenPictures, size: number): Promise<Sifted> {
  const pictures = opened.areKept ? opened : remembered(opened, size);
  const reasons: (string | null)[] = [];
  await eachOf(count, pictures.atOnce, async (i) => {
    try {
      await pictures.read([i], new Uint8Array(size));
      reasons[i] = null;
    } catch (error) {
      if (!(error instanceof WasmCnnError)) throw error;
      reasons[i] = error.message;
    }
  });
  const numbers = reasons.map((_, i) => i);
  return {
    sound: numbers.filter((i) => reasons[i] === null),
    skipped: numbers.flatMap((number) => (reasons[number] == null ? [] : [{ number, reason: reasons[number] }])),
    pictures,
  };
}

/**
 * Works on 0 … count - 1, several at once. Throws what the first of them throws, once those that were begun have ended: the same on every
 * host.
 */
export async function eachOf(count: number, atOnce: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  let failed = count;
  let failure: unknown;
  const run = async (): Promise<void> => {
    while (next < failed) {
      const i = next++;
      try {
        await work(i);
      } catch (error) {
        if (i < failed) [failed, failure] = [i, error];
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, run));
  if (failed < count) throw failure;
}
