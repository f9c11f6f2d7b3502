// A data set with its identity: the built-in digits, drawn in a worker so that the page stays awake, or MNIST's files.
import { WasmCnnError } from 'wasm-cnn';
import { builtinDigits, type Examples, type TestedDataset } from 'wasm-cnn/data';
import { datasetBytes, sha256Of } from 'wasm-cnn/recipes';
import type { DigitsAsked } from './digitsWorker.js';

/** The identity is that of npm run train; null where the page has no SHA-256 (http other than localhost). */
export interface Source extends TestedDataset {
  readonly sha256: string | null;
}

export function isBuiltin({ name }: TestedDataset): boolean {
  return name === 'builtin-digits';
}

export async function identified(dataset: TestedDataset): Promise<Source> {
  return { ...dataset, sha256: await sha256Of(datasetBytes(dataset)) };
}

/** Throws one sentence where it is not what this page shows: 28 × 28 pixels of grey, ten digits. */
export function checkForPage({ train, test }: TestedDataset): void {
  const [, height, width, channels] = train.x.shape;
  if (height !== 28 || width !== 28 || channels !== 1)
    throw new WasmCnnError(
      `the images are ${height} × ${width} pixels${channels === 1 ? '' : ` of ${channels} channels`}, but this page needs 28 × 28${channels === 1 ? '' : ' of one'}; choose data in MNIST's format`,
    );
  const most = [train.y, test.y].flatMap((y) => Array.from(y)).reduce((most, label) => Math.max(most, label), 0);
  if (most > 9)
    throw new WasmCnnError(
      `the labels go up to ${most}, but this page tells ten classes apart, 0 to 9; choose data of ten classes`,
    );
}

/** A view of some of 28 × 28 pixels; nothing is copied. */
export function sliceExamples({ x, y }: Examples, start: number, end: number): Examples {
  return {
    x: { data: x.data.subarray(784 * start, 784 * end), shape: [end - start, 28, 28, 1] },
    y: y.subarray(start, end),
  };
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
