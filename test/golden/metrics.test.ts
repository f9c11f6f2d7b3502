// Metrics and callbacks against what Keras said (recordMetrics.py).
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { earlyStopping, metrics, reduceLROnPlateau, type TrainedModel } from '../../src/index.js';
import { figuresOf } from '../metrics/figures.js';

interface Judgment {
  /** Rows of 1024ths. */
  readonly outputs: readonly (readonly number[])[];
  readonly labels: readonly number[];
  readonly figures: Readonly<Record<string, number | readonly number[]>>;
}

interface Watched {
  readonly values: readonly number[];
  readonly options: Readonly<Record<string, unknown>>;
}

const recorded = JSON.parse(readFileSync(new URL('../../../test/golden/metrics.json', import.meta.url), 'utf8')) as {
  readonly classes: Judgment;
  readonly binary: Judgment;
  readonly earlyStopping: readonly (Watched & { readonly epochs: number; readonly bestEpoch: number })[];
  readonly reduceLROnPlateau: readonly (Watched & { readonly rates: readonly number[] })[];
};

function aucs(numThresholds: number): Record<string, metrics.Metric> {
  return Object.fromEntries(
    (['ROC', 'PR'] as const).flatMap((curve) =>
      (['interpolation', 'minoring', 'majoring'] as const).map((summationMethod) => [
        `${curve} ${summationMethod}`,
        metrics.auc({ curve, summationMethod, numThresholds }),
      ]),
    ),
  );
}

const ofClasses: Record<string, metrics.Metric> = {
  precision: metrics.precision(),
  recall: metrics.recall(),
  'precision 0.3': metrics.precision({ thresholds: 0.3 }),
  'precision top 2': metrics.precision({ topK: 2 }),
  'recall top 2': metrics.recall({ topK: 2 }),
  'precision class 2': metrics.precision({ classId: 2 }),
  'recall class 1 top 2': metrics.recall({ classId: 1, topK: 2 }),
  'f1 by class': metrics.f1Score(),
  'f1 macro': metrics.f1Score({ average: 'macro' }),
  'f1 micro': metrics.f1Score({ average: 'micro' }),
  'f1 weighted': metrics.f1Score({ average: 'weighted' }),
  'f1 macro 0.4': metrics.f1Score({ average: 'macro', threshold: 0.4 }),
  'multi-label': metrics.auc({ multiLabel: true }),
  'top 2': metrics.topKCategoricalAccuracy({ k: 2 }),
  meanIoU: metrics.meanIoU({ numClasses: 4 }),
  mae: metrics.meanAbsoluteError(),
  mse: metrics.meanSquaredError(),
  ...aucs(200),
};
const ofYesAndNo: Record<string, metrics.Metric> = {
  precision: metrics.precision(),
  recall: metrics.recall(),
  meanIoU: metrics.meanIoU(),
  ...aucs(7),
};

for (const [kind, made, judged] of [
  ['classes', ofClasses, { shape: [4], loss: { name: 'categoricalCrossentropy', targets: 'classes' } }],
  ['binary', ofYesAndNo, { shape: [1], loss: { name: 'binaryCrossentropy', targets: 'binary' } }],
] as const) {
  const { outputs, labels, figures } = recorded[kind];
  test(`${kind}: every metric that was recorded is compared`, () =>
    assert.equal(Object.keys(made).sort(), Object.keys(figures).sort()));
  const values = Float32Array.from(outputs.flat(), (value) => value / 1024);
  const targets = Float32Array.from(
    labels.flatMap((label) => (kind === 'binary' ? [label] : [0, 1, 2, 3].map((c) => Number(c === label)))),
  );
  for (const [name, metric] of Object.entries(made))
    test(`${kind}: ${name}`, () => {
      const found = figuresOf(metric, judged, values, targets);
      const expected = [figures[name]!].flat();
      assert.is(found.length, expected.length);
      // Keras counts in f32, and adds 1e-7 below a fraction.
      for (const [i, figure] of found.entries())
        assert.ok(Math.abs(figure - expected[i]!) <= 2e-6, `${figure}, Keras ${expected[i]}`);
    });
}

const camel = (options: Watched['options']): object =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );

/** What a callback that watches x knows of a model. */
const watchedModel = (): TrainedModel =>
  ({
    stopTraining: false,
    learningRate: 0.5,
    countParams: () => 0,
    getWeights: () => [],
    parameters: [],
    compiled: null,
  }) as never;

test('earlyStopping stops where Keras does, with the same best epoch', () => {
  for (const { values, options, epochs, bestEpoch } of recorded.earlyStopping) {
    const model = watchedModel();
    const callback = earlyStopping({ monitor: 'x', ...camel(options) });
    callback.onTrainBegin!(model, undefined, ['x']);
    let epoch = 0;
    while (epoch < values.length && !model.stopTraining) callback.onEpochEnd!(epoch, { loss: 0, x: values[epoch++]! });
    assert.equal([epoch, callback.state.bestEpoch], [epochs, bestEpoch], JSON.stringify(options));
  }
});

test('reduceLROnPlateau lowers the rate where Keras does', () => {
  for (const { values, options, rates } of recorded.reduceLROnPlateau) {
    const model = watchedModel();
    const callback = reduceLROnPlateau({ monitor: 'x', ...camel(options) });
    callback.onTrainBegin!(model, undefined, ['x']);
    for (const [epoch, x] of values.entries()) {
      callback.onEpochEnd!(epoch, { loss: 0, x });
      // Keras' rate is an f32.
      assert.ok(
        Math.abs(model.learningRate - rates[epoch]!) <= 1e-6 * rates[epoch]!,
        `${JSON.stringify(options)}: epoch ${epoch}, ${model.learningRate}, Keras ${rates[epoch]}`,
      );
    }
    assert.ok(rates.at(-1)! < 0.5, 'it was lowered');
  }
});

test.run();
