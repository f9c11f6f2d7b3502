// The sample grid on every canvas library: what is written, what is marked, and that an image's pixels stay squares.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawSampleGrid } from '../../src/plots/sampleGrid.js';
import { COLORS, type PlotCanvas } from '../../src/plots/style.js';
import { canvasLibraries, pixelsOf, remembering } from './canvasLibraries.js';

/** A page's canvas can be drawn on, too: this line is checked by the compiler alone. */
export const page = (canvas: HTMLCanvasElement | OffscreenCanvas): PlotCanvas => canvas;

function probabilities(n: number, rows: readonly (readonly [label: number, share: number])[]) {
  const data = new Float32Array(rows.length * n);
  rows.forEach(([label, share], i) => {
    data.fill((1 - share) / (n - 1), i * n, (i + 1) * n);
    data[i * n + label] = share;
  });
  return { data, shape: [rows.length, n] };
}

const black = (...shape: number[]) => ({ data: new Uint8Array(shape.reduce((a, b) => a * b)), shape });

for (const library of await canvasLibraries()) {
  test(`${library.name}: each image has its labels and probability; wrong ones a frame and a cross`, () => {
    const texts: string[] = [];
    const canvas = drawSampleGrid(
      remembering(library.createCanvas, texts),
      black(3, 28, 28, 1),
      [7, 8, 1],
      probabilities(10, [
        [7, 0.998],
        [6, 0.573],
        [1, 0.99999],
      ]),
    );
    assert.equal(texts, [
      '3 random test images: 2 right, 1 wrong',
      'Under each image: predicted label and its probability.',
      'A frame with a cross: predicted wrongly; the true label follows.',
      '7',
      '99.8 %',
      '6, true 8',
      '57.3 %',
      '1',
      '>99.9 %',
    ]);
    const { count, at, width, height } = pixelsOf(library, canvas);
    // A frame 5 wide around 112 × 112, and the badge's part inside it, less the white cross.
    const frame = 122 * 122 - 112 * 112 + 15 * 15;
    assert.ok(
      Math.abs(count(COLORS.vermillion) - frame) < 200,
      `${count(COLORS.vermillion)} pixels, the frame has ${frame}`,
    );
    assert.is(count('#000000'), 3 * 112 * 112 - 15 * 15);
    assert.equal(
      [at(0, 0), at(width - 1, height - 1)],
      [
        [255, 255, 255],
        [255, 255, 255],
      ],
    );
  });

  test(`${library.name}: no mark where all are right`, () => {
    const texts: string[] = [];
    const canvas = drawSampleGrid(
      remembering(library.createCanvas, texts),
      black(1, 28, 28, 1),
      [0],
      probabilities(10, [[0, 0.9]]),
    );
    assert.is(texts[0], '1 random test image: 1 right, 0 wrong');
    assert.is(texts.includes('A frame with a cross: predicted wrongly.'), false);
    assert.is(pixelsOf(library, canvas).count(COLORS.vermillion), 0);
  });

  test(`${library.name}: a pixel becomes a square of just its color`, () => {
    const gray = black(2, 28, 28, 1);
    gray.data[784 + 5] = 200;
    const one = pixelsOf(
      library,
      drawSampleGrid(
        library.createCanvas,
        gray,
        [0, 0],
        probabilities(10, [
          [0, 0.9],
          [0, 0.9],
        ]),
      ),
    );
    assert.is(one.places('#c8c8c8', 4, 4), 1);
    const color = black(1, 20, 30, 3);
    color.data.set([1, 200, 3], 3 * 77);
    const rgb = pixelsOf(library, drawSampleGrid(library.createCanvas, color, [0], probabilities(2, [[0, 0.9]])));
    assert.is(rgb.places('#01c803', 3, 3), 1);
    assert.is(rgb.count('#000000'), 9 * 20 * 30 - 9);
  });

  test(`${library.name}: 400 images, large images, long names`, () => {
    const rows = Array.from({ length: 400 }, (_, i) => [i % 10, 0.9] as const);
    const many = drawSampleGrid(
      library.createCanvas,
      black(400, 28, 28, 1),
      rows.map(([label]) => label),
      probabilities(10, rows),
    );
    assert.is(pixelsOf(library, many).count('#000000'), 400 * 56 * 56);
    // Bars four pixels wide, reduced to a quarter, are bars one pixel wide.
    const bars = black(1, 448, 224, 1);
    bars.data.forEach((_, i) => {
      bars.data[i] = i & 4 ? 200 : 0;
    });
    const large = drawSampleGrid(library.createCanvas, bars, [0], probabilities(2, [[0, 0.9]]));
    assert.is(pixelsOf(library, large).places('#c8c8c8', 1, 112), 28);
    const texts: string[] = [];
    const names = ['a rather long name of a class', 'another quite long name of a class'];
    const named = drawSampleGrid(
      remembering(library.createCanvas, texts),
      black(4, 8, 8, 1),
      [0, 1, 0, 1],
      probabilities(2, [
        [0, 0.9],
        [0, 0.9],
        [0, 0.9],
        [1, 0.9],
      ]),
      { classNames: names, columns: 4, subject: 'things' },
    );
    assert.is(texts[0], '4 things: 3 right, 1 wrong');
    const first = texts.indexOf('a rather long name of a class');
    assert.equal(texts.slice(first, first + 2), [names[0], '90.0 %']);
    assert.ok(texts.includes('true another quite long name of a class'));
    assert.ok(named.width > 4 * 220 && named.width < 4 * 340, `${named.width} pixels for four long labels`);
  });

  test(`${library.name}: the longest names are cut; what is not known is neither right nor wrong; a caption`, () => {
    const texts: string[] = [];
    const canvas = drawSampleGrid(
      remembering(library.createCanvas, texts),
      black(3, 8, 8, 4),
      [null, 1, null],
      probabilities(2, [
        [0, 0.9],
        [0, 0.9],
        [1, 0.9],
      ]),
      {
        classNames: ['m'.repeat(60), 'dog'],
        subject: 'of 9 pictures',
        captions: ['a.jpg', 'b.jpg', `${'c/'.repeat(200)}.jpg`],
      },
    );
    assert.is(texts[0], '3 of 9 pictures: 0 right, 1 wrong');
    assert.match(texts[3]!, /^m{10,30}…$/);
    assert.equal(texts.slice(4, 6), ['90.0 %', 'a.jpg']);
    assert.equal(texts.slice(7, 10), ['true dog', '90.0 %', 'b.jpg']);
    assert.match(texts.at(-1)!, /^(c\/)+c?…$/);
    assert.ok(canvas.width < 800, `${canvas.width}`);
    const unknown: string[] = [];
    drawSampleGrid(
      remembering(library.createCanvas, unknown),
      black(1, 8, 8, 1),
      [null],
      probabilities(2, [[0, 0.9]]),
      {
        subject: 'picture',
      },
    );
    assert.equal(unknown.slice(0, 3), ['1 picture', 'Under each image: predicted label and its probability.', '0']);
  });
}

test('shapes that do not fit are refused', async () => {
  const [{ createCanvas }] = (await canvasLibraries()) as [Awaited<ReturnType<typeof canvasLibraries>>[0]];
  assert.throws(
    () =>
      drawSampleGrid(
        createCanvas,
        black(2, 28, 28),
        [0, 0],
        probabilities(10, [
          [0, 1],
          [0, 1],
        ]),
      ),
    (error: Error) =>
      error.message ===
      'drawSampleGrid needs images [n, height, width, 1, 3 or 4] with n of at least 1, got [2, 28, 28]',
  );
  assert.throws(
    () =>
      drawSampleGrid(
        createCanvas,
        black(2, 8, 8, 1),
        [0],
        probabilities(10, [
          [0, 1],
          [0, 1],
        ]),
      ),
    (error: Error) =>
      error.message ===
      'drawSampleGrid needs a label and a row of probabilities for each of the 2 images, got 1 labels and probabilities [2, 10]',
  );
});

test.run();
