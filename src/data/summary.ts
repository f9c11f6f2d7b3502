// What is in a data set, and what is odd about it, in sentences for people.
import { formatCount, formatPercent, formatTable } from '../base/table.js';
import type { Tensor } from '../base/tensor.js';
import type { Examples } from './dataset.js';
import { nearDuplicates } from './nearDuplicates.js';

/** The parts of a data set by what they are called: train, validation, test. */
export type DataParts = Readonly<Record<string, Examples>>;

/** A class with so many images of the training set leaves the others hardly any weight. */
const MOST = 0.9;
/** Fewer images of a class than this teach little. */
const FEW = 4;
/** Pixels of at most this are hardly bytes: they may be bits, or 4-bit gray. */
const DARK = 16;
/** Names in one sentence. */
const LISTED = 5;

/** A row a class: how many images of it each part has. */
export function classTable(parts: DataParts, classNames: readonly string[]): string {
  const counts = Object.values(parts).map((examples) => countsOf(examples, classNames.length));
  const rows = classNames.map((name, label) => [name, ...counts.map((count) => formatCount(count[label]!))]);
  const sums = counts.map((count) => formatCount(count.reduce((sum, each) => sum + each, 0)));
  return formatTable(['Class', ...Object.keys(parts)], [...rows, ['all', ...sums]]);
}

/** '96 × 96 pixels, color' */
export function formatPixels([, height, width, channels]: readonly number[]): string {
  const kinds: Record<number, string> = { 1: 'gray', 3: 'color', 4: 'color with transparency' };
  return `${height} × ${width} pixels, ${kinds[channels!] ?? `${channels} channels`}`;
}

/** A sentence for each oddity that people should know before they train. Near-duplicates are another question, see {@link duplicateWarning}. */
export function dataWarnings(parts: DataParts, classNames: readonly string[]): string[] {
  const { train, ...others } = parts as DataParts & { readonly train: Examples };
  const counts = countsOf(train, classNames.length);
  const present = [...counts.keys()].filter((label) => counts[label]! > 0);
  const nameOf = (label: number): string => `'${classNames[label]}'`;
  const warnings: string[] = [];

  const largest = present.reduce((most, label) => (counts[label]! > counts[most]! ? label : most), present[0]!);
  const share = counts[largest]! / train.y.length;
  if (present.length === 1)
    warnings.push(
      `all training images are of class ${nameOf(largest)}: there is nothing to tell apart; add another class`,
    );
  else if (share >= MOST)
    warnings.push(
      `class ${nameOf(largest)} holds ${formatPercent(share)} of the training images: an answer that is always ${nameOf(largest)} is right as often; add images of the others`,
    );
  const few = present.filter((label) => counts[label]! < FEW);
  if (few.length > 0)
    warnings.push(
      `${list(few.map((label) => `class ${nameOf(label)} has ${counts[label]}`))} training image${few.length === 1 && counts[few[0]!] === 1 ? '' : 's'}, too few to learn from; add more`,
    );

  for (const [part, examples] of Object.entries(others)) {
    const own = countsOf(examples, classNames.length);
    const [unknown, missing] = [
      present.length === 0 ? [] : [...own.keys()].filter((label) => own[label]! > 0 && counts[label] === 0),
      present.filter((label) => own[label] === 0),
    ];
    if (unknown.length > 0)
      warnings.push(
        `the ${part} images have class ${list(unknown.map(nameOf))}, of which there are no training images: none of them can be right`,
      );
    if (missing.length > 0)
      warnings.push(
        `the ${part} images have none of class ${list(missing.map(nameOf))}, so nothing tells how well the network knows it`,
      );
  }

  // Nearly every set has a bright pixel in its first image.
  const isBright = train.x.data.some((pixel) => pixel > DARK);
  const brightest = isBright ? 255 : train.x.data.reduce((most, pixel) => Math.max(most, pixel), 0);
  if (brightest <= DARK)
    warnings.push(
      brightest === 0
        ? 'all pixels of the training images are 0: the files hold no pictures'
        : `no pixel of the training images is above ${brightest}, of 255: as value / 255 they are nearly black; multiply them by ${Math.floor(255 / brightest)}`,
    );
  const blank = countBlank(train.x);
  if (blank > 0 && brightest > 0)
    warnings.push(`${formatCount(blank)} of the training images ${blank === 1 ? 'is' : 'are'} of one color all over`);
  return warnings;
}

/** How many test images are nearly the same as a training image; null where none is. */
export function duplicateWarning(train: Examples, test: Examples): string | null {
  const found = nearDuplicates(test.x, train.x);
  const first = found.findIndex((image) => image >= 0);
  if (first < 0) return null;
  const count = found.reduce((sum, image) => sum + (image >= 0 ? 1 : 0), 0);
  return `${formatCount(count)} of ${formatCount(found.length)} test images ${count === 1 ? 'is' : 'are'} nearly the same as a training image (test image ${first} as training image ${found[first]}, counted from 0): the test's accuracy may be too good`;
}

export function countsOf({ y }: Examples, classes: number): number[] {
  const counts = Array<number>(classes).fill(0);
  for (const label of y) counts[label]!++;
  return counts;
}

function countBlank({ data, shape: [n, ...shape] }: Tensor): number {
  const channels = shape.at(-1)!;
  const size = shape.reduce((product, length) => product * length);
  let blank = 0;
  for (let image = 0; image < n!; image++) {
    let i = image * size + channels;
    while (i < (image + 1) * size && data[i] === data[i - channels]) i++;
    if (i === (image + 1) * size) blank++;
  }
  return blank;
}

/** 'a, b and c', or the first of many. */
function list(items: readonly string[]): string {
  const shown = items.slice(0, LISTED);
  const rest = items.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`;
  return shown.length === 1 ? shown[0]! : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
