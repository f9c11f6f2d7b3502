// The data of a run: what its files keep of them, how they are found again, and how they are split.
import { isClassName } from '../../data/classNames.js';
import { classesIn, type Examples } from '../../data/dataset.js';
import { mnistSha256 } from '../../data/mnist.js';
import type { ReadOptions } from '../../data/layouts/layout.js';
import { stratifiedSplitInPlace } from '../../data/split.js';
import { check } from '../../base/errors.js';
import { isRecord } from '../../base/options.js';
import { imageInput } from '../../images/imageInput.js';
import type { ClassifierFacts } from '../../images/classifierFacts.js';
import {
  classifierFactsOf,
  countBeforeSplit,
  dataFactsOf,
  drawnCountFor,
  SPLIT,
  splitForRun,
  withDrawnDigits,
  type DataFacts as SharedFacts,
  type RunSplit,
} from '../../recipes/data.js';
import type { RunSettings } from '../../recipes/settings.js';
import type { HashedDataset } from '../dataset/datasetSha256.js';
import { exists } from '../files/files.js';
import { loadData } from '../dataset/loadData.js';
import { openDataset, openMnist } from '../dataset/openDataset.js';

/** What a run's files keep of its data. */
export interface DataFacts extends SharedFacts {
  readonly sha256: string;
  /** Their place, as --data takes it: a folder's whole path, or 'builtin'. */
  readonly data: string;
  /** What was asked of pictures that are decoded; absent where nothing was. */
  readonly read?: ReadOptions;
}

/** What a run needs of its data. The training images are here once, without those held out. */
export interface RunData extends RunSplit {
  readonly test: Examples;
  /** See {@link Dataset}. */
  readonly source: string;
  readonly facts: DataFacts;
  /** One a class that the model tells apart. */
  readonly classNames: readonly string[];
  /** For the model file. */
  readonly classifier: ClassifierFacts;
}

/** What of a run's settings splits its data. */
type SplitSettings = Pick<RunSettings, 'seed' | 'validationSplit'>;

/** Lists the pictures and rows that --skip-broken left out. */
export function sayLeftOut({ skipped = [] }: HashedDataset): void {
  for (const sentence of skipped) console.log(`Left out: ${sentence}`);
}

/** The images that a model of this seed trains on, those held out for validation, and those to test on. Takes the data set's memory over. */
export function splitRunData(
  dataset: HashedDataset,
  { seed, validationSplit }: SplitSettings,
  drawnCount = drawnCountFor(dataset.sha256),
  asked: ReadOptions = {},
): RunData {
  const { source, sha256, data, classNames } = dataset;
  const classes = classNames?.length ?? classesIn(dataset);
  check(classes > 1, `${dataset.name}: all images are of one class; give at least two to tell apart`);
  const { train, validation, test, groups } = dataset;
  check(
    !validation || validationSplit === undefined,
    `--validation-split is ${validationSplit}, but ${dataset.name} has images for validation of its own; leave it out`,
  );
  const own = validation
    ? { train, validation }
    : splitForRun(train, seed, stratifiedSplitInPlace, groups, validationSplit);
  const split = withDrawnDigits(own, drawnCount, seed, train);
  const read = readOf(asked);
  const facts: DataFacts = {
    ...dataFactsOf(dataset, sha256, drawnCount, split.train.y.length),
    data,
    ...(Object.keys(read).length > 0 && { read }),
  };
  const classifier = classifierFactsOf(classes, classNames, train.x.shape, read.input);
  return { ...split, test, source, facts, classNames: classifier.classNames, classifier };
}

/** What a file says of the data that its model has learned; null for what it does not say. */
export interface TrainedOn {
  readonly name: string;
  readonly sha256: string | null;
  readonly data: string | null;
  readonly read: ReadOptions;
  readonly counts: { readonly trainCount: number; readonly testCount: number } | null;
  readonly split: string | null;
  readonly drawnCount: number;
  readonly validationSplit: number | undefined;
}

/** Reads a file's facts, which anyone may have written; null where they name no data. The page writes fewer. */
export function trainedOn(facts: unknown): TrainedOn | null {
  const dataset = isRecord(facts) ? facts['dataset'] : null;
  if (!isRecord(dataset) || !isClassName(dataset['name'])) return null;
  const { name, sha256, data, read, trainCount, testCount, split, drawnCount } = dataset;
  const settings = isRecord(facts) && isRecord(facts['settings']) ? facts['settings'] : {};
  const validationSplit = settings['validationSplit'];
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  return {
    name,
    sha256: text(sha256),
    split: text(split),
    drawnCount: sha256 === mnistSha256 && Number.isSafeInteger(drawnCount) ? (drawnCount as number) : 0,
    validationSplit:
      typeof validationSplit === 'number' && validationSplit >= 0 && validationSplit < 1 ? validationSplit : undefined,
    data: text(data) ?? (name === 'builtin-digits' ? 'builtin' : null),
    read: readOf(read),
    counts:
      Number.isSafeInteger(trainCount) && Number.isSafeInteger(testCount)
        ? { trainCount: trainCount as number, testCount: testCount as number }
        : null,
  };
}

/** What was asked of pictures, as options or a file say it; anything else in a file, which anyone may have written, is ignored. */
function readOf(asked: unknown): ReadOptions {
  const { imageSize, colorMode, input, skipBroken } = isRecord(asked) ? (asked as ReadOptions) : {};
  try {
    // The size that the data may have, where only the form is given.
    const form = {
      imageSize: [1, 1] as const,
      ...input,
      ...(imageSize && { imageSize }),
      ...(colorMode && { colorMode }),
    };
    const checked = imageInput(form);
    return {
      ...(imageSize && { imageSize: checked.imageSize }),
      ...(colorMode && { colorMode: checked.colorMode }),
      ...(input && { input: checked }),
      ...(skipBroken === true && { skipBroken }),
    };
  } catch {
    return {};
  }
}

/** Opens what --data names, or else the data that `who` has learned: from where they were, unless they have changed since. */
export async function openRunData(
  asked: string | undefined,
  learned: TrainedOn | null,
  who: string,
  /** What pictures come to where the data are others. */
  form: ReadOptions = {},
  load: (path: string, read: ReadOptions) => Promise<HashedDataset> = (path, read) => loadData(path, '', read),
): Promise<HashedDataset> {
  const read = { ...learned?.read, ...form };
  if (asked === '' || asked === 'builtin') return openDataset({ data: asked });
  if (asked !== undefined) return load(asked, read);
  check(learned !== null, `${who} does not say what it was trained on; name the data with --data`);
  const { name, sha256 } = learned;
  const dataset = await openAgain({ ...learned, read }, who);
  check(
    sha256 === null || sha256 === dataset.sha256,
    () =>
      `${who} was trained on ${name} with SHA-256 ${short(sha256!)}, and what lies in ${dataset.data} has ${short(dataset.sha256)} now; bring the former back, or name them with --data`,
  );
  return dataset;
}

async function openAgain(
  { name, sha256, data, read, counts, validationSplit }: TrainedOn,
  who: string,
): Promise<HashedDataset> {
  if (data === 'builtin') {
    const builtin = counts && { ...counts, trainCount: countBeforeSplit(counts.trainCount, validationSplit) };
    return openDataset({ data, ...(builtin && { builtin }) });
  }
  if (data !== null && (await exists(data))) return loadData(data, '', read);
  // MNIST is MNIST, wherever it comes from.
  if (sha256 === mnistSha256) return process.env['MNIST_DIR'] ? openDataset() : openMnist();
  check(data !== null, `${who} was trained on ${name}, and does not say where that is; name it with --data`);
  check(false, `${who} was trained on ${name} from ${data}, which no longer exists; name its place with --data`);
}

/** Opens the data of the run in `folder`, which must be those that it was started with, split as this version does. */
export async function openSameData(
  asked: string | undefined,
  recorded: TrainedOn,
  folder: string,
  settings: SplitSettings,
): Promise<RunData> {
  const dataset = await openRunData(asked, recorded, folder);
  const { name, sha256, split } = recorded;
  check(
    sha256 === null || sha256 === dataset.sha256,
    () =>
      `${folder} was started on ${name} with SHA-256 ${short(sha256!)}, and this is ${dataset.source}, ${short(dataset.sha256)}; give the same with --data`,
  );
  check(
    split === SPLIT,
    `${folder} was made by a version that held out the last twelfth of the training images for validation, where this one holds out a twelfth of each class: its numbers cannot come again; start a new run`,
  );
  sayLeftOut(dataset);
  return splitRunData(dataset, settings, recorded.drawnCount, recorded.read);
}

function short(sha256: string): string {
  return `${sha256.slice(0, 8)}…`;
}
