// The plain f64 loops against PyTorch's float64, and PyTorch's float32 within the limits that our f32 engine is held to.
import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { adamStep, kerasAdam } from '../reference/adam.js';
import { runNetwork } from '../reference/network.js';
import { pixelsForward } from '../reference/pixels.js';
import { oneHot } from '../reference/softmaxCrossEntropy.js';
import {
  digestDistance,
  distance,
  f32Limits,
  gradientDigest,
  initialWeights,
  lossLimit,
  normalizedBatch,
  normalizedNetwork,
  normalizedWeights,
  referenceBatch,
  referenceNetwork,
  smallBatch,
  smallNetwork,
} from './golden.js';
import {
  normalizedLayers,
  normalizedShape,
  referenceLayers,
  referenceShape,
  smallLayers,
  smallShape,
} from './inputs.js';

/** Two f64 computations of up to 10^5 terms a sum, in different orders: 6e-15 was seen. */
const F64_LIMIT = 1e-12;
/** Adam's first step divides each gradient by its own size, so small ones keep all their rounding: 1e-12 was seen. */
const F64_CHANGE_LIMIT = 1e-10;

/** The record has 12 digits, and errors grow a little in 20 steps. */
const KERAS_LIMIT = 1e-9;
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

test('inputs.ts makes the bytes that inputs.py made', () => {
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

test("Keras' normalized network: gradients, 20 steps of Adam, moving statistics, and probabilities with them", () => {
  const { tensors, steps, float64: expected, sha256: recorded } = normalizedNetwork;
  const batches = Array.from({ length: 3 }, (_, i) => normalizedBatch(i + 1));
  assert.equal(recorded, {
    weights: sha256(normalizedWeights()),
    images: sha256(batches.map((b) => b.images)),
    labels: sha256(batches.map((b) => b.labels)),
  });
  const weights = normalizedWeights().map(wide);
  const isStatistic = tensors.map(({ name }) => name.includes('.moving_'));
  const moments = weights.map(({ length }) => [new Float64Array(length), new Float64Array(length)] as const);
  const infer = (): Float64Array => {
    const { images, labels } = normalizedBatch(1);
    const run = runNetwork(normalizedLayers(false), normalizedShape, weights, pixelsForward(images), oneHot(labels, 4));
    return run.probabilities.subarray(0, 16);
  };
  within(distance(infer(), expected.probabilities.flat()), KERAS_LIMIT, 'probabilities');
  for (let step = 1; step <= steps; step++) {
    const { images, labels } = normalizedBatch(step);
    const run = runNetwork(normalizedLayers(true), normalizedShape, weights, pixelsForward(images), oneHot(labels, 4));
    within(relative(run.loss, expected.losses[step - 1]!), KERAS_LIMIT, `loss of step ${step}`);
    const [gradients, statistics] = [[...run.gradients], [...run.statistics]];
    for (const [i, w] of weights.entries()) {
      if (isStatistic[i]) w.set(statistics.shift()!);
      else adamStep(w, ...moments[i]!, gradients.shift()!.map(withoutRest), step, kerasAdam);
    }
    if (step === 1)
      run.gradients.forEach((gradient, i) =>
        within(distance(gradient.map(withoutRest), expected.gradients[i]!), KERAS_LIMIT, `gradient ${i}`),
      );
    const recordedThen = { 1: expected.statisticsAfterStep1, 20: expected.statisticsAfterStep20 }[step];
    run.statistics.forEach((statistic, i) => {
      if (recordedThen) within(distance(statistic, recordedThen[i]!), KERAS_LIMIT, `statistic ${i} after step ${step}`);
    });
  }
  within(distance(infer(), expected.probabilitiesAfterStep20.flat()), KERAS_LIMIT, 'probabilities after step 20');
});

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
