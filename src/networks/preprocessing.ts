// What pretrained networks expect of pictures, and what their probabilities say.  https://keras.io/api/applications/
import { check } from '../base/errors.js';
import { checkOptions, describe, entryOf, isRecord } from '../base/options.js';
import { formatShape } from '../base/shape.js';
import { checkTensor, type Tensor } from '../base/tensor.js';
import { checkWhole } from '../base/shape.js';

/** For each channel, of values 0 … 1. */
export interface Scale {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** torchvision's and timm's for ImageNet. */
const IMAGENET: Scale = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
/** (x - 127) / 128, of bytes. */
const LITE: Scale = { mean: [127 / 255, 127 / 255, 127 / 255], std: [128 / 255, 128 / 255, 128 / 255] };

/** How the networks' published weights were trained. */
export const scales = {
  mobileNetV2: IMAGENET,
  resNet18: IMAGENET,
  resNet50: IMAGENET,
  efficientNetLite0: LITE,
} as const satisfies Record<string, Scale>;

/**
 * Pictures [n, height, width, channels] of 0 to 255, bytes or not, as a pretrained network takes them: (x / 255 - mean) / std. `scale`: the
 * network's name, or another { mean, std }.
 *
 * @example
 * ```js
 * import { preprocessInput } from 'wasm-cnn';
 *
 * const x = { data: Uint8Array.of(0, 127, 255), shape: [1, 1, 1, 3] };
 * preprocessInput(x, 'mobileNetV2'); // { shape: [1, 1, 1, 3] }
 * ```
 */
export function preprocessInput(x: Tensor, scale: keyof typeof scales | Scale): Tensor<Float32Array> {
  checkTensor(x, "preprocessInput's x");
  const given = isRecord(scale) ? scale : entryOf(scales, scale, 'network');
  if (isRecord(scale)) checkOptions(scale, ['mean', 'std'], "preprocessInput's scale");
  const { mean, std } = given as Scale;
  const channels = x.shape.at(-1)!;
  for (const [name, values] of Object.entries({ mean, std }))
    check(
      Array.isArray(values) && values.length === channels && values.every((value) => Number.isFinite(value)),
      () =>
        `preprocessInput needs a ${name} for each of the ${channels} channels of x ${formatShape(x.shape)}, got ${Array.isArray(values) ? formatShape(values) : describe(values)}`,
    );
  check(
    std.every((value) => value > 0),
    () => `preprocessInput needs std above 0, got ${formatShape(std)}`,
  );
  const data = new Float32Array(x.data.length);
  for (let i = 0; i < data.length; i++) data[i] = (x.data[i]! / 255 - mean[i % channels]!) / std[i % channels]!;
  return { data, shape: [...x.shape] };
}

/** Options of {@link decodePredictions}. */
export interface DecodeOptions {
  /** How many classes of each example. Default 5, or all there are. */
  readonly top?: number;
  /** Names in the order of the classes; without them only numbers are returned. */
  readonly classNames?: readonly string[];
}

/** A class and its probability. */
export interface DecodedPrediction {
  /** Number of the class, from 0. */
  readonly index: number;
  readonly name: string | undefined;
  readonly probability: number;
}

/**
 * The most probable classes of each example, the most probable one first.
 *
 * @example
 * ```js
 * import { decodePredictions } from 'wasm-cnn';
 *
 * const predictions = { data: Float32Array.of(0.1, 0.7, 0.2), shape: [1, 3] };
 * const [image] = decodePredictions(predictions, { top: 2, classNames: ['ant', 'bee', 'cat'] });
 * image[0]; // { name: 'bee', index: 1, probability: 0.7 }
 * ```
 */
export function decodePredictions(
  predictions: Tensor,
  options: DecodeOptions = {},
): readonly (readonly DecodedPrediction[])[] {
  checkTensor(predictions, "decodePredictions' predictions");
  checkOptions(options, ['top', 'classNames'], 'decodePredictions');
  const { top = 5, classNames } = options;
  checkWhole(top, "decodePredictions' top");
  const { data, shape } = predictions;
  const [count, classes] = shape as [number, number];
  check(
    shape.length === 2,
    () => `decodePredictions needs predictions [n, classes], as predict() gives them, got ${formatShape(shape)}`,
  );
  check(
    classNames === undefined || (Array.isArray(classNames) && classNames.length === classes),
    () =>
      `decodePredictions needs ${classes} classNames, got ${Array.isArray(classNames) ? classNames.length : describe(classNames)}`,
  );
  return Array.from({ length: count }, (_, example) => {
    const own = data.subarray(example * classes, (example + 1) * classes);
    return Array.from({ length: classes }, (_, index) => index)
      .sort((a, b) => own[b]! - own[a]! || a - b)
      .slice(0, top)
      .map((index) => ({ index, name: classNames?.[index], probability: own[index]! }));
  });
}
