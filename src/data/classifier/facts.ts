// What a model file's facts say of its classes and pictures: in one place now, beside the data in files of before.
import { isRecord } from '../../base/options.js';
import { check, WasmCnnError } from '../../base/errors.js';
import { checkedClassifier, type ClassifierFacts, type ClassifierFactsOptions } from '../../images/classifierFacts.js';
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
