// The plain f64 loops against PyTorch's float64, and PyTorch's float32 within the limits that our f32 engine is held to.
import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { adamStep, kerasAdam } from '../reference/adam.js';
import { crossEntropy, runGraph } from '../reference/graph.js';
import { runNetwork } from '../reference/network.js';
import { pixelsForward } from '../reference/pixels.js';
import { oneHot } from '../reference/softmaxCrossEntropy.js';
import {
  digestDistance,
  distance,
  f32Limits,
  gradientDigest,
  initialWeights,
  kerasBatch,
  kerasWeights,
  lossLimit,
  referenceBatch,
  referenceNetwork,
  smallBatch,
  smallNetwork,
  type ByName,
} from './golden.js';
import { kerasModels, kerasNames } from './kerasNetworks.js';
import { referenceLayers, referenceShape, smallLayers, smallShape } from './inputs.js';

/** Two f64 computations of up to 10^5 terms a sum, in different orders: 6e-15 was seen. */
const F64_LIMIT = 1e-12;
/** Adam's first step divides each gradient by its own size, so small ones keep all their rounding: 1e-12 was seen. */
const F64_CHANGE_LIMIT = 1e-10;

/** The record has 12 digits, and errors grow a little in 20 steps. */
const KERAS_LIMIT = 1e-9;
/** How near to a kink or a tie a value may be in any step, so that f32 (off by 2e-7) goes the same way as f64. */
const KERAS_MARGIN = 1e-6;
/** What cancels but for rounding, as the record has it. */
const withoutRest = (value: number): number => (Math.abs(value) < 1e-15 ? 0 : value);

const wide = (values: Float32Array): Float64Array => Float64Array.from(values);
const within = (error: number, limit: number, what: string): void =>
  assert.ok(error <= limit, `${what}: off by ${error}, limit ${limit}`);
const sha256 = (parts: readonly (Float32Array | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of parts) hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest('hex');
};
const relative = (actual: number, expected: number): number => Math.abs(actual - expected) / Math.abs(expected);

test('inputs.ts makes the same bytes as inputs.py', () => {
  const batches = Array.from({ length: referenceNetwork.steps }, (_, i) => referenceBatch(i + 1));
  const reference = initialWeights(referenceNetwork);
  assert.is(
    reference.reduce((sum, w) => sum + w.length, 0),
    225034,
  );
  assert.equal(referenceNetwork.sha256, {
    weights: sha256(reference),
    images: sha256(batches.map((b) => b.images)),
    labels: sha256(batches.map((b) => b.labels)),
  });
  const { images, labels } = smallBatch();
  assert.equal(smallNetwork.sha256, {
    weights: sha256(initialWeights(smallNetwork)),
    images: sha256([images]),
    labels: sha256([labels]),
  });
});

test('small network: loss and every gradient', () => {
  const { images, labels } = smallBatch();
  const weights = initialWeights(smallNetwork).map(wide);
  const run = runNetwork(smallLayers, smallShape, weights, pixelsForward(images), oneHot(labels, 4));
  const expected = smallNetwork.float64;
  within(relative(run.loss, expected.loss), F64_LIMIT, 'loss');
  within(distance(run.probabilities, expected.probabilities.flat()), F64_LIMIT, 'probabilities');
  run.gradients.forEach((gradient, i) =>
    within(distance(gradient, expected.gradients[i]!), F64_LIMIT, smallNetwork.tensors[i]!.name),
  );
  within(distance(run.dx, expected.dx), F64_LIMIT, 'dx');
});

test('reference network: loss and gradient of the first batch, one Adam step', () => {
  const { images, labels } = referenceBatch(1);
  const weights = initialWeights(referenceNetwork).map(wide);
  const run = runNetwork(referenceLayers, referenceShape, weights, pixelsForward(images), oneHot(labels, 10));
  const expected = referenceNetwork.float64;
  within(relative(run.loss, expected.losses[0]!), F64_LIMIT, 'loss');
  within(distance(run.probabilities.subarray(0, 40), expected.probabilities.flat()), F64_LIMIT, 'probabilities');
  run.gradients.forEach((gradient, i) => {
    const { name } = referenceNetwork.tensors[i]!;
    within(digestDistance(gradientDigest(gradient, i), expected.gradients[i]!), F64_LIMIT, name);
    const start = weights[i]!;
    const w = start.slice();
    adamStep(w, new Float64Array(w.length), new Float64Array(w.length), gradient, 1, kerasAdam);
    const change = w.map((value, j) => value - start[j]!);
    within(
      digestDistance(gradientDigest(change, i), expected.changesAfterStep1[i]!),
      F64_CHANGE_LIMIT,
      `change of ${name}`,
    );
  });
});

for (const { name, record, make } of kerasModels) {
  test(`Keras' ${name}: gradients, 20 steps of Adam, moving statistics, and probabilities with them`, () => {
    const { steps, float64: expected } = record;
    const batches = Array.from({ length: 3 }, (_, i) => kerasBatch(record, i + 1));
    assert.equal(record.sha256, {
      weights: sha256([...kerasWeights(record).values()]),
      images: sha256(batches.map((b) => b.images)),
      labels: sha256(batches.map((b) => b.labels)),
    });
    const model = make();
    const names = kerasNames(model);
    const isStatistic = (each: string): boolean => each.includes('.moving_');
    const weights = new Map([...kerasWeights(record)].map(([each, values]) => [each, wide(values)]));
    const moments = new Map(names.map((each) => [each, [0, 0].map(() => weights.get(each)!.map(() => 0))]));
    const run = (step: number, training: boolean) => {
      const { images, labels } = kerasBatch(record, step);
      const values = names.map((each) => weights.get(each)!);
      const layered = model.layers.map(({ parameters }) => values.splice(0, parameters.length));
      const losses = [crossEntropy(oneHot(labels, 4))];
      return runGraph(model.topology, layered, [pixelsForward(images)], losses, training ? { seed: 0, step } : null);
    };
    const infer = (): Float64Array => run(1, false).outputs[0]!.values.subarray(0, 16);
    const check = (actual: ReadonlyMap<string, Float64Array>, recorded: ByName, what: string): void => {
      for (const [each, values] of Object.entries(recorded))
        within(distance(actual.get(each)!, values), KERAS_LIMIT, `${what} ${each}`);
    };
    within(distance(infer(), expected.probabilities.flat()), KERAS_LIMIT, 'probabilities');
    for (let step = 1; step <= steps; step++) {
      const { loss, margin, gradients, statistics } = run(step, true);
      within(relative(loss, expected.losses[step - 1]!), KERAS_LIMIT, `loss of step ${step}`);
      assert.ok(margin >= KERAS_MARGIN, `step ${step}: a kink or a tie is as near as ${margin}`);
      const byName = new Map(gradients.flat().map((values, i) => [names[i]!, values.map(withoutRest)]));
      if (step === 1) check(byName, expected.gradients, 'gradient');
      for (const each of names)
        if (!isStatistic(each)) {
          const [m, v] = moments.get(each)!;
          adamStep(weights.get(each)!, m!, v!, byName.get(each)!, step, kerasAdam);
        }
      for (const [i, each] of names.filter(isStatistic).entries()) weights.get(each)!.set(statistics.flat()[i]!);
      if (step === 1) check(weights, expected.statisticsAfterStep1, 'step 1');
    }
    check(weights, expected.weightsAfterStep20, 'step 20');
    check(weights, expected.statisticsAfterStep20, 'step 20');
    within(distance(infer(), expected.probabilitiesAfterStep20.flat()), KERAS_LIMIT, 'probabilities after step 20');
  });
}

test('PyTorch in float32 stays within the limits of an f32 engine', () => {
  const { tensors, float32: actual, float64: expected } = referenceNetwork;
  expected.losses.forEach((loss, i) =>
    within(relative(actual.losses[i]!, loss), lossLimit(i + 1), `loss of step ${i + 1}`),
  );
  within(
    distance(actual.probabilities.flat(), expected.probabilities.flat()),
    f32Limits.probabilities,
    'probabilities',
  );
  for (const part of ['gradients', 'changesAfterStep1', 'changesAfterStep20'] as const)
    tensors.forEach(({ name }, i) =>
      within(digestDistance(actual[part][i]!, expected[part][i]!), f32Limits[part], `${part} ${name}`),
    );

  const small = smallNetwork.float32;
  within(relative(small.loss, smallNetwork.float64.loss), lossLimit(1), 'loss');
  within(
    distance(small.probabilities.flat(), smallNetwork.float64.probabilities.flat()),
    f32Limits.probabilities,
    'probabilities',
  );
  within(distance(small.dx, smallNetwork.float64.dx), f32Limits.smallGradients, 'dx');
  small.gradients.forEach((gradient, i) =>
    within(
      distance(gradient, smallNetwork.float64.gradients[i]!),
      f32Limits.smallGradients,
      smallNetwork.tensors[i]!.name,
    ),
  );
});

test('a digest notices one wrong element, two swapped ones, and NaN', () => {
  const values = initialWeights(referenceNetwork)[4]!; // dense1.kernel, 204800 elements
  const expected = gradientDigest(values, 4);
  assert.is(digestDistance(expected, expected), 0);
  const altered = (change: (copy: Float32Array) => void): number => {
    const copy = values.slice();
    change(copy);
    return digestDistance(gradientDigest(copy, 4), expected);
  };
  assert.ok(altered((copy) => (copy[12345] = 0)) > f32Limits.gradients);
  assert.ok(altered((copy) => ([copy[7], copy[204799]] = [copy[204799]!, copy[7]!])) > f32Limits.gradients);
  assert.not.ok(altered((copy) => (copy[99999] = NaN)) <= Infinity);
  assert.not.ok(distance([1, 2], [1, 2, 3]) <= Infinity);
});

test('twenty steps bring the loss down', () => {
  const { losses } = referenceNetwork.float64;
  assert.ok(losses[19]! < losses[0]! / 3, losses.join(' '));
});

test.run();
