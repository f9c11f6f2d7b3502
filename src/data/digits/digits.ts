// The built-in digits: images drawn by the project itself, which stand in for MNIST where it cannot be had.
import { check } from '../../base/errors.js';
import { checkOptions } from '../../base/options.js';
import { RandomStream } from '../../base/random.js';
import { checkWhole } from '../../base/shape.js';
import type { Examples, TestedDataset } from '../dataset.js';
import { boxSide, centerByMass, imageSide } from '../digitImage/normalizeDigit.js';
import { bell, chance } from './curves.js';
import { drawStrokes } from './raster.js';
import { shapeStrokes } from './shape.js';
import { writeEuropeanDigit } from './europeanStrokes.js';
import { writeDigit } from './strokes.js';

/** Options of {@link builtinDigits}. */
export interface BuiltinDigitsOptions {
  /** Images to train on; 60000 unless told, as many as MNIST has. */
  trainCount?: number;
  /** Images to test on; 10000 unless told. */
  testCount?: number;
  /** A seed gives the same bytes on every host; 1 unless told. */
  seed?: number;
}

/** A part's pixels are one typed array, which every host has below 2 GiB. */
const MOST = 2_000_000;

/**
 * Drawn digits, as MNIST has them, in the hands of many made-up writers: no file is needed.
 *
 * @example
 * ```js
 * import { builtinDigits } from 'wasm-cnn/data';
 *
 * const { train, test } = builtinDigits({ trainCount: 100, testCount: 20, seed: 1 });
 * train.x.shape; // [100, 28, 28, 1]
 * ```
 */
export function builtinDigits(options: BuiltinDigitsOptions = {}): TestedDataset {
  checkOptions(options, ['trainCount', 'testCount', 'seed'], 'builtinDigits');
  const { trainCount = 60000, testCount = 10000, seed = 1 } = options;
  checkCount(trainCount, 'builtinDigits', 'trainCount');
  checkCount(testCount, 'builtinDigits', 'testCount');
  checkWhole(seed, 'builtinDigits: seed', 0);
  return {
    name: 'builtin-digits',
    source: `the built-in digits: ${trainCount} + ${testCount} images drawn by wasm-cnn itself from seed ${seed}, not MNIST`,
    train: drawExamples(trainCount, seed, 0),
    test: drawExamples(testCount, seed, 1),
  };
}

/**
 * Digits in hands of the European continent, which MNIST hardly has: barred sevens, ones with a long upstroke, nines with a flat tail.
 *
 * @example
 * ```js
 * import { europeanDigits } from 'wasm-cnn/data';
 *
 * europeanDigits(10, 1).x.shape; // [10, 28, 28, 1]
 * ```
 */
export function europeanDigits(count: number, seed: number): Examples {
  checkCount(count, 'europeanDigits', 'count');
  checkWhole(seed, 'europeanDigits: seed', 0);
  return drawExamples(count, seed, 2, writeEuropeanDigit);
}

function checkCount(count: number, who: string, what: string): void {
  checkWhole(count, `${who}: ${what}`);
  check(count <= MOST, () => `${who} draws at most ${MOST} images of a part, got ${count}; ask for fewer`);
}

/** One random stream for each part, read in order: a larger set starts with the images of a smaller one. */
function drawExamples(count: number, seed: number, part: number, write = writeDigit): Examples {
  const size = imageSide * imageSide;
  const data = new Uint8Array(count * size),
    labels = new Uint8Array(count);
  const box = new Uint8Array(boxSide * boxSide),
    far = new Float64Array(boxSide * boxSide);
  const random = new RandomStream(seed, part);
  for (let index = 0; index < count; index++) {
    const digit = index % 10;
    labels[index] = digit;
    const lines = shapeStrokes(write(digit, random), random);
    const pen = {
      radius: Math.max(0.7, bell(random, 1.25, 0.33)) + (chance(random, 0.12) ? random.between(0, 1.5) : 0),
      swell: bell(random, 0, 0.2),
      softness: random.between(1.1, 1.7),
      grain: random.between(0, 0.3),
    };
    drawStrokes(lines, pen, random, box, far);
    centerByMass(box, data.subarray(index * size, (index + 1) * size));
  }
  return { x: { data, shape: [count, imageSide, imageSide, 1] }, y: labels };
}
