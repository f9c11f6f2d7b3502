// TensorFlow.js in the training question, on its WebAssembly backend or the one in plain JavaScript.
import { dirname } from 'node:path';
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { compete } from '../../build/bench/contestant.js';
import { batches, trainFor } from '../../build/bench/rounds.js';

await compete(async (task) => {
  if (task.backend === 'wasm') {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  } else {
    await import('@tensorflow/tfjs-backend-cpu');
  }
  await tf.setBackend(task.backend);
  const model = sequential({
    layers: [
      layers.conv2d({ inputShape: [28, 28, 1], filters: 32, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 128, activation: 'relu' }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.001), loss: 'categoricalCrossentropy' });
  const next = batches(task);
  const step = async () => {
    const batch = next();
    const x = tf.tensor(batch.x, [task.batchSize, 28, 28, 1]);
    const y = tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(batch.y, 'int32'), 10), 'float32'));
    const loss = await model.trainOnBatch(x, y);
    tf.dispose([x, y]);
    return loss;
  };
  return { ready: { loss: await step() }, round: () => trainFor(task.seconds, task.batchSize, step) };
});
