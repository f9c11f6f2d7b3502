// ONNX files in and out: wasm-cnn/formats/onnx.
/**
 * ONNX files, in and out.
 *
 * ```js
 * import { loadOnnx, saveOnnx } from 'wasm-cnn/formats/onnx';
 * ```
 *
 * @module wasm-cnn/formats/onnx
 */
import { check } from '../../base/errors.js';
import { checkOptions, describe, isRecord } from '../../base/options.js';
import { checkHost } from '../../model/compile.js';
import type { ImportedModel, LoadOptions } from '../../model/load.js';
import type { Model } from '../../model/model.js';
import { pack } from '../../model/pack.js';
import { unpack } from '../../model/unpack.js';
import { bytesOf, bytesOfLater, isLater, type LaterBytes, type ModelBytes } from '../modelBytes.js';
import { readOnnx, type ReadOptions } from './read.js';
import { writeOnnx, type WriteOptions } from './write/index.js';
import { checkModel } from '../../training/checkModel.js';

export type { ImportedModel };
export type { WriteOptions as OnnxSaveOptions } from './write/index.js';

/** Options of {@link loadOnnx}. */
export interface OnnxLoadOptions extends LoadOptions, Pick<ReadOptions, 'inputShape'> {
  /** Bytes of the file that the weights lie in, where the model's file says so; of several, by the paths that it gives. */
  readonly externalData?: ModelBytes | Readonly<Record<string, ModelBytes>>;
}

/**
 * The model of an ONNX file of a convolutional network, opsets 6 to 25. Images are [height, width, channels] here; docs/formats.md lists the
 * operators. What has no counterpart is refused in one sentence that names all of it. Not compiled; fit() trains it on after compile().
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 * import { loadOnnx, saveOnnx } from 'wasm-cnn/formats/onnx';
 *
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 3 })] });
 * const { model: again, notes } = await loadOnnx(saveOnnx(model));
 * again.outputShape; // [3]
 * ```
 */
export async function loadOnnx(given: ModelBytes | LaterBytes, options: OnnxLoadOptions = {}): Promise<ImportedModel> {
  checkOptions(
    options,
    ['name', 'workers', 'numerics', 'background', 'wasm', 'inputShape', 'externalData'],
    'loadOnnx',
  );
  checkHost(options, 'loadOnnx');
  const { name: who = 'the ONNX file', inputShape, externalData, ...run } = options;
  check(
    inputShape === undefined || Array.isArray(inputShape) || isRecord(inputShape),
    () =>
      `loadOnnx needs inputShape as [height, width, channels], or an object of such by input, got ${describe(inputShape)}`,
  );
  const bytes = bytesOf(isLater(given) ? await bytesOfLater(given, who) : given, 'loadOnnx');
  const { archive, notes } = readOnnx(bytes, who, { inputShape, external: externalOf(externalData) });
  return { model: unpack(archive, who, run), notes };
}

function externalOf(given: OnnxLoadOptions['externalData']): ReadOptions['external'] {
  if (given === undefined) return undefined;
  const isFile = !isRecord(given) || Object.prototype.toString.call(given).endsWith('Buffer]');
  if (isFile) return () => bytesOf(given, 'loadOnnx');
  const files = given as Readonly<Record<string, ModelBytes>>;
  return (location) => (Object.hasOwn(files, location) ? bytesOf(files[location], 'loadOnnx') : undefined);
}

/**
 * The model as an ONNX file (opset 17): for predictions, so without augmentation, noise and the optimizer's state. Images come in and go out as
 * [n, height, width, channels], or with dataFormat: 'channelsFirst' as ONNX computes. weights: 'float16' or 'int8' (one scale a channel) make
 * the kernels smaller.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 * import { loadOnnx, saveOnnx } from 'wasm-cnn/formats/onnx';
 *
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 3 })] });
 * const { model: again } = await loadOnnx(saveOnnx(model));
 * again.countParams(); // 9
 * ```
 */
export function saveOnnx(model: Model, options: WriteOptions = {}): Uint8Array {
  checkModel(model, 'saveOnnx');
  checkOptions(options, ['weights', 'dataFormat'], 'saveOnnx');
  checkOneOf(options.weights, ['float32', 'float16', 'int8'], 'weights');
  checkOneOf(options.dataFormat, ['channelsLast', 'channelsFirst'], 'dataFormat');
  return writeOnnx(pack(model, { includeOptimizer: false }), options);
}

function checkOneOf(given: unknown, known: readonly string[], option: string): void {
  check(
    given === undefined || known.includes(given as string),
    () => `saveOnnx's ${option} must be '${known.join("', '")}', got ${describe(given)}`,
  );
}
