// loadModel(bytes).classify(image): names and probabilities of any image, prepared as the model file says. Loaded with the first call.
import { check } from '../../base/errors.js';
import { checkOptions, isRecord } from '../../base/options.js';
import { checkWhole } from '../../base/shape.js';
import { pictureOf, type ImageLike } from '../../images/pictureOf.js';
import { classifierOf, prepare, probabilitiesOf, type ClassifyingModel } from './classifier.js';

/** Options of {@link classify}. */
export interface ClassifyOptions {
  /** How many classes, of the most probable ones. Default: all. */
  readonly top?: number;
}

/** A class and its probability. */
export interface Classification {
  readonly className: string;
  readonly probability: number;
}

/** The most probable class first. */
export type Classifications = Classification[] & {
  /** What speaks against its being one digit, a short sentence each, where the model reads digits; see verdictOf() of wasm-cnn/data. */
  readonly doubts: readonly string[];
};

/** Reads pictures with a loaded model: classes and their probabilities, the likeliest first. */
export interface Classify {
  /**
   * The classes of an image, which is prepared as the model file says (size, colors, interpolation; a digit is looked for where the model reads
   * digits). Bytes of a file give the same pixels on every host; a canvas, an <img> or a <video> those that its browser draws.
   */
  (image: ImageLike, options?: ClassifyOptions): Promise<Classifications>;
  /** Classes of several images, in one batch. */
  (images: readonly ImageLike[], options?: ClassifyOptions): Promise<Classifications[]>;
}

/** `who` names the model file in errors. */
export async function classify(
  model: ClassifyingModel,
  facts: unknown,
  who: string,
  given: ImageLike | readonly ImageLike[],
  options: ClassifyOptions = {},
): Promise<Classifications | Classifications[]> {
  checkOptions(options, ['top'], 'classify');
  const { top } = options;
  if (top !== undefined) checkWhole(top, "classify's top");
  const classifier = classifierOf(model, facts, who);
  const images = (Array.isArray(given) ? given : [given]) as readonly ImageLike[];
  check(images.length > 0, 'classify needs an image or several, got an empty array');
  const prepared = [];
  for (const [i, image] of images.entries()) {
    const name = nameOf(image) ?? (images.length === 1 ? 'the image' : `image ${i + 1}`);
    prepared.push(await prepare(classifier, await pictureOf(image, name), name));
  }
  const { data } = await probabilitiesOf(classifier, prepared);
  const { classNames } = classifier;
  const results = prepared.map(({ doubts }, i): Classifications => {
    const all = classNames.map((className, c) => ({ className, probability: data[i * classNames.length + c]! }));
    // sort() is stable: of equally probable classes the lower one comes first.
    all.sort((a, b) => b.probability - a.probability);
    return Object.assign(all.slice(0, top), { doubts });
  });
  return Array.isArray(given) ? results : results[0]!;
}

/** A File has one. */
function nameOf(image: unknown): string | null {
  const name = isRecord(image) && 'arrayBuffer' in image ? image['name'] : null;
  return typeof name === 'string' && name !== '' ? name : null;
}
