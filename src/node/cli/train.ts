// npm run train: MNIST (or what stands in for it), the reference network, Adam; writes the model, its curves and its history.
import { createHash } from 'node:crypto';
import { rmdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Option } from 'commander';
import type { Numerics } from '../../engine/kernels.js';
import { check } from '../../errors.js';
import { standardError } from '../../metrics/index.js';
import type { Sequential } from '../../model.js';
import { referenceNetwork } from '../../networks/reference.js';
import { adam } from '../../optimizers/index.js';
import { linearDecay } from '../../schedules/index.js';
import { formatPlan } from '../../summary.js';
import { formatCount, formatPercent } from '../../table.js';
import { sliceExamples } from '../../tensor.js';
import { openCanvas } from '../canvas.js';
import { writeFileAtomic } from '../files.js';
import { enableFused } from '../fused.js';
import { saveModelFile } from '../modelFile.js';
import { openDataset } from '../openDataset.js';
import { workers } from '../workers.js';
import { command, positive, run, whole } from './command.js';
import { epochProgress } from './epochProgress.js';
import { makeRunFolder, MODEL_FILE } from './runs.js';

interface TrainOptions {
  epochs: number;
  batchSize: number;
  learningRate: number;
  seed: number;
  out?: string;
  data?: string;
  threads: number;
  numerics: Numerics;
  plan?: boolean;
}

/** Share of the training images that is held out for validation: the last ones. */
const HELD_OUT = 1 / 12;
/** Share of the steps in which the learning rate rises. */
const WARM_UP = 0.1;

const program = command('npm run train --', 'Trains the reference network on MNIST and writes model.safetensors, training.png and history.json.')
  .option('--epochs <n>', 'passes over the training images', whole(1), 3)
  .option('--batch-size <n>', 'images a step', whole(1), 128)
  .option('--learning-rate <rate>', "Adam's peak rate; it rises over the first tenth of the steps and falls to 0 in a straight line", positive, 0.003)
  .option('--seed <n>', 'of weights and shuffling: the same seed gives the same bits', whole(0), 1)
  .option('--out <folder>', 'where to write (default: runs/<time>-<data>)')
  .option('--data <folder>', "the four IDX files, gzipped or not; or 'builtin' for the built-in digits (default: MNIST_DIR, data/mnist, download)")
  .option('--threads <n>', 'threads; any number gives the same bits', whole(1), availableParallelism())
  .addOption(new Option('--numerics <kind>', "'fused' is faster and has bits of its own, other ones on another kind of processor").choices(['exact', 'fused']).default('exact'))
  .option('--plan', 'print how the layers become ops and where everything lies in memory, and stop');

await run<TrainOptions>(program, async (options) => {
  const { epochs, batchSize, seed, learningRate, threads, numerics } = options;
  if (numerics === 'fused') enableFused();
  const dataset = await openDataset({ data: options.data });
  const [count = 0, ...inputShape] = dataset.train.x.shape;
  const trainCount = count - Math.round(count * HELD_OUT);
  check(trainCount < count, () => `${dataset.name} has ${count} training images, too few to hold some out for validation; 6 are needed`);
  const testCount = dataset.test.y.length;
  console.log(`Data: ${dataset.source}: ${formatCount(trainCount)} images to train, ${formatCount(count - trainCount)} held out for validation, ${formatCount(testCount)} to test`);

  const model = referenceNetwork({ inputShape, seed });
  const totalSteps = Math.ceil(trainCount / batchSize) * epochs;
  const schedule = linearDecay({ peak: learningRate, totalSteps, warmupSteps: Math.floor(totalSteps * WARM_UP) });
  model.compile({ optimizer: adam({ learningRate: schedule }), loss: 'categoricalCrossentropy', metrics: ['accuracy'], batchSize, workers: workers(threads), numerics });
  model.summary();
  if (options.plan) return console.log(formatPlan(model.plan!));
  console.log(`Threads: ${threads}`);

  // The folder comes before the training: a disk that refuses should say so now.
  const folder = await makeRunFolder(options.out, dataset.name);
  try {
    const progress = epochProgress(epochs, trainCount, batchSize);
    await model.fit(sliceExamples(dataset.train.x, 0, trainCount), dataset.train.y.subarray(0, trainCount), {
      epochs,
      validationData: [sliceExamples(dataset.train.x, trainCount, count), dataset.train.y.subarray(trainCount)],
      callbacks: progress,
    });
    const { loss, accuracy } = (await model.evaluate(dataset.test.x, dataset.test.y)) as { loss: number; accuracy: number };
    const test = { loss, accuracy, standardError: standardError(accuracy, testCount) };
    console.log(`Test: loss ${loss.toFixed(4)}, accuracy ${formatPercent(accuracy)} ± ${formatPercent(test.standardError)} (standard error, ${formatCount(testCount)} images)`);

    const facts = {
      dataset: { name: dataset.name, trainCount, testCount, sha256: dataset.sha256 },
      model: { name: model.name, parameters: model.countParams() },
      seed, threads, build: numerics, node: process.version,
      epochs: progress.records, test,
      weightsSha256: weightsSha256(model),
      planBytes: model.plan!.totalBytes,
    };
    await saveModelFile(model, join(folder, MODEL_FILE), { facts });
    // Chart.js is not loaded before there is something to draw.
    const { drawTrainingCurves } = await import('../../plots/trainingCurves.js');
    const { createCanvas, toPng } = await openCanvas();
    const title = `${model.name} network on ${dataset.name}, seed ${seed}: test accuracy ${formatPercent(accuracy)}`;
    await writeFileAtomic(join(folder, 'training.png'), toPng(drawTrainingCurves(createCanvas, progress.records, { title })));
    const history = { ...facts, totalSeconds: performance.now() / 1000 };
    await writeFileAtomic(join(folder, 'history.json'), `${JSON.stringify(history, null, 2)}\n`);
    console.log(`Wrote ${[MODEL_FILE, 'training.png', 'history.json'].map((name) => join(folder, name)).join(', ')} after ${history.totalSeconds.toFixed(1)} s`);
  } catch (error) {
    // An empty folder is of no use to anybody; one with something in it stays.
    await rmdir(folder).catch(() => {});
    throw error;
  }
});

/** Over the little-endian f32 bytes of all parameters in layer order, kernel then bias. */
function weightsSha256(model: Sequential): string {
  const hash = createHash('sha256');
  for (const { data } of model.getWeights()) hash.update(new Uint8Array(data.buffer));
  return hash.digest('hex');
}
