// npm run train: MNIST (or what stands in for it), by a recipe; writes checkpoints, and at the end the model, its curves and its history.
import { isAbsolute, relative, resolve } from 'node:path';
import { modelCheckpoint } from '../../callbacks/index.js';
import { mnistSha256 } from '../../data/mnist.js';
import type { Threads } from '../../engine/engine.js';
import { check } from '../../base/errors.js';
import { formatRate } from '../../base/table.js';
import type { Model } from '../../model/model.js';
import { formatPlan } from '../../model/summary.js';
import {
  averagingOf,
  countAfterSplit,
  drawnCountFor,
  epochRecords,
  makeEarlyStopping,
  recipeOf,
  runRecord,
  stepsOf,
  type RunSettings,
} from '../../recipes/index.js';
import { unlockFolder } from '../files/folderLock.js';
import { enableFused } from '../threads/fused.js';
import { datasetForm, formOf, openDataset } from '../dataset/openDataset.js';
import type { ReadOptions } from '../../data/layouts/layout.js';
import { commandLine } from '../commandLine.js';
import { checkUseless, checkVectors, run, useVectors } from './command.js';
import { epochProgress } from './epochProgress.js';
import { HEAD_FACTOR, trainHead } from './fineTune.js';
import { Interrupted, interruptible } from './interrupt.js';
import { isNetworkFile, openNetwork } from './networkFile.js';
import { CHECKPOINTS, fitPhases, phase, phaseWithin } from './phases.js';
import { RunCheckpoints } from './runCheckpoints.js';
import { writeResults } from './runResults.js';
import {
  checkRunFolder,
  dropFruitlessRun,
  makeRunFolder,
  openInterruptedRun,
  RUNS,
  type CheckpointFacts,
} from './runs.js';
import { openSameData, sayLeftOut, splitRunData, trainedOn } from './runData.js';
import { drawSchedule } from './drawSchedule.js';
import { showBatch } from './showBatch.js';
import { describeData, showData } from './showData.js';
import { showLearningRate } from './showLearningRate.js';
import { openStartingModel, sayOtherClasses } from './startingModel.js';
import {
  checkDrawnDigits,
  checkFlags,
  checkImageSize,
  checkRecipe,
  program,
  settingsOf,
  USELESS,
  type TrainOptions,
} from './trainOptions.js';
import { fitRun, makeModel } from './training.js';

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
        ? await openStartingModel(options.model, options)
        : null;
    const isOwn = options.resume !== undefined || recipeOf(options).network !== null;
    const makeNetwork = starting?.make ?? (isOwn ? null : await openNetwork(network));
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
        return showPlan(interrupted.model, settings, dataset.trainCount);
      }
      const form = await datasetForm(asked);
      checkImageSize(options, form.shape, form.name);
      checkDrawnDigits(options, form.dataset ?? { sha256: null, name: form.name });
      const settings = settingsOf(options, form, starting);
      const model = await makeModel(makeNetwork, settings, form, threads, described);
      return showPlan(model, settings, trainCountOf(form, options, asked));
    }
    if (interrupted) {
      const { folder, model, facts } = interrupted;
      console.log(
        `Resuming ${folder} after step ${model.step} of ${stepsOf(facts.settings, facts.dataset.trainCount)}`,
      );
    } else if (!options.showData && !options.showBatch && !options.findLearningRate) {
      checkOutside(options.out ?? RUNS, options.data);
      if (options.out !== undefined) await checkRunFolder(options.out);
    }
    const dataset = interrupted ? null : await reading!;
    if (dataset) sayLeftOut(dataset);
    const form = dataset && formOf(dataset);
    const settings = interrupted?.facts.settings ?? settingsOf(options, form!, starting);
    const data = interrupted
      ? await openSameData(options.data, trainedOn(interrupted.facts)!, interrupted.folder, settings)
      : splitRunData(dataset!, settings, options.drawnDigits ? undefined : 0, asked);
    checkImageSize(options, data.train.x.shape, data.source);
    if (dataset) checkDrawnDigits(options, dataset);
    if (options.showData) return showData(data, options.out ?? RUNS);
    describeData(data);
    if (starting && settings.headEpochs === undefined && starting.classes === data.classNames.length)
      sayOtherClasses(starting, data.classNames);
    const { trainCount, name } = data.facts;

    phase('make the model');
    const shaped = { ...form!, shape: data.train.x.shape };
    const model = interrupted?.model ?? (await makeModel(makeNetwork, settings, shaped, threads, described));
    showSummary(model);
    if (options.showBatch) return showBatch(model, data, options.out ?? RUNS);
    if (options.findLearningRate) return showLearningRate(model, data, options.out ?? RUNS);
    const totalSteps = stepsOf(settings, trainCount);

    const networkFile = interrupted
      ? interrupted.facts.networkFile
      : described === null
        ? undefined
        : resolve(described);
    const epochs = epochRecords(trainCount, settings);
    const progress = epochProgress(epochs, { ...settings, examples: trainCount });
    const stopping = makeEarlyStopping(settings);
    const record = runRecord(interrupted ? model.step : null);
    // The folder and its first checkpoint come before the training: a disk that refuses should say so now.
    const folder = interrupted?.folder ?? (await makeRunFolder(options.out, name));
    const checkpoints = new RunCheckpoints(folder, record, interrupted?.path);
    const isHeadDue = interrupted ? interrupted.facts.isHeadDue === true : settings.headEpochs !== undefined;
    try {
      const facts = await interruptible(async (signal): Promise<CheckpointFacts> => {
        const known = {
          settings,
          dataset: data.facts,
          classifier: data.classifier,
          ...(networkFile !== undefined && { networkFile }),
          checkpointEvery,
        };
        const { headEpochs } = settings;
        let head = interrupted?.facts.head;
        if (isHeadDue) {
          phase('train the last layer');
          if (!interrupted) {
            const facts: CheckpointFacts = { ...known, isHeadDue: true };
            await checkpoints.save(model.save({ facts }), 0, model, signal);
          }
          head = await trainHead(model, data, { ...settings, headEpochs: headEpochs! }, threads, signal);
        }
        phase('start the threads');
        const facts: CheckpointFacts = { ...known, ...(head && { head }) };
        const checkpoint = modelCheckpoint({
          saveFreq: checkpointEvery ?? 'epoch',
          save: (bytes, step) => phaseWithin(CHECKPOINTS, () => checkpoints.save(bytes, step, model, signal)),
          facts,
        });
        const begun = {
          onTrainBegin() {
            console.log(formatThreads(model.threads));
            sayAveraging(model, settings, trainCount);
          },
        };
        const phases = fitPhases(totalSteps / settings.epochs);
        await fitRun(
          model,
          data,
          settings,
          [begun, epochs, progress, stopping, record, checkpoint, phases],
          interrupted !== null && !isHeadDue,
          signal,
        );
        return facts;
      });
      phase('test');
      // Seconds that are not worth an interruption.
      await interruptible(
        () => writeResults({ folder, vectors, model, test: data.test, facts, epochs, stopping, record, checkpoints }),
        `finishing the test and the results, as --resume ${folder} would`,
      );
      unlockFolder(folder);
    } catch (error) {
      progress.stop();
      if (error instanceof Interrupted && !checkpoints.begun) {
        await dropFruitlessRun(folder);
        throw new Interrupted(
          error.signal,
          ` before the first step of ${totalSteps}, without a checkpoint; start the run again`,
        );
      }
      if (error instanceof Interrupted)
        throw new Interrupted(
          error.signal,
          ` after step ${model.step} of ${totalSteps}; resume it with: ${commandLine('train', `--resume ${folder}`)}`,
        );
      if (!interrupted && (await dropFruitlessRun(folder))) throw error;
      throw checkpoints.named(error);
    }
  },
  'files',
);

/** A run among the data would be read with them the next time. */
function checkOutside(out: string, data: string | undefined): void {
  const inside = data ? relative(resolve(data), resolve(out)) : '..';
  check(
    inside.startsWith('..') || isAbsolute(inside),
    () => `the run would lie in ${out}, in the folder of its data, ${data}; choose another folder with --out`,
  );
}

/** How many images a run trains on: without those held out, with the drawn ones. */
function trainCountOf(
  form: Awaited<ReturnType<typeof datasetForm>>,
  options: TrainOptions,
  asked: ReadOptions,
): number {
  const {
    dataset,
    name,
    shape: [count = 0],
  } = form;
  const { validationSplit, drawnDigits } = options;
  if (dataset) return splitRunData(dataset, options, drawnDigits ? undefined : 0, asked).facts.trainCount;
  return countAfterSplit(count, validationSplit) + (drawnDigits && name === 'mnist' ? drawnCountFor(mnistSha256) : 0);
}

/** Prints the summary, without the table where that would scroll away all that was said before it. */
function showSummary(model: Model): void {
  const [count, most] = [model.layers.length, 50];
  model.summary((text) => {
    const lines = text.split('\n');
    console.log(
      count <= most ? text : [lines[0], `${count} layers, which --plan lists`, ...lines.slice(-2)].join('\n'),
    );
  });
}

/** Needs shapes alone, and no data. */
function showPlan(model: Model, settings: RunSettings, trainCount: number): void {
  const { headEpochs, learningRate } = settings;
  model.summary();
  console.log(formatPlan(model.plan!));
  if (headEpochs !== undefined)
    console.log(
      `Before: ${stepsOf({ ...settings, epochs: headEpochs }, trainCount)} steps of the last layer alone, at a learning rate of up to ${formatRate(HEAD_FACTOR * learningRate)}`,
    );
  console.log(drawSchedule(model.compiled!.optimizer.schedule, stepsOf(settings, trainCount)));
  sayAveraging(model, settings, trainCount);
}

function sayAveraging(model: Model, settings: RunSettings, trainCount: number): void {
  const averaging = averagingOf(model, settings, trainCount);
  if (averaging)
    console.log(
      `From epoch ${averaging.startFromEpoch + 1} on the weights are averaged: the run ends with their mean, while its epochs show the weights as they are`,
    );
}

function formatThreads({ asked, running, trouble }: Threads): string {
  if (running === asked) return `Threads: ${running}`;
  return `Threads: ${running} of ${asked}, as the others failed to start (${trouble}); results are identical, only slower`;
}
