// Regularizers, constraints, and weights of examples and classes, as Keras' fit and evaluate have them (regularization.json).
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adam,
  constraints,
  layers,
  losses,
  optimizers,
  regularizers,
  sequential,
  type FitOptions,
  type Logs,
  type Model,
  type Optimizer,
} from '../../src/index.js';
import { sizeOf } from '../../src/base/shape.js';

interface Recorded {
  /** Logs of each epoch. */
  readonly history: Readonly<Record<string, readonly number[]>>;
  /** Logs of evaluate() after them. */
  readonly evaluate: Logs;
  readonly weights: readonly (readonly number[])[];
}

type Case = 'rules' | 'frozen' | 'clipped' | 'sampleWeight' | 'classWeight' | 'binaryClassWeight';

const recorded = JSON.parse(
  readFileSync(new URL('../../../test/golden/regularization.json', import.meta.url), 'utf8'),
) as Readonly<Record<Case, Recorded>>;

const [N, BATCH, EPOCHS, CLASSES] = [22, 8, 3, 3];
/** f32 against f64, through nine steps of Adam, which divides by gradients that may be small. */
const TOLERANCE = 2e-4;

const numbers = (stream: number, count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => (((i * 7919 + stream * 104729 + 12345) % 2001) - 1000) / 1000);
const y = Array.from({ length: N }, (_, i) => (i * i + Math.floor(i / 3)) % CLASSES);
const sampleWeight = Array.from({ length: N }, (_, i) => ((i * 5) % 7) / 2);
const images = { data: numbers(100, N * 60), shape: [N, 6, 5, 2] };
const rows = { data: numbers(100, N * 60), shape: [N, 60] };

function imageNetwork(frozen = false): Model {
  const { l1, l2, l1l2 } = regularizers;
  const { maxNorm, minMaxNorm, unitNorm } = constraints;
  return sequential({
    inputShape: [6, 5, 2],
    layers: [
      layers.conv2d({
        ...{ filters: 4, kernelSize: 3, activation: 'relu', kernelRegularizer: 'l2', trainable: !frozen },
        ...{ biasRegularizer: l1({ l1: 0.02 }), kernelConstraint: maxNorm({ maxValue: 1, axis: [0, 1, 2] }) },
      }),
      layers.batchNormalization({
        ...{ gammaRegularizer: l2({ l2: 0.05 }), betaRegularizer: l1({ l1: 0.03 }), gammaConstraint: 'nonNeg' },
      }),
      layers.depthwiseConv2d({
        ...{ kernelSize: 2, depthwiseRegularizer: l1l2({ l1: 0.01, l2: 0.02 }), activityRegularizer: l2({ l2: 0.01 }) },
        depthwiseConstraint: minMaxNorm({ minValue: 0.2, maxValue: 0.9, rate: 0.5, axis: [0, 1] }),
      }),
      layers.separableConv2d({
        ...{ filters: 5, kernelSize: 2, activation: 'tanh', depthwiseRegularizer: 'l1' },
        ...{ pointwiseRegularizer: l2({ l2: 0.03 }), pointwiseConstraint: unitNorm({ axis: 2 }) },
        activityRegularizer: l1({ l1: 0.004 }),
      }),
      layers.flatten(),
      layers.dense({
        ...{ units: 7, activation: 'tanh', kernelRegularizer: l1l2({ l1: 0.003, l2: 0.01 }) },
        ...{
          kernelConstraint: maxNorm({ maxValue: 0.8 }),
          biasConstraint: minMaxNorm({ minValue: 0.1, maxValue: 0.5 }),
        },
      }),
      layers.layerNormalization({
        betaRegularizer: l2({ l2: 0.1 }),
        gammaConstraint: maxNorm({ maxValue: 1.5 }),
      }),
      layers.dense({ units: CLASSES, activation: 'softmax', activityRegularizer: l2({ l2: 0.02 }) }),
    ],
  });
}

const binaryNetwork = (): Model =>
  sequential({
    inputShape: [60],
    layers: [
      layers.dense({ units: 4, activation: 'tanh', kernelRegularizer: regularizers.l2({ l2: 0.02 }) }),
      layers.dense({ units: 1, activation: 'sigmoid' }),
    ],
  });

const smooth = losses.categoricalCrossentropy({ labelSmoothing: 0.1 });
const makeAdam = (): Optimizer => adam({ learningRate: 0.01 });

function near(value: number, wanted: number, what: string): void {
  assert.ok(
    Math.abs(value - wanted) <= TOLERANCE * Math.max(1, Math.abs(wanted)),
    `${what}: ${value}, Keras ${wanted}`,
  );
}

function compare(
  name: Case,
  model: Model,
  optimizer: Optimizer,
  loss: string | losses.Loss,
  options: FitOptions = {},
  labels: readonly number[] = y,
): void {
  test(`${name}: losses, metrics and weights are Keras'`, async () => {
    const { history, evaluate, weights } = recorded[name];
    model.setWeights(
      model.parameters.map(({ shape, name: own }, i) => {
        const data = numbers(i + 1, sizeOf(shape));
        return { shape, data: /gamma|movingVariance/.test(own) ? data.map(Math.abs) : data };
      }),
    );
    model.compile({ optimizer, loss, metrics: ['accuracy'], batchSize: BATCH });
    const x = model.inputShape.length === 1 ? rows : images;
    const given = await model.fit(x, labels, { epochs: EPOCHS, shuffle: false, ...options });
    for (const [figure, values] of Object.entries(history))
      for (const [epoch, value] of values.entries())
        near(given.history[figure]![epoch]!, value, `${figure} of epoch ${epoch + 1}`);
    const { sampleWeight: own } = options;
    const logs = await model.evaluate(x, labels, own === undefined ? {} : { sampleWeight: own });
    for (const [figure, value] of Object.entries(evaluate)) near(logs[figure]!, value, `${figure} of evaluate`);
    for (const [i, { data }] of model.getWeights().entries())
      for (const [j, value] of data.entries()) near(value, weights[i]![j]!, `${model.parameters[i]!.name}[${j}]`);
  });
}

compare('rules', imageNetwork(), makeAdam(), smooth);
compare('frozen', imageNetwork(true), makeAdam(), smooth);
compare('clipped', imageNetwork(), optimizers.sgd({ learningRate: 0.05, momentum: 0.9, globalClipnorm: 0.5 }), smooth);
compare('sampleWeight', imageNetwork(), makeAdam(), smooth, {
  sampleWeight,
  validationData: [
    { data: images.data.subarray(0, 9 * 60), shape: [9, 6, 5, 2] },
    y.slice(0, 9),
    sampleWeight.slice(0, 9),
  ],
});
compare('classWeight', imageNetwork(), makeAdam(), 'sparseCategoricalCrossentropy', { classWeight: { 0: 0.5, 2: 3 } });
compare(
  'binaryClassWeight',
  binaryNetwork(),
  makeAdam(),
  losses.binaryCrossentropy({ labelSmoothing: 0.2 }),
  { classWeight: { 0: 4, 1: 0.25 } },
  y.map((label) => (label > 0 ? 1 : 0)),
);

test.run();
