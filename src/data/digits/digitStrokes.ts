// One built-in digit as the movement of a pen, to show how it is written.
import { check } from '../../base/errors.js';
import { RandomStream } from '../../base/random.js';
import { checkWhole } from '../../base/shape.js';
import { shapeStrokes } from './shape.js';
import { writeDigit } from './strokes.js';

/**
 * Polylines x, y, x, y …, x to the right, y down, the digit about 2 high; a seed gives the same on every host, another one another hand.
 *
 * @example
 * ```js
 * import { digitStrokes } from 'wasm-cnn/data';
 *
 * digitStrokes(7, 1).length > 0; // true
 * ```
 */
export function digitStrokes(digit: number, seed = 1): number[][] {
  check(Number.isInteger(digit) && digit >= 0 && digit <= 9, () => `digitStrokes needs a digit 0 … 9, got ${digit}`);
  const random = new RandomStream(checkWhole(seed, "digitStrokes' seed", 0), digit);
  return shapeStrokes(writeDigit(digit, random), random);
}
