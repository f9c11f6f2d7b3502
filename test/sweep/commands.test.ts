// npm run sweep without a server: what is refused before anything trains, what a trial that fails leaves of the others, and --workers.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withoutPassword } from '../../src/node/sweep/connect.js';
import { readSweepFile } from '../../src/node/cli/sweep/recipeTrial.js';
import { noteOnFolds } from '../../src/sweep/trialData.js';
import type { Dataset } from '../../src/data/dataset.js';
import {
  digits,
  filesIn,
  refused,
  run,
  runWithFault,
  start,
  startWithFault,
  succeeds,
  work,
  writeDigits,
} from '../node/cli/commandLine.js';
import { refusesAtOnce } from '../node/refuses.js';

writeFileSync(
  join(work, 'small.mjs'),
  `import { layers, sequential } from ${JSON.stringify(new URL('../../src/index.js', import.meta.url).href)};
export default ({ inputShape, classes, seed, bad }) => {
  if (bad) throw new TypeError('no such layer');
  return sequential({ inputShape, seed, layers: [layers.flatten(), layers.dense({ units: classes, activation: 'softmax' })] });
};`,
);

function sweepFile(name: string, definition: object): string {
  const path = join(work, `${name}.json`);
  writeFileSync(path, JSON.stringify({ name, data: digits, epochs: 2, ...definition }));
  return path;
}
const sha256In = (stdout: string): string => /trials\): ([0-9a-f]{64})/.exec(stdout)?.[1] ?? `none in ${stdout}`;

test('a network of your own that throws is a failed trial, and the others continue', () => {
  const file = sweepFile('throws', { space: { network: 'small.mjs', bad: [true, false] } });
  const { status, stdout } = run('sweep', 'run', file);
  assert.is(status, 0);
  assert.match(stdout, /^trial-\w+ to epoch 2: failed: small\.mjs: its function fails: no such layer\n/);
  assert.match(stdout, /^trial-\w+ to epoch 2: finished, val_accuracy /m);
  assert.match(stdout, /SHA-256 of the table \(2 of 2 trials\)/);
});

test('a network that checks its options gets those of a network, and not what else the sweep tries', () => {
  const file = sweepFile('checked', { epochs: 1, space: { network: 'mobileNetV2', learningRate: [0.001] } });
  const { status, stdout } = run('sweep', 'run', file);
  assert.is(status, 0);
  assert.match(stdout, /^trial-\w+ to epoch 1: finished, val_accuracy /m);
});

test('a sweep without any score writes its results and fails', () => {
  const file = sweepFile('throws-always', { space: { network: 'small.mjs', bad: [true] } });
  const { status, stdout, stderr } = run('sweep', 'run', file);
  assert.is(status, 1);
  assert.match(stdout, /SHA-256 of the table \(1 of 1 trials\)/);
  assert.is(
    stderr.trim(),
    'no trial of throws-always has a score, all of them failed or diverged; correct the sweep file and give the sweep another name',
  );
});

test('values that no trial could have are refused before anything trains', () => {
  const refuse = (space: object, sentence: string): void =>
    refusesAtOnce(
      () => readSweepFile({ name: 'x', epochs: 1, search: { kind: 'random', trials: 2 }, space }, 's.json'),
      sentence,
    );
  refuse({ learningRate: ['abc'] }, `s.json's learningRate must be a number above 0, got "abc"`);
  refuse({ learningRate: { uniform: [-1, 1] } }, "s.json's learningRate must be a number above 0, got -1");
  refuse({ batchSize: [32, 0] }, "s.json's batchSize must be a whole number of at least 1, got 0");
  refuse({ batchSize: { int: [0, 64] } }, "s.json's batchSize must be a whole number of at least 1, got 0");
  refuse(
    { batchSize: { log: [8, 64] } },
    `s.json's batchSize must be a whole number of at least 1, and { "log": … } has other values; give a list of values or { "int": [low, high] }`,
  );
  refuse({ seed: [1.5] }, "s.json's seed must be a whole number of at least 0, got 1.5");
  refuse({ seed: 'a' }, `s.json's seed must be a whole number of at least 0, got "a"`);
  refuse({ network: [3] }, "s.json's network must be a name, got 3");
  refuse(
    { network: { int: [1, 3] } },
    `s.json's network must be a name, and { "int": … } has other values; give a list of values`,
  );
  refuse({ recipe: 'quik' }, "s.json names the recipe 'quik' (did you mean 'quick'?); there is quick, best");
  refuse(
    { recipe: ['quick', 'best'], network: ['strided'] },
    "s.json's space has network, but the recipe best has a network of its own; leave one of them out",
  );
  const space = { learningRate: [0.1], batchSize: { repeat: 2 }, seed: 0 };
  readSweepFile({ name: 'x', epochs: 1, space }, 's.json');
  for (const [source, sentence] of [
    [{ imageSize: 32 }, 's.json: imageSize must be [height, width], whole numbers of 1 to 16384, got 32'],
    [{ data: 3 }, "s.json's data must be a path or 'builtin', got 3"],
    [{ skipBroken: 'yes' }, 's.json: skipBroken must be true or false, got "yes"'],
  ] as const)
    refusesAtOnce(() => readSweepFile({ name: 'x', epochs: 1, space, ...source }, 's.json'), sentence);
  refused(
    run('trial', '{"batchSize":0}', '--out', 'no-batch', '--data', digits),
    "the trial's batchSize must be a whole number of at least 1, got 0",
  );
  writeFileSync(join(work, 'broken.mjs'), 'export default 3;');
  const broken = sweepFile('broken', { space: { network: ['small.mjs', 'broken.mjs'] } });
  refused(run('sweep', 'run', broken), /^broken\.mjs: its default export must be a function /);
  assert.equal(filesIn('runs/sweep-broken'), []);
});

test("another sweep's results are not overwritten; the same one resumes, and trials of both are shared by --checkpoints", () => {
  const space = { network: 'small.mjs', seed: [1, 2] };
  const first = run('sweep', 'run', sweepFile('first', { space }), '--out', 'results');
  const other = sweepFile('other', { name: 'first', space: { ...space, seed: [1, 2, 3] } });
  refused(
    run('sweep', 'run', other, '--out', 'results'),
    'results has the results of another sweep, which differs in space; give --out another folder, and --checkpoints results/checkpoints to keep the trials that both have',
  );
  assert.is(
    sha256In(run('sweep', 'run', sweepFile('first', { space }), '--out', 'results').stdout),
    sha256In(first.stdout),
  );
  assert.match(run('evaluate', 'results', '--data', digits).stdout, `Model: ${join('results', 'best.safetensors')}\n`);
  const more = run('sweep', 'run', other, '--out', 'more', '--checkpoints', 'results/checkpoints');
  assert.match(more.stdout, /3 of 3 trials/);
  assert.is(filesIn('results/checkpoints').length, 3);
  assert.ok(!filesIn('more').includes('checkpoints'));
});

test('a trial by a recipe that averages the weights ends with their mean, which its last checkpoint does not have', () => {
  succeeds(run('sweep', 'run', sweepFile('averaged', { space: { recipe: ['best', 'quick'] } }), '--out', 'averaged'));
  const ends = filesIn('averaged/checkpoints').filter((name) => name.includes('-end'));
  assert.is(ends.length, 1);
});

test('three trials at a time make the table of one after another; Ctrl-C ends them all and none has failed', async () => {
  const file = sweepFile('lanes', {
    epochs: 60,
    space: { network: 'small.mjs', learningRate: [0.001, 0.01], seed: { repeat: 2 } },
    search: { kind: 'halving', trials: 2, rungs: [30, 60], eta: 2 },
  });
  const alone = run('sweep', 'run', file, '--out', 'alone');
  const args = [
    'sweep',
    'run',
    file,
    '--out',
    'lanes',
    '--workers',
    '3',
    '--threads',
    '1',
    '--save-every',
    '0.01',
  ] as const;
  const started = start(...args);
  for (let tries = 0; tries < 600 && filesIn('lanes/checkpoints').length < 2; tries++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  started.process.kill('SIGINT');
  const { status, stdout, stderr } = await started.ended;
  assert.is(status, 130, stdout);
  assert.not.match(stdout, /failed/);
  assert.match(stderr, /stopped by SIGINT; the same command resumes it\n$/);
  assert.is(sha256In(run(...args).stdout), sha256In(alone.stdout));
});

test('SIGTERM ends a trial with 143 and no result', async () => {
  const args = ['--out', 'ended', '--data', digits, '--epochs', '4000', '--save-every', '0.01'];
  const started = start('trial', '{"network":"small.mjs"}', ...args);
  for (let tries = 0; tries < 600 && filesIn('ended').length === 0; tries++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  started.process.kill('SIGTERM');
  const { status, stderr } = await started.ended;
  assert.is(status, 143);
  assert.match(stderr, /stopped by SIGTERM; the same command with --resume-or-start resumes it\n$/);
  assert.ok(!filesIn('ended').includes('result.json'));
});

test('a trial and a sweep take no folder of a run, nor of one another', () => {
  assert.is(run('train', '--data', digits, '--epochs', '1', '--threads', '1', '--out', 'own-run').status, 0);
  const trial = (setting: string, out: string) =>
    run('trial', setting, '--data', digits, '--epochs', '1', '--threads', '1', '--out', out);
  const file = sweepFile('taken', { epochs: 1, space: { network: 'small.mjs', seed: [1] } });
  const before = filesIn('own-run');
  refused(
    trial('{"seed":2}', 'own-run'),
    'own-run holds checkpoint-0.safetensors, checkpoint-4.safetensors, history.json, model.safetensors, training.png, which a trial does not overwrite or mix with; choose another folder with --out',
  );
  refused(
    run('sweep', 'run', file, '--out', 'own-run'),
    'own-run holds checkpoint-0.safetensors, checkpoint-4.safetensors, history.json, model.safetensors, training.png, which a sweep does not overwrite or mix with; choose another folder with --out',
  );
  assert.equal(filesIn('own-run'), before);
  succeeds(run('sweep', 'run', file, '--out', 'own-sweep'));
  refused(
    trial('{"network":"small.mjs"}', 'own-sweep'),
    'own-sweep holds definition.json, which a trial does not overwrite or mix with; choose another folder with --out',
  );
  succeeds(trial('{"network":"small.mjs"}', 'own-trial'));
  refused(
    trial('{"network":"small.mjs","seed":2}', 'own-trial'),
    'own-trial holds the result of another trial; choose another folder with --out',
  );
});

test('where the last checkpoint finds no room, no older model is given for the result', () => {
  const args = ['{"network":"small.mjs"}', '--data', digits, '--epochs', '2', '--threads', '1', '--save-every', '1000'];
  const { status, stderr } = runWithFault('sync 1 ENOSPC', 'trial', ...args, '--out', 'whole-trial');
  assert.is(status, 0, 'the end finds room');
  assert.match(stderr, /could not be kept: .*the disk is full; .*; training continues\n$/);
  const full = runWithFault('sync 1+ ENOSPC', 'trial', ...args, '--out', 'full-trial');
  // Nor is there room for its result.
  assert.is(full.status, 1);
  assert.match(full.stderr, /cannot write full-trial\/result\.json: the disk is full; /);
  assert.equal(filesIn('full-trial'), []);
});

test('a sweep whose best model found no room writes its table, fails, and gives the model when there is room', () => {
  const file = sweepFile('lost', { space: { network: 'small.mjs', seed: [1] } });
  const args = ['run', file, '--out', 'lost', '--checkpoints', 'lost-checkpoints', '--save-every', '0.0001'];
  const full = runWithFault('disk 150000', 'sweep', ...args, '--threads', '1');
  assert.is(full.status, 1);
  assert.is(
    full.stderr,
    'lost has no best.safetensors: no checkpoint has the weights of the best trial, as there was no room for them or it was trained further; make room and run the sweep again\n',
  );
  assert.equal(filesIn('lost'), ['definition.json', 'report.html', 'result.csv', 'table.jsonl']);
  const again = succeeds(run('sweep', ...args));
  assert.is(sha256In(again.stdout), sha256In(full.stdout));
  assert.ok(filesIn('lost').includes('best.safetensors'));
});

test('Ctrl-C where the checkpoint finds no room says so, and not that the command resumes', async () => {
  const file = sweepFile('no-room', { epochs: 4000, space: { network: 'small.mjs', seed: [1] } });
  for (const [fault, command, ...args] of [
    ['sync 1+ ENOSPC', 'trial', '{"network":"small.mjs"}', '--data', digits, '--epochs', '4000', '--out', 'room-1'],
    ['sync 2+ ENOSPC', 'sweep', 'run', file, '--out', 'room-2'],
  ] as const) {
    const started = startWithFault(fault, command, ...args, '--threads', '1', '--save-every', '0.1');
    await new Promise((resolve) => setTimeout(resolve, 3000));
    started.process.kill('SIGINT');
    const { status, stderr } = await started.ended;
    assert.is(status, 1, stderr);
    assert.match(stderr, /\ncannot write room-\d\/.*: the disk is full; free some space or choose another folder\n$/);
  }
});

test('folds without some class are noted, and those that could not be trained are refused', () => {
  const dataset = (labels: readonly number[], groups?: readonly string[]) =>
    ({
      name: 'few',
      train: {
        x: { data: new Float32Array(labels.length), shape: [labels.length, 1, 1, 1] },
        y: Uint8Array.from(labels),
      },
      ...(groups && { groups }),
    }) as unknown as Dataset;
  const [zeros, ones] = [Array<number>(10).fill(0), Array<number>(10).fill(1)];
  const note = (labels: readonly number[], folds: number | null, groups?: readonly string[]) =>
    noteOnFolds(dataset(labels, groups), { folds, splitSeed: 0 });
  assert.is(note([...zeros, ...ones], 5), null);
  assert.is(note([...zeros, 1, 1], null), null);
  assert.is(
    note([...zeros, 1, 1, 2, 2, 2], 5),
    'Note: class 1 is in the held-out images of only 2 of 5 folds (and so for 1 more class); with fewer folds it would be in all',
  );
  refusesAtOnce(
    () => note([...zeros, 1], 3),
    'few: all images of class 1 come to one of 3 folds, which would train without it; add images of it, or leave the class out',
  );
  refusesAtOnce(
    () => note([0, 0, 0, 1, 1, 1], 4),
    'few: no class has images for each of 4 folds; take fewer folds, at most 3',
  );
  refusesAtOnce(() => note([0, 0, 0, 1, 1, 1], 7), 'few has too few images for 7 folds; take fewer folds');
  refusesAtOnce(
    () => note([0, 1, 0, 1, 0, 1], 4, ['a', 'a', 'b', 'b', 'c', 'c']),
    'few has too few groups of images for 4 folds; take fewer folds',
  );
  // 24 images of classes 0 to 2, and 12 of the others.
  const data = writeDigits('uneven', 5, undefined, 7);
  const file = sweepFile('folds', { data, space: { network: 'small.mjs' }, folds: 13 });
  assert.match(
    run('sweep', 'plan', file).stdout,
    /^Note: class 3 is in the held-out images of only 12 of 13 folds \(and so for 3 more classes\)/m,
  );
});

test('an address is printed without its password, whatever is in that', () => {
  for (const [url, shown] of [
    ['redis://host:6379', 'redis://host:6379'],
    ['redis://:p@ss@host:6379', 'redis://:***@host:6379'],
    ['postgres://me:p%40ss@host/db', 'postgres://me:***@host/db'],
    ['postgres://me@host/db?password=secret', 'postgres://me@host/db?password=***'],
    ['redis://:p/w@host', 'redis://***@host'],
    ['redis:/me:secret@host', 'redis:/***@host'],
    ['me:secret@host', 'me:***@host'],
  ] as const)
    assert.is(withoutPassword(url), shown);
  const file = sweepFile('address', { space: { network: 'small.mjs' } });
  refused(
    run('sweep', 'add', file, '--on', 'http://me:secret@host'),
    'a sweep\'s server must be redis://host:6379 or postgres://user@host/database, got "http://me:***@host/"',
  );
});

test('singular and plural are right', () => {
  const { stdout } = run('sweep', 'plan', sweepFile('single', { epochs: 1, space: { network: 'small.mjs' } }));
  assert.match(stdout, /^1 setting, 1 trial: 1 setting up to epoch 1; 1 epoch in all$/m);
});

test.run();
