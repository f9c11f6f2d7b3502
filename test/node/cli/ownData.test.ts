// Data of one's own: the network has their classes, a test is held out where there is none, and their names show in the reports.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../../src/index.js';
import { npyFile } from '../../data/layouts/npyFile.js';
import { zipFile } from '../../formats/zip/zipFile.js';
import { historyOf, refused, run, succeeds, work } from './commandLine.js';

const heldOut = 'a fifth of each class held out for the test, as there are no test images';
const names = ['north', 'east', 'south'];
/** 60 images of 12 × 12: a third of the rows is light. */
const images = Array.from({ length: 60 }, (_, i) =>
  Array.from({ length: 144 }, (_, pixel) => (Math.floor(pixel / 48) === i % 3 ? 200 : (7 * i + pixel) % 50)),
);
const data = join(work, 'compass');
mkdirSync(data);
function writeCsv(name: string, pictures: readonly number[][]): string {
  const path = join(data, '..', name);
  const header = ['label', ...Array.from({ length: 144 }, (_, i) => `pixel${i}`)].join();
  writeFileSync(path, header + pictures.map((pixels, i) => `\n${names[i % 3]},${pixels.join()}`).join(''));
  return path;
}
writeCsv('compass/train.csv', images);
const train = (from: string, out: string, ...more: string[]) =>
  run('train', '--data', from, '--epochs', '2', '--batch-size', '8', '--threads', '1', '--out', out, ...more);

test('a CSV of three classes in words: trained, evaluated, verified', () => {
  const trained = train(data, 'of-csv');
  succeeds(trained);
  assert.match(
    trained.stdout,
    `Data: compass from ${data}, CSV, ${heldOut}: 44 images to train, 4 held out for validation, 12 to test\n`,
  );
  const { dataset, classifier } = historyOf('of-csv');
  assert.equal([classifier.classNames, dataset.trainCount, dataset.testCount], [['east', 'north', 'south'], 44, 12]);
  const evaluated = run('evaluate', '--model', 'of-csv');
  succeeds(evaluated);
  assert.match(evaluated.stdout, `compass from ${data}, CSV, ${heldOut}: 12 test images\n`);
  assert.match(evaluated.stdout, /\n0 east +[\d.]+ %.*\n1 north +[\d.]+ %.*\n2 south +[\d.]+ %/);
  assert.not.match(evaluated.stdout, 'the model was');
  assert.match(run('evaluate', 'of-csv', '--data', data).stdout, `${heldOut}: 12 test images\n`);
  const news = writeCsv('news.csv', images.slice(0, 9));
  assert.match(run('evaluate', 'of-csv', '--data', news).stdout, `news from ${news}, CSV: 9 test images\n`);
  succeeds(run('verify', 'of-csv'));
  const other = train(data, 'of-another-seed', '--seed', '7');
  succeeds(other);
  const accuracy = /Test: loss [\d.]+, accuracy ([\d.]+ %)/.exec(other.stdout)?.[1];
  assert.match(run('evaluate', '--model', 'of-another-seed').stdout, `accuracy ${accuracy}`);
});

test('a model of a page without SHA-256 knows its data by their name: those that the page held out are tested on', () => {
  const { model, facts } = loadModel(readFileSync(join(work, 'of-csv/model.safetensors')));
  const { dataset, ...rest } = facts as { dataset: object };
  writeFileSync(
    join(work, 'of-page.safetensors'),
    model.save({ facts: { ...rest, dataset: { ...dataset, sha256: null } } }),
  );
  const own = run('evaluate', 'of-page.safetensors', '--data', data);
  succeeds(own);
  assert.match(own.stdout, `${heldOut}: 12 test images\n`);
  assert.not.match(own.stdout, 'the model was');
  const news = run('evaluate', 'of-page.safetensors', '--data', join(work, 'news.csv'));
  succeeds(news);
  assert.match(news.stdout, /CSV: 9 test images\n.*trained on compass, other data than these/s);
});

test('validation and test images of the files are taken as they are; the plan knows the classes', () => {
  const array = (part: number[][]): Uint8Array =>
    npyFile({ descr: '|u1', shape: [part.length, 12, 12] }, Uint8Array.from(part.flat()));
  const labels = (count: number): Uint8Array =>
    npyFile(
      { descr: '|u1', shape: [count] },
      Uint8Array.from({ length: count }, (_, i) => i % 3),
    );
  const arrays = {
    train_images: array(images.slice(0, 42)),
    train_labels: labels(42),
    val_images: array(images.slice(42, 51)),
    val_labels: labels(9),
    test_images: array(images.slice(51)),
    test_labels: labels(9),
  };
  const file = join(work, 'compass.npz');
  writeFileSync(file, zipFile(Object.entries(arrays).map(([name, content]) => ({ name: `${name}.npy`, content }))));
  const { stdout } = train(file, 'of-npz');
  assert.match(
    stdout,
    `Data: compass from ${file}, NumPy arrays: 42 images to train, 9 held out for validation, 9 to test\n`,
  );
  assert.not.match(stdout, 'held out for the test');
  succeeds(run('verify', 'of-npz'));
  assert.match(run('train', '--data', file, '--plan').stdout, /dense_1 \(Dense\) +\[n, 3\]/);
});

test('one class alone, and data that are none', () => {
  const one = join(work, 'one.csv');
  writeFileSync(one, `label,pixel0,pixel1,pixel2,pixel3\n${'cat,1,2,3,4\n'.repeat(20)}`);
  refused(train(one, 'of-one'), 'one: all images are of one class; give at least two to tell apart');
  refused(
    train(join(work, 'none.csv'), 'of-none'),
    `${join(work, 'none.csv')}: there is no such folder or file; check the path`,
  );
});

test.run();
