// Trains in plain Node, saves the model, and loads it again to predict: node node.mjs
import { writeFileSync, readFileSync } from 'node:fs';
import { builtinDigits } from 'wasm-cnn/data';
import { layers, loadModel, sequential } from 'wasm-cnn';
import { workers } from 'wasm-cnn/node';

const { train, test } = builtinDigits({ trainCount: 2000, testCount: 500 }); // or openDataset() of wasm-cnn/node: MNIST

const model = sequential({
  inputShape: [28, 28, 1],
  layers: [
    layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 10, activation: 'softmax' }),
  ],
});
model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'], workers: workers() });
model.summary();

await model.fit(train.x, train.y, { epochs: 4 });
const { accuracy } = await model.evaluate(test.x, test.y);
writeFileSync('digits.safetensors', model.save());

const { model: loaded } = loadModel(readFileSync('digits.safetensors'));
const { data } = await loaded.predict({ data: test.x.data.subarray(0, 28 * 28), shape: [1, 28, 28, 1] });
console.log(`accuracy ${accuracy.toFixed(3)}; the first test image is a ${data.indexOf(Math.max(...data))}`);
