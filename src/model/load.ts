// The bytes of a model file → model.
import { checkOptions } from '../base/options.js';
import type { Classify } from '../data/classifier/classify.js';
import { readModelFile } from '../formats/modelFile.js';
import { bytesOfLater, isLater, modelBytes, type LaterBytes, type ModelBytes } from '../formats/modelBytes.js';
import { classifyLater } from './classifyLater.js';
import { checkHost, type HostOptions } from './compile.js';
import type { Model } from './model.js';
import { unpack } from './unpack.js';

/** How the model is to run, which a file cannot know: as compile() takes it. */
export interface LoadOptions extends HostOptions {
  /** What errors call the file; default 'the model file'. */
  readonly name?: string;
}

/** What {@link loadModel} returns. */
export interface LoadedModel {
  readonly model: Model;
  /** What save() was given, or undefined. */
  readonly facts: unknown;
  /** Names and probabilities for an image, or several, that is prepared as the file says; docs/pictures.md. The image may not change until it resolves. */
  readonly classify: Classify;
}

/** What the loaders of other programs' formats give: wasm-cnn/formats/keras, tfjs, onnx and torch. */
export interface ImportedModel {
  readonly model: Model;
  /** What was left out, or is otherwise here than in the file, a sentence each; empty where nothing is. */
  readonly notes: readonly string[];
}

/**
 * The model of a file that model.save() made; compiled, with its optimizer's state, if it was saved so. A file that was saved while fit
 * was under way is a checkpoint: fit(x, y, { resume: true }) continues from there. From bytes the model is returned at once; from a Response, a Blob
 * or a File, whose bytes come later, it is to be awaited.
 *
 * @example
 * ```js
 * import { layers, loadModel, sequential } from 'wasm-cnn';
 *
 * const bytes = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 1 })] }).save();
 * const { model } = loadModel(bytes);
 * model.outputShape; // [1]
 * ```
 */
export function loadModel(given: ModelBytes, options?: LoadOptions): LoadedModel;
export function loadModel(given: LaterBytes, options?: LoadOptions): Promise<LoadedModel>;
export function loadModel(
  given: ModelBytes | LaterBytes,
  options: LoadOptions = {},
): LoadedModel | Promise<LoadedModel> {
  checkOptions(options, ['name', 'workers', 'numerics', 'background', 'wasm'], 'loadModel');
  checkHost(options, 'loadModel');
  const { name: who = 'the model file' } = options;
  return isLater(given)
    ? bytesOfLater(given, who).then((bytes) => read(modelBytes(bytes, who), who, options))
    : read(modelBytes(given, who), who, options);
}

function read(bytes: Uint8Array, who: string, { name: _, ...run }: LoadOptions): LoadedModel {
  const archive = readModelFile(bytes, who);
  const model = unpack(archive, who, run);
  const { facts } = archive;
  return { model, facts, classify: classifyLater(model, facts, who) };
}
