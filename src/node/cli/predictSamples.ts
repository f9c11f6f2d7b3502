// npm run predict-samples: random test images, or a person's own pictures, with what a trained model says of them.
import { check } from '../../base/errors.js';
import { inOrder } from '../../training/batches.js';
import { takeExamples } from '../../data/dataset.js';
import { isPictureName } from '../../data/imageFolder/findPictures.js';
import { argmax } from '../../metrics/index.js';
import type { Model } from '../../model/model.js';
import { drawSampleGrid } from '../../plots/sampleGrid.js';
import { RandomStream } from '../../base/random.js';
import { formatPercent, formatTable } from '../../base/table.js';
import {
  cacheOption,
  checkUseless,
  command,
  modelAsked,
  run,
  useVectors,
  vectorsOption,
  whole,
  withModel,
} from './command.js';
import { colored, markWrong, WRONG } from './color.js';
import { picturesAt, picturesIn, predictOwn } from './ownPictures.js';
import { besideModel, checkOut, showPicture, type Draw, type PictureOut } from './picture.js';
import { withProbabilities } from './probabilities.js';
import { openModel } from './runs.js';
import { openTestData, type TestData } from './testData.js';

interface PredictSamplesOptions {
  model?: string;
  architecture?: string;
  count?: number;
  seed: number;
  out?: string;
  data?: string;
  image?: string[];
  folder?: string;
  skipBroken?: true;
  vectors?: '128' | '256';
}

const COUNT = 25;

/** The user's own pictures are all read, and their pixels are not cached. */
const OF_DRAWN = ['--count', '--seed', '--no-cache'];
const USELESS = { '--image': OF_DRAWN, '--folder': OF_DRAWN };

const program = withModel(
  command('predict-samples', 'Shows what a trained model says of random test images, or of your own pictures.'),
)
  .option('--count <n>', `test images to draw (default: ${COUNT})`, whole(1))
  .option('--seed <n>', 'of the choice of images', whole(0), 1)
  .option('--out <file>', 'the picture (default: beside the model)')
  .option(
    '--data <path>',
    "a folder or a file of images with labels, or 'builtin' (default: what the model was trained on)",
  )
  .option('--image <file...>', 'your own pictures (PNG, JPEG, WebP, GIF or BMP) instead of test images')
  .option(
    '--folder <path>',
    'all pictures in a folder instead of test images; those in a folder that is named like a class are compared with it',
  )
  .option('--skip-broken', 'leave out pictures that cannot be read, and list them')
  .addOption(cacheOption())
  .addOption(vectorsOption('128, as a few images do not pay for trying the others first'));

await run<PredictSamplesOptions>(program, async (options) => {
  checkUseless(program, USELESS);
  useVectors(options.vectors ?? '128');
  await checkOut(options.out, options.image);
  const [named] = program.args;
  check(
    named === undefined || !isPictureName(named),
    () => `'${named}' is a picture, and the name of a model is expected there; write --image ${named}`,
  );
  const { architecture } = options;
  const opened = withProbabilities(await openModel(modelAsked(program, options.model), { architecture }));
  const { model, path } = opened;
  const beside = (name: string): PictureOut => ({
    path: options.out ?? besideModel(path, name),
    isAsked: options.out !== undefined,
  });
  const { image, folder, seed, skipBroken = false } = options;
  if (image || folder !== undefined) {
    checkAlone(options);
    check(folder !== '' && !image?.includes(''), 'a path of --image or --folder is empty; name a picture, or a folder');
    const pictures = image ? picturesAt(image) : await picturesIn(folder!);
    return predictOwn(opened, pictures, { seed, skipBroken, outFor: beside });
  }
  const data = await openTestData(opened, options);
  await predictRandom(model, data, options, beside(`samples${data.suffix}.png`));
});

/** Test images and own pictures exclude each other. */
function checkAlone({ image, folder, data }: PredictSamplesOptions): void {
  const given = Object.entries({ '--image': image, '--folder': folder, '--data': data })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
  check(given.length === 1, () => `${given.join(' and ')} contradict each other; give one of them`);
}

async function predictRandom(
  model: Model,
  { dataset: { test }, classNames }: TestData,
  { count: asked, seed }: PredictSamplesOptions,
  out: PictureOut,
): Promise<void> {
  const [total = 0] = test.x.shape;
  check(
    asked === undefined || asked <= total,
    `--count is ${asked}, but there are only ${total} test images; ask for fewer`,
  );
  const count = asked ?? Math.min(COUNT, total);
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
      predicted === label ? '' : WRONG,
    ];
  });
  console.log(markWrong(formatTable(['Test image', 'Predicted', 'Probability', 'True', ''], rows, [0, 4])));
  console.log(colored('bold', `${right} of ${count} right`));

  const draw: Draw = (create) => drawSampleGrid(create, images, labels, probabilities, { classNames });
  await showPicture(out, draw);
}
