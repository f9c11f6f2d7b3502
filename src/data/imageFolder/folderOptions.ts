// Options of imageFolder(), in Keras' words, and what they make of a picture.
import { check } from '../../base/errors.js';
import { checkBoolean, checkNumber, checkOptions, describe } from '../../base/options.js';
import { checkWhole } from '../../base/shape.js';
import { imageInput, type ImageInput } from '../../images/imageInput.js';

/** Options of `imageFolder`: how pictures become inputs, and what the classes are. */
export interface ImageFolderOptions {
  /** Inferred from the folders that the pictures lie in (default), none, or one a picture in the order of their paths. */
  readonly labels?: 'inferred' | null | readonly number[];
  /**
   * The folders' names in another order than that of their UTF-16 code units: class 0 first. A class may have no folder, where new pictures of
   * some classes are to test a model that knows more.
   */
  readonly classNames?: readonly string[];
  readonly colorMode?: ImageInput['colorMode'];
  /** [height, width]. Default: the size that most pictures have, where at least half have it and it is small; 96 × 96 otherwise. */
  readonly imageSize?: ImageInput['imageSize'];
  readonly interpolation?: ImageInput['interpolation'];
  readonly antialias?: boolean;
  readonly background?: ImageInput['background'];
  /** As the next two say it in Keras' words; so `input` of a saved model's facts is a part of these options. Default 'stretch'. */
  readonly aspectRatio?: ImageInput['aspectRatio'];
  readonly cropToAspectRatio?: boolean;
  readonly padToAspectRatio?: boolean;
  /** Share of the pictures that `subset` 'validation' has, of each class the same; 'training' has the others. */
  readonly validationSplit?: number;
  readonly subset?: 'training' | 'validation';
  /** Seed for the split and for `shuffle`. Default 0. */
  readonly seed?: number;
  /** Whether the examples come in an order of the seed's, not in that of their paths. Default false: fit shuffles. */
  readonly shuffle?: boolean;
  /** Whether links to pictures and folders are followed. Default false. */
  readonly followLinks?: boolean;
  /** Whether pictures that cannot be decoded are left out, and listed in `skipped`. Default false: they are refused. */
  readonly skipBroken?: boolean;
}

const INPUT = ['colorMode', 'imageSize', 'interpolation', 'antialias', 'background'] as const;
const FLAGS = ['cropToAspectRatio', 'padToAspectRatio', 'shuffle', 'followLinks', 'skipBroken'] as const;
const NAMES = ['labels', 'classNames', ...INPUT, 'aspectRatio', ...FLAGS, 'validationSplit', 'subset', 'seed'];
/** A label fits into 16 bits. */
const MOST_LABEL = 65535;
const WHO = 'imageFolder';

export function checkFolderOptions(options: ImageFolderOptions): void {
  checkOptions(options, NAMES, WHO);
  const {
    labels = 'inferred',
    classNames,
    validationSplit,
    subset,
    seed,
    aspectRatio,
    cropToAspectRatio,
    padToAspectRatio,
  } = options;
  check(
    labels === 'inferred' || labels === null || Array.isArray(labels),
    () => `${WHO}: labels must be 'inferred', null or an array of class indices, got ${describe(labels)}`,
  );
  if (Array.isArray(labels))
    for (const [i, label] of labels.entries())
      checkNumber(
        label,
        (value) => Number.isInteger(value) && value >= 0 && value <= MOST_LABEL,
        `${WHO}: labels must be whole numbers of 0 to ${MOST_LABEL}; number ${i} is not`,
      );
  check(
    classNames === undefined || (Array.isArray(classNames) && classNames.every((name) => typeof name === 'string')),
    () => `${WHO}: classNames must be an array of the folders' names, got ${describe(classNames)}`,
  );
  check(
    classNames === undefined || labels === 'inferred',
    `${WHO}: classNames order the folders, and labels say that folders are no classes; leave one of them out`,
  );
  for (const flag of FLAGS) if (options[flag] !== undefined) checkBoolean(options[flag], `${WHO}: ${flag}`);
  check(
    !(cropToAspectRatio && padToAspectRatio),
    `${WHO}: cropToAspectRatio and padToAspectRatio contradict each other; choose one`,
  );
  check(
    aspectRatio === undefined || (cropToAspectRatio === undefined && padToAspectRatio === undefined),
    `${WHO}: aspectRatio says what cropToAspectRatio and padToAspectRatio do; leave it or them out`,
  );
  if (validationSplit !== undefined)
    checkNumber(
      validationSplit,
      (share) => share > 0 && share < 1,
      `${WHO}: validationSplit must be above 0 and below 1`,
    );
  check(
    subset === undefined || subset === 'training' || subset === 'validation',
    () => `${WHO}: subset must be 'training' or 'validation', got ${describe(subset)}`,
  );
  check(
    (validationSplit === undefined) === (subset === undefined),
    `${WHO}: validationSplit and subset belong together; give both or neither`,
  );
  if (seed !== undefined) checkWhole(seed, `${WHO}'s seed`, 0);
  // Whatever the pictures' size may be.
  inputOf(options, [1, 1]);
}

/** What becomes of each picture. `usual`: its size where none is asked for. */
export function inputOf(options: ImageFolderOptions, usual: ImageInput['imageSize']): ImageInput {
  const given = INPUT.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]);
  const said = options.cropToAspectRatio ? 'crop' : options.padToAspectRatio ? 'pad' : 'stretch';
  const { aspectRatio = said } = options;
  return imageInput({ imageSize: usual, ...Object.fromEntries(given), aspectRatio }, WHO);
}
