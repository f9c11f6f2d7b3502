// How this page makes a run of the recipe that npm run train has, too.
import type { Model } from 'wasm-cnn';
import { workers } from 'wasm-cnn/browser';
import { BUILTIN, type Source } from '../data/source.js';
import { compileRun, usualSettings, type RunSettings } from 'wasm-cnn/recipes';

export function batchSizeFor(source: Source | null): number {
  return usualFor(source).batchSize;
}

/** Epochs in which a set of this size is learned; `usual` for a large one. */
export function epochsFor(source: Source, usual: number): number {
  return Math.max(usual, usualFor(source).epochs);
}

function usualFor(source: Source | null): ReturnType<typeof usualSettings> {
  return usualSettings(source?.name ?? BUILTIN, source?.train.y.length ?? 0);
}

export function compileFor(model: Model, settings: RunSettings, trainCount: number): void {
  compileRun(model, settings, trainCount, threads());
}

/** One core is left to the page; where it is not cross-origin isolated, one thread trains. The bits are the same. */
export function threads(): ReturnType<typeof workers> {
  return workers(globalThis.crossOriginIsolated ? Math.max(1, navigator.hardwareConcurrency - 1) : 1);
}
