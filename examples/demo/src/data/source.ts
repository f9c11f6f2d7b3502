// A data set with its identity: the built-in digits, drawn in a worker so that the page stays awake, or a person's own files.
import { WasmCnnError } from 'wasm-cnn';
import { builtinDigits, type Examples, type TestedDataset } from 'wasm-cnn/data';
import { imageInput, type ImageInput, type Picture } from 'wasm-cnn/images';
import { datasetBytes, sha256Of } from 'wasm-cnn/recipes';
import type { Form } from '../network/form.js';
import type { DigitsAsked } from './digitsWorker.js';

/** The identity is that of npm run train; null where the page has no SHA-256 (http other than localhost). */
export interface Source extends TestedDataset {
  readonly sha256: string | null;
  /** A sentence for each picture that was left out. */
  readonly skipped?: readonly string[];
}

/** What the classes of a data set are called, and how a person's own picture becomes an input beside them. */
export interface Subject {
  /** One a class; numbers where nothing names them. */
  readonly names: readonly string[];
  readonly input: ImageInput;
  /** Whether these are digits as MNIST's, which can be drawn and are prepared in a way of their own. */
  readonly areDigits: boolean;
}

/** Larger sets do not fit into a tab, which holds them three times: as they are, hashed, and in the training thread. */
export const MOST_BYTES = 2 ** 30;
/** More buttons and bars than this are of no use. */
const MOST_CLASSES = 1000;
const DIGITS = '0,1,2,3,4,5,6,7,8,9';
export const BUILTIN = 'builtin-digits';

export function isBuiltin({ name }: TestedDataset): boolean {
  return name === BUILTIN;
}

export async function identified(dataset: TestedDataset): Promise<Source> {
  return { ...dataset, classNames: DIGITS.split(','), sha256: await sha256Of(datasetBytes(dataset)) };
}

const forms = new WeakMap<TestedDataset, Form>();
const subjects = new WeakMap<TestedDataset, Subject>();

export function formOf(source: TestedDataset): Form {
  if (!forms.has(source)) forms.set(source, formIn(source));
  return forms.get(source)!;
}

function formIn({ train, test, classNames }: TestedDataset): Form {
  const [, height = 0, width = 0, channels = 0] = train.x.shape;
  const most = [train.y, test.y].reduce((most, y) => (y as Uint8Array).reduce((a, b) => Math.max(a, b), most), 0);
  return { inputShape: [height, width, channels], classes: classNames?.length ?? most + 1 };
}

export function subjectOf(source: TestedDataset): Subject {
  if (!subjects.has(source)) subjects.set(source, subjectIn(source));
  return subjects.get(source)!;
}

function subjectIn(source: TestedDataset): Subject {
  const { inputShape, classes } = formOf(source);
  return {
    names: Array.from({ length: classes }, (_, label) => source.classNames?.[label] ?? String(label)),
    input: inputOf(inputShape),
    areDigits: source.classNames?.join() === DIGITS && inputShape.join() === '28,28,1',
  };
}

export function haveSameNames(a: Subject, b: Subject): boolean {
  return a.names.join('\n') === b.names.join('\n');
}

/** How the pictures of a data set of this shape were decoded, as openDataset() does it. */
export function inputOf([height, width, channels]: Form['inputShape']): ImageInput {
  return imageInput({
    imageSize: [height, width],
    colorMode: channels === 1 ? 'grayscale' : channels === 3 ? 'rgb' : 'rgba',
  });
}

/** Throws one sentence where it is nothing that this page can show or hold. */
export function checkForPage(source: TestedDataset): void {
  const { train, test, validation } = source;
  const { inputShape, classes } = formOf(source);
  const channels = inputShape[2];
  if (![1, 3, 4].includes(channels))
    throw new WasmCnnError(
      `the images have ${channels} channels, but this page shows gray, RGB or RGBA; choose data of 1, 3 or 4 channels`,
    );
  if (classes < 2)
    throw new WasmCnnError(
      'all images are of one class; choose data of at least two, so that there is something to tell apart',
    );
  if (classes > MOST_CLASSES)
    throw new WasmCnnError(
      `there are ${classes} classes, more than the ${MOST_CLASSES} that this page shows; train on them with npm run train`,
    );
  const bytes = [train, test, validation].reduce((sum, part) => sum + (part?.x.data.length ?? 0), 0);
  if (bytes > MOST_BYTES)
    throw new WasmCnnError(
      `the images take ${Math.ceil(bytes / 2 ** 20)} MiB, more than the ${MOST_BYTES / 2 ** 20} that fit into a tab; choose fewer, or train on them with npm run train`,
    );
}

/** A view of some of them; nothing is copied. */
export function sliceExamples({ x, y }: Examples, start: number, end: number): Examples {
  const [, ...shape] = x.shape;
  const size = shape.reduce((product, side) => product * side, 1);
  return {
    x: { data: x.data.subarray(size * start, size * end), shape: [end - start, ...shape] },
    y: y.subarray(start, end),
  };
}

/** Some of them, copied. */
export function gather({ x, y }: Examples, numbers: Uint32Array): Examples {
  const [, ...shape] = x.shape;
  const size = shape.reduce((product, side) => product * side, 1);
  const data = new Uint8Array(numbers.length * size);
  for (const [i, number] of numbers.entries()) data.set(x.data.subarray(size * number, size * (number + 1)), size * i);
  return { x: { data, shape: [numbers.length, ...shape] }, y: Uint16Array.from(numbers, (number) => y[number]!) };
}

/** The i-th of so many places, each far from those before it: data sets may be sorted by class. */
export function farApart(i: number, count: number): number {
  return Math.floor(count * ((i * 0.6180339887) % 1));
}

/** One of them, as a picture. */
export function pictureAt(examples: Examples, i: number): Picture {
  const { data, shape } = sliceExamples(examples, i, i + 1).x;
  const [, height = 0, width = 0, channels = 0] = shape;
  return { data: data as Picture['data'], height, width, channels: channels as Picture['channels'] };
}

/** As many as npm run train has with --data builtin are 60,000 and 10,000. Where no worker can be loaded, the page itself draws them. */
export async function builtinSource(trainCount: number, testCount: number): Promise<Source> {
  const asked: DigitsAsked = { trainCount, testCount };
  return identified((await drawnInWorker(asked)) ?? builtinDigits(asked));
}

/** Null: its file did not load. */
async function drawnInWorker(asked: DigitsAsked): Promise<TestedDataset | null> {
  const worker = new Worker(new URL('./digitsWorker.ts', import.meta.url), { type: 'module' });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<TestedDataset>) => resolve(data);
      worker.onerror = ({ message }) =>
        message
          ? reject(new WasmCnnError(`the worker that draws the built-in digits failed (${message}); reload the page`))
          : resolve(null);
      worker.postMessage(asked);
    });
  } finally {
    worker.terminate();
  }
}
