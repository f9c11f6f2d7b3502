// What a model file's facts say of its classes and pictures: in one place now, beside the data in files of before.
import { isRecord } from '../../base/options.js';
import { check, WasmCnnError } from '../../base/errors.js';
import { formatShape, type Shape } from '../../base/shape.js';
import { checkedClassifier, type ClassifierFacts, type ClassifierFactsOptions } from '../../images/classifierFacts.js';
import { COLOR_MODES } from '../../images/imageInput.js';
import { isClassName } from '../classNames.js';
import { digitNames, knownDatasets } from '../knownDatasets.js';

/** `facts` may be anything; what they do not say is null. `who` names the file in the sentence about a description that is none. */
export function classifierIn(facts: unknown, who: string): ClassifierFacts {
  const given = isRecord(facts) ? facts['classifier'] : undefined;
  if (given === undefined) return fromDataset(isRecord(facts) ? facts['dataset'] : undefined);
  try {
    check(isRecord(given), 'it is no object');
    const { classNames = null, input = null, pictures } = given;
    return checkedClassifier({ classNames, input, pictures } as unknown as ClassifierFactsOptions, 'classifier');
  } catch (error) {
    throw new WasmCnnError(
      `${who}: its facts describe a classifier that this version does not know (${(error as Error).message}); save it with classifierFacts() of wasm-cnn/images`,
    );
  }
}

/** A model that classifies pictures. */
export interface ClassifierForm {
  /** [height, width, channels]. */
  readonly inputShape: Shape;
  readonly classes: number;
}

/**
 * The same for a model of this form; throws one sentence where they are another model's.
 *
 * @example
 * ```js
 * import { classifierFor } from 'wasm-cnn/recipes';
 *
 * const facts = { classifier: { classNames: ['cat', 'dog'], input: null, pictures: 'imageToInput' } };
 * classifierFor({ inputShape: [8, 8, 3], classes: 2 }, facts, 'my model').classNames; // ['cat', 'dog']
 * ```
 */
export function classifierFor({ inputShape, classes }: ClassifierForm, facts: unknown, who: string): ClassifierFacts {
  const said = classifierIn(facts, who);
  const { classNames, input, pictures } = said;
  const instead = 'save it with classifierFacts() of the data that it was trained on';
  check(
    classNames === null || classNames.length === classes,
    () => `${who}: its facts name ${classNames!.length} classes, and it tells ${classes} apart; ${instead}`,
  );
  const shape = input && formatShape([...input.imageSize, COLOR_MODES[input.colorMode]]);
  check(
    shape === null || shape === formatShape(inputShape),
    () => `${who}: its facts make inputs ${shape} of pictures, and it takes ${formatShape(inputShape)}; ${instead}`,
  );
  check(
    pictures === 'imageToInput' || formatShape(inputShape) === '[28, 28, 1]',
    () =>
      `${who}: its facts say that it reads digits as MNIST has them, [28, 28, 1], and it takes ${formatShape(inputShape)}; ${instead}`,
  );
  return said;
}

/** Runs of before kept names and preparation with their data, and the page the name of the data alone. */
function fromDataset(dataset: unknown): ClassifierFacts {
  const { name, sha256, classNames, preprocessing } = isRecord(dataset) ? dataset : {};
  const areDigits = name === 'mnist' || name === 'builtin-digits';
  const known = knownDatasets.find((each) => each.sha256 === sha256)?.classNames ?? (areDigits ? digitNames : null);
  const prepares = isRecord(preprocessing) ? preprocessing['pictures'] === 'prepareDigit' : areDigits;
  return {
    classNames: areClassNames(classNames) ? classNames : known,
    input: null,
    pictures: prepares ? 'prepareDigit' : 'imageToInput',
  };
}

function areClassNames(given: unknown): given is string[] {
  return Array.isArray(given) && given.length > 0 && given.every(isClassName) && new Set(given).size === given.length;
}
