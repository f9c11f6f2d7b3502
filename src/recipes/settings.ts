// What decides the numbers of a run: the same for npm run train and the demo page, so that a run may begin in one and end in the other.
import { entryOf, isRecord } from '../base/options.js';
import { earlyStopping, type EarlyStopping, type SWAOptions } from '../callbacks/index.js';
import type { Numerics } from '../engine/build.js';
import type { CompileOptions } from '../model/compile.js';
import type { ClassifierFacts } from '../images/classifierFacts.js';
import type { Model } from '../model/model.js';
import type { FitState } from '../training/fitState.js';
import { best } from './best.js';
import type { DataFacts } from './data.js';
import { quick } from './quick.js';
import type { Recipe } from './recipe.js';

/** What decides the numbers of a run, and nothing else. */
export interface RunSettings {
  /** Default 'quick'. */
  readonly recipe?: RecipeName | undefined;
  readonly epochs: number;
  readonly batchSize: number;
  /** The optimizer's highest. */
  readonly learningRate: number;
  /**
   * Epochs that the new last layer of a pretrained model was trained alone, before the first step; its batch normalization stays frozen.
   * Absent otherwise.
   */
  readonly headEpochs?: number | undefined;
  readonly seed: number;
  readonly numerics: Numerics;
  /** Epochs of patience; null for none. */
  readonly earlyStopping: number | null;
  /** Share of the training images held out for validation; 0 for none. Absent: a twelfth. */
  readonly validationSplit?: number | undefined;
}

/**
 * What `npm run train -- --recipe NAME` can train by.
 *
 * @example
 * ```js
 * import { recipes } from 'wasm-cnn/recipes';
 *
 * Object.keys(recipes); // ['quick', 'best']
 * ```
 */
export const recipes = { quick, best } as const satisfies Readonly<Record<string, Recipe>>;
/** Recipes by name. */
export type RecipeName = keyof typeof recipes;

/**
 * The recipe of these settings; the page's runs and earlier ones name none and are quick.
 *
 * @example
 * ```js
 * import { recipeOf, recipes } from 'wasm-cnn/recipes';
 *
 * recipeOf({ recipe: 'best' }) === recipes.best; // true
 * ```
 */
export function recipeOf({ recipe = 'quick' }: Pick<RunSettings, 'recipe'>): Recipe {
  return entryOf<Recipe>(recipes, recipe, 'recipe');
}

/**
 * What a run on `count` images takes unless told; those that will be held out count, too.
 *
 * @example
 * ```js
 * import { usualSettings } from 'wasm-cnn/recipes';
 *
 * usualSettings('my pictures', 60000); // { epochs: 5, batchSize: 128 }
 * ```
 */
export function usualSettings(
  dataset: string,
  count: number,
  recipe?: RecipeName,
): Pick<RunSettings, 'epochs' | 'batchSize'> {
  return recipeOf({ recipe }).usual(dataset, count);
}

/** What a run keeps of its beginning, beside its model. */
export interface RunFacts {
  readonly settings: RunSettings;
  readonly dataset: DataFacts;
  /** For classify(); runs of before have none. */
  readonly classifier?: ClassifierFacts;
}

/**
 * Whether these are settings at all, and those of this fit: they come from the same file, which anyone may have written.
 *
 * @example
 * ```ts
 * import { areSettingsOf } from 'wasm-cnn/recipes';
 *
 * import { loadModelFile } from 'wasm-cnn/node';
 *
 * const { model, facts } = await loadModelFile('runs/RUN/checkpoint.safetensors');
 * const { settings } = facts as { settings: unknown };
 * if (model.fitState && areSettingsOf(settings, model.fitState())) console.log(settings.seed);
 * ```
 */
export function areSettingsOf(settings: unknown, fit: FitState): settings is RunSettings {
  if (!isRecord(settings)) return false;
  const { recipe = 'quick', learningRate, headEpochs = 1, earlyStopping: patience } = settings;
  const isSame = (['epochs', 'batchSize', 'seed', 'numerics'] as const).every((name) => settings[name] === fit[name]);
  return (
    isSame &&
    typeof recipe === 'string' &&
    Object.hasOwn(recipes, recipe) &&
    Number.isFinite(learningRate) &&
    (learningRate as number) > 0 &&
    Number.isSafeInteger(headEpochs) &&
    (headEpochs as number) > 0 &&
    (patience === null || (Number.isSafeInteger(patience) && (patience as number) >= 0))
  );
}

/**
 * Steps of a whole run on so many images.
 *
 * @example
 * ```js
 * import { stepsOf } from 'wasm-cnn/recipes';
 *
 * const fixed = { learningRate: 0.001, seed: 1, earlyStopping: null };
 * stepsOf({ ...fixed, numerics: 'exact', epochs: 2, batchSize: 128 }, 55000); // 860
 * ```
 */
export function stepsOf({ epochs, batchSize }: RunSettings, trainCount: number): number {
  return Math.ceil(trainCount / batchSize) * epochs;
}

/**
 * Plans the memory and chooses the optimizer; the weights stay. `trainCount`: images trained on, without those held out.
 *
 * @example
 * ```js
 * import { networks } from 'wasm-cnn';
 * import { compileRun } from 'wasm-cnn/recipes';
 *
 * const settings = { epochs: 2, batchSize: 128, learningRate: 0.001, seed: 1 };
 * const model = networks.reference({ seed: 1 });
 * compileRun(model, { ...settings, numerics: 'exact', earlyStopping: null }, 55000, undefined);
 * model.plan !== null; // true
 * ```
 */
export function compileRun(
  model: Model,
  settings: RunSettings,
  trainCount: number,
  workers: CompileOptions['workers'],
): void {
  const { batchSize, learningRate, numerics, earlyStopping } = settings;
  model.compile({
    ...recipeOf(settings).compileOptions(learningRate, stepsOf(settings, trainCount), model, earlyStopping === null),
    metrics: ['accuracy'],
    batchSize,
    numerics,
    workers,
  });
}

/**
 * Null where the run has none.
 *
 * @example
 * ```js
 * import { makeEarlyStopping } from 'wasm-cnn/recipes';
 *
 * const settings = { epochs: 20, batchSize: 128, learningRate: 0.001, seed: 1 };
 * makeEarlyStopping({ ...settings, numerics: 'exact', earlyStopping: 3 })?.name; // 'earlyStopping'
 * ```
 */
export function makeEarlyStopping({ earlyStopping: patience }: RunSettings): EarlyStopping | null {
  return patience === null ? null : earlyStopping({ patience, restoreBestWeights: true });
}

/**
 * What swa() is given in this run; null where the recipe ends with the last weights, where early stopping restores those of the best epoch,
 * and where a run that is resumed began without.
 *
 * @example
 * ```ts
 * import { averagingOf, recipes } from 'wasm-cnn/recipes';
 *
 * const { network, learningRate } = recipes.best;
 * const model = network!({ hasMargin: true });
 * const numbers = { learningRate, batchSize: 64, epochs: 24, seed: 1, earlyStopping: null };
 * averagingOf(model, { recipe: 'best', numerics: 'exact', ...numbers }, 60000); // { startFromEpoch: 14, updateFreq: 75 }
 * ```
 */
export function averagingOf(model: Model, settings: RunSettings, trainCount: number): SWAOptions | null {
  const begun = model.fitState?.().callbacks;
  const averages = begun ? 'swa' in begun : settings.earlyStopping === null;
  if (!averages) return null;
  return recipeOf(settings).averaging?.(settings.epochs, stepsOf(settings, trainCount), model) ?? null;
}
