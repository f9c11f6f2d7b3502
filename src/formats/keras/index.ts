// Models of Keras, in and out: .keras of Keras 3 and 2.12 on, and whole models as .h5.
/**
 * Models of Keras, in and out: .keras files of Keras 3 and of 2.12 and later, and whole models as .h5.
 *
 * ```js
 * import { loadKeras, saveKeras } from 'wasm-cnn/formats/keras';
 * ```
 *
 * @module wasm-cnn/formats/keras
 */
import { check } from '../../base/errors.js';
import type { OwnBytes } from '../../base/hostTypes.js';
import { checkBoolean, checkOptions, describe } from '../../base/options.js';
import type { Shape } from '../../base/shape.js';
import { warnOnce } from '../../base/warnings.js';
import { checkHost } from '../../model/compile.js';
import type { ImportedModel, LoadOptions } from '../../model/load.js';
import type { Model } from '../../model/model.js';
import { pack } from '../../model/pack.js';
import { unpackFirst } from '../../model/unpackFirst.js';
import { bytesOf, bytesOfLater, isLater, type LaterBytes, type ModelBytes } from '../modelBytes.js';
import { checkShape, readKeras } from './read.js';
import { writeKeras, type KerasFormat } from './write.js';
import { checkModel } from '../../training/checkModel.js';

export type { ImportedModel };
export type { KerasFormat } from './write.js';

/** Options of {@link loadKeras}. */
export interface LoadKerasOptions extends LoadOptions {
  /** Shape of one example, for a model whose input leaves height or width open. */
  readonly inputShape?: Shape;
}

/**
 * The model of a file of Keras, .keras (Keras 3, and 2.12 on) or .h5 of a whole model, with its weights; compiled, with its optimizer's
 * state, where optimizer, loss and metrics are ones that there are here. Refuses a model with layers that have no counterpart, and names
 * all of them. No code of the file is run.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 * import { loadKeras, saveKeras } from 'wasm-cnn/formats/keras';
 *
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 3 })] });
 * const { model: again, notes } = await loadKeras(saveKeras(model));
 * again.outputShape; // [3]
 * ```
 */
export async function loadKeras(
  given: ModelBytes | LaterBytes,
  options: LoadKerasOptions = {},
): Promise<ImportedModel> {
  checkOptions(options, ['name', 'inputShape', 'workers', 'numerics', 'background', 'wasm'], 'loadKeras');
  checkHost(options, 'loadKeras');
  const { name: who = 'the model file', inputShape, ...run } = options;
  if (inputShape !== undefined) checkShape(inputShape, 'loadKeras');
  const bytes = bytesOf(isLater(given) ? await bytesOfLater(given, who) : given, 'loadKeras');
  const { archives, notes } = await readKeras(bytes, who, inputShape);
  const { model, notes: more } = unpackFirst(archives, who, run);
  return { model, notes: [...notes, ...more] };
}

/** Options of {@link saveKeras}. */
export interface SaveKerasOptions {
  /** 'keras' is Keras 3's own; 'h5' the older one. Default 'keras'. */
  readonly format?: KerasFormat;
  /** Default true: compile configuration and state of the optimizer, so that training can continue there. */
  readonly includeOptimizer?: boolean;
}

const FORMATS: readonly KerasFormat[] = ['keras', 'h5'];

/**
 * The bytes of a file that keras.models.load_model() of Keras 3 reads. Refuses a model with layers that Keras has no
 * counterpart of, and names all of them; what else is left out, as augmentation and schedules without counterpart are, is said on the console.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 * import { loadKeras, saveKeras } from 'wasm-cnn/formats/keras';
 *
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 3 })] });
 * const { model: again } = await loadKeras(saveKeras(model));
 * again.countParams(); // 9
 * ```
 */
export function saveKeras(model: Model, options: SaveKerasOptions = {}): OwnBytes {
  checkOptions(options, ['format', 'includeOptimizer'], 'saveKeras');
  const { format = 'keras', includeOptimizer = true } = options;
  check(FORMATS.includes(format), () => `saveKeras's format must be 'keras' or 'h5', got ${describe(format)}`);
  checkBoolean(includeOptimizer, "saveKeras's includeOptimizer");
  checkModel(model, 'saveKeras');
  const { bytes, notes } = writeKeras(pack(model, { includeOptimizer }), format, 'saveKeras');
  for (const note of notes) warnOnce(note);
  return bytes;
}
