// The options of npm run train, what they come to, and which of them contradict each other.
import { resolve } from 'node:path';
import { Option } from 'commander';
import { check } from '../../base/errors.js';
import type { Shape } from '../../base/shape.js';
import {
  drawnCountFor,
  recipeOf,
  recipes,
  usualSettings,
  type RecipeName,
  type RunSettings,
} from '../../recipes/index.js';
import type { DataForm } from '../dataset/openDataset.js';
import { sources } from '../files/pretrainedSources.js';
import { commandLine } from '../commandLine.js';
import {
  architectureOption,
  cacheOption,
  command,
  imageSize,
  positive,
  share,
  threadsOption,
  vectorsOption,
  whole,
} from './command.js';
import { HEAD_FACTOR, TUNING_RATE, usualHeadEpochs } from './fineTune.js';
import { networkNames, networkOption } from './networkFile.js';
import type { InterruptedRun } from './runs.js';
import type { StartingModel } from './startingModel.js';

export interface TrainOptions extends Omit<
  RunSettings,
  'recipe' | 'earlyStopping' | 'epochs' | 'batchSize' | 'learningRate' | 'headEpochs'
> {
  recipe: RecipeName;
  epochs?: number;
  batchSize?: number;
  learningRate?: number;
  network: string;
  model?: string;
  architecture?: string;
  headEpochs?: number;
  earlyStopping?: number;
  out?: string;
  data?: string;
  imageSize?: readonly [number, number];
  skipBroken?: true;
  threads: number;
  vectors?: '128' | '256';
  checkpointEvery?: number;
  resume?: string | true;
  plan?: boolean;
  findLearningRate?: boolean;
  showData?: boolean;
  showBatch?: boolean;
  drawnDigits: boolean;
}

/** What stops before the training takes all options of the run that it is about. */
export const USELESS = {
  '--plan': ['--show-data', '--show-batch', '--find-learning-rate'],
  '--show-data': ['--show-batch', '--find-learning-rate'],
  '--show-batch': ['--find-learning-rate'],
};

export const program = command(
  'train',
  'Trains a network on pictures, MNIST unless --data names others, and writes model.safetensors, training.png and history.json.',
)
  .addOption(
    new Option(
      '--recipe <name>',
      `how to train: ${Object.entries(recipes)
        .map(([name, { summary }]) => `${name}, ${summary}`)
        .join('; ')} (docs/recipes.md)`,
    )
      .choices(Object.keys(recipes))
      .default('quick'),
  )
  .option(
    '--network <name>',
    `what to train: ${networkNames.join(', ')}, or a .json or .mjs file that describes a network (docs/layers.md)`,
    networkOption,
    'reference',
  )
  .option(
    '--model <file>',
    `start from the weights of a trained model, at a smaller learning rate: a model.safetensors or its folder, a model of Keras, TensorFlow.js, ONNX or PyTorch, or ${Object.keys(sources).join(' or ')}, which ${commandLine('weights')} fetches`,
  )
  .addOption(architectureOption())
  .option(
    '--head-epochs <n>',
    `with --model: epochs for a new last layer alone, at ${HEAD_FACTOR} times the learning rate, before all layers but batch normalization are trained; 0: all at once (default: 10 to 100, fewer for more images, if the data have another number of classes; otherwise the last layer is kept)`,
    whole(0),
  )
  .option(
    '--epochs <n>',
    `passes over the training images (default: 2 for MNIST, 5 for others, more for small sets; ${usualSettings('', 60000, 'best').epochs} by the recipe best)`,
    whole(1),
  )
  .option(
    '--batch-size <n>',
    `images a step (default: ${Object.entries(recipes)
      .map(([name, { usual }]) => `${usual('', 60_000).batchSize} by ${name}`)
      .join(', ')}, 32 for sets below 6,000 images)`,
    whole(1),
  )
  .option(
    '--learning-rate <rate>',
    `the optimizer's peak rate; it rises over the first steps and then falls (default: ${Object.entries(recipes)
      .map(([name, { learningRate }]) => `${learningRate} by ${name}`)
      .join(', ')}; with --model ${TUNING_RATE})`,
    positive,
  )
  .option('--seed <n>', 'seed for initialization and shuffling; results are reproducible bit for bit', whole(0), 1)
  .option(
    '--early-stopping <epochs>',
    'end after so many epochs in a row without a better validation loss, with the weights of the best',
    whole(0),
  )
  .option('--out <folder>', 'where to write: a new folder, or one without a run in it (default: runs/<time>-<data>)')
  .option(
    '--data <path>',
    "a folder or a file of images with labels: a folder per class, IDX, CIFAR, .npz, .npy, CSV, Parquet; or 'builtin' for the built-in digits (default: MNIST_DIR, data/mnist, download)",
  )
  .option('--no-drawn-digits', "train on MNIST's images alone, without drawn digits in European hands beside them")
  .option(
    '--image-size <size>',
    'height x width that pictures of folders, CSV and Parquet are scaled to, such as 96 or 96x128 (default: the size that most have where that is small)',
    imageSize,
  )
  .option('--skip-broken', 'leave out pictures and rows of a CSV that cannot be read, and list them')
  .option(
    '--validation-split <share>',
    'share of the training images that are held out to validate on; 0: all are trained on, when everything is chosen (default: a twelfth, unless the data have some of their own)',
    share,
  )
  .addOption(cacheOption())
  .addOption(threadsOption())
  .addOption(
    new Option(
      '--numerics <kind>',
      "'fused' is faster and has bits of its own, other ones on another kind of processor",
    )
      .choices(['exact', 'fused'])
      .default('exact'),
  )
  .addOption(vectorsOption())
  .option('--checkpoint-every <steps>', 'how often to write a checkpoint (default: after each epoch)', whole(1))
  .option(
    '--resume [run]',
    'resume an interrupted run, with the results of an uninterrupted one (default: the newest in runs/)',
  )
  .option('--show-data', 'print how many images of each class there are, write a PNG with some of each, and stop')
  .option('--show-batch', 'write a PNG of images of the first batch and what augmentation makes of them, and stop')
  .option(
    '--find-learning-rate',
    'try learning rates on a copy of the model, print which is best, write a PNG of the loss, and stop',
  )
  .option(
    '--plan',
    'print how the layers become ops, where everything is in memory and how the learning rate runs, and stop',
  );

/** Images that files hold as pixels keep their size. */
export function checkImageSize({ imageSize }: TrainOptions, [, height, width]: Shape, source: string): void {
  check(
    imageSize === undefined || (imageSize[0] === height && imageSize[1] === width),
    () =>
      `--image-size is ${imageSize!.join(' × ')}, but the images of ${source} are ${height} × ${width} pixels and taken as they are; leave it out, or name pictures of your own with --data`,
  );
}

/** The built-in digits that stand in for MNIST are no reason to change the command. */
export function checkDrawnDigits(
  { drawnDigits, data }: TrainOptions,
  { sha256, name }: { readonly sha256: string | null; readonly name: string },
): void {
  check(
    drawnDigits || drawnCountFor(sha256) > 0 || data === undefined,
    `--no-drawn-digits has no effect on ${name}, as digits are drawn beside MNIST alone; leave it out`,
  );
}

/** `starting`: the model that the run starts from, and whether its last layer can be kept. */
export function settingsOf(
  options: TrainOptions,
  { name, classes, shape: [count = 0] }: DataForm,
  starting: Pick<StartingModel, 'path' | 'classes' | 'keepsLast'> | null,
): RunSettings {
  const { recipe, seed, numerics, earlyStopping = null, validationSplit } = options;
  check(
    earlyStopping === null || validationSplit !== 0,
    '--early-stopping looks at the validation loss, and with --validation-split 0 there is none; leave one of them out',
  );
  const isOther = starting !== null && (starting.classes !== classes || !starting.keepsLast);
  check(
    isOther || options.headEpochs !== 0,
    () =>
      `--head-epochs is 0, for a last layer that is new from the first step on, and ${starting!.path} tells ${classes} classes apart, as many as there are here; leave it out, or name some for a new last layer`,
  );
  const isNew = isOther || options.headEpochs !== undefined;
  const tunes = isNew && options.headEpochs !== 0;
  const usual = {
    ...usualSettings(name, count, recipe),
    learningRate: starting ? TUNING_RATE : recipeOf(options).learningRate,
  };
  const { epochs = usual.epochs, batchSize = usual.batchSize, learningRate = usual.learningRate } = options;
  const { headEpochs = usualHeadEpochs(count, batchSize) } = options;
  return {
    ...{ recipe, epochs, batchSize, learningRate },
    ...(tunes && { headEpochs }),
    ...{ seed, numerics, earlyStopping },
    ...(validationSplit !== undefined && { validationSplit }),
  };
}

/** Throws where an option contradicts the recipe, or another one that says what is trained. */
export function checkRecipe({ recipe, network, model, architecture, headEpochs }: TrainOptions): void {
  check(model !== '', '--model is empty; name a model file, or the folder of a run');
  check(
    architecture === undefined || model !== undefined,
    '--architecture says what the state dict of PyTorch is of that --model names; give that as well',
  );
  check(
    headEpochs === undefined || model !== undefined,
    '--head-epochs is for the new last layer of a model that --model names; give that as well',
  );
  check(
    model === undefined || program.getOptionValueSource('network') !== 'cli',
    `--network is ${network}, but --model ${model} has a network of its own; leave one of them out`,
  );
  check(
    recipes[recipe].network === null || program.getOptionValueSource('network') !== 'cli',
    `--network is ${network}, but --recipe ${recipe} has a network of its own; leave one of them out`,
  );
}

/** What results depend on comes from the run; options that contradict it mean another run. */
export function checkFlags(
  options: TrainOptions,
  { folder, model, facts: { settings, dataset } }: InterruptedRun,
): void {
  check(
    options.out === undefined || resolve(options.out) === resolve(folder),
    `--out is ${options.out}, but --resume continues in ${folder}; leave --out out`,
  );
  check(
    options.drawnDigits || !dataset.drawnCount,
    `--no-drawn-digits was given, but ${folder} was started with drawn digits; leave it out, or start a new run`,
  );
  check(
    options.model === undefined,
    `--model is ${options.model}, and ${folder} continues with the weights that it has; leave it out, or start a new run`,
  );
  check(
    options.imageSize === undefined && !options.skipBroken,
    `--image-size and --skip-broken are those that ${folder} was started with; leave them out`,
  );
  const started = {
    recipe: 'quick',
    headEpochs: undefined,
    validationSplit: undefined,
    ...settings,
    network: model.name,
  };
  for (const option of program.options) {
    const name = option.attributeName() as keyof typeof started;
    if (!Object.hasOwn(started, name) || program.getOptionValueSource(name) !== 'cli') continue;
    const why = name === 'epochs' ? ', over which its learning rate is planned' : '';
    check(
      options[name] === started[name],
      `${option.long} is ${options[name]}, but ${folder} was started with ${started[name] ?? 'none'}${why}; leave it out, or start a new run`,
    );
  }
}
