// Trains on few images, as they are and turned, shifted and stretched anew in each step: node augment.mjs
import { adam, augmentedBatch, layers, sequential } from 'wasm-cnn';
import { builtinDigits } from 'wasm-cnn/data';

const { train, test } = builtinDigits({ trainCount: 500, testCount: 1000 });

function network(augmentation) {
  const model = sequential({
    seed: 1,
    inputShape: [28, 28, 1],
    layers: [
      ...augmentation,
      layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 64, activation: 'relu' }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: adam(), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

const augmented = network([
  layers.randomAffine({ rotation: 0.03, translation: 0.08, zoom: 0.1, shear: 0.1, fillMode: 'constant' }),
]);

// What the first step would see of the first images; nothing is learned. randAugment draws a few operations of eleven for each.
const first = { data: train.x.data.slice(0, 8 * 784), shape: [8, 28, 28, 1] };
for (const [what, model] of [
  ['turned and shifted', augmented],
  ['through two operations each', network([layers.randAugment({ factor: 0.2, fillMode: 'constant' })])],
]) {
  const { shape } = augmentedBatch(model, first, train.y.slice(0, 8));
  console.log(`a batch of [${shape.join(', ')}], ${what}`);
}

for (const [what, model] of [
  ['as they are', network([])],
  ['augmented', augmented],
]) {
  await model.fit(train.x, train.y, { epochs: 20, verbose: 0 });
  const { accuracy } = await model.evaluate(test.x, test.y);
  console.log(`${what}: ${(100 * accuracy).toFixed(1)} %`);
}
