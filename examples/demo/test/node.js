// @ts-check
// The same in Node: small data sets as IDX files, and runs of npm run train's own code.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { builtinDigits } from '../../../build/src/data/digits/digits.js';

const root = new URL('../../../', import.meta.url);

/** @template T @param {(folder: string) => Promise<T>} action */
export async function inTemporaryFolder(action) {
  const folder = await mkdtemp(join(tmpdir(), 'wasm-cnn-demo-'));
  try {
    return await action(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** MNIST's four files with few built-in digits in them; the images gzipped. @param {number} trainCount @param {number} testCount */
export function idxFiles(trainCount, testCount, side = 28) {
  const { train, test } = builtinDigits({ trainCount, testCount, seed: 7 });
  /** @param {number[]} axes @param {Uint8Array} data */
  const idx = (axes, data) => {
    const header = Buffer.alloc(4 + 4 * axes.length);
    header.set([0, 0, 8, axes.length]);
    axes.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
    return Buffer.concat([header, data]);
  };
  return [
    {
      name: 'train-images-idx3-ubyte.gz',
      bytes: gzipSync(idx([trainCount, side, side], train.x.data.subarray(0, trainCount * side * side))),
    },
    { name: 'train-labels-idx1-ubyte', bytes: idx([trainCount], train.y) },
    {
      name: 't10k-images-idx3-ubyte.gz',
      bytes: gzipSync(idx([testCount, side, side], test.x.data.subarray(0, testCount * side * side))),
    },
    { name: 't10k-labels-idx1-ubyte', bytes: idx([testCount], test.y) },
  ];
}

/**
 * Runs npm run train on the files to its end, or resumes the run that `checkpoint` is of; gives its history and its checkpoints by name.
 * @param {string} folder @param {{ name: string, bytes: Uint8Array }[]} files @param {string[]} options @param {{ name: string, bytes: Uint8Array }} [checkpoint]
 */
export async function trainInNode(folder, files, options, checkpoint) {
  const [data, out] = [join(folder, 'data'), join(folder, 'run')];
  await mkdir(data);
  for (const { name, bytes } of files) await writeFile(join(data, name), bytes);
  if (checkpoint) {
    await mkdir(out);
    await writeFile(join(out, checkpoint.name), checkpoint.bytes);
  }
  const how = checkpoint ? '--resume' : '--out';
  await promisify(execFile)(process.execPath, [
    fileURLToPath(new URL('build/src/node/cli/train.js', root)),
    '--data',
    data,
    how,
    out,
    ...options,
  ]);
  const history = JSON.parse(await readFile(join(out, 'history.json'), 'utf8'));
  const names = (await readdir(out)).filter((name) => /^checkpoint.*\.safetensors$/.test(name)).sort();
  const checkpoints = await Promise.all(names.map(async (name) => ({ name, bytes: await readFile(join(out, name)) })));
  return { history, checkpoints };
}
