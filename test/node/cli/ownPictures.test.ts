// predict-samples of a person's own pictures: any classifier, prepared as its file says, one, several, a folder.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { classifierFacts } from '../../../src/images/index.js';
import { layers, sequential } from '../../../src/index.js';
import { imageFolder } from '../../../src/node/dataset/imageFolder.js';
import { pngOf, pngsOf } from '../../data/imageFolder/pictures.js';
import { refused, run, succeeds, work } from './commandLine.js';

function write(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(work, folder, path)), { recursive: true });
    writeFileSync(join(work, folder, path), content);
  }
}

test.before(() => {
  write('pets', { ...pngsOf('cats', 20, 10), ...pngsOf('dogs', 20, 200) });
  succeeds(
    run('train', '--data', 'pets', '--epochs', '8', '--batch-size', '4', '--image-size', '16', '--out', 'of-pets'),
  );
  write('mine', { 'dark.png': pngOf(12, 9, 7), 'light.png': pngOf(215, 5, 5, 1), 'notes.txt': 'no picture' });
  write('one', { 'cats/1.png': pngOf(15) });
  write('cased', { 'Cap/1.png': pngOf(15), 'Dogs/1.png': pngOf(208) });
  write('sorted', {
    ...{ 'test/cats/1.png': pngOf(15), 'test/cats/2.png': pngOf(210), 'test/dogs/1.png': pngOf(208) },
    ...{ 'test/birds/1.png': pngOf(100), 'broken.jpg': 'text' },
  });
});
const predictSamples = (...given: string[]) => run('predictSamples', '--model', 'of-pets', ...given);

test('one picture: its classes, a verdict, and what the network saw', () => {
  const outcome = predictSamples('--image', 'mine/dark.png');
  succeeds(outcome);
  assert.match(
    outcome.stdout,
    /^Model: of-pets\/model\.safetensors\nmine\/dark\.png: 7 × 9 pixels, as 16 × 16\n─+\nClass +Probability\n─+\ncats +[\d.]+ % {3}█+\ndogs +[\d.]+ %.*\n─+\n(Read as cats|Not sure: perhaps cats \(\d+ %\), or dogs)\nWrote of-pets\/dark-predicted\.png\n$/,
  );
});

test('several pictures: a table and one picture', () => {
  const outcome = predictSamples('--image', 'mine/dark.png', 'mine/light.png', '--out', 'two.png');
  succeeds(outcome);
  assert.match(outcome.stdout, '\nPictures: 2 pictures\n');
  assert.match(outcome.stdout, /\nPicture +Predicted +Probability +Second +Probability\n/);
  assert.match(
    outcome.stdout,
    /\nmine\/dark\.png +cats +[\d.]+ % +dogs +[\d.]+ %\nmine\/light\.png +dogs +[\d.]+ % +cats /,
  );
  assert.ok(existsSync(join(work, 'two.png')));
});

test('a folder, with a folder for some classes: right, wrong, and the rest', () => {
  refused(predictSamples('--folder', 'sorted'), /^sorted\/broken\.jpg is not a PNG, JPEG, WebP, GIF or BMP picture/);
  const outcome = predictSamples('--folder', 'sorted', '--skip-broken');
  succeeds(outcome);
  assert.match(outcome.stdout, '\nPictures: 5 pictures in sorted\nLeft out: sorted/broken.jpg is not a PNG');
  assert.match(outcome.stdout, /\ntest\/cats\/1\.png +cats .* cats\ntest\/cats\/2\.png +dogs .* cats +✗ wrong\n/);
  assert.match(
    outcome.stdout,
    '\n2 of 3 right (66.67 %)\nNot judged: 1 picture in birds, which is not named like a class of the model (cats, dogs; case counts)\n',
  );
  assert.match(outcome.stdout, '\nWrote of-pets/sorted-predicted.png\n');
  const one = predictSamples('--folder', 'one');
  assert.match(one.stdout, '\n1 of 1 right (100.00 %)\nWrote of-pets/one-predicted.png\n');
  const cased = predictSamples('--folder', 'cased');
  assert.match(
    cased.stdout,
    '\nNot judged: 2 pictures in Cap, Dogs, which are not named like a class of the model (cats, dogs; case counts)\nWrote',
  );
  const mine = predictSamples('--folder', 'mine');
  assert.match(mine.stdout, '\nPictures: 2 pictures in mine, 1 other file passed over (notes.txt)\n');
  assert.not.match(mine.stdout, 'right');
});

test('evaluate reads pictures as the model file says, not as the commands do by themselves', async () => {
  for (const part of ['train', 'test'])
    for (const name of ['cats', 'dogs'])
      for (let i = 0; i < 6; i++)
        write('wide', { [`${part}/${name}/${i}.png`]: pngOf(40 * i + (name === 'dogs' ? 20 : 5), 4, 12) });
  const asked = {
    imageSize: [8, 8],
    interpolation: 'nearest',
    padToAspectRatio: true,
    background: [9, 200, 90],
  } as const;
  const source = await imageFolder(join(work, 'wide/test'), asked);
  const model = sequential({
    inputShape: [8, 8, 3],
    layers: [layers.flatten(), layers.dense({ units: 2, activation: 'softmax' })],
  });
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  writeFileSync(join(work, 'own.safetensors'), model.save({ facts: classifierFacts(source) }));
  const { loss } = await model.evaluate(source);
  const { stdout } = run('evaluate', '--model', 'own.safetensors', '--data', 'wide');
  assert.match(stdout, `Test: loss ${loss!.toFixed(4)}, accuracy`);
  assert.match(stdout, '1 dogs');
});

test('other data are compared by the names of their classes, whichever of them there are', () => {
  write('three', { ...pngsOf('ants', 20, 100), ...pngsOf('cats', 20, 10), ...pngsOf('dogs', 20, 200) });
  const options = ['--epochs', '20', '--batch-size', '4', '--image-size', '16', '--out', 'of-three'];
  succeeds(run('train', '--data', 'three', ...options));
  // Their classes 0 and 1 are 1 and 2 of the model.
  write('fewer', { ...pngsOf('cats', 6, 12), ...pngsOf('dogs', 6, 205) });
  assert.match(run('evaluate', '--model', 'of-three', '--data', 'fewer').stdout, 'accuracy 100.00 %');
  write('others', { ...pngsOf('dogs', 6, 200), ...pngsOf('zebras', 6, 10) });
  refused(
    run('evaluate', '--model', 'of-pets', '--data', 'others'),
    'others has the class zebras, which of-pets/model.safetensors does not know (cats, dogs); leave it out, or name data of its classes with --data',
  );
  const { stdout } = predictSamples('--data', 'fewer');
  assert.match(stdout, /^(\d+) of \1 right$/m, 'as many as there are, where no --count asks for more');
});

test('--out takes the place of earlier pictures alone', () => {
  const taken = (path: string): Buffer => readFileSync(join(work, path));
  const before = ['of-pets/model.safetensors', 'mine/dark.png'].map(taken);
  refused(
    predictSamples('--image', 'mine/dark.png', '--out', 'of-pets/model.safetensors'),
    '--out is of-pets/model.safetensors, which is no PNG picture and would be lost; name another file',
  );
  refused(
    predictSamples('--image', 'mine/dark.png', '--out', './mine/dark.png'),
    '--out is ./mine/dark.png, one of the pictures that are read; name another file',
  );
  refused(
    predictSamples('--image', 'mine/dark.png', '--out', 'two.jpg'),
    '--out is two.jpg, and a PNG picture is written; call it .png',
  );
  refused(
    run('evaluate', '--model', 'of-pets', '--out', 'nowhere/a.png'),
    '--out is nowhere/a.png, and there is no folder nowhere; make it first',
  );
  assert.equal(['of-pets/model.safetensors', 'mine/dark.png'].map(taken), before);
  succeeds(predictSamples('--image', 'mine/dark.png', '--out', 'two.png'));
});

test('invalid input gets one sentence', () => {
  refused(predictSamples('--image', 'gone.png'), 'gone.png does not exist; give the path of a picture');
  refused(predictSamples('--folder', 'gone'), 'gone (--folder): there is no such folder or file; check the path');
  refused(
    predictSamples('--folder', 'mine/dark.png'),
    'mine/dark.png (--folder): is a file; name the folder, or give the file with --image',
  );
  refused(
    predictSamples('--folder', 'mine', '--image', 'mine/dark.png'),
    '--image and --folder contradict each other; give one of them',
  );
  refused(
    predictSamples('--folder', 'mine', '--data', 'pets'),
    '--folder and --data contradict each other; give one of them',
  );
  for (const option of ['--image', '--folder'])
    refused(predictSamples(option, ''), 'a path of --image or --folder is empty; name a picture, or a folder');
  write('broken', { '1.png': 'text', '2.png': '' });
  const { status, stderr } = predictSamples('--folder', 'broken', '--skip-broken');
  assert.is(status, 1);
  assert.match(stderr, /^none of the 2 pictures can be read; the first says: broken\/1\.png is not a PNG/);
});

test.run();
