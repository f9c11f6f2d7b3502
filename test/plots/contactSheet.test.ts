// The contact sheet on every canvas library: a row a class, its count, images chosen by the seed.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawContactSheet } from '../../src/plots/contactSheet.js';
import { canvasLibraries, pixelsOf, remembering } from './canvasLibraries.js';

/** One gray an image: its number times 10. */
const images = { data: Uint8Array.from({ length: 20 * 16 }, (_, i) => 10 * Math.floor(i / 16)), shape: [20, 4, 4, 1] };
const labels = Array.from({ length: 20 }, (_, i) => (i < 15 ? 0 : 1));
const classNames = ['cat', 'dog', 'newt'];

for (const library of await canvasLibraries()) {
  test(`${library.name}: one row per class, with its name and its number of images`, () => {
    const texts: string[] = [];
    const canvas = drawContactSheet(remembering(library.createCanvas, texts), images, labels, {
      title: 'Pets',
      classNames,
    });
    assert.equal(texts, ['Pets', 'cat', '15 images', 'dog', '5 images', 'newt', '0 images']);
    assert.ok(canvas.width > 12 * 84 && canvas.height > 3 * 84, `${canvas.width} × ${canvas.height}`);
  });

  test(`${library.name}: images of a class are on its row, each once, chosen by the seed`, () => {
    const grays = (seed: number): number[][] => {
      const canvas = drawContactSheet(library.createCanvas, images, labels, {
        title: '',
        classNames,
        columns: 6,
        seed,
      });
      const { width } = canvas;
      const { at } = pixelsOf(library, canvas);
      const gray = (x: number, y: number): number => at(x, y)[0]!;
      return [0, 1].map((row) =>
        Array.from({ length: 6 }, (_, column) => gray(width - 24 - (6 - column) * 88 + 40, 64 + row * 88 + 42)).filter(
          (value) => value < 255,
        ),
      );
    };
    const [cats, dogs] = grays(0) as [number[], number[]];
    assert.equal([new Set(cats).size, new Set(dogs).size], [6, 5]);
    assert.ok(
      cats.every((value) => value < 150),
      cats.join(),
    );
    assert.equal(
      dogs.sort((a, b) => a - b),
      [150, 160, 170, 180, 190],
    );
    assert.equal(grays(0)[0], cats);
    assert.not.equal(grays(1)[0], cats);
  });
}

test('anything but a set of images is refused', () => {
  assert.throws(
    () => drawContactSheet(() => null as never, images, [1, 2]),
    /^drawContactSheet needs images \[n, height, width, 1, 3 or 4\] and n labels, got \[20, 4, 4, 1\] and 2$/,
  );
});

test.run();
