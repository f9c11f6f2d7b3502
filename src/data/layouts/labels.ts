// Labels as files write them, in words or in numbers → class indices.
import { check } from '../../base/errors.js';
import { isClassName, LONGEST_NAME } from '../classNames.js';
import { makeLabels, MOST_CLASSES, type ClassLabels } from '../dataset.js';

export interface Classes {
  readonly classNames: readonly string[] | null;
  labelsOf(labels: readonly string[]): ClassLabels;
}

/**
 * Whole numbers are class indices; words are names, and their classes in the order of their UTF-16 code units. Fractions are refused: they
 * are values to predict. `where` names their file.
 */
export function classesOf(lists: readonly (readonly string[])[], where: string): Classes {
  const distinct = new Set(lists.flatMap((labels) => [...new Set(labels)]));
  const areNumbers = [...distinct].every((label) => /^\d{1,5}(\.0+)?$/.test(label) && Number(label) < MOST_CLASSES);
  const names = [...distinct].sort();
  const values = names.map(Number);
  const fraction = values.every(Number.isFinite) ? values.find((value) => !Number.isInteger(value)) : undefined;
  check(
    fraction === undefined,
    () =>
      `${where}: has the label ${fraction}, a fraction, but labels are classes; number the classes from 0 or name them, or train on values with model.fit()`,
  );
  check(
    areNumbers || names.length <= MOST_CLASSES,
    () =>
      `${where}: has ${names.length} different labels, more than the ${MOST_CLASSES} classes that there may be; is it the right column?`,
  );
  const bad = areNumbers ? undefined : names.find((name): boolean => !isClassName(name));
  check(
    bad === undefined,
    () =>
      `${where}: the label ${JSON.stringify(bad!.slice(0, 100))} is no name of 1 to ${LONGEST_NAME} characters; write a shorter one`,
  );
  const numbers = new Map(names.map((name, i) => [name, areNumbers ? Number(name) : i]));
  const classes = 1 + [...numbers.values()].reduce((most, number) => Math.max(most, number), 0);
  return {
    classNames: areNumbers ? null : names,
    labelsOf(labels) {
      const y = makeLabels(labels.length, classes);
      for (const [i, label] of labels.entries()) y[i] = numbers.get(label)!;
      return y;
    },
  };
}
