// Which images have a margin: 9 of 10 must be of one color all along their edge.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { builtinDigits } from '../../src/data/index.js';
import { haveMargin } from '../../src/data/margin.js';

const shape = [10, 4, 5, 3];
const size = 4 * 5 * 3;

/** Ten images on a ground of one color, of which `broken` differ from it at one place. */
function images(broken: number, place: number): { data: Uint8Array; shape: number[] } {
  const data = new Uint8Array(10 * size).map((_, i) => [7, 200, 30][i % 3]!);
  for (let i = 0; i < broken; i++) data[i * size + place]!++;
  return { data, shape };
}

test('one image of ten may have none, wherever its edge differs, in whichever channel', () => {
  for (let place = 0; place < size; place++) {
    const [y, x] = [Math.floor(place / 15), Math.floor(place / 3) % 5];
    const isEdge = y === 0 || y === 3 || x === 0 || x === 4;
    assert.is(haveMargin(images(1, place)), true, `${y}, ${x}`);
    assert.is(haveMargin(images(2, place)), !isEdge, `${y}, ${x}`);
  }
});

test('digits have one', () => {
  const { train } = builtinDigits({ trainCount: 100, testCount: 10, seed: 1 });
  assert.is(haveMargin(train.x), true);
});

test('a row of values, an image of one pixel, and none at all', () => {
  for (const [data, shape, expected] of [
    [[1, 2, 1], [1, 1, 3, 1], false],
    [[1, 1, 1], [1, 3, 1, 1], true],
    [[5], [1, 1, 1, 1], true],
    [[1, 2], [1, 1, 1, 2], true],
    [[], [0, 4, 4, 1], true],
  ] as const)
    assert.is(haveMargin({ data: Uint8Array.from(data), shape }), expected, shape.join());
});

test.run();
