// Mistakes that people make in JavaScript, where no compiler stops them: nothing but a sentence may escape, and none may pass unseen.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adam,
  layers,
  linearDecay,
  loadModel,
  sequential,
  WasmCnnError,
  type Labels,
  type Sequential,
  type Tensor,
} from '../../src/index.js';
import { restoreOptimizer } from '../../src/model/restoreOptimizer.js';
import { builtinDigits, prepareDigit } from '../../src/data/index.js';

const { conv2d, dense } = layers;
const x: Tensor = { data: new Float32Array(8).fill(0.5), shape: [2, 4] };
const y = [0, 1];
const head = () => dense({ units: 3, activation: 'softmax' });
const small = (): Sequential => sequential({ inputShape: [4], layers: [head()] });

function compiled(options: object = {}): Sequential {
  const model = small();
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', ...options });
  return model;
}

/** What TypeScript would not let pass. */
const any = (value: unknown): never => value as never;
const stack = (inputShape: unknown, layer: unknown) => () => sequential(any({ inputShape, layers: [layer] }));
const fit =
  (given: unknown, labels: unknown = y, options: object = {}) =>
  () =>
    compiled().fit(given as Tensor, labels as Labels, options);

function withValue(value: number): Tensor<Float32Array>[] {
  const weights = small().getWeights();
  weights[0]!.data[5] = value;
  return weights;
}

function restore(slot: string, value: number): void {
  const model = compiled();
  const slots = new Map(model.optimizerSlots);
  slots.get(slot)![0] = value;
  restoreOptimizer(model, 1, slots);
}

const wide = () => sequential({ inputShape: [1], layers: [dense({ units: 100000 })] });

const mistakes: readonly [string, () => unknown][] = [
  ['inputShape: 28', stack(28, head())],
  ["inputShape: '28'", stack('28', head())],
  ['layers: one layer', () => sequential({ inputShape: [3], layers: any(head()) })],
  ['layers: [dense], not called', stack([3], dense)],
  ['layers: [undefined]', stack([3], undefined)],
  ['dense()', () => dense(any(undefined))],
  ['conv2d()', () => conv2d(any(undefined))],
  ['compile()', () => small().compile(any(undefined))],
  ['compile without optimizer', () => small().compile(any({ loss: 'categoricalCrossentropy' }))],
  ['an optimizer that is options only', () => compiled({ optimizer: { learningRate: 0.1 } })],
  ["metrics: 'accuracy'", () => compiled({ metrics: 'accuracy' })],
  ['an unknown option of compile', () => compiled({ metric: ['accuracy'] })],
  ['an unknown option of adam', () => adam(any({ lr: 0.1 }))],
  ['beta1 as text', () => adam(any({ beta1: '0.9' }))],
  ['an unknown option of linearDecay', () => linearDecay(any({ peak: 0.1, totalSteps: 10, warmup: 2 }))],
  ['linearDecay()', () => linearDecay(any(undefined))],
  ['useBias as text', () => dense({ units: 1, useBias: any('no') })],
  ['fit()', fit(undefined)],
  ['fit(x)', () => compiled().fit(x, any(undefined))],
  ['fit of a typed array', fit(new Float32Array(8))],
  [
    'fit of nested arrays',
    fit([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ]),
  ],
  ['fit of a shape without data', fit({ shape: [2, 4] })],
  ['labels as text', fit(x, '01')],
  ['labels as a number', fit(x, 1)],
  ['validationData as an object', fit(x, y, { validationData: { x, y } })],
  ['validationData without labels', fit(x, y, { validationData: [x] })],
  ['callbacks as a function', fit(x, y, { callbacks: () => {} })],
  ['a callback that there is not', fit(x, y, { callbacks: { onEpochEnds: () => {} } })],
  ['predict()', () => small().predict(any(undefined))],
  ['predict of a typed array', () => small().predict(any(new Float32Array(4)))],
  ['trainOnBatch of a typed array', () => compiled().trainOnBatch(any(new Float32Array(4)), y)],
  ['setWeights()', () => small().setWeights(any(undefined))],
  ['setWeights of NaN', () => small().setWeights(withValue(NaN))],
  ['setWeights of Infinity', () => small().setWeights(withValue(-Infinity))],
  ['restoreOptimizer without slots', () => restoreOptimizer(compiled(), 1, any(undefined))],
  ['restoreOptimizer of NaN', () => restore('m', NaN)],
  ['restoreOptimizer of Infinity', () => restore('v', Infinity)],
  ['workers: 2', () => compiled({ workers: 2 })],
  ['loadModel with workers: 2', () => loadModel(small().save(), { workers: any(2) })],
  [
    'predict of more outputs than a typed array holds',
    () => wide().predict({ data: new Uint8Array(1e6), shape: [1e6, 1] }),
  ],
  ['builtinDigits(500)', () => builtinDigits(any(500))],
  ['an unknown option of builtinDigits', () => builtinDigits(any({ count: 5 }))],
  ['more built-in digits than a typed array holds', () => builtinDigits({ trainCount: 1e12 })],
  ['prepareDigit of a path', () => prepareDigit(any('digit.png'))],
  ['setWeights of typed arrays', () => small().setWeights(any([new Float32Array(12), new Float32Array(3)]))],
];

for (const [what, work] of mistakes) {
  test(`mistake: ${what}`, async () => {
    const error = await Promise.resolve()
      .then(work)
      .then(
        () => 'nothing',
        (reason: unknown) => reason,
      );
    // A TypeError from the inside says nothing to who made the mistake.
    assert.instance(error, WasmCnnError, `${String(error)} escaped`);
  });
}

test.run();
