// Digits as a pen's movement: all ten, in many hands, never out of bounds, the same again.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digitStrokes } from '../../src/data/digits/digitStrokes.js';
import { refusesAtOnce } from '../node/refuses.js';

test('every digit consists of lines of points around the middle', () => {
  for (let digit = 0; digit < 10; digit++) {
    for (let seed = 0; seed < 20; seed++) {
      const lines = digitStrokes(digit, seed);
      assert.ok(
        lines.length > 0 && lines.every((line) => line.length >= 4 && line.length % 2 === 0),
        `${digit}, hand ${seed}`,
      );
      assert.ok(
        lines.flat().every((value) => Math.abs(value) < 4),
        `${digit}, hand ${seed}`,
      );
    }
  }
});

test('each seed is a handwriting', () => {
  assert.equal(digitStrokes(7, 3), digitStrokes(7, 3));
  assert.not.equal(digitStrokes(7, 3), digitStrokes(7, 4));
  assert.not.equal(digitStrokes(7, 3), digitStrokes(1, 3));
});

test('anything but a digit is refused', () => {
  refusesAtOnce(() => digitStrokes(10), 'digitStrokes needs a digit 0 … 9, got 10');
  assert.throws(() => digitStrokes(3, -1), /digitStrokes' seed/);
});

test.run();
