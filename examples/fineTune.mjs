// Fine-tunes a MobileNetV2 that knows ImageNet on your own pictures, a folder for each class: first a new head, then all layers.
//   npm run weights -- mobileNetV2                         prints the path of the weights (in the repository)
//   node fineTune.mjs WEIGHTS FOLDER [size, default 96]
import { readFile } from 'node:fs/promises';
import { adam, input, layers, model, networks } from 'wasm-cnn';
import { stratifiedSplit } from 'wasm-cnn/data';
import { openDataset, saveModelFile, workers } from 'wasm-cnn/node';

const [weightsPath, folder, size = '96'] = process.argv.slice(2);
if (!weightsPath || !folder) {
  console.log('This takes weights and a folder of pictures: node fineTune.mjs WEIGHTS FOLDER');
  process.exit();
}
const side = Number(size);
const data = await openDataset({ data: folder, imageSize: [side, side], colorMode: 'rgb' });
const { train, validation: held } = stratifiedSplit(data.train, { validationSplit: 0.2, seed: 1 });
const { classNames } = data;
console.log(`${train.y.length} pictures of ${classNames.length} classes to learn from, ${held.y.length} to test with`);

const base = networks.mobileNetV2({
  inputShape: [side, side, 3],
  includeTop: false,
  pooling: 'avg',
  weights: await readFile(weightsPath),
});
const x = input({ shape: [side, side, 3] });
// The network scales bytes as the weights' authors did.
const mean = [0.485, 0.456, 0.406].map((value) => value * 255);
const variance = [0.229, 0.224, 0.225].map((value) => (value * 255) ** 2);
const features = base.apply(layers.normalization({ mean, variance }).apply(x));
const outputs = layers.dense({ units: classNames.length, activation: 'softmax', name: 'head' }).apply(features);
const net = model({ name: 'fineTuned', inputs: x, outputs });

async function fit(what, learningRate, epochs) {
  net.compile({
    optimizer: adam({ learningRate }),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
    workers: await workers(),
  });
  const began = performance.now();
  await net.fit(train.x, train.y, { epochs });
  const seconds = (performance.now() - began) / 1000;
  const { accuracy } = await net.evaluate(held.x, held.y);
  const error = Math.sqrt((accuracy * (1 - accuracy)) / held.y.length);
  const [share, plusMinus] = [accuracy, error].map((value) => (100 * value).toFixed(1));
  const { rss } = process.memoryUsage();
  console.log(
    `${what}: ${share} ± ${plusMinus} % of the test pictures after ${seconds.toFixed(0)} s, ${(rss / 2 ** 20).toFixed(0)} MiB`,
  );
}

// Frozen, the body predicts: batch normalization takes its moving statistics, and no gradient goes into it.
base.trainable = false;
await fit('head alone', 1e-3, 10);

// Then everything but batch normalization, whose statistics a few small batches would spoil, in small steps.
for (const { layer } of net.layers) layer.trainable = layer.className !== 'BatchNormalization';
await fit('all layers', 1e-4, 5);

await saveModelFile(net, 'fineTuned.safetensors', { includeOptimizer: false, facts: { classes: classNames } });
console.log('saved as fineTuned.safetensors');
