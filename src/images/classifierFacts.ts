// What a model file says of a classifier of pictures: what its classes are called, and how a picture becomes its input.
import { check, isPrintable } from '../base/errors.js';
import { describe, isRecord } from '../base/options.js';
import { imageInput, type ImageInput, type ImageInputOptions } from './imageInput.js';

/** What a file's facts hold in `facts.classifier`. */
export interface ClassifierFacts {
  /** One a class, class 0 first; null where they have numbers. */
  readonly classNames: readonly string[] | null;
  /** What becomes of a picture; null where the images have other channels than pictures do. */
  readonly input: ImageInput | null;
  /** Which function makes the input: imageToInput() of wasm-cnn/images, or prepareDigit() of wasm-cnn/data. */
  readonly pictures: 'imageToInput' | 'prepareDigit';
}

/** Options of {@link classifierFacts}. */
export interface ClassifierFactsOptions {
  readonly classNames: readonly string[] | null;
  readonly input: ImageInputOptions | null;
  /** Default 'imageToInput'. */
  readonly pictures?: ClassifierFacts['pictures'];
}

const PICTURES = ['imageToInput', 'prepareDigit'];

/**
 * For save(): `model.save({ facts: classifierFacts(source) })`, where `source` is what imageFolder() gave, or `{ classNames, input }`. The
 * classify() of the loaded model then reads pictures as fit did, and names the classes.
 *
 * @example
 * ```js
 * import { classifierFacts } from 'wasm-cnn/images';
 *
 * const facts = classifierFacts({ classNames: ['cat', 'dog'], input: { imageSize: [96, 96] } });
 * facts.classifier.classNames; // ['cat', 'dog']
 * ```
 */
export function classifierFacts(of: ClassifierFactsOptions): { readonly classifier: ClassifierFacts } {
  return { classifier: checkedClassifier(of, 'classifierFacts') };
}

/** `given` may be anything: a file may say it. */
export function checkedClassifier(given: ClassifierFactsOptions, who: string): ClassifierFacts {
  // Other keys are not looked at: a source of pictures has more than these.
  check(
    isRecord(given),
    () => `${who} needs what imageFolder() gave, or { classNames, input }, got ${describe(given)}`,
  );
  const { classNames, input, pictures = 'imageToInput' } = given;
  check(
    classNames === null || (Array.isArray(classNames) && classNames.length > 0 && classNames.every(isName)),
    () =>
      `${who}: classNames must be a text for each class, of 1 to 200 characters, or null, got ${namesOf(classNames)}`,
  );
  const twice = classNames?.find((name, i) => classNames.indexOf(name) !== i);
  check(
    twice === undefined,
    () => `${who}: classNames has ${JSON.stringify(twice)} twice; give each class a name of its own`,
  );
  check(
    PICTURES.includes(pictures),
    () => `${who}: pictures must be ${PICTURES.map((name) => `'${name}'`).join(' or ')}, got ${describe(pictures)}`,
  );
  return {
    classNames: classNames && [...classNames],
    input: input === null ? null : imageInput(input, `${who}'s input`),
    pictures,
  };
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && isPrintable(value);
}

function namesOf(given: unknown): string {
  if (!Array.isArray(given)) return describe(given);
  return given.length === 0 ? 'none' : describe(given.find((name) => !isName(name)));
}
