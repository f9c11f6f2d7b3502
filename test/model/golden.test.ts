// The engine against PyTorch: every gradient of the reference network, its first 20 steps of Adam, and the small network in full. And
// against Keras: networks with normalization, residual blocks and MobileNet blocks, in full.
import { test } from 'uvu';
import { adam, layers, sequential, type Sequential, type Tensor } from '../../src/index.js';
import { buildNames, readBuild, within, type BuildName } from '../assembly/guardedMemory.js';
import {
  digestDistance,
  distance,
  f32Limits,
  gradientDigest,
  initialWeights,
  kerasBatch,
  lossLimit,
  referenceBatch,
  referenceNetwork,
  smallBatch,
  smallNetwork,
  type ByName,
  type Digest,
  type ReferenceNetwork,
  type SmallNetwork,
} from '../golden/golden.js';
import { kerasModels, kerasNames } from '../golden/kerasNetworks.js';
import { referenceShape, smallShape } from '../golden/inputs.js';

const { conv2d, dense, flatten, maxPooling2d } = layers;

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

for (const { name, record, make } of kerasModels) {
  for (const build of buildNames) {
    test(`Keras' ${name}: gradients, 20 losses, weights, moving statistics, and probabilities with them (${build} build)`, async () => {
      const model = make();
      model.wasm = readBuild(build);
      model.compile({ optimizer: adam(), loss: 'categoricalCrossentropy', batchSize: record.batch });
      const { float64: expected, steps } = record;
      const batch = (step: number) => {
        const { images, labels } = kerasBatch(record, step);
        return [{ data: images, shape: [labels.length, ...record.shape] }, labels] as const;
      };
      const names = kerasNames(model);
      const check = (actual: readonly Tensor[], own: string[], recorded: ByName, limit: number, what: string): void => {
        for (const [each, values] of Object.entries(recorded))
          within(distance(actual[own.indexOf(each)]!.data, values), limit, `${what}: ${each}`);
      };
      const checkNow = (recorded: ByName, limit: number, what: string): void =>
        check(model.getWeights(), names, recorded, limit, what);
      const checkProbabilities = async (rows: readonly (readonly number[])[], limit: number, what: string) =>
        within(distance((await model.predict(batch(1)[0])).data.subarray(0, 16), rows.flat()), limit, what);

      await checkProbabilities(expected.probabilities, f32Limits.probabilities, 'probabilities');
      const weights = names.filter((_, i) => model.parameters[i]!.role === 'weight');
      const gradients = await model.gradients(...batch(1));
      check(gradients, weights, expected.gradients, f32Limits.kerasGradients, 'gradient');
      for (let step = 1; step <= steps; step++) {
        const { loss } = await model.trainOnBatch(...batch(step));
        within(relative(loss!, expected.losses[step - 1]!), f32Limits.kerasLosses, `loss of step ${step}`);
        if (step === 1) checkNow(expected.statisticsAfterStep1, f32Limits.probabilities, 'step 1');
      }
      checkNow(expected.weightsAfterStep20, f32Limits.kerasWeightsAfterStep20, 'step 20');
      checkNow(expected.statisticsAfterStep20, f32Limits.kerasAfterStep20, 'step 20');
      await checkProbabilities(expected.probabilitiesAfterStep20, f32Limits.kerasAfterStep20, 'after step 20');
    });
  }
}

test.run();
