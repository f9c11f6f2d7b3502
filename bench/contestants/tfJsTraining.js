// TensorFlow.js' rounds of the training question, in Node and on a page; the backend is set before.
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { batches, trainFor } from '../../build/bench/rounds.js';

export async function prepareTfJs({ batchSize, seconds }, { pixels, labels }) {
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
  const next = batches(pixels, labels, batchSize);
  const step = async () => {
    const batch = next();
    const x = tf.tensor(batch.x, [batchSize, 28, 28, 1]);
    const y = tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(batch.y, 'int32'), 10), 'float32'));
    const loss = await model.trainOnBatch(x, y);
    tf.dispose([x, y]);
    return loss;
  };
  return { ready: { loss: await step() }, round: () => trainFor(seconds, batchSize, step) };
}
