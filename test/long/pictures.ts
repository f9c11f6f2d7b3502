// A folder of pictures from the first start on: how long steps wait for them, and how much memory a set takes that is larger than what is kept.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { encode } from 'jpeg-js';
import { RandomStream } from '../../src/base/random.js';
import { temporaryFolder } from '../node/temporaryFolder.js';

const SIDE = 96;
const CLASSES = 4;

/** JPEGs of 96 × 96: two colors in waves, and noise, as large as those of photographs. */
function writePictures(folder: string, count: number): void {
  const random = new RandomStream(1);
  for (let i = 0; i < count; i++) {
    const parent = join(folder, String(i % CLASSES));
    mkdirSync(parent, { recursive: true });
    const [length, red] = [3 + (i % CLASSES) + random.uniform(), random.below(200)];
    const data = Buffer.alloc(4 * SIDE * SIDE, 255);
    for (let at = 0; at < data.length; at += 4) {
      const [x, y] = [(at / 4) % SIDE, Math.floor(at / 4 / SIDE)];
      const wave = Math.abs((((x + y) / length) % 2) - 1);
      data[at] = red + random.below(50);
      data[at + 1] = 200 * wave + random.below(50);
      data[at + 2] = 255 - data[at + 1]!;
    }
    writeFileSync(join(parent, `${i}.jpg`), encode({ data, width: SIDE, height: SIDE }, 85).data);
  }
}

interface Training {
  /** Milliseconds from the path to the source, and by epoch. */
  readonly open: number;
  readonly epochs: readonly { readonly all: number; readonly waited: number }[];
  readonly peakMiB: number;
  readonly weights: string;
}

/** Runs in a process of its own: what it is given is in `given`. */
const script = (module: (path: string) => string): string => `
  import { createHash } from 'node:crypto';
  import { referenceNetwork } from ${module('src/index.js')};
  import { imageFolder, workers } from ${module('src/node/index.js')};
  const [folder, epochs] = JSON.parse(process.argv.at(-1));
  const model = referenceNetwork({ inputShape: [${SIDE}, ${SIDE}, 3], classes: ${CLASSES} });
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 32, workers: workers(2) });
  const began = performance.now();
  const source = await imageFolder(folder);
  const open = performance.now() - began;
  // A step begins when the one before it has ended and its batch is there.
  const ready = [];
  const times = [];
  let [step, ended] = [0, 0];
  const watched = { ...source, async read(order, start, count, into) {
    const batch = Math.floor(start / 32);
    await source.read(order, start, count, into);
    ready[batch] = performance.now();
  } };
  await model.fit(watched, { epochs, verbose: 0, callbacks: [{
    onEpochBegin() { ready.length = step = 0; times.push({ all: -performance.now(), waited: 0 }); ended = performance.now(); },
    onBatchEnd() {
      times.at(-1).waited += Math.max(0, ready[step++] - ended);
      ended = performance.now();
    },
    onEpochEnd() { times.at(-1).all += performance.now(); },
  }] });
  const hash = createHash('sha256');
  for (const { data } of model.getWeights()) hash.update(data);
  console.log(JSON.stringify({ open, epochs: times, peakMiB: process.resourceUsage().maxRSS / 1024, weights: hash.digest('hex') }));`;

function train(folder: string, epochs: number, env: NodeJS.ProcessEnv): Training {
  const module = (path: string): string => JSON.stringify(new URL(`../../${path}`, import.meta.url).href);
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', script(module), JSON.stringify([folder, epochs])],
    { encoding: 'utf8', env: { ...process.env, ...env } },
  );
  assert.equal([status, stderr], [0, '']);
  return JSON.parse(stdout) as Training;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Trains the reference network on `count` pictures: without what is kept, with it, and with room for a tenth of them alone. */
export async function trainOnPictures(count: number): Promise<string> {
  const [folder, cache] = [temporaryFolder(), temporaryFolder()];
  writePictures(folder, count);
  const first = train(folder, 2, { WASM_CNN_CACHE: cache });
  const second = train(folder, 2, { WASM_CNN_CACHE: cache });
  const rowBytes = SIDE * SIDE * 3;
  const tight = train(folder, 2, {
    WASM_CNN_CACHE: temporaryFolder(),
    WASM_CNN_CACHE_BYTES: String((count * rowBytes) / 10),
  });
  const few = temporaryFolder();
  writePictures(few, Math.ceil(count / 10));
  const small = train(few, 2, { WASM_CNN_CACHE: 'off' });
  assert.equal([second.weights, tight.weights], [first.weights, first.weights]);
  const share = ({ epochs }: Training, epoch: number): string => percent(epochs[epoch]!.waited / epochs[epoch]!.all);
  const all = ({ epochs }: Training): string =>
    epochs.map(({ all: ms }) => `${(ms / 1000).toFixed(1)} s`).join(' and ');
  const mib = ({ peakMiB }: Training): string => `${Math.round(peakMiB)} MiB`;
  return [
    `${count} JPEGs of ${SIDE} × ${SIDE}, reference network, two threads, two epochs`,
    `first start: opened in ${first.open.toFixed(0)} ms, epochs of ${all(first)}, of which steps waited ${share(first, 0)} and ${share(first, 1)}`,
    `second start: opened in ${second.open.toFixed(0)} ms, epochs of ${all(second)}, waited ${share(second, 0)} and ${share(second, 1)}`,
    `room for a tenth of the pixels: epochs of ${all(tight)}, waited ${share(tight, 0)} and ${share(tight, 1)}; peak memory ${mib(tight)}, and ${mib(small)} with a tenth of the pictures (all of their pixels are ${Math.round((count * rowBytes) / 2 ** 20)} MiB)`,
    'one set of weights',
  ].join('\n  ');
}
