// npm run predict-samples: random test images, or a person's own digit, with what a trained model says of them.
import { basename, dirname, extname, join } from 'node:path';
import { check } from '../../base/errors.js';
import { prepareDigit } from '../../data/digitImage/digitImage.js';
import { inOrder } from '../../training/batches.js';
import { takeExamples } from '../../data/dataset.js';
import { verdictOf } from '../../data/verdict.js';
import { argmax } from '../../metrics/index.js';
import type { Model } from '../../model/model.js';
import { drawDigitSteps } from '../../plots/digitSteps.js';
import { drawSampleGrid } from '../../plots/sampleGrid.js';
import { RandomStream } from '../../base/random.js';
import { formatPercent, formatTable } from '../../base/table.js';
import { readPng } from '../images/readImage.js';
import { cacheOption, command, run, useVectors, vectorsOption, whole } from './command.js';
import { writePicture } from './picture.js';
import { trainedOn } from './runData.js';
import { openModel, type OpenedModel } from './runs.js';
import { openTestData, type TestData } from './testData.js';

interface PredictSamplesOptions {
  model?: string;
  count: number;
  seed: number;
  out?: string;
  data?: string;
  image?: string;
  vectors?: '128' | '256';
}

const program = command(
  'npm run predict-samples --',
  'Shows what a trained model says of random test images, or of a picture of your own digit.',
)
  .option('--model <file>', 'a model.safetensors or the folder it is in (default: the newest in runs/)')
  .option('--count <n>', 'test images to draw', whole(1), 25)
  .option('--seed <n>', 'of the choice of images', whole(0), 1)
  .option('--out <file>', 'the picture (default: beside the model)')
  .option(
    '--data <path>',
    "a folder or a file of images with labels, or 'builtin' (default: what the model was trained on)",
  )
  .option('--image <file>', 'a picture of your own digit (PNG, JPEG, WebP, GIF or BMP) instead of test images')
  .addOption(cacheOption())
  .addOption(vectorsOption('128, as a few images do not pay for trying the others first'));

await run<PredictSamplesOptions>(program, async (options) => {
  useVectors(options.vectors ?? '128');
  const opened = await openModel(options.model);
  const { model, path } = opened;
  const beside = (name: string): string => options.out ?? join(dirname(path), name);
  if (options.image !== undefined) {
    checkReadsDigits(opened);
    console.log(`Model: ${path}`);
    return predictOwn(model, options.image, beside(`${basename(options.image, extname(options.image))}-predicted.png`));
  }
  const data = await openTestData(opened, options.data);
  await predictRandom(model, data, options, beside(`samples${data.suffix}.png`));
});

/** A picture of one's own is prepared as MNIST's images were: anything else than a digit would come out as one. */
function checkReadsDigits({ path, facts }: OpenedModel): void {
  const learned = trainedOn(facts);
  check(
    learned?.pictures === 'prepareDigit',
    () =>
      `--image reads digits, and ${path} ${learned ? `was trained on ${learned.name}, which is not known to be digits` : 'does not say what it was trained on'}; name a model of MNIST or the built-in digits with --model, or, if the classes are the digits 0 to 9, write them into classes.txt in the data's folder, one a line, and train again`,
  );
}

async function predictRandom(
  model: Model,
  { dataset: { test }, classNames }: TestData,
  { count, seed }: PredictSamplesOptions,
  out: string,
): Promise<void> {
  const [total = 0] = test.x.shape;
  check(count <= total, `--count is ${count}, but there are only ${total} test images; ask for fewer`);
  const order = inOrder(total);
  new RandomStream(seed).shuffle(order);
  const chosen = order.subarray(0, count);
  const { x: images, y } = takeExamples(test, chosen);
  const labels = Array.from(y);

  const probabilities = await model.predict(images);
  const classes = probabilities.shape[1]!;
  let right = 0;
  const rows = labels.map((label, i) => {
    const predicted = argmax(probabilities.data, i * classes, classes);
    if (predicted === label) right++;
    return [
      String(chosen[i]),
      classNames[predicted]!,
      formatPercent(probabilities.data[i * classes + predicted]!),
      classNames[label]!,
      predicted === label ? '' : '✗ wrong',
    ];
  });
  console.log(formatTable(['Test image', 'Predicted', 'Probability', 'True', ''], rows, [0, 4]));
  console.log(`${right} of ${count} right`);

  if (
    await writePicture(out, (createCanvas) =>
      drawSampleGrid(createCanvas, images, labels, probabilities, { classNames }),
    )
  )
    console.log(`Wrote ${out}`);
}

async function predictOwn(model: Model, image: string, out: string): Promise<void> {
  const picture = await readPng(image);
  const prepared = prepareDigit(picture);
  console.log(`${image}: ${prepared.notes.join('; ')}`);
  const { data } = await model.predict({ data: prepared.image, shape: [1, 28, 28, 1] });
  const rows = Array.from(data, (probability, digit) => [
    String(digit),
    formatPercent(probability),
    '█'.repeat(Math.round(30 * probability)),
  ]);
  console.log(formatTable(['Digit', 'Probability', ''], rows, [0, 2]));
  console.log(verdictOf(data, prepared.doubts).sentence);

  const seen = { gray: prepared.image, width: 28, height: 28 };
  if (
    await writePicture(out, (createCanvas) =>
      drawDigitSteps(createCanvas, {
        picture,
        seen,
        notes: prepared.notes,
        doubts: prepared.doubts,
        probabilities: data,
      }),
    )
  )
    console.log(`Wrote ${out}`);
}
