// Images and labels that are to belong together, from whatever files.
import { check } from '../../base/errors.js';
import type { Examples } from '../dataset.js';

/** Examples, and what errors call the file of their images. */
export interface NamedExamples {
  readonly examples: Examples;
  readonly where: string;
}

export function checkExamples(examples: Examples, images: string, labels: string): NamedExamples {
  const { x, y } = examples;
  check(
    x.shape[0] === y.length,
    () => `${images}: holds ${x.shape[0]} images, but ${labels} ${y.length} labels; use files of one data set`,
  );
  return { examples, where: images };
}

/** Throws unless the images of all parts have one size and as many channels. */
export function checkSameShape(parts: readonly (NamedExamples | undefined)[]): void {
  const [first, ...others] = parts.filter((part) => part !== undefined);
  const shapeOf = ({ examples }: NamedExamples): string => examples.x.shape.slice(1).join(' × ');
  const sizeOf = (part: NamedExamples): string => shapeOf(part).replace(/ × 1$/, '');
  for (const other of others)
    check(
      shapeOf(first!) === shapeOf(other),
      () =>
        `${other.where}: holds images of ${sizeOf(other)} pixels, but ${first!.where} images of ${sizeOf(first!)}; use files of one data set`,
    );
}
