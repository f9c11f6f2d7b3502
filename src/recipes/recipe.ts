// What a run does unless told otherwise, by name. A file names each recipe, and compileRun() follows it.
import type { SWAOptions } from '../callbacks/index.js';
import type { CompileOptions } from '../model/compile.js';
import type { Model } from '../model/model.js';
import type { NetworkOptions } from '../networks/options.js';

/** What a run takes unless told. */
export interface Usual {
  readonly epochs: number;
  readonly batchSize: number;
}

/** What a recipe's network is made for. */
export interface RecipeForm extends NetworkOptions {
  /** Whether the images leave room around what they show (see haveMargin). Default false. */
  readonly hasMargin?: boolean;
}

/** A network and how it is trained. */
export interface Recipe {
  /** For --help, in a few words. */
  readonly summary: string;
  /** Its network, or null where it trains any. */
  readonly network: ((form: RecipeForm) => Model) | null;
  /** The highest of the run. */
  readonly learningRate: number;
  /** For so many images, those that will be held out among them. */
  usual(dataset: string, count: number): Usual;
  /** For this network, and so many steps in all. `averages`: whether the run ends with what {@link averaging} says. */
  compileOptions(
    learningRate: number,
    totalSteps: number,
    model: Model,
    averages: boolean,
  ): Pick<CompileOptions, 'optimizer' | 'loss'>;
  /** Which weights it ends with the mean of, unless early stopping restores those of an epoch; null or absent: it ends with the last. */
  averaging?(epochs: number, totalSteps: number, model: Model): SWAOptions | null;
}

const SMALL_BATCH = 32;
/** Smaller sets make too few steps of larger batches. */
const LARGE_SET = 6000;

/** For `count` images: from `least` to `most` epochs, as many as make so many steps; of `batch` images, unless the set is small. */
export function usualOf(
  count: number,
  { least, most, steps, batch }: { readonly [name in 'least' | 'most' | 'steps' | 'batch']: number },
): Usual {
  const batchSize = count < LARGE_SET ? SMALL_BATCH : batch;
  const enough = Math.ceil(steps / Math.ceil(count / batchSize));
  return { epochs: Math.max(least, Math.min(most, enough)), batchSize };
}
