// The confusion matrix on every canvas library: counts, recall and precision by hand, shades.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawConfusionMatrix } from '../../src/plots/confusionMatrix.js';
import { COLORS } from '../../src/plots/style.js';
import { canvasLibraries, pixelsOf, remembering } from './canvasLibraries.js';

const square = (classes: number, ...counts: number[]) => ({ data: Int32Array.from(counts), shape: [classes, classes] });

for (const library of await canvasLibraries()) {
  test(`${library.name}: counts, recall in rows, precision in columns`, () => {
    const texts: string[] = [];
    drawConfusionMatrix(remembering(library.createCanvas, texts), square(2, 1200, 300, 0, 500), {
      classNames: ['cat', 'dog'],
    });
    assert.is(texts[0], 'Confusion matrix: 1,700 of 2,000 right (85.00 %)');
    // A class's name twice, its recall, its precision.
    assert.equal(texts.slice(6, 14), ['cat', 'cat', '80.00 %', '100.00 %', 'dog', 'dog', '100.00 %', '62.50 %']);
    assert.equal(texts.slice(14), ['1,200', '300', '0', '500']);
  });

  test(`${library.name}: a class that never occurred, one that was never predicted`, () => {
    const texts: string[] = [];
    drawConfusionMatrix(remembering(library.createCanvas, texts), square(3, 5, 0, 0, 0, 0, 0, 5, 0, 0));
    assert.equal(texts.slice(6, 18), ['0', '0', '100.00 %', '50.00 %', '1', '1', '–', '–', '2', '2', '0.00 %', '–']);
  });

  test(`${library.name}: shades are shares of the row`, () => {
    const { count } = pixelsOf(library, drawConfusionMatrix(library.createCanvas, square(2, 8, 2, 0, 1000)));
    assert.ok(count(COLORS.blue) > 1500, 'a row all right is full blue');
    assert.ok(count(COLORS.vermillion) > 1500, 'a fifth of the row wrong is full orange');
    assert.ok(count('#338ec1') > 1500, 'four fifths right is four fifths of blue');
  });

  test(`${library.name}: 20 classes fit`, () => {
    const texts: string[] = [];
    const counts = square(20, ...Array.from({ length: 400 }, (_, i) => (i % 21 === 0 ? 12345 : i % 7)));
    const canvas = drawConfusionMatrix(remembering(library.createCanvas, texts), counts);
    assert.is(texts.filter((text) => text === '12,345').length, 20);
    assert.ok(canvas.width < 2000 && canvas.height < 1100, `${canvas.width} × ${canvas.height}`);
  });
}

test('long names stand before their rows, cut where they must be, and numbers above the columns', async () => {
  const [library] = await canvasLibraries();
  const texts: string[] = [];
  const classNames = ['a smooth-coated retriever', 'x'.repeat(60)];
  const canvas = drawConfusionMatrix(remembering(library!.createCanvas, texts), square(2, 1, 2, 3, 4), { classNames });
  assert.equal(texts.slice(6, 8), ['0', '0 a smooth-coated retriever']);
  assert.is(texts[10], '1');
  assert.match(texts[11]!, /^1 x{20,40}…$/);
  assert.ok(canvas.width < 900, `${canvas.width}`);
});

test('of 100 classes the cells are small, and hold what is not 0', async () => {
  const [library] = await canvasLibraries();
  const texts: string[] = [];
  const counts = square(100, ...Array.from({ length: 10000 }, (_, i) => (i % 101 === 0 ? 123 : 0)));
  const classNames = Array.from({ length: 100 }, (_, i) => `a class called ${i}`);
  const canvas = drawConfusionMatrix(remembering(library!.createCanvas, texts), counts, { classNames });
  assert.is(texts.filter((text) => text === '123').length, 100);
  assert.is(texts.filter((text) => text === '0').length, 1, 'the number of the first column alone');
  assert.ok(texts.includes('99 a class called 99'));
  assert.ok(canvas.width < 3200 && canvas.height < 2300, `${canvas.width} × ${canvas.height}`);
});

test('counts that do not form a matrix of classes are refused', async () => {
  const [library] = await canvasLibraries();
  const refused = (shape: number[]) => {
    try {
      drawConfusionMatrix(library!.createCanvas, { data: new Int32Array(shape.reduce((a, b) => a * b)), shape });
    } catch (error) {
      return (error as Error).message;
    }
    return 'drawn';
  };
  assert.is(refused([2, 3]), 'drawConfusionMatrix needs counts [classes, classes] of 2 to 256 classes, got [2, 3]');
  assert.is(refused([1, 1]), 'drawConfusionMatrix needs counts [classes, classes] of 2 to 256 classes, got [1, 1]');
});

test.run();
