// npm run train says what is odd about other people's data before it trains, and shows them when it is asked to.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { idxFile } from '../../data/craftIdx.js';
import { RandomStream } from '../../../src/base/random.js';
import { digits, filesIn, refused, run, succeeds, work } from './commandLine.js';

/** What the command prints. */
function printed(...args: string[]): string {
  const outcome = run('train', ...args);
  succeeds(outcome);
  return outcome.stdout;
}

/** A folder of 120 images to train and 20 to test of 12 × 12, nearly all cats; a test image is in both parts, and one class in one. */
function pets(): string {
  const folder = join(work, 'pets');
  mkdirSync(folder);
  const random = new RandomStream(1);
  const size = 144;
  const images = (count: number): Uint8Array => Uint8Array.from({ length: count * size }, () => random.below(256));
  const [train, test] = [images(120), images(20)];
  test.set(train.subarray(7 * size, 8 * size), 3 * size);
  const write = (name: string, axes: number[], data: ArrayLike<number>): void =>
    writeFileSync(join(folder, name), idxFile(axes, data));
  write('train-images-idx3-ubyte', [120, 12, 12], train);
  write(
    'train-labels-idx1-ubyte',
    [120],
    Uint8Array.from({ length: 120 }, (_, i) => (i < 114 ? 0 : 1)),
  );
  write('t10k-images-idx3-ubyte', [20, 12, 12], test);
  write(
    't10k-labels-idx1-ubyte',
    [20],
    Uint8Array.from({ length: 20 }, (_, i) => (i < 19 ? 0 : 2)),
  );
  writeFileSync(join(folder, 'classes.txt'), 'cat\ndog\nnewt\n');
  return folder;
}

test('--show-data prints the classes and oddities, and draws a sheet; it trains nothing', () => {
  const stdout = printed('--data', pets(), '--show-data', '--seed', '1');
  const lines = stdout.split('\n');
  assert.match(lines[0]!, /^Data: pets from .*: 110 images to train, 10 held out for validation, 20 to test$/);
  assert.equal(
    lines
      .filter((line) => line.startsWith('Note: '))
      .map((line) => line.replace(/training image \d+/, 'training image N')),
    [
      "Note: class 'cat' holds 94.55 % of the training images: an answer that is always 'cat' is right as often; add images of the others",
      "Note: the validation images have none of class 'dog', so nothing tells how well the network knows it",
      "Note: the test images have class 'newt', of which there are no training images: none of them can be right",
      "Note: the test images have none of class 'dog', so nothing tells how well the network knows it",
      "Note: 1 of 20 test images is nearly the same as a training image (test image 3 as training image N, counted from 0): the test's accuracy may be too good",
    ],
  );
  assert.match(stdout, /^Images: 12 × 12 pixels, gray$/m);
  assert.match(stdout, /^all\s+110\s+10\s+20$/m);
  assert.match(stdout, /^Wrote runs\/data-pets\.png$/m);
  assert.ok(existsSync(join(work, 'runs/data-pets.png')));
  assert.not.match(stdout, /Epoch/);
});

test('the same oddities are printed before training, and none for known data', () => {
  const stdout = printed('--data', join(work, 'pets'), '--epochs', '1', '--threads', '1', '--out', 'pets-run');
  assert.match(stdout, /^Note: class 'cat' holds/m);
  assert.match(stdout, /^Note: 1 of 20 test images is nearly the same/m);
  const known = printed('--data', digits, '--epochs', '1', '--threads', '1', '--out', 'digits-run');
  assert.not.match(known, /^Note: (class|the|all|no)/m);
});

test('--show-batch draws images and what augmentation makes of them, and refuses a network without', () => {
  const network = join(work, 'augmented.json');
  const layers = [
    { className: 'RandomCrop', config: { height: 24, width: 26 } },
    { className: 'RandomRotation', config: { factor: 0.1 } },
    { className: 'Flatten' },
    { className: 'Dense', config: { units: 'classes', activation: 'softmax' } },
  ];
  writeFileSync(network, JSON.stringify(layers));
  const stdout = printed('--data', digits, '--network', network, '--show-batch', '--out', 'batch');
  assert.match(stdout, /\nWrote batch\/batch-digits\.png\n$/);
  assert.equal(filesIn('batch'), ['batch-digits.png']);
  assert.not.match(stdout, /Epoch/);
  refused(
    run('train', '--data', digits, '--show-batch'),
    "--show-batch shows what augmentation makes of a batch, and the network 'reference' has none; give --network a file of one that begins with e.g. a RandomAffine layer",
  );
  refused(run('train', '--plan', '--show-batch'), '--show-batch has no effect with --plan; leave one of them out');
});

test('--find-learning-rate says which rate is best and draws why, and trains nothing', () => {
  const stdout = printed('--data', digits, '--batch-size', '8', '--find-learning-rate', '--out', 'rates');
  assert.match(
    stdout,
    /\nTried \d+ learning rates from 1e-7 to \S+ in batches of 8\nThe loss falls most steeply at ([\d.e-]+) and is lowest at [\d.e-]+: try --learning-rate \1\b.*\nWrote rates\/learning-rate-digits\.png\n$/,
  );
  assert.equal(filesIn('rates'), ['learning-rate-digits.png']);
});

test.run();
