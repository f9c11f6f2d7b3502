// How this page makes a run of the recipe that npm run train has, too.
import type { Model } from 'wasm-cnn';
import { workers } from 'wasm-cnn/browser';
import { isBuiltin, type Source } from '../data/source.js';
import { compileRun, type RunSettings } from 'wasm-cnn/recipes';

/** Of the built-in digits, MNIST, and whatever is as large. */
const USUAL_BATCH = 128,
  SMALL_BATCH = 32,
  LARGE_SET = 6000;
/** A network needs about so many steps to learn anything. */
const STEPS = 400;
const MOST_EPOCHS = 50;

/** A few hundred pictures of a person's own would make a few steps an epoch. */
export function batchSizeFor(source: Source | null): number {
  return source && !isBuiltin(source) && source.train.y.length < LARGE_SET ? SMALL_BATCH : USUAL_BATCH;
}

/** Epochs in which a set of this size is learned; `usual` for a large one. */
export function epochsFor(source: Source, usual: number): number {
  const steps = Math.ceil(source.train.y.length / batchSizeFor(source));
  return Math.max(usual, Math.min(MOST_EPOCHS, Math.ceil(STEPS / steps)));
}

export function compileFor(model: Model, settings: RunSettings, trainCount: number): void {
  compileRun(model, settings, trainCount, threads());
}

/** One core is left to the page; where it is not cross-origin isolated, one thread trains. The bits are the same. */
export function threads(): ReturnType<typeof workers> {
  return workers(globalThis.crossOriginIsolated ? Math.max(1, navigator.hardwareConcurrency - 1) : 1);
}
