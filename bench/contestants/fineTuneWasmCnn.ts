// wasm-cnn in the question of fine-tuning (../fineTune.ts): a head on features that are computed once, then an epoch of all layers a round.
import { readFileSync } from 'node:fs';
import { adam, input, layers, model, networks, sequential, type Model, type Tensor } from '../../src/index.js';
import { enableWideVectors } from '../../src/node/threads/wideVectors.js';
import { compete } from '../contestant.js';
import type { FineTuneTask, Tuned } from '../fineTune.js';

await compete<FineTuneTask, Tuned, Tuned>(async (task) => {
  const { side, classes, seed, batchSize, rates, headEpochs, epochs } = task;
  enableWideVectors();
  const weights = readFileSync(task.weights);
  const shape = [side, side, 3];
  const read = (images: string, labels: string): { x: Tensor; y: Uint8Array } => {
    const y = new Uint8Array(readFileSync(labels));
    return { x: { data: new Uint8Array(readFileSync(images)), shape: [y.length, ...shape] }, y };
  };
  const [train, test] = [read(task.images, task.labels), read(task.testImages, task.testLabels)];
  const base = networks.mobileNetV2({ inputShape: shape, includeTop: false, pooling: 'avg', weights });
  const x = input({ shape });
  const [mean, variance] = [task.mean.map((each) => each * 255), task.std.map((each) => (each * 255) ** 2)];
  const features = base.apply(layers.normalization({ mean, variance }).apply(x));
  const trunk = model({ name: 'trunk', inputs: x, outputs: features });
  const last = () => layers.dense({ units: classes, activation: 'softmax', name: 'predictions' });
  const net = model({ name: 'fineTuned', seed, inputs: x, outputs: last().apply(features) });

  let seconds = 0;
  const compiled = { loss: 'categoricalCrossentropy', metrics: ['accuracy'], batchSize };
  async function timed(work: () => Promise<unknown>): Promise<void> {
    const began = performance.now();
    await work();
    seconds += (performance.now() - began) / 1000;
  }
  async function tuned(of: Model): Promise<Tuned> {
    const { accuracy, loss } = (await of.evaluate(test.x, test.y)) as { accuracy: number; loss: number };
    return { accuracy, loss, seconds, peakBytes: 1024 * process.resourceUsage().maxRSS };
  }

  net.compile({ ...compiled, optimizer: adam({ learningRate: rates.all, epsilon: task.epsilon }) });
  // The first weights of the last layer that PyTorch has, too.
  const first = networks.mobileNetV2({ inputShape: shape, classes, seed, weights }).getWeights().slice(-2);
  const head = sequential({ seed, inputShape: [1280], layers: [last()] });
  head.setWeights(first);
  head.compile({ ...compiled, optimizer: adam({ learningRate: rates.head, epsilon: task.epsilon }) });
  await timed(async () => head.fit(await trunk.predict(train.x), train.y, { epochs: headEpochs, verbose: 0 }));
  net.setWeights([...net.getWeights().slice(0, -2), ...head.getWeights()]);
  const ready = await tuned(net);

  for (const { layer } of net.layers) layer.trainable = layer.className !== 'BatchNormalization';
  let epoch = 0;
  seconds = 0;
  return {
    ready,
    async round() {
      await timed(() => net.fit(train.x, train.y, { epochs: 1, verbose: 0 }));
      return ++epoch < epochs ? { ...ready, seconds } : tuned(net);
    },
  };
});
