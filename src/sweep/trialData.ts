// The data of a sweep's trials: what is held out is the same for all settings.
import { kFold } from '../data/folds.js';
import { classesIn, type Dataset } from '../data/dataset.js';
import { stratifiedSplit, type Split } from '../data/split.js';
import { check } from '../base/errors.js';
import { classifierFactsOf } from '../recipes/data.js';
import type { Plan } from './plan.js';
import type { TrialData } from './runTrial.js';

/** The data of each fold (null: of a sweep without folds); the last one is kept, as the next trial is often of the same. */
export function trialDataOf(
  dataset: Dataset,
  { folds, splitSeed }: Pick<Plan, 'folds' | 'splitSeed'>,
): (fold: number | null) => TrialData {
  const { name, train, validation, groups, classNames } = dataset;
  const classes = classNames?.length ?? classesIn(dataset);
  check(classes > 1, `${name}: all images are of one class; give at least two to tell apart`);
  const classifier = classifierFactsOf(classes, classNames, train.x.shape);
  let kept: { readonly fold: number | null; readonly data: TrialData } | undefined;
  const splitOf = (fold: number | null): Split => {
    if (fold !== null) return kFold(train, { folds: folds!, fold, seed: splitSeed, groups });
    return validation ? { train, validation } : stratifiedSplit(train, { seed: splitSeed, groups });
  };
  return (fold) => {
    if (kept?.fold !== fold)
      kept = { fold, data: { ...splitOf(fold), classNames: classifier.classNames, name, classifier } };
    return kept!.data;
  };
}
