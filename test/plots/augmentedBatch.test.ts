// A batch before and after augmentation on every canvas library: pairs above each other, each image in its own size.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawAugmentedBatch } from '../../src/plots/augmentedBatch.js';
import { canvasLibraries, pixelsOf, remembering } from './canvasLibraries.js';

/** One gray an image: its number times 10, and 5 more after augmentation, which made them smaller. */
const gray = (side: number, more: number) => ({
  data: Uint8Array.from({ length: 20 * side * side }, (_, i) => 10 * Math.floor(i / (side * side)) + more),
  shape: [20, side, side, 1],
});

for (const library of await canvasLibraries())
  test(`${library.name}: below each image its augmentation`, () => {
    const texts: string[] = [];
    const create = remembering(library.createCanvas, texts);
    const canvas = drawAugmentedBatch(create, gray(4, 0), gray(3, 5), { title: 'Pets', columns: 8 });
    assert.equal(texts, ['Pets', 'Below each image: what augmentation makes of it']);
    const { at } = pixelsOf(library, canvas);
    for (const [image, column, row] of [
      [0, 0, 0],
      [7, 7, 0],
      [8, 0, 1],
      [19, 3, 2],
    ] as const) {
      const [x, y] = [24 + 88 * column + 40, 82 + 188 * row];
      assert.is(at(x, y + 40)[0], 10 * image);
      assert.is(at(x, y + 88 + 40)[0], 10 * image + 5);
    }
    assert.ok(canvas.height < 82 + 3 * 188 + 24 + 1);
  });

test('anything but a batch of images is refused', () => {
  assert.throws(
    () => drawAugmentedBatch(() => null as never, gray(4, 0), { data: new Uint8Array(9), shape: [1, 3, 3, 1] }),
    /^drawAugmentedBatch needs augmented \[n, height, width, 1, 3 or 4\], as many of each, got \[1, 3, 3, 1\]$/,
  );
});

test.run();
