// What a trained model says of a person's own pictures: prepared as its file says, in a table and on one picture.
import { basename, extname } from 'node:path';
import { check, WasmCnnError } from '../../base/errors.js';
import { RandomStream } from '../../base/random.js';
import { sizeOf, type Shape } from '../../base/shape.js';
import { formatCount, formatPercent, formatTable } from '../../base/table.js';
import type { Tensor } from '../../base/tensor.js';
import {
  classifierOf,
  prepare,
  probabilitiesOf,
  type Classifier,
  type Prepared,
} from '../../data/classifier/classifier.js';
import { findPictures, passedOverNote } from '../../data/imageFolder/findPictures.js';
import { orSkipBroken } from '../../data/imageFolder/pictureReader.js';
import { verdictOf } from '../../data/verdict.js';
import { decodeImage } from '../../images/decode.js';
import { drawingOf } from '../../images/drawing.js';
import { COLOR_MODES, imageToInput } from '../../images/imageInput.js';
import type { Picture } from '../../images/picture.js';
import { argmax } from '../../metrics/index.js';
import { drawDigitSteps } from '../../plots/digitSteps.js';
import { drawSampleGrid } from '../../plots/sampleGrid.js';
import { openDataPath } from '../dataset/dataFolder.js';
import { readImage } from '../images/readImage.js';
import { markWrong, WRONG } from './color.js';
import { showPicture, type PictureOut } from './picture.js';
import type { OpenedModel } from './runs.js';

export interface OwnPictures {
  readonly files: readonly OwnPicture[];
  /** Name of the picture that is drawn of them, without its folder and ending. */
  readonly name: string;
  /** For people: where they are. */
  readonly source: string;
}

interface OwnPicture {
  /** Path as the command was given it, or below the folder. */
  readonly path: string;
  /** What errors call it. */
  readonly who: string;
  /** The folders below that which the command was given, of which one may be called as its class. */
  readonly folders: readonly string[];
  open(): Promise<Picture>;
}

export interface OwnPicturesOptions {
  readonly seed: number;
  /** Whether broken pictures are left out, and listed. */
  readonly skipBroken: boolean;
  /** Path of the output, from its usual name. */
  readonly outFor: (name: string) => PictureOut;
}

export function picturesAt(paths: readonly string[]): OwnPictures {
  const [first = ''] = paths;
  return {
    files: paths.map((path) => ({ path, who: path, folders: [], open: () => readImage(path) })),
    name: paths.length === 1 ? basename(first, extname(first)) : 'pictures',
    source: paths.length === 1 ? first : `${paths.length} pictures`,
  };
}

/** All in the folder, and in the folders in it. */
export async function picturesIn(path: string): Promise<OwnPictures> {
  const { folder, named } = await openDataPath(path, ' (--folder)');
  check(named === null, `${path} (--folder): is a file; name the folder, or give the file with --image`);
  const { files, passedOver } = await findPictures(folder, { labels: null, followLinks: true });
  return {
    files: files.map(({ path, who, read }) => ({
      path,
      who,
      folders: path.split('/').slice(0, -1),
      open: async () => decodeImage(await read(), { who }),
    })),
    name: basename(folder.path),
    source: [
      `${formatCount(files.length)} picture${files.length === 1 ? '' : 's'} in ${path}`,
      ...passedOverNote(passedOver),
    ].join(', '),
  };
}

export async function predictOwn(
  { model, facts, path }: OpenedModel,
  pictures: OwnPictures,
  options: OwnPicturesOptions,
): Promise<void> {
  const classifier = classifierOf(model, facts, path);
  console.log(`Model: ${path}`);
  const [only, ...others] = pictures.files;
  const out = options.outFor(`${pictures.name}-predicted.png`);
  if (others.length === 0) return predictOne(classifier, only!, out);
  console.log(`Pictures: ${pictures.source}`);
  const results = await predictAll(classifier, pictures.files, options);
  console.log(markWrong(pictureTable(classifier, results)));
  sayJudged(classifier, results);
  await drawOwn(classifier, results, out);
}

/** So many names are listed. */
const MOST_NAMES = 5;

/** How many are right, of those in a folder that is named like a class; and which folders are not. */
function sayJudged(
  { classNames }: Classifier,
  results: readonly Pick<Result, 'folders' | 'truth' | 'predicted'>[],
): void {
  const judged = results.filter(({ truth }) => truth !== null);
  const right = judged.filter(({ truth, predicted }) => truth === predicted).length;
  if (judged.length > 0)
    console.log(
      `${formatCount(right)} of ${formatCount(judged.length)} right (${formatPercent(right / judged.length)})`,
    );
  const others = results.filter(({ truth, folders }) => truth === null && folders.length > 0);
  if (others.length === 0) return;
  const names = [...new Set(others.map(({ folders }) => folders.at(-1)!))];
  const some = (all: readonly string[]): string =>
    `${all.slice(0, MOST_NAMES).join(', ')}${all.length > MOST_NAMES ? ' …' : ''}`;
  const [pictures, are] = [`picture${others.length > 1 ? 's' : ''}`, names.length > 1 ? 'are' : 'is'];
  console.log(
    `Not judged: ${formatCount(others.length)} ${pictures} in ${some(names)}, which ${are} not named like a class of the model (${some(classNames)}; case counts)`,
  );
}

interface Result {
  readonly path: string;
  readonly folders: readonly string[];
  /** [classes]. */
  readonly probabilities: Float32Array;
  readonly predicted: number;
  /** The class that a folder in its path is named after; null where there is none. */
  readonly truth: number | null;
  readonly doubts: readonly string[];
  /** What the network saw, of those that are drawn. */
  readonly seen: Uint8Array | null;
}

/** So many are decoded before they are predicted, and so many are drawn. */
const BATCH = 64;
const MOST_DRAWN = 144;

async function predictAll(
  classifier: Classifier,
  files: readonly OwnPicture[],
  { seed, skipBroken }: OwnPicturesOptions,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const drawn = new Set(chosen(files.length, seed).map((i) => files[i]!));
  let broken: string | null = null;
  for (let start = 0; start < files.length; start += BATCH) {
    const batch: { readonly file: OwnPicture; readonly prepared: Prepared }[] = [];
    for (const file of files.slice(start, start + BATCH)) {
      try {
        batch.push({ file, prepared: await prepare(classifier, await file.open(), file.who) });
      } catch (error) {
        if (!skipBroken) throw orSkipBroken(error);
        if (!(error instanceof WasmCnnError)) throw error;
        console.log(`Left out: ${error.message}`);
        broken ??= error.message;
      }
    }
    if (batch.length === 0) continue;
    const { data, shape } = await probabilitiesOf(
      classifier,
      batch.map(({ prepared }) => prepared),
    );
    const classes = shape[1]!;
    for (const [i, { file, prepared }] of batch.entries())
      results.push({
        path: file.path,
        folders: file.folders,
        probabilities: data.slice(i * classes, (i + 1) * classes),
        predicted: argmax(data, i * classes, classes),
        truth: truthOf(file.folders, classifier.classNames),
        doubts: prepared.doubts,
        seen: drawn.has(file) ? prepared.data : null,
      });
  }
  check(results.length > 0, () => `none of the ${files.length} pictures can be read; the first says: ${broken}`);
  return results;
}

/** The numbers of those that are drawn, in order. */
function chosen(count: number, seed: number): readonly number[] {
  const all = [...Array(count).keys()];
  if (count > MOST_DRAWN) new RandomStream(seed).shuffle(all);
  return all.slice(0, MOST_DRAWN).sort((a, b) => a - b);
}

function truthOf(folders: readonly string[], classNames: readonly string[]): number | null {
  const name = folders.find((folder) => classNames.includes(folder));
  return name === undefined ? null : classNames.indexOf(name);
}

function pictureTable({ classNames }: Classifier, results: readonly Result[]): string {
  const isKnown = results.some(({ truth }) => truth !== null);
  const areDoubted = results.some(({ doubts }) => doubts.length > 0);
  const rows = results.map(({ path, probabilities, predicted, truth, doubts }) => {
    const second = secondOf(probabilities, predicted);
    const verdict = truth === null || truth === predicted ? '' : WRONG;
    return [
      path,
      classNames[predicted]!,
      formatPercent(probabilities[predicted]!),
      classNames[second]!,
      formatPercent(probabilities[second]!),
      ...(isKnown ? [truth === null ? '' : classNames[truth]!, verdict] : []),
      ...(areDoubted ? [doubts.join('; ')] : []),
    ];
  });
  const header = [
    'Picture',
    'Predicted',
    'Probability',
    'Second',
    'Probability',
    ...(isKnown ? ['True', ''] : []),
    ...(areDoubted ? ['Doubts'] : []),
  ];
  return formatTable(header, rows, [0, 1, 3, 5, 6, 7]);
}

function secondOf(probabilities: Float32Array, first: number): number {
  const others = probabilities.slice();
  others[first] = -1;
  return argmax(others, 0, others.length);
}

async function drawOwn({ classNames, input }: Classifier, results: readonly Result[], out: PictureOut): Promise<void> {
  const drawn = results.filter(({ seen }) => seen !== null);
  const shape = [...input.imageSize, COLOR_MODES[input.colorMode]];
  const images = stacked(
    drawn.map((result) => result.seen!),
    shape,
  );
  const probabilities = stacked(
    drawn.map((result) => result.probabilities),
    [classNames.length],
  );
  const subject =
    drawn.length === results.length
      ? `picture${drawn.length === 1 ? '' : 's'}`
      : `of ${formatCount(results.length)} pictures`;
  const options = { classNames, subject, captions: drawn.map(({ path }) => basename(path)) };
  const labels = drawn.map(({ truth }) => truth);
  await showPicture(out, (create) => drawSampleGrid(create, images, labels, probabilities, options));
}

/** Examples of this shape as one tensor. */
function stacked<Data extends Uint8Array | Float32Array>(parts: readonly Data[], shape: Shape): Tensor<Data> {
  const size = sizeOf(shape);
  const data = new (parts[0]!.constructor as new (length: number) => Data)(parts.length * size);
  for (const [i, part] of parts.entries()) data.set(part, i * size);
  return { data, shape: [parts.length, ...shape] };
}

/** Most classes that are listed for one picture. */
const MOST_CLASSES = 10;

/** One picture is shown step by step. */
async function predictOne(classifier: Classifier, file: OwnPicture, out: PictureOut): Promise<void> {
  const picture = await file.open();
  const prepared = await prepare(classifier, picture, file.who);
  const { data, notes, doubts } = prepared;
  const { classNames, input, pictures } = classifier;
  const [height, width] = input.imageSize;
  const what = `${picture.width} × ${picture.height} pixels, as ${width} × ${height}`;
  console.log(`${file.path}: ${notes.length > 0 ? notes.join('; ') : what}`);
  const { data: probabilities } = await probabilitiesOf(classifier, [prepared]);
  console.log(classTable(classNames, probabilities));
  const areDigits = pictures === 'prepareDigit';
  console.log(verdictOf(probabilities, doubts, areDigits ? undefined : classNames).sentence);
  const { folders } = file;
  const predicted = argmax(probabilities, 0, classNames.length);
  sayJudged(classifier, [{ folders, truth: truthOf(folders, classNames), predicted }]);
  const steps = {
    picture: areDigits ? drawingOf(picture) : opaque(picture),
    seen: { data, width, height, channels: COLOR_MODES[input.colorMode] },
    notes,
    doubts,
    probabilities,
    ...(!areDigits && { classNames }),
  };
  await showPicture(out, (create) => drawDigitSteps(create, steps));
}

/** The picture as it is shown: on white. */
function opaque(picture: Picture): Picture {
  const { width, height, channels } = picture;
  return channels === 4
    ? { data: imageToInput(picture, { imageSize: [height, width] }), width, height, channels: 3 }
    : picture;
}

/** The most probable classes where there are many, those first. */
function classTable(classNames: readonly string[], probabilities: Float32Array): string {
  const all = classNames.map((name, c) => ({ name, share: probabilities[c]! }));
  const told = all.length <= MOST_CLASSES ? all : [...all].sort((a, b) => b.share - a.share).slice(0, MOST_CLASSES);
  const rows = told.map(({ name, share }) => [name, formatPercent(share), '█'.repeat(Math.round(30 * share))]);
  const rest = all.length - told.length;
  return `${formatTable(['Class', 'Probability', ''], rows, [0, 2])}${rest > 0 ? `\nand ${formatCount(rest)} classes that are less probable` : ''}`;
}
