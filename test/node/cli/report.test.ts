// npm run report: one page that stands alone, says what is so, and shows every name as text.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeImage } from '../../../src/images/index.js';
import { layers, loadModel, metrics, sequential } from '../../../src/index.js';
import { ticksOf } from '../../../src/node/cli/report/charts.js';
import { html } from '../../../src/node/cli/report/html.js';
import { answersOf, calibrationOf, mistakesOf } from '../../../src/node/cli/report/judgment.js';
import { filterPng, imageOf, overlayPng } from '../../../src/node/cli/report/pictures.js';
import { openDataset } from '../../../src/node/index.js';
import { descendants, parse, type Element } from '../../understanding/wellFormed.js';
import { filesIn, historyOf, killed, refused, run, succeeds, work, writeDigits } from './commandLine.js';

const names = ['<b>bold</b>', 'a & b', '"quoted"', "it's", '</td><script>', 'five', 'six', '\u{1f600}', 'acht', 'neun'];
const data = writeDigits('named', 6, names);
const page = (folder: string): string => readFileSync(join(work, folder, 'report.html'), 'utf8');
/** All text below an element. */
const textOf = (element: Element): string =>
  [element, ...descendants(element)].map(({ text }) => text.replace(/\s+/g, ' ').trim()).join(' ');
const bytesOf = (uri: string): Buffer => Buffer.from(uri.replace('data:image/png;base64,', ''), 'base64');

test.before(() => {
  succeeds(run('train', '--data', data, '--epochs', '3', '--batch-size', '8', '--out', 'reported'));
  succeeds(run('report', 'reported'));
});

test('the page stands alone: nothing is loaded, nothing runs, and the same run is the same bytes on any threads', () => {
  const document = page('reported');
  const root = parse(document);
  for (const element of descendants(root)) {
    assert.not.ok(['script', 'link', 'iframe', 'object'].includes(element.name), element.name);
    for (const [key, value] of Object.entries(element.attributes)) {
      assert.not.match(key, /^on/);
      if (key === 'src') assert.match(value, /^data:image\/png;base64,/);
      if (key === 'href') assert.match(value, /^#\w+$/);
    }
  }
  assert.not.match(document.replaceAll('http://www.w3.org/2000/svg', ''), /https?:|url\(|@import/);
  assert.match(document, "default-src 'none'");
  assert.not.match(document, work, 'no path of this machine');
  const { status, stdout } = run('report', 'reported', '--threads', '3', '--out', 'again.html');
  assert.is(status, 0);
  assert.match(stdout, /^Model: .*\nData: .*: 40 test images\nWrote again\.html\n$/);
  assert.is(readFileSync(join(work, 'again.html'), 'utf8'), document);
  assert.ok(filesIn('reported').includes('report.html'));
});

test('every name is text, pictures have words, tables have captions, and headings follow each other', () => {
  const root = parse(page('reported'));
  const heads = descendants(root, 'th').map(textOf);
  for (const name of names) assert.ok(heads.includes(name), name);
  for (const { attributes } of descendants(root, 'img')) assert.ok(attributes.alt!.length > 5);
  for (const { attributes, children } of descendants(root, 'svg'))
    assert.ok((attributes.role === 'img' && attributes['aria-label']) || children[0]!.name === 'title');
  for (const { children } of descendants(root, 'table')) assert.is(children[0]!.name, 'caption');
  assert.is(descendants(root, 'h1').length, 1);
  const titles = [
    'Curves',
    'Confusion matrix',
    'Classes',
    'Mistakes',
    'Recognized',
    'Calibration',
    'Filters',
    'Model',
    'Data',
    'Settings and hashes',
  ];
  assert.equal(descendants(root, 'h2').map(textOf), titles);
  const ids = descendants(root).flatMap(({ attributes }) => (attributes.id ? [attributes.id] : []));
  for (const { attributes } of descendants(root, 'a')) assert.ok(ids.includes(attributes.href!.slice(1)));
  assert.is(descendants(root, 'html')[0]!.attributes.lang, 'en');
});

test('the figures are those of the model on its data', async () => {
  const root = parse(page('reported'));
  const { test: itsTest, weightsSha256, dataset, epochs } = historyOf('reported');
  const bytes = readFileSync(join(work, 'reported/model.safetensors'));
  const { model } = loadModel(bytes);
  const { test: held } = await openDataset({ data });
  const predictions = await model.predict(held.x);
  const counts = metrics.confusionMatrix(held.y, predictions);
  const tables = new Map(descendants(root, 'table').map((each) => [textOf(each.children[0]!), each]));
  const rowsOf = (caption: string): string[][] =>
    descendants(descendants(tables.get(caption)!, 'tbody')[0]!, 'tr').map(({ children }) =>
      children.map((cell) => textOf(cell).trim()),
    );

  const matrix = rowsOf('True classes in rows, predicted ones in columns');
  assert.equal(
    matrix.flatMap(([, ...cells]) => cells.map((cell) => (cell === '·' ? 0 : Number(cell)))),
    [...counts.data],
  );
  const tiles = textOf(descendants(root, 'dl')[0]!);
  assert.match(tiles, `Test accuracy ${(100 * itsTest.accuracy).toFixed(2)} %`);
  assert.match(tiles, `Test loss ${itsTest.loss.toFixed(4)}`);
  const wrong = 40 - Math.round(40 * itsTest.accuracy);
  assert.match(tiles, `Mistakes ${wrong} of 40 images`);
  assert.equal(
    rowsOf('Figures of each epoch').map(([epoch, loss]) => `${epoch}: ${loss}`),
    epochs.map(({ epoch, loss }: { epoch: number; loss: number }) => `${epoch}: ${loss.toFixed(4)}`),
  );
  const hashes = rowsOf('SHA-256').map(([, hash]) => hash);
  assert.equal(hashes, [weightsSha256, createHash('sha256').update(bytes).digest('hex'), dataset.sha256]);
  const settings = Object.fromEntries(rowsOf('Settings of the run'));
  assert.equal(
    [settings['Optimizer'], settings['Epochs'], settings['Seed'], settings['Images in a step']],
    ['Adam', '3', '1', '8'],
  );
  assert.equal(rowsOf('Images of each class').at(-1), ['All', '110', '10', '40']);

  const answers = mistakesOf(answersOf(held, predictions));
  const cards = descendants(root, 'figcaption').slice(0, Math.min(24, wrong)).map(textOf);
  assert.is(answers.length, wrong);
  for (const [i, card] of cards.entries()) {
    assert.match(card, `${names[answers[i]!.truth]} taken for ${names[answers[i]!.predicted]}`);
    assert.match(card, `loss ${answers[i]!.loss.toFixed(2)}, test image ${answers[i]!.example}`);
  }
});

test('the images are those of the data, and heat maps lie over them', async () => {
  const root = parse(page('reported'));
  const { test: held } = await openDataset({ data });
  for (const { attributes } of descendants(root, 'img').filter(({ attributes: { alt } }) =>
    alt!.startsWith('Test image'),
  )) {
    const example = Number(/^Test image (\d+) /.exec(attributes.alt!)![1]);
    const { data: pixels, width, height, channels } = await decodeImage(bytesOf(attributes.src!));
    assert.equal([width, height], [28, 28]);
    for (let pixel = 0; pixel < 784; pixel++) assert.is(pixels[pixel * channels], held.x.data[784 * example + pixel]);
  }
});

test('a report on its own data is overwritten, and no other file', () => {
  succeeds(run('report', 'reported', '--mistakes', '0'));
  assert.not.match(page('reported'), 'taken for</');
  const before = readFileSync(join(work, 'reported/history.json'));
  refused(
    run('report', 'reported', '--out', 'reported/history.json'),
    'reported/history.json is no page of HTML and would be lost; name another file with --out',
  );
  assert.equal(readFileSync(join(work, 'reported/history.json')), before);
  refused(
    run('report', 'reported', '--out', 'nowhere/page.html'),
    '--out is nowhere/page.html, and there is no folder nowhere; make it first',
  );
});

test('other data are judged by numbers, and a file that tells little of its run is reported on without that', () => {
  const other = writeDigits('unnamed', 9);
  succeeds(run('report', 'reported', '--data', other, '--out', 'other.html'));
  const root = parse(readFileSync(join(work, 'other.html'), 'utf8'));
  assert.match(textOf(root), 'the model was trained on other data');
  const model = sequential({
    inputShape: [28, 28, 1],
    layers: [layers.flatten(), layers.dense({ units: 10, activation: 'softmax' })],
  });
  mkdirSync(join(work, 'strange'));
  const facts = {
    dataset: { name: 'builtin-digits', trainCount: 550, testCount: 100 },
    epochs: '<i>',
    settings: { epochs: [1], numerics: '<u>' },
  };
  writeFileSync(join(work, 'strange/model.safetensors'), model.save({ facts }));
  copyFileSync(join(work, 'strange/model.safetensors'), join(work, 'strange/history.json'));
  succeeds(run('report', 'strange'));
  const strange = parse(page('strange'));
  assert.equal(
    descendants(strange, 'h2')
      .map(textOf)
      .filter((title) => ['Curves', 'Filters'].includes(title)),
    [],
  );
  assert.match(textOf(strange), 'shows its saliency');
  assert.match(textOf(strange), 'Arithmetic <u>');
});

test('what cannot be reported on gets one sentence', async () => {
  refused(run('report', 'no-such-run'), 'cannot read no-such-run: there is no such file; check the path');
  refused(run('report', ''), "the run is empty; name a run's folder, or leave it out for the newest in runs/");
  const save = (name: string, units: number, activation: 'softmax' | 'linear' | 'tanh', facts?: object): string => {
    const model = sequential({
      inputShape: [28, 28, 1],
      layers: [layers.flatten(), layers.dense({ units, activation })],
    });
    writeFileSync(join(work, name), model.save({ ...(facts && { facts }) }));
    return name;
  };
  const digits = { dataset: { name: 'builtin-digits', trainCount: 550, testCount: 100 } };
  refused(
    run('report', save('dataless.safetensors', 10, 'softmax')),
    'dataless.safetensors does not say what it was trained on; name the data with --data',
  );
  refused(
    run('report', save('number.safetensors', 1, 'linear', digits)),
    /^number\.safetensors gives \[1\] for an image, and a probability for each class is needed/,
  );
  refused(
    run('report', save('scores.safetensors', 10, 'tanh', digits)),
    "scores.safetensors gives scores and no probabilities; end the network with activation: 'softmax'",
  );
  await killed('stopped');
  refused(run('report', 'stopped'), 'stopped was interrupted; finish it with npm run train -- --resume stopped');
});

test('the calibration error is the mean distance of confidence and accuracy, and losses are logarithms', () => {
  const predictions = { data: Float32Array.of(0.9, 0.1, 0.8, 0.2, 0.35, 0.65, 0, 1, 0.5, 0.5), shape: [5, 2] };
  const answers = answersOf(
    { x: { data: new Uint8Array(5), shape: [5, 1, 1, 1] }, y: Uint8Array.of(0, 1, 1, 0, 1) },
    predictions,
  );
  const named = {
    x: { data: new Uint8Array(2), shape: [2, 1, 1, 1] },
    y: Uint8Array.of(0, 1),
    names: ['a/1.png', 'b/2.png'],
  };
  assert.equal(
    answersOf(named, predictions).map(({ name }) => name),
    named.names,
  );
  assert.is(answers[3]!.name, 'test image 3');
  for (const { chance, loss } of answers) assert.ok(Math.abs(loss + Math.log(Math.max(1e-7, chance))) < 1e-12);
  assert.equal(
    mistakesOf(answers).map(({ example }) => example),
    [3, 1, 4],
  );
  const { bins, error, confidence, accuracy } = calibrationOf(answers);
  assert.is(
    bins.reduce((sum, { count }) => sum + count, 0),
    5,
  );
  assert.ok(Math.abs(error - (0.1 + 0.8 + 0.35 + 1 + 0.5) / 5) < 1e-7);
  assert.ok(Math.abs(confidence - 0.77) < 1e-7);
  assert.is(accuracy, 0.4);
  assert.is(bins[7]!.count, 1, '0.5 of 15 parts is in the middle one');
});

test('axes have round numbers, values are escaped, pictures have their size', async () => {
  assert.equal(ticksOf(0, 0.354), [0, 0.1, 0.2, 0.3, 0.4]);
  assert.equal(ticksOf(0.88, 1), [0.88, 0.9, 0.92, 0.94, 0.96, 0.98, 1]);
  assert.equal(ticksOf(1, 50), [0, 10, 20, 30, 40, 50]);
  assert.equal(ticksOf(3, 3), [3]);
  assert.is(
    html`<p title="${'"<'}">${'&'}${html`<br />`}${[html`1`, html`2`]}${3}</p>`.text,
    '<p title="&quot;&lt;">&amp;<br />123</p>',
  );
  const image = imageOf({ data: Uint8Array.from({ length: 2 * 6 * 3 }, (_, i) => i), shape: [2, 2, 3, 3] }, 1);
  assert.equal([image.width, image.height, image.data[0]], [3, 2, 18]);
  const heated = await decodeImage(bytesOf(overlayPng(image, Float32Array.of(0, 1), [1, 2])));
  assert.equal([heated.width, heated.height], [114, 76]);
  const averaged = imageOf({ data: Uint8Array.of(1, 3, 5, 7, 9), shape: [1, 1, 1, 5] }, 0);
  assert.equal([averaged.channels, averaged.data[0]], [1, 5]);
  const filter = await decodeImage(bytesOf(filterPng({ data: Float32Array.of(-1, 0, 0, 1), shape: [1, 2, 1, 2] }, 0)));
  assert.equal([filter.data[0], filter.data[filter.data.length / 2]], [0, 128]);
});

test.run();
