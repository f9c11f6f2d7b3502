// Layers models of TensorFlow.js: model.json and the files of its weights, in and out.  https://www.tensorflow.org/js/guide/save_load
/**
 * Layers models of TensorFlow.js, in and out: model.json and the files of its weights.
 *
 * ```js
 * import { loadTfjs, saveTfjs } from 'wasm-cnn/formats/tfjs';
 * ```
 *
 * @module wasm-cnn/formats/tfjs
 */
import { check } from '../../base/errors.js';
import { checkArguments, checkBoolean, checkOptions, describe } from '../../base/options.js';
import type { Shape } from '../../base/shape.js';
import { warnOnce } from '../../base/warnings.js';
import { checkHost } from '../../model/compile.js';
import type { ImportedModel, LoadOptions } from '../../model/load.js';
import type { Model } from '../../model/model.js';
import { pack } from '../../model/pack.js';
import { unpackFirst } from '../../model/unpackFirst.js';
import type { StoredType } from './quantization.js';
import { readTfjs } from './read.js';
import { artifactsOf, type Fetch, type TfjsSource } from './sources.js';
import { writeTfjs, type TfjsFiles } from './write.js';
import { checkModel } from '../../training/checkModel.js';

export type { ImportedModel };
export type { Fetch, FileBytes, LoadHandler, TfjsSource } from './sources.js';
export type { StoredType } from './quantization.js';
export type { TfjsFiles } from './write.js';

/** Options of {@link loadTfjs}. */
export interface LoadTfjsOptions extends LoadOptions {
  /** Shape of one example, for a model that takes images of any size: [128, 128, 3]. */
  readonly inputShape?: Shape;
  /** What gets model.json and the files beside it, where given is an address. Default: the host's fetch. */
  readonly fetch?: Fetch;
}

/**
 * The layers model of TF.js, of Keras 1 to 3 as tensorflowjs_converter makes it, or of TF.js' own model.save(): ready to predict, compiled
 * where its training configuration has a counterpart, with the optimizer's state where the file has it. Numbers that are quantized
 * become float32. Throws one sentence that lists all layers without counterpart.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 * import { loadTfjs, saveTfjs } from 'wasm-cnn/formats/tfjs';
 *
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 3 })] });
 * const { model: again } = await loadTfjs(saveTfjs(model));
 * again.outputShape; // [3]
 * ```
 */
export async function loadTfjs(given: TfjsSource, options: LoadTfjsOptions = {}): Promise<ImportedModel> {
  checkArguments(arguments, 2, 'loadTfjs', 'they are where the model comes from, and options');
  checkOptions(options, ['name', 'inputShape', 'fetch', 'workers', 'numerics', 'background', 'wasm'], 'loadTfjs');
  checkHost(options, 'loadTfjs');
  const { name: who = 'the model', inputShape, fetch: fetchBytes, ...run } = options;
  const { archive, notes } = readTfjs(await artifactsOf(given, who, fetchBytes), who, inputShape);
  const weights = [...archive.tensors].filter(([tensor]) => tensor.split('/').length === 2);
  const bare = { ...archive, compile: undefined, tensors: new Map(weights) };
  // What predicts well may be compiled for what does not fit here, as a loss of probabilities behind no softmax.
  const { model, notes: more } = unpackFirst(archive.compile ? [archive, bare] : [archive], who, run);
  return { model, notes: [...notes, ...more] };
}

/** Options of {@link saveTfjs}. */
export interface SaveTfjsOptions {
  /** Default true: the compile configuration and the optimizer's state, where TF.js has such an optimizer. */
  readonly includeOptimizer?: boolean;
  /**
   * What kernels are stored as: 'float16' halves the file, 'uint16' and 'uint8' take 2 and 1 bytes a number, evenly from the smallest to the
   * largest of each kernel. Biases and statistics stay float32. Default 'float32', in which nothing is lost.
   */
  readonly weights?: StoredType;
}

/**
 * model.json and its weights, for tf.loadLayersModel() of TF.js 4. Throws one sentence that lists all that TF.js cannot hold; what is left
 * out, as augmentation is, is said on the console.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 * import { saveTfjs } from 'wasm-cnn/formats/tfjs';
 *
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 3 })] });
 * Object.keys(saveTfjs(model)); // ['model.json', 'model.weights.bin']
 * ```
 */
export function saveTfjs(model: Model, options: SaveTfjsOptions = {}): TfjsFiles {
  checkArguments(arguments, 2, 'saveTfjs', 'they are the model and options');
  checkOptions(options, ['includeOptimizer', 'weights'], 'saveTfjs');
  checkModel(model, 'saveTfjs');
  const { includeOptimizer = true, weights = 'float32' } = options;
  checkBoolean(includeOptimizer, "saveTfjs' includeOptimizer");
  check(
    ['float32', 'float16', 'uint16', 'uint8'].includes(weights),
    () => `saveTfjs' weights must be 'float32', 'float16', 'uint16' or 'uint8', got ${describe(weights)}`,
  );
  const { files, notes } = writeTfjs(pack(model, { includeOptimizer }), weights, 'saveTfjs');
  for (const note of notes) warnOnce(note);
  return files;
}
