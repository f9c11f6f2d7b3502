// How this page makes a run of the recipe that npm run train has, too.
import type { Model } from 'wasm-cnn';
import { workers } from 'wasm-cnn/browser';
import { compileRun, type RunSettings } from 'wasm-cnn/recipes';

export const BATCH_SIZE = 128;

export function compileFor(model: Model, settings: RunSettings, trainCount: number): void {
  compileRun(model, settings, trainCount, threads());
}

/** One core is left to the page; where it is not cross-origin isolated, one thread trains. The bits are the same. */
export function threads(): ReturnType<typeof workers> {
  return workers(globalThis.crossOriginIsolated ? Math.max(1, navigator.hardwareConcurrency - 1) : 1);
}
