// The colored digits that networks for color train on.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { colored } from '../../bench/examples.js';

test('a digit is enlarged by whole pixels, in the middle, in two colors of its own', () => {
  const digits = new Uint8Array(2 * 28 * 28);
  digits[28 * 28 + 28 * 5 + 7] = 255;
  const images = colored(digits, 2, [96, 96, 3]);
  assert.is(images.length, 2 * 96 * 96 * 3);
  const pixel = (image: number, y: number, x: number): number[] =>
    Array.from(images.subarray(((image * 96 + y) * 96 + x) * 3, ((image * 96 + y) * 96 + x) * 3 + 3));
  const [ground, ink] = [pixel(1, 0, 0), pixel(1, 6 + 3 * 5, 6 + 3 * 7)];
  assert.ok(ground.every((value, channel) => value < ink[channel]!));
  for (const [y, x] of [0, 1, 2].flatMap((y) => [0, 1, 2].map((x) => [y, x] as const)))
    assert.equal(pixel(1, 21 + y, 27 + x), ink);
  for (const [y, x] of [[20, 27] as const, [24, 27] as const, [21, 26] as const, [21, 30] as const])
    assert.equal(pixel(1, y, x), ground);
  assert.not.equal(pixel(0, 0, 0), ground);
});

test.run();
