// npm run predict-samples: random test images, or a person's own digit, with what a trained model says of them.
import { basename, dirname, extname, join } from 'node:path';
import { check } from '../../errors.js';
import { prepareDigit } from '../../data/digitImage.js';
import { inOrder } from '../../data/batches.js';
import type { Examples } from '../../data/dataset.js';
import { argmax } from '../../metrics/index.js';
import type { Sequential } from '../../model.js';
import { drawDigitSteps } from '../../plots/digitSteps.js';
import { drawSampleGrid } from '../../plots/sampleGrid.js';
import { RandomStream } from '../../random.js';
import { formatPercent, formatTable } from '../../table.js';
import { sizeOf } from '../../shape.js';
import { openCanvas } from '../canvas.js';
import { writeFileAtomic } from '../files.js';
import { openDataset } from '../openDataset.js';
import { readPng } from '../png.js';
import { command, run, whole } from './command.js';
import { openModel } from './runs.js';

interface PredictSamplesOptions {
  model?: string;
  count: number;
  seed: number;
  out?: string;
  data?: string;
  image?: string;
}

const program = command('npm run predict-samples --', "Shows what a trained model says of random test images, or of a picture of your own digit.")
  .option('--model <file>', 'a model.safetensors or the folder it lies in (default: the newest in runs/)')
  .option('--count <n>', 'test images to draw', whole(1), 25)
  .option('--seed <n>', 'of the choice of images', whole(0), 1)
  .option('--out <file>', 'the picture (default: beside the model)')
  .option('--data <folder>', "the four IDX files, gzipped or not; or 'builtin' (default: MNIST_DIR, data/mnist, download)")
  .option('--image <file>', 'a PNG of your own digit instead of test images');

await run<PredictSamplesOptions>(program, async (options) => {
  const { model, path } = await openModel(options.model);
  console.log(`Model: ${path}`);
  if (options.image !== undefined) await predictOwn(model, options.image, options.out ?? join(dirname(path), `${basename(options.image, extname(options.image))}-predicted.png`));
  else {
    const { source, test } = await openDataset({ data: options.data });
    console.log(`Data: ${source}`);
    await predictRandom(model, test, options, options.out ?? join(dirname(path), 'samples.png'));
  }
});

async function predictRandom(model: Sequential, test: Examples, { count, seed }: PredictSamplesOptions, out: string): Promise<void> {
  const [total = 0, ...shape] = test.x.shape;
  check(count <= total, `--count is ${count}, but there are only ${total} test images; ask for fewer`);
  const order = inOrder(total);
  new RandomStream(seed).shuffle(order);
  const chosen = order.subarray(0, count);
  const size = sizeOf(shape);
  const images = { data: new Uint8Array(count * size), shape: [count, ...shape] };
  for (const [i, example] of chosen.entries()) images.data.set(test.x.data.subarray(example * size, (example + 1) * size), i * size);
  const labels = Array.from(chosen, (example) => test.y[example]!);

  const probabilities = await model.predict(images);
  const classes = probabilities.shape[1]!;
  let right = 0;
  const rows = labels.map((label, i) => {
    const predicted = argmax(probabilities.data, i * classes, classes);
    if (predicted === label) right++;
    return [String(chosen[i]), String(predicted), formatPercent(probabilities.data[i * classes + predicted]!), String(label), predicted === label ? '' : '✗ wrong'];
  });
  console.log(formatTable(['Test image', 'Predicted', 'Probability', 'True', ''], rows, [0, 4]));
  console.log(`${right} of ${count} right`);

  const { createCanvas, toPng } = await openCanvas();
  await writeFileAtomic(out, toPng(drawSampleGrid(createCanvas, images, labels, probabilities)));
  console.log(`Wrote ${out}`);
}

async function predictOwn(model: Sequential, image: string, out: string): Promise<void> {
  const picture = await readPng(image);
  const prepared = prepareDigit(picture);
  console.log(`${image}: ${prepared.notes.join('; ')}`);
  const { data } = await model.predict({ data: prepared.image, shape: [1, 28, 28, 1] });
  const rows = Array.from(data, (probability, digit) => [String(digit), formatPercent(probability), '█'.repeat(Math.round(30 * probability))]);
  console.log(formatTable(['Digit', 'Probability', ''], rows, [0, 2]));
  console.log(`Read as ${argmax(data, 0, data.length)}`);

  const { createCanvas, toPng } = await openCanvas();
  const seen = { gray: prepared.image, width: 28, height: 28 };
  await writeFileAtomic(out, toPng(drawDigitSteps(createCanvas, { picture, seen, notes: prepared.notes, probabilities: data })));
  console.log(`Wrote ${out}`);
}
