// The training curves on every canvas library: texts, whole epochs, and a curve that is there.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { COLORS } from '../../src/plots/style.js';
import { epochPoints } from '../../src/plots/epochPoints.js';
import { drawTrainingCurves, type EpochFigures } from '../../src/plots/trainingCurves.js';
import { canvasLibraries, pixelsOf, remembering } from './canvasLibraries.js';

const figures = (n: number, first = 1): EpochFigures[] =>
  Array.from({ length: n }, (_, i) => ({
    epoch: first + i,
    loss: 0.2 / (i + 1),
    accuracy: 1 - 0.07 / (i + 1),
    valLoss: 0.1 / (i + 1),
    valAccuracy: 1 - 0.03 / (i + 1),
  }));

for (const library of await canvasLibraries()) {
  const draw = (epochs: readonly EpochFigures[]) => {
    const texts: string[] = [];
    const canvas = drawTrainingCurves(remembering(library.createCanvas, texts), epochs);
    return { texts, ...pixelsOf(library, canvas) };
  };

  test(`${library.name}: titles, legends and axes`, () => {
    const { texts, at, width, height } = draw(figures(5));
    assert.equal(texts.slice(0, 2), [
      'Training',
      'After epoch 5: training loss 0.0400, accuracy 98.60 %; validation loss 0.0200, accuracy 99.40 %',
    ]);
    for (const text of ['Loss', 'Accuracy', 'training', 'validation', 'epoch']) assert.ok(texts.includes(text), text);
    assert.is(texts.filter((text) => text === 'validation').length, 2);
    const sharesOf = (written: string[]) => written.filter((text) => /^[\d.]+ %$/.test(text)).map(parseFloat);
    assert.is(Math.max(...sharesOf(texts)), 100);
    assert.is(
      Math.max(...sharesOf(draw([{ epoch: 1, loss: 0, accuracy: 1 }]).texts)),
      100,
      'no axis goes beyond 100 %',
    );
    assert.equal(
      [at(0, 0), at(width - 1, height - 1)],
      [
        [255, 255, 255],
        [255, 255, 255],
      ],
    );
  });

  test(`${library.name}: ticks are whole epochs, few enough to read`, () => {
    const ticksOf = (epochs: EpochFigures[]) => {
      const all = draw(epochs).texts;
      // Chart.js writes a panel's ticks between its title and its axis' name; whole numbers that are no loss.
      return all.filter((text) => /^\d+$/.test(text) && text !== '0').map(Number);
    };
    assert.equal(ticksOf(figures(1)), [1, 1]);
    assert.equal(ticksOf(figures(5)), [1, 2, 3, 4, 5, 1, 2, 3, 4, 5]);
    assert.equal(ticksOf(figures(50)).slice(0, 11), [1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50]);
    assert.equal(ticksOf(figures(4, 7)).slice(0, 4), [7, 8, 9, 10]);
  });

  test(`${library.name}: a single epoch is a visible point of each series`, () => {
    const legend = draw([{ epoch: 1, loss: NaN, accuracy: NaN, valLoss: NaN, valAccuracy: NaN }]);
    const one = draw(figures(1));
    assert.ok(
      one.count(COLORS.blue) - legend.count(COLORS.blue) > 2 * 30,
      `${one.count(COLORS.blue)} blue pixels, ${legend.count(COLORS.blue)} of them legend`,
    );
    assert.ok(one.count(COLORS.vermillion) > legend.count(COLORS.vermillion));
  });

  test(`${library.name}: without validation figures there is one series; NaN leaves a gap`, () => {
    const { texts, count } = draw([
      { epoch: 1, loss: 2.3, accuracy: 0.1 },
      { epoch: 2, loss: NaN, accuracy: 0.1 },
      { epoch: 3, loss: 1, accuracy: 0.5 },
    ]);
    assert.is(texts.includes('validation'), false);
    assert.is(texts[1], 'After epoch 3: training loss 1.0000, accuracy 50.00 %');
    assert.is(count(COLORS.vermillion), 0);
    assert.ok(count(COLORS.blue) > 300);
  });

  test(`${library.name}: 50 epochs are drawn as a line, dashed for validation`, () => {
    const { count } = draw(figures(50));
    assert.ok(count(COLORS.blue) > count(COLORS.vermillion), 'a dashed line has less ink');
  });
}

test('with curves within epochs training is drawn at its steps, without the first ones where they are far off', () => {
  const curve = { steps: [5, 10], loss: [4, 0.4], accuracy: [0.1, 0.8] };
  const epochs = [
    { epoch: 1, loss: 2, accuracy: 0.4, valLoss: 0.5, curve },
    { epoch: 2, loss: 0.3, accuracy: 0.8, valLoss: 0.4, curve: { ...curve, loss: [0.3, 0.2] } },
  ];
  const points = epochPoints(epochs, 'loss');
  assert.is(points.length, 4);
  assert.equal(points.slice(1), [
    { x: 1, y: 0.4 },
    { x: 1.5, y: 0.3 },
    { x: 2, y: 0.2 },
  ]);
  // Where the line from (0.5, 4) to (1, 0.4) comes to the highest of the others.
  assert.equal(points[0], { x: 1, y: 0.4 });
  assert.equal(epochPoints(epochs, 'valLoss'), [
    { x: 1, y: 0.5 },
    { x: 2, y: 0.4 },
  ]);
  const { curve: _, ...without } = epochs[1]!;
  assert.equal(
    epochPoints([epochs[0]!, without], 'loss').map(({ x }) => x),
    [1, 2],
  );
});

test('no epoch, no picture', async () => {
  const [library] = await canvasLibraries();
  assert.throws(
    () => drawTrainingCurves(library!.createCanvas, []),
    (error: Error) => error.message === 'drawTrainingCurves needs the figures of at least one epoch, got none',
  );
});

test.run();
