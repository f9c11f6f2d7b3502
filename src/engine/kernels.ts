// The kernels: which WebAssembly module, on which memory. The only place that knows there is WebAssembly.
import { check, WasmCnnError } from '../base/errors.js';
import { kindOf } from '../base/options.js';
import { buildOf, type Numerics } from './build.js';
import { formatLargest, type Plan } from '../compiler/plan.js';
import type { Kernels } from './kernels.generated.js';
import { moduleBytes, type ModuleText } from './moduleText.js';
import { coreModule } from './modules/core.generated.js';
import { registeredBuild } from './registeredBuilds.js';

const PAGE = 65536;

/** (func (result v128) (i8x16.splat (i32.const 0))): a host that refuses this has no SIMD. */
const simdProbe = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
]);

/** (func (param v128) (result v128) (f32x4.relaxed_madd (local.get 0) (local.get 0) (local.get 0))) */
const relaxedProbe = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 123, 1, 123, 3, 2, 1, 0, 10, 13, 1, 11, 0, 32, 0, 32, 0, 32, 0, 253, 133,
  2, 11,
]);

/** Compiled modules: for an unshared memory and for a shared one. */
const compiled = [
  new WeakMap<ModuleText, WebAssembly.Module>(),
  new WeakMap<ModuleText, WebAssembly.Module>(),
] as const;

/** Throws one sentence where the kernels cannot run at all. */
export function checkHost(numerics: Numerics): void {
  check(
    typeof WebAssembly !== 'undefined',
    'this host has no WebAssembly, which wasm-cnn needs; use Node 20 or a browser from 2023 on, without --jitless and Lockdown Mode',
  );
  check(
    WebAssembly.validate(simdProbe),
    'this host has no WebAssembly SIMD, which wasm-cnn needs; use Node 20 or a browser from 2023 on, on a processor with SSE4.1 or NEON',
  );
  check(
    numerics === 'exact' || WebAssembly.validate(relaxedProbe),
    "this host has no relaxed SIMD, which numerics: 'fused' needs; use 'exact', or on Node 20 call enableFused() of wasm-cnn/node before anything else",
  );
}

/** Compiled at its first use; `shared` for a memory that threads share. */
function compile(text: ModuleText, shared: boolean): WebAssembly.Module {
  const known = compiled[shared ? 1 : 0];
  let module = known.get(text);
  if (!module) {
    try {
      module = new WebAssembly.Module(moduleBytes(text, shared));
    } catch (error) {
      throw new WasmCnnError(refusal(error as Error));
    }
    known.set(text, module);
  }
  return module;
}

/** The module that was registered for these numerics, which has all kernels, or else those that are built in, with `more` where it is needed. */
function textsOf(numerics: Numerics, more: readonly ModuleText[]): readonly ModuleText[] {
  const registered = registeredBuild(numerics);
  check(
    registered !== undefined || numerics === 'exact',
    "numerics: 'fused' needs kernels of its own; give wasm: await loadKernels(…) of wasm-cnn/wasm/fused.wasm, or of fusedShared.wasm with workers; in Node call enableFused() first",
  );
  return registered ? [registered.module] : [coreModule, ...more];
}

/** Compiled at their first use. */
export function builtinModules(
  shared: boolean,
  numerics: Numerics = 'exact',
  more: readonly ModuleText[] = [],
): WebAssembly.Module[] {
  return textsOf(numerics, more).map((text) => compile(text, shared));
}

export interface KernelsChoice {
  /** Stands in for the module that is built in; of the same numerics, and made for as many threads. */
  readonly wasm?: WebAssembly.Module | undefined;
  /** Default: what `wasm` is, or else 'exact'. */
  readonly numerics?: Numerics | undefined;
  readonly threads: number;
  /** The module of kernels that the optimizer needs beside the ops. */
  readonly moreKernels?: ModuleText | undefined;
}

/** Modules, which are compiled when they are read, and a memory for the plan that fits them. */
export function openKernels(
  { totalBytes, blocks, ops, variables }: Plan,
  { wasm, numerics, threads, moreKernels }: KernelsChoice,
): { readonly modules: readonly WebAssembly.Module[]; readonly memory: WebAssembly.Memory } {
  const given = wasm === undefined ? null : buildOf(wasm, 'wasm');
  const chosen = numerics ?? given?.numerics ?? 'exact';
  checkHost(chosen);
  check(
    !given || given.numerics === chosen,
    () =>
      `wasm is of the ${given!.numerics} kernels, but numerics is '${chosen}'; give numerics: '${given!.numerics}' or another file of wasm-cnn/wasm/`,
  );
  check(
    !given || given.shared || threads === 1,
    () =>
      `wasm is made for one thread, and ${threads} were asked for; take shared.wasm or fusedShared.wasm of wasm-cnn/wasm/, or no workers`,
  );
  const memory = openMemory(
    totalBytes,
    given?.shared ?? (threads > 1 && typeof Atomics !== 'undefined'),
    formatLargest(blocks),
  );
  check(
    !given || given.shared === isShared(memory),
    'wasm is made for a memory that threads share, which this host does not give; take release.wasm or fused.wasm of wasm-cnn/wasm/',
  );
  const rules = variables.flatMap(({ regularizer, constraint }) => [regularizer, constraint]);
  const needed = [...ops.map(({ op }) => op), ...rules, { moreKernels }];
  const more = [...new Set(needed.flatMap((each) => each?.moreKernels ?? []))];
  const texts = wasm ? [] : textsOf(chosen, more);
  return {
    get modules() {
      return wasm ? [wasm] : texts.map((text) => compile(text, isShared(memory)));
    },
    memory,
  };
}

/**
 * A memory of exactly that many bytes (in whole pages), which never grows: views on it stay good. Where the host has none that threads
 * can share, it is one that they cannot. `what` says in an error what the bytes are for.
 */
export function openMemory(bytes: number, shared: boolean, what: string): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  } catch (error) {
    if (shared) return openMemory(bytes, false, what);
    throw new WasmCnnError(
      `the model needs ${bytes} bytes of memory, which this host refuses; make the batch or the model smaller (${what})`,
      { cause: error },
    );
  }
}

export function isShared(memory: WebAssembly.Memory): boolean {
  return kindOf(memory.buffer) === 'SharedArrayBuffer';
}

export function instantiate(modules: readonly WebAssembly.Module[], memory: WebAssembly.Memory): Kernels {
  try {
    const instances = modules.map((module) => new WebAssembly.Instance(module, { env: { memory } }));
    return Object.assign({}, ...instances.map(({ exports }) => exports)) as Kernels;
  } catch (error) {
    throw new WasmCnnError(refusal(error as Error), { cause: error });
  }
}

function refusal({ name, message }: Error): string {
  // Chromium up to 114: no more than 4 KB at once, and whatever is larger in workers or by promise.
  if (name === 'RangeError' && message.includes('main thread'))
    return `this browser starts no WebAssembly of this size on a page's main thread (${message}); use wasm-cnn in a Web Worker, or give compile() and loadModel() what await loadKernels() gives as wasm`;
  return `this host refuses to compile WebAssembly (${message}); allow it ('wasm-unsafe-eval' in a page's Content-Security-Policy), or give compile() or loadModel() a compiled module of wasm-cnn/wasm/ as wasm`;
}
