// The commands as a user types them, on a small data set in a folder.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../../src/model/load.js';
import { openCanvas } from '../../../src/node/images/canvas.js';
import { readSafetensors } from '../../../src/formats/safetensors.js';
import { writeWithoutChecksum } from '../../formats/otherTool.js';
import { idxFile } from '../../data/craftIdx.js';
import { digits, filesIn, historyOf, refused, run, work, type Outcome } from './commandLine.js';

const short = ['--data', digits, '--epochs', '2', '--batch-size', '32'];
let first: Outcome;
test.before(() => {
  first = run('train', ...short, '--out', 'first');
});
const isPng = (path: string): boolean => readFileSync(path).subarray(1, 4).toString() === 'PNG';

test('train shows its settings, the model, a line per epoch, the test result and what it wrote', () => {
  assert.is(first.stderr, '');
  assert.is(first.status, 0);
  assert.match(
    first.stdout,
    /^Data: digits from .*digits, IDX files: 110 images to train, 10 held out for validation, 40 to test\n/,
  );
  assert.match(first.stdout, 'Parameters: 225,034 (900,136 bytes)');
  assert.match(first.stdout, /Memory: [\d,]+ bytes, planned for training in batches of 32/);
  for (const epoch of [1, 2])
    assert.match(
      first.stdout,
      new RegExp(
        `Epoch ${epoch}/2 \\| loss [\\d.]+ \\| accuracy [\\d.]+ % \\| val_loss [\\d.]+ \\| val_accuracy [\\d.]+ % \\| [\\d.]+ s \\| [\\d,]+ samples/s`,
      ),
    );
  assert.match(first.stdout, /Test: loss [\d.]+, accuracy [\d.]+ % ± [\d.]+ % \(standard error, 40 images\)/);
  assert.equal(readdirSync(join(work, 'first')).sort(), [
    'checkpoint-4.safetensors',
    'checkpoint-8.safetensors',
    'history.json',
    'model.safetensors',
    'training.png',
  ]);
  assert.ok(isPng(join(work, 'first/training.png')));
});

test('history.json has the fields that others read', () => {
  const history = historyOf('first');
  assert.equal(Object.keys(history), [
    'dataset',
    'classifier',
    'model',
    'seed',
    'threads',
    'build',
    'vectors',
    'node',
    'epochs',
    'test',
    'weightsSha256',
    'planBytes',
    'settings',
    'checkpoints',
    'resumedAt',
    'bestEpoch',
    'totalSeconds',
  ]);
  assert.equal(Object.keys(history.dataset), [
    'name',
    'trainCount',
    'testCount',
    'sha256',
    'split',
    'drawnCount',
    'data',
  ]);
  assert.equal(
    history.epochs.map((epoch: object) => Object.keys(epoch)),
    Array(2).fill(['epoch', 'loss', 'accuracy', 'valLoss', 'valAccuracy', 'seconds', 'samplesPerSecond', 'curve']),
  );
  assert.equal(Object.keys(history.test), ['loss', 'accuracy', 'standardError']);
  assert.equal(
    [history.dataset.trainCount, history.dataset.testCount, history.seed, history.node],
    [110, 40, 1, process.version],
  );
  assert.equal(history.settings, {
    recipe: 'quick',
    epochs: 2,
    batchSize: 32,
    learningRate: 0.007,
    seed: 1,
    numerics: 'exact',
    earlyStopping: null,
  });
  assert.equal(
    history.checkpoints.map((checkpoint: object) => Object.keys(checkpoint)),
    Array(3).fill(['step', 'weightsSha256']),
  );
  assert.equal(
    history.checkpoints.map(({ step }: { step: number }) => step),
    [0, 4, 8],
  );
  assert.is(history.checkpoints[2].weightsSha256, history.weightsSha256);
  assert.equal([history.resumedAt, history.bestEpoch], [[], null]);
  assert.ok(history.epochs[1].loss < history.epochs[0].loss, 'the loss falls');
});

test("weightsSha256 is the hash of the saved model's weights in layer order", () => {
  const { model, facts } = loadModel(readFileSync(join(work, 'first/model.safetensors')));
  const hash = createHash('sha256');
  for (const { data } of model.getWeights()) hash.update(new Uint8Array(data.buffer));
  assert.is(hash.digest('hex'), historyOf('first').weightsSha256);
  assert.is((facts as { weightsSha256: string }).weightsSha256, historyOf('first').weightsSha256);
});

test('the same seed gives the same weights on any number of threads, another seed others', () => {
  for (const threads of ['1', '3']) {
    const out = `on-${threads}`;
    assert.is(run('train', ...short, '--out', out, '--threads', threads).status, 0);
    assert.is(historyOf(out).threads, Number(threads));
    assert.is(historyOf(out).weightsSha256, historyOf('first').weightsSha256);
  }
  assert.is(run('train', ...short, '--out', 'other', '--seed', '2').status, 0);
  assert.is.not(historyOf('other').weightsSha256, historyOf('first').weightsSha256);
});

test('if threads are refused, one trains, and train and the history say so', () => {
  const noWorker =
    "import threads from 'node:worker_threads'; import { syncBuiltinESMExports } from 'node:module'; threads.Worker = class { constructor() { throw new Error('no threads here'); } }; syncBuiltinESMExports();";
  process.env.NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(noWorker)}`;
  const { status, stdout } = run('train', ...short, '--out', 'alone', '--threads', '3');
  delete process.env.NODE_OPTIONS;
  assert.is(status, 0);
  assert.match(
    stdout,
    '\nThreads: 1 of 3, as the others failed to start (no threads here); results are identical, only slower\n',
  );
  assert.is(historyOf('alone').threads, 1);
  assert.is(historyOf('alone').weightsSha256, historyOf('first').weightsSha256);
});

test('--numerics fused has different bits, and the history says so', () => {
  assert.is(run('train', ...short, '--out', 'fused', '--numerics', 'fused').status, 0);
  assert.equal([historyOf('first').build, historyOf('fused').build], ['exact', 'fused']);
  assert.is.not(historyOf('fused').weightsSha256, historyOf('first').weightsSha256);
});

test('without --out a run goes to runs/, and predict-samples takes the newest', () => {
  assert.is(run('train', ...short, '--epochs', '1').status, 0);
  const [name, ...more] = readdirSync(join(work, 'runs'));
  assert.equal(more, []);
  assert.match(name!, /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-digits$/);
  const { status, stdout } = run('predictSamples', '--data', digits, '--count', '9');
  assert.is(status, 0);
  assert.match(stdout, `Model: ${join('runs', name!, 'model.safetensors')}`);
  assert.match(stdout, /\d of 9 right/);
  assert.ok(isPng(join(work, 'runs', name!, 'samples.png')));
});

test('predict-samples marks wrong predictions in words, and a seed chooses the images', () => {
  const table = (seed: string): string =>
    run('predictSamples', '--model', 'first', '--data', digits, '--count', '40', '--seed', seed, '--out', 'all.png')
      .stdout;
  const one = table('1');
  const wrong = one.match(/✗ wrong/g)?.length ?? 0;
  assert.match(one, `${40 - wrong} of 40 right`);
  assert.is(table('1'), one);
  assert.is.not(table('2'), one);
});

test('predict-samples --image reads a drawn digit and says what it did', async () => {
  const { createCanvas, toPng } = await openCanvas();
  const canvas = createCanvas(200, 300);
  const ctx = canvas.getContext('2d')!;
  ctx.fillStyle = '#ffffff';
  ctx.fillRect(0, 0, 200, 300);
  ctx.fillStyle = '#222222';
  ctx.fillRect(90, 60, 18, 180);
  writeFileSync(join(work, 'mine.png'), toPng(canvas));
  const { status, stdout, stderr } = run('predictSamples', '--model', 'first', '--image', 'mine.png');
  assert.is(stderr, '');
  assert.is(status, 0);
  assert.match(stdout, /mine\.png: .*invert/);
  assert.match(stdout, /(Read as|Not sure: perhaps an?) \d/);
  assert.ok(isPng(join(work, 'first/mine-predicted.png')));
});

test('evaluate gives what train gave, the confusion matrix and the figures of each class', () => {
  const { status, stdout } = run('evaluate', '--model', 'first/model.safetensors', '--data', digits);
  assert.is(status, 0);
  const { loss, accuracy } = historyOf('first').test;
  assert.match(stdout, `Test: loss ${loss.toFixed(4)}, accuracy ${(100 * accuracy).toFixed(2)} %`);
  assert.match(stdout, /Class +Precision +Recall +Images\n/);
  assert.ok(isPng(join(work, 'first/confusion-matrix.png')));
});

test('evaluate has no precision of a class that is never predicted', () => {
  assert.is(
    run('train', '--data', digits, '--epochs', '1', '--learning-rate', '1e-300', '--out', 'untrained').status,
    0,
  );
  const { stdout } = run('evaluate', '--model', 'untrained');
  assert.match(stdout, /\n\d +· +0\.00 % +\d+\n/);
  assert.not.match(stdout, 'NaN');
});

test('profile prints a row per op and pass', () => {
  const { status, stdout } = run('profile', '--batch-size', '4', '--steps', '2');
  assert.is(status, 0);
  assert.match(
    stdout,
    /^reference network, batches of 4, exact kernels, vectors of (128|256) bits, Node [\d.]+: medians of 2 steps\n/,
  );
  assert.match(
    stdout,
    /conv2d\+relu\+maxPooling2d \(Winograd\) of conv2d_1 +backward( +[\d.]+){2} % +[\d.]+ +[\d.]+\n/,
  );
  refused(
    run('profile', '--network', 'resnet'),
    "--network must be one of reference, classic, strided, resnet20, mobileNetV2, efficientNetLite0, resNet18, resNet50, got 'resnet'",
  );
});

test('profile --command is npm run train, with a row per phase whose seconds add up to the total', () => {
  const { status, stdout, stderr } = run('profile', '--command', ...short, '--seed', '1', '--out', 'profiled');
  assert.equal([status, stderr], [0, '']);
  assert.ok(filesIn('profiled').includes('model.safetensors'));
  assert.is(historyOf('profiled').weightsSha256, historyOf('first').weightsSha256);
  const table = stdout.slice(stdout.indexOf('Phase '));
  const rows = [...table.matchAll(/^([a-zA-Z, ]+?) +([\d.]+) +([\d.]+) % +([\d.]+) +([\d.]+)$/gm)];
  assert.equal(
    rows.map(([, name]) => name),
    [
      'start Node',
      'load modules',
      'check the wide vectors',
      'read the data',
      'make the model',
      'start the threads',
      'write checkpoints',
      'train',
      'validate',
      'test',
      'write the model',
      'draw the curves',
      'write the history',
      'end the process',
      'all',
    ],
  );
  for (const [column, rounding] of Object.entries({ 2: 0.001, 3: 0.01, 4: 0.001, 5: 0.1 })) {
    const values = rows.map((row) => Number(row[Number(column)]));
    const all = values.pop()!;
    const sum = values.reduce((total, value) => total + value, 0);
    assert.ok(Math.abs(sum - all) < rounding * rows.length, `column ${column}: ${sum} of ${all}`);
    assert.ok(values.every((value) => value >= 0));
  }
  assert.ok(Number(rows.at(-1)![5]) > 50, 'no process of Node has a peak of less than 50 MiB');
  refused(run('profile', '--command', '--epochs', '0'), "--epochs must be a whole number of at least 1, got '0'");
});

test('--plan needs no data, and asks for none', () => {
  const { status, stdout, stderr } = run('train', '--plan', '--batch-size', '64');
  assert.equal([status, stderr], [0, '']);
  assert.match(stdout, 'planned for training in batches of 64');
  // 55,000 of MNIST, as 5,000 are held out, and 2,500 that are drawn.
  assert.match(stdout, /^Learning rate of 1798 steps\n0\.00\d+ │/m);
  for (const more of [['--no-drawn-digits'], ['--data', 'builtin']])
    assert.match(run('train', '--plan', '--batch-size', '64', ...more).stdout, /^Learning rate of 1720 steps\n/m);
  assert.not.ok(existsSync(join(work, 'data')));
});

test('--help shows the options and exits with 0', () => {
  for (const [command, option] of [
    ['train', '--learning-rate'],
    ['predictSamples', '--image'],
    ['evaluate', '--model'],
  ] as const) {
    const { status, stdout } = run(command, '--help');
    assert.is(status, 0);
    assert.match(stdout, option);
  }
});

test('more threads than are useful are refused', () => {
  refused(
    run('train', '--data', digits, '--threads', '100000', '--out', 'crowd'),
    /^100000 threads on \d+ cores? would only wait for each other; ask for at most \d+, or leave the number out for one per core\n$/,
  );
  assert.equal(filesIn('crowd'), []);
});

test('wrong options get one sentence', () => {
  refused(run('train', '--lr', '3'), "unknown option '--lr' (did you mean --learning-rate?)");
  refused(run('train', '--quickly', '3'), "unknown option '--quickly'; --help lists them");
  refused(run('train', '--epoch', '3'), "unknown option '--epoch' (did you mean --epochs?)");
  refused(run('train', '--batchsize', '3'), "unknown option '--batchsize' (did you mean --batch-size?)");
  refused(run('evaluate', '--modell', 'x'), "unknown option '--modell' (did you mean --model?)");
  refused(run('train', '--epochs', '0'), "--epochs must be a whole number of at least 1, got '0'");
  refused(run('train', '--epochs', '1e999'), /--epochs/);
  refused(run('train', '--batch-size', '1.5'), /--batch-size/);
  refused(run('train', '--seed', '9007199254740993'), /--seed/);
  refused(run('train', '--learning-rate', 'NaN'), "--learning-rate must be a number above 0, got 'NaN'");
  refused(run('train', '--numerics', 'fast'), "--numerics must be one of exact, fused, got 'fast'");
  refused(run('train', 'now'), "'now' belongs to no option; write --data now or --model now");
  refused(run('train', 'm.onnx'), "'m.onnx' belongs to no option; write --model m.onnx");
  refused(run('evaluate', 'a', '--model', 'b'), 'the model is a and, with --model, b; name one of them');
  refused(
    run('predictSamples', 'cat.jpg'),
    "'cat.jpg' is a picture, and the name of a model is expected there; write --image cat.jpg",
  );
  refused(
    run('train', '--data', digits, '--out', `${digits}/run`),
    `the run would lie in ${digits}/run, in the folder of its data, ${digits}; choose another folder with --out`,
  );
  refused(run('import'), "missing required argument 'file'; usage: npm run import -- <file> [options]");
  refused(
    run('export', 'first'),
    "required option '--to <format>' not specified; usage: npm run export -- [model] --to <format> [options]; --to is one of keras, h5, tfjs, onnx, pytorch, safetensors",
  );
  refused(run('export', '--to', 'onnx', '--model', 'first'), "unknown option '--model'; write the model without it");
  const words = 'there is plan, run, add, work, watch, result, remove';
  refused(run('sweep', 'runn'), `there is no 'runn' (did you mean 'run'?); ${words}`);
  refused(run('sweep', 'runn', 'x.json'), `there is no 'runn' (did you mean 'run'?); ${words}`);
  refused(
    run('predictSamples', '--model', 'first', '--data', digits, '--count', '41'),
    '--count is 41, but there are only 40 test images; ask for fewer',
  );
});

test('an option that does nothing beside another one, or on these data, is refused', () => {
  for (const own of ['--image', '--folder'])
    for (const option of [['--count', '3'], ['--no-cache']])
      refused(
        run('predictSamples', '--model', 'first', ...option, own, 'x'),
        `${option[0]} has no effect with ${own}; leave one of them out`,
      );
  refused(run('train', '--plan', '--show-data'), '--show-data has no effect with --plan; leave one of them out');
  for (const option of ['--plan', '--show-data', '--show-batch'])
    refused(
      run('train', option, '--find-learning-rate'),
      `--find-learning-rate has no effect with ${option}; leave one of them out`,
    );
  for (const [name, ...data] of [['mnist'], ['builtin-digits', '--data', 'builtin']])
    refused(
      run('train', '--plan', '--image-size', '64', ...data),
      `--image-size is 64 × 64, but the images of ${name} are 28 × 28 pixels and taken as they are; leave it out, or name pictures of your own with --data`,
    );
  refused(
    run('train', '--no-drawn-digits', '--data', 'builtin', '--out', 'crowd'),
    '--no-drawn-digits has no effect on builtin-digits, as digits are drawn beside MNIST alone; leave it out',
  );
  refused(
    run('train', '--no-drawn-digits', '--data', 'builtin', '--plan'),
    '--no-drawn-digits has no effect on builtin-digits, as digits are drawn beside MNIST alone; leave it out',
  );
  assert.equal(filesIn('crowd'), []);
});

test('bad data and a NaN loss end the run and leave no folder', () => {
  const broken = join(work, 'broken');
  mkdirSync(broken);
  for (const name of readdirSync(digits)) writeFileSync(join(broken, name), readFileSync(join(digits, name)));
  writeFileSync(join(broken, 'train-labels-idx1-ubyte'), idxFile([120], new Uint8Array(120).fill(10)));
  refused(run('train', '--data', broken, '--out', 'none'), /label/);
  refused(run('train', '--data', 'nowhere', '--out', 'none'), /nowhere/);
  refused(
    run('train', ...short, '--out', 'none', '--learning-rate', '1e30'),
    /^loss is (NaN|Infinity) in epoch 1, step \d+ \(learning rate [\de.+]+\); lower it or check the data\n$/,
  );
  refused(run('train', ...short, '--batch-size', '1000000', '--out', 'none'), /bytes/);
  assert.not.ok(existsSync(join(work, 'none')));
});

test('a disk that refuses writing is reported before training', () => {
  writeFileSync(join(work, 'file'), '');
  const outcome = run('train', ...short, '--out', 'file/run');
  refused(outcome, /^cannot write file[/\\]run: /);
  assert.not.match(outcome.stdout, 'Epoch');
});

test('a model file that is cut, foreign or holds NaN is refused', () => {
  const file = readFileSync(join(work, 'first/model.safetensors'));
  const refuse = (bytes: Uint8Array, sentence: RegExp): void => {
    writeFileSync(join(work, 'bad.safetensors'), bytes);
    refused(run('predictSamples', '--model', 'bad.safetensors', '--data', digits), sentence);
  };
  refuse(file.subarray(0, 5), /^bad\.safetensors: 5 bytes are too few/);
  refuse(file.subarray(0, 500), /^bad\.safetensors: the header claims \d+ bytes, the file has 492 after its length/);
  refuse(file.subarray(0, file.length - 4), /^bad\.safetensors: tensor '.*' ends at byte/);
  const bit = Uint8Array.from(file);
  bit[8 + Number(file.readBigUInt64LE(0))]! ^= 1;
  refuse(bit, /^bad\.safetensors: its contents are not those that were saved/);
  const nan = readSafetensors(file, 'file');
  nan.tensors.get('conv2d/kernel')!.data[0] = NaN;
  refuse(writeWithoutChecksum(nan), /^bad\.safetensors: the tensor 'conv2d\/kernel' holds NaN/);
  const foreign = readSafetensors(file, 'file');
  refuse(
    writeWithoutChecksum({
      ...foreign,
      tensors: new Map([...foreign.tensors].filter(([name]) => name !== 'conv2d/bias')),
    }),
    /^bad\.safetensors: the tensor 'conv2d\/bias' is missing/,
  );
  refuse(readFileSync(join(digits, 'train-labels-idx1-ubyte')), /^bad\.safetensors: /);
  refused(
    run('evaluate', '--model', 'missing', '--data', digits),
    'cannot read missing: there is no such file; check the path',
  );
});

test.run();
