// Metrics in models: what logs call them, any batch size, files, resume, threads and the background; and what they refuse.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adam,
  loadModel,
  metrics,
  type CompileOptions,
  type FitOptions,
  type History,
  type Model,
} from '../../src/index.js';
import { background } from '../../src/node/threads/background.js';
import { workers } from '../../src/node/threads/workers.js';
import { compiledToy, toyExamples, toyModel } from '../model/toy.js';
import { refuses, refusesAtOnce } from '../node/refuses.js';
import { figuresOf } from './figures.js';

const { x, y } = toyExamples(40);
const validation = toyExamples(12, 2);
const options = { epochs: 2, seed: 7, validationData: [validation.x, validation.y] } as const;
const counting = (): readonly metrics.Metric[] => [
  metrics.precision(),
  metrics.recall({ classId: 1, name: 'recallOfOne' }),
  metrics.f1Score(),
  metrics.f1Score({ average: 'macro', name: 'macro' }),
  metrics.auc({ numThresholds: 20 }),
  metrics.meanIoU(),
];
const names = [
  ...['loss', 'precision', 'recallOfOne', 'f1Score_0', 'f1Score_1', 'f1Score_2', 'f1Score_3'],
  ...['macro', 'auc', 'meanIoU'],
];

function compiled(more: Partial<CompileOptions> = {}): Model {
  const model = toyModel();
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: counting(), batchSize: 16, ...more });
  return model;
}

async function trained(model: Model, more: FitOptions = {}, files: Uint8Array[] = []): Promise<History> {
  const save = { onSavePoint: () => void files.push(model.save()) };
  return model.fit(x, y, { ...options, ...more, callbacks: save });
}

test('evaluate agrees with the metrics of the output of predict', async () => {
  const model = compiled({ optimizer: adam({ learningRate: 0.01 }) });
  await model.fit(x, y, { epochs: 10 });
  const logs = await model.evaluate(x, y);
  assert.equal(Object.keys(logs), names);
  const { data } = await model.predict(x);
  const rows = Float32Array.from([...y].flatMap((label) => [0, 1, 2, 3].map((c) => Number(c === label))));
  const judged = { shape: [4], loss: { name: 'categoricalCrossentropy', targets: 'classes' as const } };
  const expected = counting().flatMap((metric) => figuresOf(metric, judged, data, rows));
  assert.equal(Object.values(logs).slice(1), expected);
  assert.ok(expected[0]! > 0, 'something means yes');
});

test('figures do not depend on the batch size, nor on threads', async () => {
  const logs = [{ batchSize: 1 }, { batchSize: 7 }, { batchSize: 64, workers: workers(2) }].map((more) =>
    compiled(more).evaluate(x, y),
  );
  const [first, ...others] = await Promise.all(logs);
  for (const other of others) assert.equal(other, first);
});

test('from every save point a resumed fit has the same history, and so has one in the background', async () => {
  const files: Uint8Array[] = [];
  const whole = await trained(compiled(), {}, files);
  assert.equal(Object.keys(whole.history), [...names, ...names.map((name) => `val_${name}`)]);
  assert.is(files.length, 1 + 2 * 4);
  for (const [i, bytes] of files.entries()) {
    const { model } = loadModel(bytes);
    const history = await model.fit(x, y, { validationData: options.validationData, resume: true });
    assert.equal(history, whole, `save point ${i}`);
  }
  const elsewhere: Uint8Array[] = [];
  assert.equal(await trained(compiled({ background: background() }), {}, elsewhere), whole);
  assert.equal(elsewhere, files);
});

test('a checkpoint with invalid counts is refused', async () => {
  const { readSafetensors } = await import('../../src/formats/safetensors.js');
  const { writeWithoutChecksum } = await import('../formats/otherTool.js');
  const files: Uint8Array[] = [];
  await trained(compiled(), {}, files);
  const file = readSafetensors(files[1]!, 'it');
  const fit = JSON.parse(file.metadata.get('fit')!);
  for (const precision of [3, [1], [1, -1], [1, 0.5], [1, 2, 3]]) {
    const changed = JSON.stringify({ ...fit, totals: { ...fit.totals, precision } });
    assert.throws(
      () => loadModel(writeWithoutChecksum({ ...file, metadata: new Map([...file.metadata, ['fit', changed]]) })),
      /totals of precision must be 2 counts$/,
    );
  }
});

test('a function as a metric: the mean of its values for the examples', async () => {
  const right = (yTrue: Float32Array, yPred: Float32Array): number => Number(yTrue[yPred.indexOf(Math.max(...yPred))]);
  const model = compiledToy();
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy', right] });
  const { history } = await model.fit(x, y, options);
  assert.equal(Object.keys(history), ['loss', 'accuracy', 'right', 'val_loss', 'val_accuracy', 'val_right']);
  assert.equal(history['right'], history['accuracy']);
  assert.equal(history['val_right'], history['val_accuracy']);
  refusesAtOnce(
    () => model.save(),
    "the model cannot be saved: loadModel() could not make its metrics again (there is no metric 'right'); use what wasm-cnn has, or save it with includeOptimizer: false",
  );
  model.save({ includeOptimizer: false });
  // Its steps stay here.
  const same = toyModel();
  same.compile({
    optimizer: 'adam',
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy', right],
    background: background(),
  });
  assert.equal((await same.fit(x, y, options)).history, history);
  const bad = toyModel();
  bad.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: [{ nan: () => NaN }.nan] });
  await refuses(bad.evaluate(x, y), "the metric 'nan' must return a finite number, got NaN");
});

const onClasses = { shape: [4], loss: { name: 'categoricalCrossentropy', targets: 'classes' as const } };
const logits = { ...onClasses, loss: { ...onClasses.loss, fromLogits: true } };
const numbers = { shape: [4, 4, 1], loss: { name: 'huber', targets: 'values' as const } };
const refused: readonly [() => unknown, string][] = [
  [
    () => metrics.precision({ threshold: 1 } as never),
    "precision has no option 'threshold' (did you mean 'thresholds'?); it has thresholds, topK, classId, name",
  ],
  [
    () => metrics.precision({ thresholds: [0.5] as never }),
    "precision's thresholds must be one finite number, got an array",
  ],
  [() => metrics.recall({ topK: 0 }), "recall's topK must be a whole number of at least 1, got 0"],
  [() => metrics.recall({ classId: -1 }), "recall's classId must be a whole number of at least 0, got -1"],
  [
    () => metrics.precision({ topK: 4 }).on(onClasses),
    "the metric 'precision' with topK 4 takes every output for yes, as categoricalCrossentropy on [n, 4] has 4; give it a smaller topK",
  ],
  [
    () => metrics.precision({ classId: 4 }).on(onClasses),
    "the metric 'precision' has classId 4, and categoricalCrossentropy on [n, 4] has classes 0 to 3; give it one of them",
  ],
  [
    () => metrics.precision().on(logits),
    "the metric 'precision' needs probabilities, and categoricalCrossentropy on [n, 4] takes logits; end the model in softmax, or give the metric topK: 1",
  ],
  [
    () => metrics.f1Score({ average: 'mean' as never }),
    `f1Score's average must be 'micro', 'macro', 'weighted' or null, got "mean"`,
  ],
  [() => metrics.f1Score({ threshold: NaN }), "f1Score's threshold must be a finite number or null, got NaN"],
  [() => metrics.auc({ numThresholds: 1 }), "auc's numThresholds must be a whole number of at least 2, got 1"],
  [() => metrics.auc({ numThresholds: 2 ** 31 }), "auc's numThresholds must be at most 100000, got 2147483648"],
  [() => metrics.auc({ curve: 'roc' as never }), `auc's curve must be one of ROC, PR, got "roc"`],
  [
    () => metrics.auc().on(logits),
    "the metric 'auc' needs probabilities, and categoricalCrossentropy on [n, 4] has logits; end the model in softmax or sigmoid, with a loss of classes or of yes and no",
  ],
  [
    () => metrics.meanIoU().on(numbers),
    "the metric 'meanIoU' compares masks of classes, or of yes and no, and huber on [n, 4, 4, 1] has none; use meanAbsoluteError",
  ],
  [
    () => metrics.meanIoU({ numClasses: 3 }).on(onClasses),
    "the metric 'meanIoU' has numClasses 3, and categoricalCrossentropy on [n, 4] has 4; leave it out",
  ],
  [
    () => metrics.meanIoU({ threshold: 0.5 }).on(onClasses),
    "the metric 'meanIoU' has a threshold, and categoricalCrossentropy on [n, 4] has classes, of which the largest output is the one; leave it out",
  ],
];
for (const [call, sentence] of refused)
  test(sentence, () => {
    assert.throws(call, (error: Error) => error.message === sentence || assert.is(error.message, sentence));
  });

test('a figure without any positives, true or predicted, is 0', () => {
  const nothing = new Float32Array(4);
  for (const metric of [metrics.precision(), metrics.recall(), metrics.auc(), metrics.f1Score({ threshold: 0.5 })])
    assert.ok(
      figuresOf(metric, onClasses, nothing, nothing).every((figure) => figure === 0),
      metric.name,
    );
});

test('by name, as in TF.js', () => {
  const model = compiled({ metrics: ['precision', 'recall', 'auc', 'meanIoU', 'f1Score'] });
  assert.equal(
    model.compiled!.outputs[0]!.metrics.map(({ className, name }) => [className, name]),
    [
      ['Precision', 'precision'],
      ['Recall', 'recall'],
      ['AUC', 'auc'],
      ['MeanIoU', 'meanIoU'],
      ['F1Score', 'f1Score'],
    ],
  );
});

test('a file keeps the options of each', () => {
  const { compiled: loaded } = loadModel(compiled().save()).model;
  assert.equal(
    loaded!.outputs[0]!.metrics.map((metric) => [metric.className, metric.getConfig()]),
    counting().map((metric) => [metric.className, metric.getConfig()]),
  );
});

test.run();
