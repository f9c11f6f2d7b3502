// npm run train: MNIST (or what stands in for it), by a recipe; writes checkpoints, and at the end the model, its curves and its history.
import { resolve } from 'node:path';
import { Option } from 'commander';
import { modelCheckpoint } from '../../callbacks/index.js';
import { mnistSha256 } from '../../data/mnist.js';
import type { Threads } from '../../engine/engine.js';
import { check } from '../../base/errors.js';
import type { Shape } from '../../base/shape.js';
import type { Model } from '../../model/model.js';
import { formatPlan } from '../../model/summary.js';
import {
  countAfterSplit,
  drawnCountFor,
  epochRecords,
  makeEarlyStopping,
  recipeOf,
  recipes,
  runRecord,
  stepsOf,
  usualSettings,
  type RecipeName,
  type RunSettings,
} from '../../recipes/index.js';
import type { HashedDataset } from '../dataset/datasetSha256.js';
import { availableCores } from '../threads/cores.js';
import { unlockFolder } from '../files/folderLock.js';
import { enableFused } from '../threads/fused.js';
import { datasetForm, formOf, openDataset, type DataForm } from '../dataset/openDataset.js';
import {
  architectureOption,
  cacheOption,
  checkUseless,
  checkVectors,
  command,
  imageSize,
  positive,
  run,
  useVectors,
  vectorsOption,
  whole,
} from './command.js';
import { epochProgress } from './epochProgress.js';
import { Interrupted, interruptible } from './interrupt.js';
import { isNetworkFile, networkNames, networkOption, openNetwork } from './networkFile.js';
import { CHECKPOINTS, fitPhases, phase, phaseWithin } from './phases.js';
import { RunCheckpoints } from './runCheckpoints.js';
import { writeResults } from './runResults.js';
import {
  dropFruitlessRun,
  makeRunFolder,
  openInterruptedRun,
  RUNS,
  type CheckpointFacts,
  type InterruptedRun,
} from './runs.js';
import { openSameData, splitRunData, trainedOn, type RunData } from './runData.js';
import { drawSchedule } from './drawSchedule.js';
import { showBatch } from './showBatch.js';
import { describeData, showData } from './showData.js';
import { showLearningRate } from './showLearningRate.js';
import { openStartingModel } from './startingModel.js';
import { fitRun, makeModel } from './training.js';

interface TrainOptions extends Omit<RunSettings, 'recipe' | 'earlyStopping' | 'epochs' | 'batchSize' | 'learningRate'> {
  recipe: RecipeName;
  epochs?: number;
  batchSize?: number;
  learningRate?: number;
  network: string;
  model?: string;
  architecture?: string;
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

/** What a trained model has learned is kept better by small steps. */
const SMALLER = 10;

/** What stops before the training takes all options of the run that it is about. */
const USELESS = {
  '--plan': ['--show-data', '--show-batch', '--find-learning-rate'],
  '--show-data': ['--show-batch', '--find-learning-rate'],
  '--show-batch': ['--find-learning-rate'],
};

const program = command(
  'npm run train --',
  'Trains a network on MNIST and writes model.safetensors, training.png and history.json.',
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
    'start from the weights of a trained model, at a tenth of the learning rate: a model.safetensors or its folder, or a model of Keras, TensorFlow.js, ONNX or PyTorch',
  )
  .addOption(architectureOption())
  .option(
    '--epochs <n>',
    `passes over the training images (default: 2 for MNIST, 5 for others, more for small sets; ${usualSettings('', 60000, 'best').epochs} by the recipe best)`,
    whole(1),
  )
  .option('--batch-size <n>', 'images a step (default: 128, 32 for sets below 6,000 images)', whole(1))
  .option(
    '--learning-rate <rate>',
    `the optimizer's peak rate; it rises over the first steps and then falls to 0 (default: ${Object.entries(recipes)
      .map(([name, { learningRate }]) => `${learningRate} by ${name}`)
      .join(', ')})`,
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
    'height x width that pictures of folders, CSV and Parquet come to, as 96 or 96x128 (default: the size that most have where that is small)',
    imageSize,
  )
  .option('--skip-broken', 'leave out pictures and rows of a CSV that cannot be read, and list them')
  .addOption(cacheOption())
  .option('--threads <n>', 'threads; results are bit-identical for any number', whole(1), availableCores())
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

await run<TrainOptions>(
  program,
  async (options) => {
    const { threads, network } = options;
    check(options.out !== '', '--out is empty, expected a folder; leave it out for one in runs/');
    checkVectors(options.vectors);
    checkUseless(program, USELESS);
    if (options.resume === undefined) checkRecipe(options);
    const starting =
      options.model !== undefined && options.resume === undefined
        ? await openStartingModel(options.model, options.architecture)
        : null;
    const makeNetwork =
      options.resume === undefined
        ? (starting?.make ?? recipeOf(options).network ?? (await openNetwork(network)))
        : null;
    const described = starting?.path ?? (isNetworkFile(network) ? network : null);
    phase('check the wide vectors');
    // Files are unzipped in threads of Node's, while this one checks. What is wrong with them is told where they are awaited.
    const asked = {
      ...starting?.pictures,
      data: options.data,
      skipBroken: options.skipBroken,
      ...(options.imageSize && { imageSize: options.imageSize }),
    };
    const reading = options.resume === undefined && !options.plan ? openDataset(asked) : null;
    reading?.catch(() => {});
    const vectors = options.plan ? 128 : useVectors(options.vectors);
    phase('read the data');
    const interrupted = options.resume === undefined ? null : await openInterruptedRun(options.resume, threads);
    if (interrupted) checkFlags(options, interrupted);
    const checkpointEvery = options.checkpointEvery ?? interrupted?.facts.checkpointEvery;
    if ((interrupted?.facts.settings ?? options).numerics === 'fused') enableFused();
    if (options.plan) {
      if (interrupted) {
        const { settings, dataset } = interrupted.facts;
        return showPlan(interrupted.model, stepsOf(settings, dataset.trainCount));
      }
      const form = await datasetForm(asked);
      checkImageSize(options, form.shape, form.name);
      if (form.dataset) checkDrawnDigits(options, form.dataset);
      const settings = settingsOf(options, form);
      const model = await makeModel(makeNetwork!, settings, form, threads, described);
      return showPlan(model, stepsOf(settings, trainCountOf(form, options)));
    }
    const dataset = interrupted ? null : await reading!;
    const settings = interrupted?.facts.settings ?? settingsOf(options, formOf(dataset!));
    const data = interrupted
      ? await openSameData(options.data, trainedOn(interrupted.facts)!, interrupted.folder, interrupted.model.seed)
      : splitRunData(dataset!, settings.seed, options.drawnDigits ? undefined : 0, options);
    checkImageSize(options, data.train.x.shape, data.source);
    if (dataset) checkDrawnDigits(options, dataset);
    if (options.showData) return showData(data, options.out ?? RUNS);
    describeData(data);
    const { trainCount, name } = data.facts;

    phase('make the model');
    const model = interrupted?.model ?? (await makeModel(makeNetwork!, settings, formOfRun(data), threads, described));
    model.summary();
    if (options.showBatch) return showBatch(model, data, options.out ?? RUNS);
    if (options.findLearningRate) return showLearningRate(model, data, options.out ?? RUNS);
    const totalSteps = stepsOf(settings, trainCount);
    if (interrupted) console.log(`Resuming ${interrupted.folder} after step ${model.step} of ${totalSteps}`);

    const networkFile = interrupted
      ? interrupted.facts.networkFile
      : described === null
        ? undefined
        : resolve(described);
    const facts: CheckpointFacts = {
      settings,
      dataset: data.facts,
      classifier: data.classifier,
      ...(networkFile !== undefined && { networkFile }),
      checkpointEvery,
    };
    const epochs = epochRecords(trainCount);
    const progress = epochProgress(epochs, { ...settings, examples: trainCount });
    const stopping = makeEarlyStopping(settings);
    const record = runRecord(interrupted ? model.step : null);
    // The folder and its first checkpoint come before the training: a disk that refuses should say so now.
    const folder = interrupted?.folder ?? (await makeRunFolder(options.out, name));
    const checkpoints = new RunCheckpoints(folder, record, interrupted?.path);
    phase('start the threads');
    try {
      await interruptible((signal) => {
        const checkpoint = modelCheckpoint({
          saveFreq: checkpointEvery ?? 'epoch',
          save: (bytes, step) => phaseWithin(CHECKPOINTS, () => checkpoints.save(bytes, step, model, signal)),
          facts,
        });
        const threadsTold = { onTrainBegin: () => console.log(formatThreads(model.threads)) };
        const phases = fitPhases(totalSteps / settings.epochs);
        return fitRun(
          model,
          data,
          settings,
          [threadsTold, epochs, progress, stopping, record, checkpoint, phases],
          interrupted !== null,
          signal,
        );
      });
      phase('test');
      await writeResults({ folder, vectors, model, test: data.test, facts, epochs, stopping, record, checkpoints });
      unlockFolder(folder);
    } catch (error) {
      progress.stop();
      if (error instanceof Interrupted)
        throw new Interrupted(
          error.signal,
          ` after step ${model.step} of ${totalSteps}; go on with: npm run train -- --resume ${folder}`,
        );
      if (!interrupted && (await dropFruitlessRun(folder))) throw error;
      throw checkpoints.named(error);
    }
  },
  'files',
);

/** Images that files hold as pixels keep their size. */
function checkImageSize({ imageSize }: TrainOptions, [, height, width]: Shape, source: string): void {
  check(
    imageSize === undefined || (imageSize[0] === height && imageSize[1] === width),
    () =>
      `--image-size is ${imageSize!.join(' × ')}, but the images of ${source} are ${height} × ${width} pixels and taken as they are; leave it out`,
  );
}

/** The built-in digits that stand in for MNIST are no reason to change the command. */
function checkDrawnDigits({ drawnDigits, data }: TrainOptions, { sha256, name }: HashedDataset): void {
  check(
    drawnDigits || drawnCountFor(sha256) > 0 || data === undefined,
    `--no-drawn-digits has no effect on ${name}, as digits are drawn beside MNIST alone; leave it out`,
  );
}

function formOfRun({ train, classNames }: RunData): Omit<DataForm, 'name'> {
  return { shape: train.x.shape, classes: classNames.length };
}

/** How many images a run trains on: without those held out, with the drawn ones. */
function trainCountOf(form: Awaited<ReturnType<typeof datasetForm>>, options: TrainOptions): number {
  const {
    dataset,
    name,
    shape: [count = 0],
  } = form;
  const { seed, drawnDigits } = options;
  if (dataset) return splitRunData(dataset, seed, drawnDigits ? undefined : 0, options).facts.trainCount;
  return countAfterSplit(count) + (drawnDigits && name === 'mnist' ? drawnCountFor(mnistSha256) : 0);
}

/** Needs shapes alone, and no data. */
function showPlan(model: Model, steps: number): void {
  model.summary();
  console.log(formatPlan(model.plan!));
  console.log(drawSchedule(model.compiled!.optimizer.schedule, steps));
}

function formatThreads({ asked, running, trouble }: Threads): string {
  if (running === asked) return `Threads: ${running}`;
  return `Threads: ${running} of ${asked}, as the others failed to start (${trouble}); results are identical, only slower`;
}

function settingsOf(options: TrainOptions, { name, shape: [count = 0] }: DataForm): RunSettings {
  const { recipe, seed, numerics, earlyStopping = null } = options;
  const rate = recipeOf(options).learningRate / (options.model === undefined ? 1 : SMALLER);
  const usual = { ...usualSettings(name, count, recipe), learningRate: rate };
  const { epochs = usual.epochs, batchSize = usual.batchSize, learningRate = usual.learningRate } = options;
  return { recipe, epochs, batchSize, learningRate, seed, numerics, earlyStopping };
}

/** Throws where an option contradicts the recipe, or another one that says what is trained. */
function checkRecipe({ recipe, network, model, architecture }: TrainOptions): void {
  check(model !== '', '--model is empty; name a model file, or the folder of a run');
  check(
    architecture === undefined || model !== undefined,
    '--architecture says what the state dict of PyTorch is of that --model names; give that as well',
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
function checkFlags(options: TrainOptions, { folder, model, facts: { settings, dataset } }: InterruptedRun): void {
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
  const started = { recipe: 'quick', ...settings, network: model.name };
  for (const option of program.options) {
    const name = option.attributeName() as keyof typeof started;
    if (!Object.hasOwn(started, name) || program.getOptionValueSource(name) !== 'cli') continue;
    const why = name === 'epochs' ? ', over which its learning rate falls to 0' : '';
    check(
      options[name] === started[name],
      `${option.long} is ${options[name]}, but ${folder} was started with ${started[name] ?? 'none'}${why}; leave it out, or start a new run`,
    );
  }
}
