// train --model with other classes: the last layer first, then all but batch normalization; interrupted, resumed, verified, and tuned again.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { layers, loadModel, sequential, type Model } from '../../../src/index.js';
import { saveKeras } from '../../../src/formats/keras/index.js';
import { store } from '../../../src/formats/quantization.js';
import { readSafetensors, writeStored } from '../../../src/formats/safetensors.js';
import { readZip, writeZip } from '../../../src/formats/zip/zip.js';
import { classifierFacts } from '../../../src/images/index.js';
import { pngsOf } from '../../data/imageFolder/pictures.js';
import { historyOf, killed, refused, run, start, stepsIn, succeeds, work, writeDigits } from './commandLine.js';

const fewer = writeDigits('fewer', 6, ['a', 'b', 'c'], 3);
const description = [
  { className: 'Conv2D', config: { filters: 8, kernelSize: 3, strides: 2 } },
  { className: 'BatchNormalization' },
  { className: 'Activation', config: { activation: 'relu' } },
  { className: 'GlobalAveragePooling2D' },
  { className: 'Dense', config: { units: 'classes', activation: 'softmax' } },
];
const short = ['--threads', '1', '--batch-size', '8'];
const tune = ['--model', 'first', '--data', fewer, ...short, '--epochs', '2', '--head-epochs', '3'];

const modelOf = (run: string): Model => loadModel(readFileSync(join(work, run, 'model.safetensors'))).model;
const statisticsOf = (of: Model) =>
  of.getWeights().filter((_, i) => /\/(moving|gamma|beta)/.test(of.parameters[i]!.name));

test.before(() => {
  writeFileSync(join(work, 'net.json'), JSON.stringify(description));
  const data = ['--data', join(work, 'digits')];
  succeeds(run('train', ...data, ...short, '--network', 'net.json', '--epochs', '2', '--out', 'first'));
});

test('the last layer first, at ten times the rate; the normalization stays, and the run is verified', () => {
  const { stdout } = succeeds(run('train', ...tune, '--out', 'tuned'));
  assert.match(stdout, /Note: the layer dense starts with new weights/);
  assert.match(
    stdout,
    /The last layer first: 3 epochs on the features of 110 images[^]*The last layer \| loss [^]*Epoch 1\/2/,
  );
  const { settings, head, epochs } = historyOf('tuned');
  assert.equal([settings.headEpochs, settings.learningRate, head.epochs, epochs.length], [3, 0.0001, 3, 2]);
  for (const figure of ['loss', 'accuracy', 'valLoss', 'valAccuracy', 'seconds']) assert.type(head[figure], 'number');
  assert.equal(statisticsOf(modelOf('tuned')), statisticsOf(modelOf('first')));
  assert.match(succeeds(run('verify', 'tuned', '--model', 'first', '--threads', '2')).stdout, /Verified/);
  assert.match(run('verify', 'tuned').stderr, /^tuned started from the model .*; name it with --model\n$/);
});

test('a run that is killed resumes to the same weights, without the last layer alone', async () => {
  await killed('killed', ...tune);
  const { stdout } = succeeds(run('train', '--resume', 'killed', '--threads', '2'));
  assert.not.match(stdout, 'The last layer first');
  const [own, whole] = [historyOf('killed'), historyOf('tuned')];
  assert.is(own.weightsSha256, whole.weightsSha256);
  assert.equal({ ...own.head, seconds: 0 }, { ...whole.head, seconds: 0 });
  assert.is(own.resumedAt.length, 1);
  succeeds(run('verify', 'killed', '--model', 'first'));
});

test('a run stopped or killed while its last layer is trained alone resumes bit-identically', async () => {
  if (process.platform === 'win32') return;
  const many = [...tune.slice(0, -1), '300'];
  const stopped = async (signal: NodeJS.Signals, ...command: string[]) => {
    const { process: child, ended } = start('train', ...command);
    child.stdout!.on('data', (text) => String(text).includes('The last layer first') && child.kill(signal));
    return ended;
  };
  assert.is((await stopped('SIGKILL', ...many, '--out', 'early')).signal, 'SIGKILL');
  assert.equal(stepsIn('early'), [0]);
  const { status, stderr } = await stopped('SIGINT', '--resume', 'early');
  assert.is(status, 130);
  assert.match(stderr, /stopped by SIGINT after step 0 of 28; resume it with: .* --resume early\n$/);
  refused(run('evaluate', '--model', 'early'), /^early was interrupted; finish it with /);
  succeeds(run('train', '--resume', 'early'));
  succeeds(run('train', ...many, '--out', 'never-stopped'));
  const [resumed, whole] = [historyOf('early'), historyOf('never-stopped')];
  assert.is(resumed.weightsSha256, whole.weightsSha256);
  assert.equal({ ...resumed.head, seconds: 0 }, { ...whole.head, seconds: 0 });
  assert.equal(resumed.checkpoints, whole.checkpoints);
});

test('a plan shows the first phase; 0 trains all at once, and an equal number of classes trains as usual', () => {
  const plan = succeeds(run('train', ...tune, '--plan')).stdout;
  assert.match(plan, 'Before: 42 steps of the last layer alone, at a learning rate of up to 0.001\n');
  succeeds(run('train', ...tune.slice(0, -1), '0', '--out', 'at-once'));
  const { settings, head } = historyOf('at-once');
  assert.equal([settings.headEpochs, head, settings.learningRate], [undefined, undefined, 0.0001]);
  assert.not.equal(statisticsOf(modelOf('at-once')), statisticsOf(modelOf('first')));
  succeeds(run('verify', 'at-once', '--model', 'first'));
  succeeds(run('train', '--model', 'tuned', '--data', fewer, ...short, '--epochs', '1', '--out', 'again'));
  assert.equal(historyOf('again').settings.headEpochs, undefined);
});

test('classes of other names: the last layer is kept, with a note, or replaced on request', () => {
  const others = writeDigits('others', 6, ['x', 'y', 'z'], 3);
  const tuned = ['--model', 'tuned', ...short, '--epochs', '1'];
  const note =
    /Note: tuned\/model\.safetensors tells a, b, c apart, and these are x, y, z: its last layer keeps .*; --head-epochs 20 replaces it by a new one/;
  assert.match(succeeds(run('train', ...tuned, '--data', others, '--out', 'goes-on')).stdout, note);
  assert.not.match(
    succeeds(run('train', ...tuned, '--data', fewer, '--out', 'as-ever')).stdout,
    /its last layer keeps/,
  );
  const asked = succeeds(run('train', ...tuned, '--data', others, '--head-epochs', '2', '--out', 'asked')).stdout;
  assert.not.match(asked, note);
  assert.match(
    asked,
    /Note: the layer dense starts with new weights, as --head-epochs asks for it\n[^]*The last layer first: 2 /,
  );
  succeeds(run('verify', 'asked', '--model', 'tuned'));
  refused(
    run('train', ...tuned, '--data', others, '--head-epochs', '0'),
    /--head-epochs is 0, .* tells 3 classes apart, as many as there are here; leave it out, or name some for a new last layer/,
  );
});

test('pictures come in the size that is asked for, and in the form of the model; the files of the run know', () => {
  for (const [path, content] of Object.entries({ ...pngsOf('cats', 12, 10), ...pngsOf('dogs', 12, 200) })) {
    mkdirSync(dirname(join(work, 'pets', path)), { recursive: true });
    writeFileSync(join(work, 'pets', path), content);
  }
  const input = { imageSize: [28, 28], colorMode: 'grayscale', interpolation: 'area' } as const;
  const facts = classifierFacts({ classNames: null, input });
  writeFileSync(join(work, 'known.safetensors'), modelOf('first').save({ facts }));
  const { stdout } = succeeds(
    run(
      'train',
      '--model',
      'known.safetensors',
      '--data',
      'pets',
      ...short,
      '--epochs',
      '1',
      '--image-size',
      '20x24',
      '--out',
      'of-pets',
    ),
  );
  assert.match(stdout, 'Note: known.safetensors takes images [28, 28, 1], and these are [20, 24, 1]');
  const { dataset, classifier } = historyOf('of-pets');
  assert.equal([dataset.read.colorMode, dataset.read.imageSize], ['grayscale', [20, 24]]);
  assert.equal(
    [classifier.input.interpolation, classifier.input.imageSize, classifier.classNames],
    ['area', [20, 24], ['cats', 'dogs']],
  );
  succeeds(run('verify', 'of-pets', '--model', 'known.safetensors'));
  succeeds(run('evaluate', '--model', 'of-pets'));
});

test('options that have no effect, or contradict the run', () => {
  refused(
    run('train', '--data', fewer, '--head-epochs', '2'),
    '--head-epochs is for the new last layer of a model that --model names; give that as well',
  );
  refused(run('train', ...tune.slice(0, -1), '-1'), /--head-epochs/);
});

test('a model that takes images of any size takes those of --image-size, in verify, too', async () => {
  const own = sequential({
    inputShape: [8, 8, 3],
    layers: [
      layers.conv2d({ filters: 4, kernelSize: 3 }),
      layers.globalAveragePooling2d(),
      layers.dense({ units: 5, activation: 'softmax' }),
    ],
  });
  const entries = new Map<string, Uint8Array>();
  for (const entry of readZip(saveKeras(own), 'it')) entries.set(entry.name, await entry.read());
  const config = Buffer.from(entries.get('config.json')!).toString();
  assert.match(config, '[null,8,8,3]');
  entries.set('config.json', Buffer.from(config.replaceAll('[null,8,8,3]', '[null,null,null,3]')));
  writeFileSync(join(work, 'open.keras'), writeZip(entries));
  const pets = ['--data', join(work, 'pets'), '--model', 'open.keras', ...short, '--epochs', '1', '--head-epochs', '1'];
  refused(
    run('train', ...pets),
    'open.keras takes images of any size, and a model here has one; say which with --image-size, as 128',
  );
  succeeds(run('train', ...pets, '--image-size', '12x10', '--out', 'open'));
  assert.equal(modelOf('open').inputShape, [12, 10, 3]);
  succeeds(run('verify', 'open', '--model', 'open.keras'));
});

test('an export says what it leaves out about pictures, which our own file holds', () => {
  const { stdout } = run('export', 'known.safetensors', '--to', 'onnx', '--out', 'known.onnx');
  assert.match(
    stdout,
    /Note: known\.onnx does not say how pictures are read: 28 × 28 pixels, grayscale, area, stretched\n/,
  );
  const named = run('export', 'tuned', '--to', 'keras', '--out', 'tuned.keras').stdout;
  assert.match(named, /Note: tuned\.keras does not say .*what its 3 classes are called: a, b, c\n/);
  const own = succeeds(run('export', 'known.safetensors', '--to', 'safetensors', '--out', 'own.safetensors')).stdout;
  assert.not.match(own, /Note/);
  const [before, after] = ['known.safetensors', 'own.safetensors'].map(
    (file) => loadModel(readFileSync(join(work, file))).facts,
  );
  assert.equal(after, before);
});

test('kernels of 16 bits are read, and what is made of a model in the cache folder lies here', () => {
  if (process.platform !== 'linux') return;
  const before = process.env['XDG_CACHE_HOME'];
  const cached = join(work, 'cache', 'wasm-cnn', 'weights');
  mkdirSync(cached, { recursive: true });
  const { tensors, metadata } = readSafetensors(readFileSync(join(work, 'first/model.safetensors')), 'first');
  const kept = new Map([...metadata].filter(([key]) => key !== 'checksum'));
  const file = join(cached, 'mobileNetV2-float16.safetensors');
  writeFileSync(
    file,
    writeStored(
      store(new Map([...tensors].filter(([name]) => /^\w+\/\w+$/.test(name))), 'float16', () => 0),
      new Map([...kept].filter(([key]) => key !== 'compile')),
    ),
  );
  process.env['XDG_CACHE_HOME'] = join(work, 'cache');
  try {
    for (const [command, made] of [
      ['evaluate', 'confusion-matrix.png'],
      ['predictSamples', 'samples.png'],
    ] as const) {
      const { stdout } = succeeds(run(command, '--model', file, '--data', join(work, 'digits')));
      assert.match(stdout, `Wrote ${made}`);
    }
    assert.equal(readdirSync(cached), ['mobileNetV2-float16.safetensors']);
    const { stdout } = succeeds(run('train', '--model', 'mobileNetV2', '--data', fewer, '--plan'));
    assert.match(stdout, 'mobileNetV2-float16.safetensors tells 10 classes apart');
  } finally {
    if (before === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = before;
  }
});

test.run();
