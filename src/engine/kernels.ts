// Instantiates the kernels: one WebAssembly module, one memory. The only place that knows there is WebAssembly.
import { instantiateSync } from '@assemblyscript/loader';
import { check, WasmCnnError } from '../errors.js';
import { releaseWasm, type Kernels } from './kernels.generated.js';

const PAGE = 65536;

/** (func (result v128) (i8x16.splat (i32.const 0))): a host that refuses this has no SIMD. */
const simdProbe = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11]);

/** What may stand in for the module that is built in: bytes or a compiled module, e.g. the debug build. */
export type WasmSource = Uint8Array<ArrayBuffer> | WebAssembly.Module;

let compiled: WebAssembly.Module | undefined;

function releaseModule(): WebAssembly.Module {
  check(WebAssembly.validate(simdProbe), 'this host has no WebAssembly SIMD, which wasm-cnn needs; use Node 20 or a browser from 2023 on');
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(releaseWasm), (character) => character.charCodeAt(0)));
  return compiled;
}

/** A memory of exactly that many bytes (in whole pages), which never grows, and the kernels on it. */
export function openKernels(bytes: number, source: WasmSource = releaseModule()): { kernels: Kernels; buffer: ArrayBuffer } {
  const pages = Math.ceil(bytes / PAGE);
  let memory: WebAssembly.Memory;
  try {
    memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch {
    throw new WasmCnnError(`the model needs ${bytes} bytes of memory, which this host refuses; make the batch or the model smaller`);
  }
  const module = source instanceof Uint8Array ? new WebAssembly.Module(source) : source;
  const { exports } = instantiateSync(module, { env: { memory } });
  return { kernels: exports as unknown as Kernels, buffer: memory.buffer };
}
