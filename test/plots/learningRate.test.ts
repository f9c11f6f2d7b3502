// The picture of the learning-rate finder on every canvas library.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawLearningRate, type LearningRateFigures } from '../../src/plots/learningRate.js';
import { canvasLibraries, pixelsOf, remembering } from './canvasLibraries.js';

const found = (suggestion: number | null): LearningRateFigures => {
  const learningRates = Array.from({ length: 40 }, (_, i) => 10 ** (-6 + i / 8));
  const losses = learningRates.map((rate) => (rate < 0.01 ? 2.3 - 100 * rate : 200 * rate));
  return { learningRates, losses, smoothed: losses, suggestion, lowest: learningRates[31]! };
};

for (const library of await canvasLibraries()) {
  test(`${library.name}: what was found is written, and a rate is marked`, () => {
    const draw = (figures: LearningRateFigures) => {
      const texts: string[] = [];
      const canvas = drawLearningRate(remembering(library.createCanvas, texts), figures, { title: 'Of a test' });
      return { texts, ...pixelsOf(library, canvas) };
    };
    const { learningRates } = found(null);
    const marked = draw(found(learningRates[28]!));
    assert.equal(marked.texts.slice(0, 2), [
      'Of a test',
      'The loss falls most steeply at 0.0032, and is lowest at 0.0075',
    ]);
    for (const text of ['learning rate', 'loss', 'each batch', 'smoothed', 'falls most steeply', '0.001', '0.01'])
      assert.ok(marked.texts.includes(text), text);
    const none = draw(found(null));
    assert.is(none.texts[1], 'The loss does not fall at any rate; it is lowest at 0.0075');
    assert.not.ok(none.texts.includes('falls most steeply'));
    assert.equal(marked.at(0, 0), [255, 255, 255]);
    const wide = found(null);
    const rates = Array.from({ length: 40 }, (_, i) => 10 ** (-7 + i / 5));
    const { texts } = draw({ ...wide, learningRates: rates, lowest: rates[20]! });
    const powers = ['1e-7', '0.000001', '0.00001', '0.0001', '0.001', '0.01', '0.1', '1', '10'];
    assert.equal(texts.filter((text) => powers.includes(text)).slice(0, 8), powers.slice(0, 8), 'of each decade');
  });

  test(`${library.name}: nothing to draw is refused`, () => {
    assert.throws(
      () => drawLearningRate(library.createCanvas, { ...found(null), losses: [] }),
      /^drawLearningRate needs what findLearningRate\(\) returns, of at least one step$/,
    );
  });
}

test.run();
