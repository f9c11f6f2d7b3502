// A model knows what it was trained on: the commands take that, say where they were given something else, and refuse what does not fit.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { builtinDigits } from '../../../src/data/digits/digits.js';
import { digitNames } from '../../../src/data/knownDatasets.js';
import { mnistSha256 } from '../../../src/data/mnist.js';
import { imageInput } from '../../../src/images/index.js';
import { layers, loadModel, sequential } from '../../../src/index.js';
import { openRunData, splitRunData, trainedOn } from '../../../src/node/cli/runData.js';
import { datasetSha256 } from '../../../src/node/dataset/datasetSha256.js';
import { idxFile } from '../../data/craftIdx.js';
import { refuses } from '../refuses.js';
import { digits, filesIn, historyOf, otherDigits, refused, run, work, writeDigits } from './commandLine.js';

const clothNames = [
  'T-shirt',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];
const clothes = writeDigits('clothes', 5, clothNames);

test.before(() => {
  for (const [data, out] of [
    [digits, 'of-digits'],
    [clothes, 'of-clothes'],
  ] as const)
    assert.is(run('train', '--data', data, '--epochs', '1', '--batch-size', '4', '--out', out).status, 0);
});

test('the model file and the history record name, bytes, place, classes and preparation of the data', () => {
  const { dataset, classifier } = historyOf('of-clothes');
  assert.match(dataset.sha256, /^[0-9a-f]{64}$/);
  const { sha256 } = dataset;
  assert.equal(dataset, {
    name: 'clothes',
    trainCount: 110,
    testCount: 40,
    sha256,
    split: 'stratified',
    drawnCount: 0,
    data: clothes,
  });
  const input = imageInput({ imageSize: [28, 28], colorMode: 'grayscale' });
  assert.equal(classifier, { classNames: clothNames, input, pictures: 'imageToInput' });
  const { facts } = loadModel(readFileSync(join(work, 'of-clothes/model.safetensors')));
  const { dataset: itsDataset, classifier: itsClassifier } = facts as { dataset: object; classifier: object };
  assert.equal([itsDataset, itsClassifier], [dataset, classifier]);
  assert.equal(historyOf('of-digits').classifier, { classNames: digitNames, input, pictures: 'prepareDigit' });
});

test('evaluate and predict-samples take the data of the model, and its class names', () => {
  const { status, stdout, stderr } = run('evaluate', '--model', 'of-clothes');
  assert.equal([status, stderr], [0, '']);
  assert.match(stdout, `\nData: clothes from ${clothes}, IDX files: 40 test images\nTest: loss`);
  assert.match(stdout, `accuracy ${(100 * historyOf('of-clothes').test.accuracy).toFixed(2)} %`);
  assert.match(stdout, /\n {15}0 {3}1 .*\n.*\n0 T-shirt {4}/);
  assert.match(stdout, /\n9 Ankle boot +[\d.]+ %/);
  assert.not.match(stdout, 'Note');
  const samples = run('predictSamples', '--model', 'of-clothes');
  assert.equal([samples.status, samples.stderr], [0, '']);
  assert.match(samples.stdout, new RegExp(`\\n\\d+ +(${clothNames.join('|')}) +[\\d.]+ % +(${clothNames.join('|')})`));
  assert.equal(
    filesIn('of-clothes').filter((name) => name.endsWith('.png')),
    ['confusion-matrix.png', 'samples.png', 'training.png'],
  );
});

test('data other than its own are reported, and their pictures are written beside its own', () => {
  const own = ['evaluate', 'predictSamples'] as const;
  for (const command of own) assert.is(run(command, '--model', 'of-digits').status, 0);
  const pictures = (): Buffer[] =>
    ['confusion-matrix.png', 'samples.png'].map((name) => readFileSync(join(work, 'of-digits', name)));
  const before = pictures();
  for (const command of own) {
    const { status, stdout } = run(command, '--model', 'of-digits', '--data', otherDigits);
    assert.is(status, 0);
    assert.match(
      stdout,
      '\nNote: the model was trained on digits, other data than these; what follows is how it does on other-digits\n',
    );
  }
  assert.match(
    run('evaluate', '--model', 'of-clothes', '--data', otherDigits).stdout,
    'what follows is how it does on other-digits, and as only one of the two names its classes, numbers stand for them\n',
  );
  refused(
    run('evaluate', '--model', 'of-digits', '--data', clothes),
    'clothes has the class T-shirt, which of-digits/model.safetensors does not know (0, 1, 2, 3, 4 …); leave it out, or name data of its classes with --data',
  );
  assert.equal(pictures(), before);
  assert.equal(
    filesIn('of-digits').filter((name) => name.endsWith('.png')),
    [
      'confusion-matrix-other-digits.png',
      'confusion-matrix.png',
      'samples-other-digits.png',
      'samples.png',
      'training.png',
    ],
  );
});

test('missing or changed data are refused; passed with --data they are used', () => {
  const moved = `${clothes}-moved`;
  renameSync(clothes, moved);
  for (const command of ['evaluate', 'predictSamples'] as const) {
    refused(
      run(command, '--model', 'of-clothes'),
      `of-clothes/model.safetensors was trained on clothes from ${clothes}, which no longer exists; name its place with --data`,
    );
  }
  refused(
    run('verify', 'of-clothes'),
    `of-clothes was trained on clothes from ${clothes}, which no longer exists; name its place with --data`,
  );
  const given = run('evaluate', '--model', 'of-clothes', '--data', moved);
  assert.is(given.status, 0);
  assert.not.match(given.stdout, 'Note');
  assert.match(given.stdout, '9 Ankle boot');
  writeDigits('clothes', 6, clothNames);
  refused(
    run('evaluate', '--model', 'of-clothes'),
    /^of-clothes\/model\.safetensors was trained on clothes with SHA-256 [0-9a-f]{8}…, and what lies in .*clothes has [0-9a-f]{8}… now; bring the former back, or name them with --data\n$/,
  );
});

test('data of another form, or of more classes, are refused, and so is a model that does not say what it was trained on', () => {
  const small = sequential({
    name: 'small',
    inputShape: [28, 28, 1],
    layers: [layers.flatten(), layers.dense({ units: 5, activation: 'softmax' })],
  });
  small.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  writeFileSync(join(work, 'small.safetensors'), small.save());
  refused(
    run('evaluate', '--model', 'small.safetensors'),
    'small.safetensors does not say what it was trained on; name the data with --data',
  );
  refused(
    run('evaluate', '--model', 'small.safetensors', '--data', digits),
    'small.safetensors tells 5 classes apart, and the labels of digits go up to 9; name data of its classes with --data',
  );
  const folder = join(work, 'small-images');
  mkdirSync(folder);
  for (const part of ['train', 't10k']) {
    writeFileSync(join(folder, `${part}-images-idx3-ubyte`), idxFile([4, 20, 20], new Uint8Array(1600)));
    writeFileSync(join(folder, `${part}-labels-idx1-ubyte`), idxFile([4], new Uint8Array(4)));
  }
  for (const command of ['evaluate', 'predictSamples'] as const) {
    refused(
      run(command, '--model', 'of-digits', '--data', folder),
      'of-digits/model.safetensors takes images [28, 28, 1], and those of small-images are [20, 20, 1]; name data of its form with --data',
    );
  }
});

test('a folder may have any name: its run is printed without terminal control characters, resumed and verified', () => {
  for (const [i, name] of ['n'.repeat(100), 'e\u001b[2Jv', `${'😀'.repeat(40)}`].entries()) {
    const data = writeDigits(name, 3);
    const { status, stdout } = run(
      'train',
      '--data',
      data,
      '--epochs',
      '1',
      '--batch-size',
      '32',
      '--out',
      `called-${i}`,
    );
    assert.is(status, 0);
    assert.not.match(stdout, '\u001b');
    assert.is(run('verify', `called-${i}`).status, 0);
    assert.is(run('evaluate', '--model', `called-${i}`).status, 0);
  }
});

test('facts are validated like any untrusted input', () => {
  for (const facts of [null, 'x', { dataset: null }, { dataset: { name: 7 } }, { dataset: { name: 'a\u001b[2Jb' } }])
    assert.is(trainedOn(facts), null);
  const { sha256, data, counts, drawnCount } = trainedOn({
    dataset: { name: 'x', sha256: 1, data: {}, trainCount: 'many', drawnCount: 'some' },
  })!;
  assert.equal([sha256, data, counts, drawnCount], [null, null, null, 0]);
});

test('a run of the page finds its built-in digits again, however many they were', async () => {
  const drawn = builtinDigits({ trainCount: 360, testCount: 60 });
  const learned = trainedOn({
    dataset: {
      name: 'builtin-digits',
      sha256: datasetSha256(drawn),
      trainCount: 330,
      testCount: 60,
      split: 'stratified',
    },
  })!;
  const { train, test: drawnTest, classNames } = await openRunData(undefined, learned, 'page');
  assert.equal([train.y.length, drawnTest!.y.length, classNames?.length], [360, 60, 10]);
  await refuses(
    openRunData(undefined, { ...learned, name: 'files', data: null }, 'page'),
    'page was trained on files, and does not say where that is; name it with --data',
  );
});

test('drawn digits are added to MNIST only; an earlier run, and one that declines them, has none', () => {
  const like = (sha256: string) => ({
    ...builtinDigits({ trainCount: 120, testCount: 10 }),
    data: 'digits',
    sha256,
    classNames: [...'0123456789'],
  });
  const counts = (sha256: string, drawnCount?: number) => {
    const { train, validation, facts } = splitRunData(like(sha256), { seed: 1 }, drawnCount);
    assert.equal(train.x.shape, [facts.trainCount, 28, 28, 1]);
    return [train.y.length, validation!.y.length, facts.drawnCount];
  };
  assert.equal(counts(mnistSha256), [2610, 10, 2500]);
  assert.equal(counts('other'), [110, 10, 0]);
  assert.equal(counts(mnistSha256, 0), [110, 10, 0]);
  const before = trainedOn({ dataset: { name: 'mnist', sha256: mnistSha256, trainCount: 110, testCount: 10 } })!;
  assert.equal(counts(mnistSha256, before.drawnCount), [110, 10, 0]);
});

if (process.env['MNIST_DIR']) {
  test('MNIST is found wherever it is now', async () => {
    const learned = trainedOn({ dataset: { name: 'mnist', sha256: mnistSha256, data: join(work, 'gone') } })!;
    assert.is((await openRunData(undefined, learned, 'model')).sha256, mnistSha256);
  });
}

test('pictures of digits are prepared for a test as predict-samples prepares them', () => {
  // Black on white, three times as large.
  const { x, y } = builtinDigits({ trainCount: 10, testCount: 12, seed: 3 }).test;
  for (const [i, label] of (y as Uint8Array).entries()) {
    const data = Uint8Array.from({ length: 84 * 84 }, (_, at) => {
      const [row, column] = [Math.trunc(at / 84 / 3), Math.trunc((at % 84) / 3)];
      return 255 - x.data[784 * i + 28 * row + column]!;
    });
    mkdirSync(join(work, `photos/${label}`), { recursive: true });
    writeFileSync(
      join(work, `photos/${label}/${i}.png`),
      encode({ data, width: 84, height: 84, channels: 1, depth: 8 }),
    );
  }
  const test = run('evaluate', '--model', 'of-digits', '--data', 'photos');
  const samples = run('predictSamples', '--model', 'of-digits', '--folder', 'photos');
  assert.equal([test.status, test.stderr, samples.status], [0, '', 0]);
  const [, right] = /\d+ of 12 right \(([\d.]+ %)\)/.exec(samples.stdout)!;
  assert.match(test.stdout, `accuracy ${right} `);
});

test.run();
