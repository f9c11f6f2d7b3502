// Kernels from a file of wasm-cnn/wasm/, in place of those that are built in.
import { check, WasmCnnError } from '../base/errors.js';
import { describe, isRecord, kindOf } from '../base/options.js';
import { buildOf } from './build.js';
import { checkHost } from './kernels.js';

/** The part of a Response that is needed here, so that no types of a page or of Node are. */
interface FetchResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly url: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}

type Bytes = ArrayBuffer | (ArrayBufferView & { readonly buffer: ArrayBuffer });

/** A compiled module, or what one is made of: bytes, a Response, a URL or its text. */
export type KernelsSource = WebAssembly.Module | Bytes | FetchResponse | { readonly href: string } | string;

/**
 * The kernels of a file of wasm-cnn/wasm/, compiled and checked, for compile({ wasm }) and loadModel(bytes, { wasm }). The file says how
 * they run: release.wasm on one thread, shared.wasm with workers; fused.wasm and fusedShared.wasm the same with numerics: 'fused'.
 * Needed only to ship the wasm as a file of its own, or on hosts that compile none at run time.
 *
 * @example
 * ```ts
 * import { layers, loadKernels, sequential } from 'wasm-cnn';
 *
 * const wasm = await loadKernels(new URL(import.meta.resolve('wasm-cnn/wasm/release.wasm')));
 * const model = sequential({ inputShape: [2], layers: [layers.dense({ units: 1 })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', wasm });
 * ```
 */
export async function loadKernels(source: KernelsSource | Promise<KernelsSource>): Promise<WebAssembly.Module> {
  checkHost('exact');
  const given = await source;
  const module =
    kindOf(given) === 'WebAssembly.Module' ? (given as WebAssembly.Module) : await compile(await bytesOf(given));
  buildOf(module, "loadKernels' source");
  return module;
}

async function compile(bytes: Bytes): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw new WasmCnnError(
      `loadKernels needs a file of wasm-cnn/wasm/, got ${bytes.byteLength} bytes that this host does not compile (${(error as Error).message})`,
    );
  }
}

async function bytesOf(source: unknown): Promise<Bytes> {
  if (kindOf(source) === 'ArrayBuffer' || ArrayBuffer.isView(source)) return source as Bytes;
  if (typeof source === 'string') return bytesOf(await fetched(source));
  check(isRecord(source), () => wrongKind(source));
  if (typeof source['href'] === 'string') return bytesOf(await fetched(source['href']));
  const response = source as unknown as FetchResponse;
  check(typeof response.status === 'number', () => wrongKind(source));
  check(
    response.ok,
    () =>
      `loadKernels: ${response.url || 'the response'} came with status ${response.status}; serve the file of wasm-cnn/wasm/ there`,
  );
  return response.arrayBuffer();
}

async function fetched(address: string): Promise<FetchResponse> {
  try {
    return await fetch(address);
  } catch (error) {
    throw new WasmCnnError(
      `loadKernels cannot fetch ${address} (${(error as Error).message}); where it is a file, read it and give the bytes`,
    );
  }
}

function wrongKind(source: unknown): string {
  return `loadKernels needs a WebAssembly.Module, bytes, a Response or a URL, got ${describe(source)}`;
}
