// The data of a sweep's trials: what is held out is the same for all settings.
import { foldOfEach, kFold } from '../data/folds.js';
import { classesIn, membersOf, type Dataset } from '../data/dataset.js';
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

/**
 * Throws where a fold could not be trained on, or no class has an image in each. A sentence where some classes have not, which those know
 * who use stratified folds elsewhere; null where all have.
 */
export function noteOnFolds(
  { name, train: { y }, groups, classNames }: Dataset,
  { folds, splitSeed }: Pick<Plan, 'folds' | 'splitSeed'>,
): string | null {
  if (folds === null) return null;
  const held = foldOfEach(y, { folds, seed: splitSeed, groups });
  const of = groups ? 'groups of images' : 'images';
  check(new Set(held).size === folds, `${name} has too few ${of} for ${folds} folds; take fewer folds`);
  const classes = [...membersOf(y).entries()].flatMap(([label, members]) =>
    members.length === 0
      ? []
      : { title: `class ${classNames?.[label] ?? label}`, folds: new Set(members.map((each) => held[each])).size },
  );
  const alone = classes.find((each) => each.folds === 1);
  check(
    alone === undefined,
    () =>
      `${name}: all images of ${alone!.title} come to one of ${folds} folds, which would train without it; add ${of} of it, or leave the class out`,
  );
  const few = classes.filter((each) => each.folds < folds);
  check(
    few.length < classes.length,
    `${name}: no class has ${of} for each of ${folds} folds; take fewer folds, at most ${Math.max(...classes.map((each) => each.folds))}`,
  );
  if (few.length === 0) return null;
  const [first] = few.sort((a, b) => a.folds - b.folds);
  const others =
    few.length === 1 ? '' : ` (and so for ${few.length - 1} more ${few.length === 2 ? 'class' : 'classes'})`;
  return `Note: ${first!.title} is in the held-out images of only ${first!.folds} of ${folds} folds${others}; with fewer folds it would be in all`;
}
