// The lines of Keras' tutorial "Simple MNIST convnet" (https://keras.io/examples/vision/mnist_convnet/) with the spelling changed: node
// fromKeras.mjs. Its lines that scale, reshape and encode the data have no counterpart. docs/from-keras.md says what else differs.
import { input, layers, sequential } from 'wasm-cnn';
import { builtinDigits } from 'wasm-cnn/data';

const numClasses = 10;
const inputShape = [28, 28, 1];

// Bytes, which count as value / 255, with their channel, and class numbers. MNIST is await openDataset() of wasm-cnn/node.
const { train, test } = builtinDigits({ trainCount: 3000, testCount: 500 });

const model = sequential({
  layers: [
    input({ shape: inputShape }),
    layers.conv2d({ filters: 32, kernelSize: [3, 3], activation: 'relu' }),
    layers.maxPooling2d({ poolSize: [2, 2] }),
    layers.conv2d({ filters: 64, kernelSize: [3, 3], activation: 'relu' }),
    layers.maxPooling2d({ poolSize: [2, 2] }),
    layers.flatten(),
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: numClasses, activation: 'softmax' }),
  ],
});
model.summary();

const batchSize = 128;
const epochs = 4; // 15 there
model.compile({ loss: 'categoricalCrossentropy', optimizer: 'adam', metrics: ['accuracy'] });
await model.fit(train.x, train.y, { batchSize, epochs, validationSplit: 0.1 });

const score = await model.evaluate(test.x, test.y, { verbose: 0 });
console.log(`Test loss: ${score.loss}`);
console.log(`Test accuracy: ${score.accuracy}`);
