// The lines of TensorFlow.js' tutorial (https://codelabs.developers.google.com/codelabs/tfjs-training-classfication) with the spelling
// changed, then the ways to train of its elder, the example mnist of tfjs-examples: node fromTfjs.mjs. Lines that make, reshape and dispose of
// tensors have no counterpart. docs/from-tfjs.md says what else differs.
import { layers, metrics, optimizers, sequential } from 'wasm-cnn';
import { builtinDigits } from 'wasm-cnn/data';

const IMAGE_WIDTH = 28;
const IMAGE_HEIGHT = 28;
const IMAGE_CHANNELS = 1;
const NUM_OUTPUT_CLASSES = 10;
const classNames = ['Zero', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine'];

const { train, test } = builtinDigits({ trainCount: 3000, testCount: 500 });

function getModel(optimizer) {
  const model = sequential();
  model.add(
    layers.conv2d({
      inputShape: [IMAGE_WIDTH, IMAGE_HEIGHT, IMAGE_CHANNELS],
      kernelSize: 5,
      filters: 8,
      strides: 1,
      activation: 'relu',
      kernelInitializer: 'varianceScaling',
    }),
  );
  model.add(layers.maxPooling2d({ poolSize: [2, 2], strides: [2, 2] }));
  model.add(
    layers.conv2d({
      kernelSize: 5,
      filters: 16,
      strides: 1,
      activation: 'relu',
      kernelInitializer: 'varianceScaling',
    }),
  );
  model.add(layers.maxPooling2d({ poolSize: [2, 2], strides: [2, 2] }));
  model.add(layers.flatten());
  model.add(layers.dense({ units: NUM_OUTPUT_CLASSES, kernelInitializer: 'varianceScaling', activation: 'softmax' }));
  // As 'accuracy' the logs would have it by that name.
  model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['acc'] });
  return model;
}

console.log('The tutorial');
const model = getModel(optimizers.adam());
await model.fit(train.x, train.y, {
  batchSize: 512,
  validationData: [test.x, test.y],
  epochs: 10,
  shuffle: true,
  callbacks: {
    onEpochEnd: (epoch, logs) =>
      console.log(`epoch ${epoch}: ${logs.loss} ${logs.val_loss} ${logs.acc} ${logs.val_acc}`),
  },
});
const predictions = await model.predict(test.x);
const confusion = metrics.confusionMatrix(test.y, predictions);
for (const { name, recall } of metrics.classReport(confusion, classNames).classes) console.log(`${name} ${recall}`);

console.log('validationSplit');
const split = getModel('rmsprop');
let trainBatchCount = 0;
let valAcc;
await split.fit(train.x, train.y, {
  batchSize: 320,
  validationSplit: 0.15,
  epochs: 3,
  callbacks: {
    onBatchEnd: async (batch, logs) => {
      trainBatchCount++;
      console.log(`${trainBatchCount}: ${logs.loss} ${logs.acc}`);
    },
    onEpochEnd: async (epoch, logs) => {
      valAcc = logs.val_acc;
    },
  },
});
const testResult = await split.evaluate(test.x, test.y);
console.log(`Validation ${(valAcc * 100).toFixed(1)} %, test ${(testResult.acc * 100).toFixed(1)} %`);

console.log('fit in a loop');
const LEARNING_RATE = 0.15;
const BATCH_SIZE = 64;
const loop = getModel(optimizers.sgd({ learningRate: LEARNING_RATE }));
for (let i = 0; i < 100; i++) {
  const at = (i * BATCH_SIZE) % 2944;
  const batch = {
    xs: { data: train.x.data.subarray(at * 784, (at + BATCH_SIZE) * 784), shape: [BATCH_SIZE, 28, 28, 1] },
    labels: train.y.subarray(at, at + BATCH_SIZE),
  };
  const validationData = i % 5 === 0 ? [test.x, test.y] : undefined;
  const { history } = await loop.fit(batch.xs, batch.labels, { batchSize: BATCH_SIZE, validationData, epochs: 1 });
  if (validationData) console.log(`${i} ${history.loss[0]} ${history.acc[0]} ${history.val_acc[0]}`);
}
