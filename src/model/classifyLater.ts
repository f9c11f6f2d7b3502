// classify() of a model that was loaded: what it needs is imported with the first image (bundleClassify.js).
import { asOwn } from '../base/asOwn.js';
import { checkArguments } from '../base/options.js';
import type { ClassifyingModel } from '../data/classifier/classifier.js';
import type { Classify } from '../data/classifier/classify.js';

/** `who` names the model file in errors. */
export function classifyLater(model: ClassifyingModel, facts: unknown, who: string): Classify {
  return async function (...given: Parameters<Classify>) {
    checkArguments(given, 2, 'classify', 'it takes an image, or an array of them, and options');
    const { classify } = await import('../data/classifier/classify.js');
    return classify(model, facts, who, ...given).catch((error: unknown) => {
      throw asOwn(error);
    });
  } as Classify;
}
