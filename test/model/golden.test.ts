// The engine against PyTorch: every gradient of the reference network, its first 20 steps of Adam, and the small network in full. And
// against Keras: a network with normalization in full.
import { test } from 'uvu';
import { adam, layers, sequential, type Sequential, type Tensor } from '../../src/index.js';
import { buildNames, readBuild, within, type BuildName } from '../assembly/guardedMemory.js';
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
  type Digest,
  type ReferenceNetwork,
  type SmallNetwork,
} from '../golden/golden.js';
import { normalizedShape, referenceShape, smallShape } from '../golden/inputs.js';

const { activation, batchNormalization, conv2d, dense, flatten, layerNormalization, maxPooling2d } = layers;

function compiled(
  network: ReferenceNetwork | SmallNetwork,
  build: BuildName,
  inputShape: readonly number[],
  list: readonly layers.Layer[],
): Sequential {
  const model = sequential({ inputShape, layers: list });
  model.wasm = readBuild(build);
  model.compile({ optimizer: adam(), loss: 'categoricalCrossentropy', batchSize: network.batch });
  model.setWeights(initialWeights(network).map((data, i) => ({ data, shape: network.tensors[i]!.shape })));
  return model;
}

const reference = (build: BuildName): Sequential =>
  compiled(referenceNetwork, build, referenceShape, [
    conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    maxPooling2d(),
    conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
    maxPooling2d(),
    flatten(),
    dense({ units: 128, activation: 'relu' }),
    dense({ units: 10, activation: 'softmax' }),
  ]);

const small = (build: BuildName): Sequential =>
  compiled(smallNetwork, build, smallShape, [
    conv2d({ filters: 5, kernelSize: [3, 2], strides: [2, 1], padding: 'same', activation: 'relu' }),
    maxPooling2d({ poolSize: [3, 2], strides: [2, 2], padding: 'same' }),
    conv2d({ filters: 7, kernelSize: [2, 3] }),
    flatten(),
    dense({ units: 6, activation: 'relu' }),
    dense({ units: 4, activation: 'softmax' }),
  ]);

function normalized(build: BuildName): Sequential {
  const model = sequential({
    inputShape: normalizedShape,
    layers: [
      conv2d({ filters: 8, kernelSize: 3, padding: 'same', useBias: false }),
      batchNormalization(),
      activation({ activation: 'relu' }),
      conv2d({ filters: 12, kernelSize: 3, strides: 2, padding: 'same' }),
      batchNormalization({ momentum: 0.8 }),
      activation({ activation: 'relu' }),
      maxPooling2d(),
      batchNormalization({ scale: false, epsilon: 1e-2 }),
      activation({ activation: 'tanh' }),
      flatten(),
      dense({ units: 6, useBias: false }),
      batchNormalization({ center: false }),
      activation({ activation: 'tanh' }),
      layerNormalization(),
      dense({ units: 4, activation: 'softmax' }),
    ],
  });
  model.wasm = readBuild(build);
  model.compile({ optimizer: adam(), loss: 'categoricalCrossentropy', batchSize: normalizedNetwork.batch });
  model.setWeights(normalizedWeights().map((data, i) => ({ data, shape: normalizedNetwork.tensors[i]!.shape })));
  return model;
}

function batchOf(step: number): { x: Tensor<Uint8Array>; labels: Uint8Array } {
  const { images, labels } = referenceBatch(step);
  return { x: { data: images, shape: [labels.length, ...referenceShape] }, labels };
}

const relative = (actual: number, expected: number): number => Math.abs(actual / expected - 1);

/** Weights minus initial weights. */
function checkChanges(model: Sequential, expected: readonly Digest[], limit: number, what: string): void {
  const start = initialWeights(referenceNetwork);
  model.getWeights().forEach(({ data }, i) => {
    const change = Float64Array.from(data, (value, j) => value - start[i]![j]!);
    within(
      digestDistance(gradientDigest(change, i), expected[i]!),
      limit,
      `${what}: change of ${referenceNetwork.tensors[i]!.name}`,
    );
  });
}

for (const build of buildNames) {
  test(`reference network: probabilities and every gradient of the first batch (${build} build)`, async () => {
    const model = reference(build);
    const { x, labels } = batchOf(1);
    const expected = referenceNetwork.float64;
    const gradients = await model.gradients(x, labels);
    gradients.forEach(({ data }, i) =>
      within(
        digestDistance(gradientDigest(data, i), expected.gradients[i]!),
        f32Limits.gradients,
        referenceNetwork.tensors[i]!.name,
      ),
    );
    within(
      distance((await model.predict(x)).data.subarray(0, 40), expected.probabilities.flat()),
      f32Limits.probabilities,
      'probabilities',
    );
  });

  test(`reference network: the first 20 losses, and the weights after steps 1 and 20 (${build} build)`, async () => {
    const model = reference(build);
    const { losses, changesAfterStep1, changesAfterStep20 } = referenceNetwork.float64;
    for (let step = 1; step <= referenceNetwork.steps; step++) {
      const { x, labels } = batchOf(step);
      within(
        relative((await model.trainOnBatch(x, labels)).loss!, losses[step - 1]!),
        lossLimit(step),
        `loss of step ${step}`,
      );
      if (step === 1) checkChanges(model, changesAfterStep1, f32Limits.changesAfterStep1, 'step 1');
    }
    checkChanges(model, changesAfterStep20, f32Limits.changesAfterStep20, 'step 20');
  });

  test(`small network of awkward sizes: loss, probabilities, every gradient in full (${build} build)`, async () => {
    const model = small(build);
    const { images, labels } = smallBatch();
    const x = { data: images, shape: [labels.length, ...smallShape] };
    const expected = smallNetwork.float64;
    (await model.gradients(x, labels)).forEach(({ data }, i) =>
      within(distance(data, expected.gradients[i]!), f32Limits.smallGradients, smallNetwork.tensors[i]!.name),
    );
    within(
      distance((await model.predict(x)).data, expected.probabilities.flat()),
      f32Limits.probabilities,
      'probabilities',
    );
    within(relative((await model.evaluate(x, labels)).loss!, expected.loss), lossLimit(1), 'loss');
  });
}

for (const build of buildNames) {
  test(`normalized network: gradients, 20 losses, moving statistics, and probabilities with them (${build} build)`, async () => {
    const model = normalized(build);
    const { float64: expected, steps } = normalizedNetwork;
    const batch = (step: number) => {
      const { images, labels } = normalizedBatch(step);
      return [{ data: images, shape: [labels.length, ...normalizedShape] }, labels] as const;
    };
    const checkProbabilities = async (rows: readonly (readonly number[])[], limit: number, what: string) =>
      within(distance((await model.predict(batch(1)[0])).data.subarray(0, 16), rows.flat()), limit, what);
    const checkStatistics = (values: readonly (readonly number[])[], limit: number, what: string): void =>
      model
        .getWeights()
        .filter((_, i) => model.parameters[i]!.role === 'statistic')
        .forEach(({ data }, i) => within(distance(data, values[i]!), limit, `${what}: statistic ${i}`));
    await checkProbabilities(expected.probabilities, f32Limits.probabilities, 'probabilities');
    (await model.gradients(...batch(1))).forEach(({ data }, i) =>
      within(distance(data, expected.gradients[i]!), f32Limits.normalizedGradients, `gradient ${i}`),
    );
    for (let step = 1; step <= steps; step++) {
      const { loss } = await model.trainOnBatch(...batch(step));
      within(relative(loss!, expected.losses[step - 1]!), lossLimit(step), `loss of step ${step}`);
      if (step === 1) checkStatistics(expected.statisticsAfterStep1, f32Limits.probabilities, 'step 1');
    }
    checkStatistics(expected.statisticsAfterStep20, f32Limits.normalizedAfterStep20, 'step 20');
    await checkProbabilities(expected.probabilitiesAfterStep20, f32Limits.normalizedAfterStep20, 'after step 20');
  });
}

test.run();
