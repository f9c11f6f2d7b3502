// A folder of pictures per class, from training to verification: what was asked of the pictures holds in each command.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InvalidArgumentError } from 'commander';
import { imageSize } from '../../../src/node/cli/command.js';
import { pngsOf } from '../../data/imageFolder/pictures.js';
import { historyOf, run, work } from './commandLine.js';

const folder = join(work, 'pets');
const files = { ...pngsOf('cats', 12, 10), ...pngsOf('dogs', 12, 200), 'dogs/bad.jpg': 'text' };
for (const [path, content] of Object.entries(files)) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}
const options = ['--data', folder, '--epochs', '1', '--batch-size', '4'];

test('a broken picture ends the command with its name', () => {
  const { status, stderr } = run('train', ...options);
  assert.is(status, 1);
  assert.match(stderr, `${join(folder, 'dogs', 'bad.jpg')} is not a PNG, JPEG, WebP, GIF or BMP picture`);
});

test('size and broken pictures of a run are remembered', () => {
  const { status, stdout, stderr } = run(
    'train',
    ...options,
    '--image-size',
    '20x16',
    '--skip-broken',
    '--out',
    'of-pets',
  );
  assert.equal([status, stderr], [0, '']);
  assert.match(stdout, `Left out: ${join(folder, 'dogs', 'bad.jpg')} is not a PNG`);
  assert.match(
    stdout,
    `Data: pets from ${folder}, a folder per class, pictures as 20 × 16 RGB, 1 broken picture left out, a fifth`,
  );
  const { read } = historyOf('of-pets').dataset as Record<string, unknown>;
  assert.equal(read, { imageSize: [20, 16], skipBroken: true });
  assert.equal(historyOf('of-pets').classifier.classNames, ['cats', 'dogs']);
  assert.match(run('evaluate', '--model', 'of-pets').stdout, 'pictures as 20 × 16 RGB');
  assert.match(run('evaluate', '--model', 'of-pets', '--data', folder).stdout, 'pictures as 20 × 16 RGB');
  assert.match(run('verify', 'of-pets').stdout, 'Verified: the weights of of-pets');
});

test('a model is tested on pictures of a single one of its classes, too, but not trained on them', () => {
  const dogs = join(work, 'dogs-alone');
  mkdirSync(join(dogs, 'dogs'), { recursive: true });
  for (const [path, content] of Object.entries(pngsOf('dogs', 3, 200))) writeFileSync(join(dogs, path), content);
  const { status, stdout, stderr } = run('evaluate', '--model', 'of-pets', '--data', dogs);
  assert.equal([status, stderr], [0, '']);
  assert.match(stdout, /pictures as 20 × 16 RGB.*: 3 test images\n/);
  assert.match(stdout, /\n1 dogs .*\n/);
  const trained = run('train', '--data', dogs);
  assert.match(trained.stderr, `${dogs}: holds pictures of only one class, dogs; add a folder of another`);
});

test('pixels are kept for the next command, unless it says --no-cache', async () => {
  // Files that changed within the last two seconds are read again.
  await new Promise((resolve) => setTimeout(resolve, 2100));
  const cache = join(work, 'cache');
  process.env['WASM_CNN_CACHE'] = cache;
  const show = ['--data', folder, '--skip-broken', '--show-data'];
  assert.is(run('train', ...show, '--no-cache').status, 0);
  assert.is(existsSync(cache), false);
  const first = run('train', ...show);
  const kept = readdirSync(cache);
  assert.equal([first.status, kept.length], [0, 1]);
  const second = run('train', ...show);
  assert.equal([second.stdout, second.stderr], [first.stdout, '']);
  assert.equal(readdirSync(cache), kept);
  process.env['WASM_CNN_CACHE'] = 'off';
});

test('--image-size is one side or two, and not for images that are no pictures', () => {
  assert.equal(
    [imageSize('96'), imageSize('20x16')],
    [
      [96, 96],
      [20, 16],
    ],
  );
  for (const text of ['', '0', '4x', 'x4', '-1', '1e2', '20000', '4x4x4'])
    assert.throws(
      () => imageSize(text),
      (error: unknown) => error instanceof InvalidArgumentError,
    );
  const { status, stderr } = run('train', '--data', 'builtin', '--image-size', '64');
  assert.is(status, 1);
  assert.match(stderr, '--image-size is 64 × 64, but the images of the built-in digits are 28 × 28 pixels');
});

test.run();
