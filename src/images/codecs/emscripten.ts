// Runs a decoder that Emscripten compiled. One instance serves all pictures, and is replaced where it can no longer be trusted.
import { WasmCnnError } from '../../base/errors.js';
import type { OwnBytes } from '../../base/hostTypes.js';
import { kindOf } from '../../base/options.js';

/** What a decoder's JavaScript half is asked for. */
interface EmscriptenModule {
  readonly HEAPU8: Uint8Array;
  decode(bytes: Uint8Array, ...options: readonly unknown[]): unknown;
}

export type EmscriptenFactory = (options: object) => Promise<EmscriptenModule>;

export interface Decoded<T> {
  /** What was made of the pixels, and their size; undefined where the decoder gave none. */
  readonly result: { readonly taken: T; readonly width: number; readonly height: number } | undefined;
  /** Lines that it wrote: warnings, or why it stopped. */
  readonly messages: readonly string[];
}

/** An instance's memory never shrinks: after a picture that took more, the next one gets a new instance. */
const KEPT_BYTES = 64 << 20;

export class EmscriptenDecoder {
  readonly #factory: EmscriptenFactory;
  readonly #wasm: OwnBytes | WebAssembly.Module;
  readonly #options: readonly unknown[];
  #compiled: Promise<WebAssembly.Module> | undefined;
  #instance: Promise<EmscriptenModule> | undefined;
  #messages: string[] = [];
  /** Takes the pixels of the picture that is being decoded. */
  #take: ((rgba: Uint8Array) => void) | undefined;

  /** `wasm`: bytes, or in a thread what another one has compiled. `options` follow a picture's bytes where the C code's decode() is called. */
  constructor(factory: EmscriptenFactory, wasm: OwnBytes | WebAssembly.Module, ...options: readonly unknown[]) {
    this.#options = options;
    this.#factory = factory;
    this.#wasm = wasm;
  }

  /** `take` copies what it needs out of the decoder's memory, where pixels are freed before decode() returns. */
  async decode<T>(bytes: Uint8Array, take: (rgba: Uint8Array) => T): Promise<Decoded<T>> {
    let started, instance;
    do {
      started = this.#instance ??= this.#open();
      instance = await started;
      // A picture before this one may have ended it.
    } while (started !== this.#instance);
    // From here to the end nothing waits, so that no other picture comes between.
    this.#messages = [];
    const taken: T[] = [];
    this.#take = (rgba) => void taken.push(take(rgba));
    try {
      const size = instance.decode(bytes, ...this.#options) as { width: number; height: number } | null;
      if (instance.HEAPU8.length > KEPT_BYTES) this.#instance = undefined;
      const result = size && taken.length === 1 ? { taken: taken[0]!, ...size } : undefined;
      return { result, messages: this.#messages };
    } catch (error) {
      // It ended within C code, which frees nothing then.
      this.#instance = undefined;
      // The pixels are there, and memory for a copy is not.
      if ((error as Error | null)?.name === 'RangeError') throw error;
      if (this.#messages.length === 0) this.#messages.push(String((error as Error | null)?.message ?? error));
      return { result: undefined, messages: this.#messages };
    } finally {
      this.#take = undefined;
    }
  }

  /** One that does not start is forgotten: there may be memory for it later. */
  #open(): Promise<EmscriptenModule> {
    const started = this.#start();
    started.catch(() => {
      if (this.#instance === started) this.#instance = undefined;
    });
    return started;
  }

  /** The C code, for other threads, too. */
  compiled(): Promise<WebAssembly.Module> {
    return (this.#compiled ??=
      kindOf(this.#wasm) === 'WebAssembly.Module'
        ? Promise.resolve(this.#wasm as WebAssembly.Module)
        : WebAssembly.compile(this.#wasm as OwnBytes).catch((error: unknown) => {
            this.#compiled = undefined;
            throw new WasmCnnError(
              `pictures of this kind need WebAssembly, which is not compiled here (${(error as Error).message}); where a Content-Security-Policy keeps it away, allow 'wasm-unsafe-eval'`,
            );
          }));
  }

  async #start(): Promise<EmscriptenModule> {
    const module = await this.compiled();
    const print = (line: string): void => void this.#messages.push(line);
    const take = (rgba: Uint8Array): void => this.#take?.(rgba);
    return this.#factory({
      noInitialRun: true,
      print,
      printErr: print,
      instantiateWasm: (imports: WebAssembly.Imports, receive: (instance: WebAssembly.Instance) => unknown) =>
        receive(new WebAssembly.Instance(module, imports)),
      // What the C code makes of its pixels with a page's constructors (inlinePackages.js puts these in their place).
      constructors: {
        Uint8ClampedArray: function (rgba: Uint8Array) {
          take(rgba);
          return {};
        },
        ImageData: function (_: unknown, width: number, height: number) {
          return { width, height };
        },
      },
    });
  }
}
