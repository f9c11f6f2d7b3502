// The recipe best: one network for images of any form, which learns, and is changed at random while it trains alone.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { builtinDigits } from '../../src/data/index.js';
import { loadModel, swa } from '../../src/index.js';
import { averagingOf, compileRun, recipes, stepsOf, type RunSettings } from '../../src/recipes/index.js';
import { refusesAtOnce } from '../node/refuses.js';

const { best } = recipes;
const settings: RunSettings = {
  recipe: 'best',
  epochs: 6,
  batchSize: 32,
  learningRate: best.learningRate,
  seed: 1,
  numerics: 'exact',
  earlyStopping: null,
};

for (const hasMargin of [false, true])
  test(`it learns digits in a few epochs ${hasMargin ? 'with' : 'without'} a margin, and reads an image as it is`, async () => {
    const { train, test } = builtinDigits({ trainCount: 600, testCount: 200 });
    const model = best.network!({ seed: settings.seed, hasMargin });
    compileRun(model, settings, train.y.length, undefined);
    const averaging = averagingOf(model, settings, train.y.length);
    await model.fit(train.x, train.y, { epochs: settings.epochs, callbacks: averaging ? swa(averaging) : [] });
    const { accuracy } = await model.evaluate(test.x, test.y);
    assert.ok(accuracy! > 0.8, `${accuracy}`);
    const [once, again] = [await model.predict(test.x), await model.predict(test.x)];
    assert.equal(once, again);
  });

test('with a margin the rate stays high in the second half, and the weights are averaged', () => {
  const trained = (hasMargin: boolean, earlyStopping: number | null = null) => {
    const model = best.network!({ hasMargin });
    const given = { ...settings, earlyStopping };
    compileRun(model, given, 32_000, undefined);
    const steps = stepsOf(given, 32_000);
    const isAveraged = averagingOf(model, given, 32_000) !== null;
    return {
      isAveraged,
      rates: [0.25, 0.5, 1].map((share) => model.compiled!.optimizer.schedule.at(1 + share * steps)),
    };
  };
  const [margin, none] = [trained(true), trained(false)];
  assert.equal([margin.isAveraged, none.isAveraged], [true, false]);
  const near = (rate: number | undefined, share: number): boolean =>
    Math.abs(rate! - share * settings.learningRate) < 1e-9;
  assert.ok(
    !near(margin.rates[0], 0.6) && near(margin.rates[1], 0.6) && near(margin.rates[2], 0.6),
    margin.rates.join(),
  );
  assert.ok(near(none.rates[2], 0) && !near(none.rates[1], 0.6), none.rates.join());
  // The weights of the best epoch are no mean.
  assert.equal(trained(true, 3), none);
});

test('a run resumes with the mean that it began with, or without', async () => {
  const short = { ...settings, epochs: 2 };
  const { train } = builtinDigits({ trainCount: 64, testCount: 1 });
  const isResumed = async (isAveraged: boolean): Promise<boolean> => {
    const model = best.network!({ hasMargin: true });
    compileRun(model, short, 64, undefined);
    const saved: Uint8Array[] = [];
    const keeper = { onSavePoint: () => void saved.push(model.save()) };
    const averaging = isAveraged ? [swa(averagingOf(model, short, 64)!)] : [];
    await model.fit(train.x, train.y, { epochs: short.epochs, callbacks: [...averaging, keeper] });
    return averagingOf(loadModel(saved[1]!).model, short, 64) !== null;
  };
  assert.equal([await isResumed(true), await isResumed(false)], [true, false]);
});

test('images of any form with three pools in them, and any number of classes', () => {
  for (const inputShape of [
    [8, 8, 1],
    [9, 31, 3],
    [64, 48, 4],
  ]) {
    const model = best.network!({ inputShape, classes: 3 });
    assert.equal([model.inputShape, model.outputShape], [inputShape, [3]]);
  }
  refusesAtOnce(
    () => best.network!({ inputShape: [28, 7, 1] }),
    'the recipe best needs images of at least 8 × 8 pixels, got 28 × 7; train them by another recipe',
  );
  refusesAtOnce(
    () => best.network!({ hasMargin: 'yes' } as never),
    'hasMargin of the recipe best must be true or false, got "yes"',
  );
  refusesAtOnce(
    () => best.network!({ hasMargins: true } as never),
    "the network of the recipe best has no option 'hasMargins' (did you mean 'hasMargin'?); it has inputShape, classes, seed, hasMargin",
  );
});

test('what images with a margin show is turned and shifted in it; others are cropped, and small ones', () => {
  for (const [inputShape, hasMargin, kind, places] of [
    [[28, 28, 1], true, 'randomAffine', 2 * 2],
    [[20, 31, 1], true, 'randomAffine', 1 * 2],
    [[19, 28, 1], true, 'randomCrop', 2 * 3],
    [[28, 28, 1], false, 'randomCrop', 3 * 3],
  ] as const) {
    const { layers } = best.network!({ inputShape, hasMargin });
    const { outputShape } = layers.find(({ layer }) => layer.kind === 'flatten')!;
    assert.equal([layers[0]!.layer.kind, outputShape], [kind, [places * 128]], `${inputShape.join()} ${hasMargin}`);
  }
  assert.is(best.network!({}).layers[0]!.layer.kind, 'randomCrop');
});

test('the number of epochs does not depend on which data they are', () => {
  assert.equal(best.usual('mnist', 60_000), best.usual('fashion-mnist', 60_000));
  assert.equal(best.usual('pets', 2_000), { epochs: 32, batchSize: 32 });
  assert.equal(best.usual('pets', 20), { epochs: 200, batchSize: 32 });
});

test.run();
