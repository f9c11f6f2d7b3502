// npm run verify: a run is trained again and compared, whole or in part, and what was changed is seen.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../../src/index.js';
import { readSafetensors } from '../../../src/formats/safetensors.js';
import { writeWithoutChecksum } from '../../formats/otherTool.js';
import {
  digits,
  filesIn,
  historyOf,
  killed,
  often,
  options,
  otherDigits,
  reaches,
  refused,
  run,
  start,
  succeeds,
  work,
  type Outcome,
} from './commandLine.js';

let whole: ReturnType<typeof historyOf>;
test.before(() => {
  assert.is(run('train', ...options, '--out', 'whole').status, 0);
  whole = historyOf('whole');
});

test('a network with batch normalization is killed in mid-epoch, resumed on other threads, verified, evaluated', async () => {
  const resnet = ['--network', 'resnet20', '--data', digits, '--epochs', '1', '--batch-size', '16'];
  const { process: child, ended } = start(
    'train',
    ...[...resnet, '--threads', '1', '--checkpoint-every', '2', '--out', 'resnet'],
  );
  await reaches(2, 'resnet');
  child.kill('SIGKILL');
  await ended;
  refused(
    run('train', '--resume', 'resnet', '--network', 'strided'),
    '--network is strided, but resnet was started with resnet20; leave it out, or start a new run',
  );
  succeeds(run('train', '--resume', 'resnet', '--threads', '3'));
  assert.is(historyOf('resnet').resumedAt.length, 1);
  const verified = run('verify', 'resnet', '--data', digits, '--threads', '2');
  succeeds(verified);
  assert.match(verified.stdout, /^Same weights: step 2, [^]*Verified: the weights of resnet are/m);
  succeeds(run('evaluate', '--model', 'resnet/model.safetensors', '--data', digits));
});

test('verify confirms a run, from the seed and between checkpoints', () => {
  const all = run('verify', 'whole', '--data', digits, '--threads', '2');
  succeeds(all);
  for (const step of [0, 14, 56])
    assert.match(all.stdout, new RegExp(`^Same weights: step ${step}, SHA-256 [0-9a-f]{8}…$`, 'm'));
  assert.match(
    all.stdout,
    `Same weights: model.safetensors, SHA-256 ${whole.weightsSha256.slice(0, 8)}…\nVerified: the weights of whole are what its seed, data and options give\n`,
  );
  for (const [span, steps] of [
    [['--to', '28'], 3],
    [['--from', '42'], 2],
    [['--from', '42', '--to', '56'], 2],
  ] as const) {
    const { status, stdout } = run('verify', 'whole', '--data', digits, ...span);
    assert.is(status, 0);
    assert.is(stdout.match(/Same weights: step/g)?.length, steps);
    assert.match(stdout, 'Verified: the weights of whole are what its seed, data and options give, in this span\n');
  }
});

test('verify sees what was changed', () => {
  const copy = (name: string, change: (folder: string) => void): void => {
    const folder = join(work, name);
    mkdirSync(folder);
    for (const file of filesIn('whole')) writeFileSync(join(folder, file), readFileSync(join(work, 'whole', file)));
    change(folder);
  };
  const edit = (change: (history: typeof whole) => void) => (folder: string) => {
    const history = JSON.parse(readFileSync(join(folder, 'history.json'), 'utf8'));
    change(history);
    writeFileSync(join(folder, 'history.json'), JSON.stringify(history));
  };
  const verify = (...more: string[]): Outcome => run('verify', ...more, '--data', digits);
  copy(
    'seed',
    edit((history) => {
      history.settings.seed = 2;
    }),
  );
  refused(
    verify('seed'),
    /^NOT VERIFIED: step 0 of seed has weights with SHA-256 [0-9a-f]{8}…, the replay gives [0-9a-f]{8}…\n$/,
  );
  copy(
    'rate',
    edit((history) => {
      history.settings.learningRate = 0.0031;
    }),
  );
  refused(verify('rate'), /^NOT VERIFIED: step 14 of rate has weights/);
  copy(
    'end',
    edit((history) => {
      history.weightsSha256 = history.checkpoints[1].weightsSha256;
    }),
  );
  refused(verify('end'), /^NOT VERIFIED: the end in history\.json of end has weights/);
  copy('model', (folder) => {
    const path = join(folder, 'model.safetensors');
    const file = readSafetensors(readFileSync(path), path);
    file.tensors.get('conv2d/kernel')!.data[0]! += 1;
    writeFileSync(path, writeWithoutChecksum(file));
  });
  refused(verify('model'), /^NOT VERIFIED: model\.safetensors of model has weights/);
  copy('bit', (folder) => {
    const path = join(folder, 'model.safetensors');
    const bytes = readFileSync(path);
    bytes[8 + Number(bytes.readBigUInt64LE(0))]! ^= 1;
    writeFileSync(path, bytes);
  });
  refused(verify('bit'), /^bit[/\\]model\.safetensors: its contents are not those that were saved/);
  refused(run('verify', 'whole', '--data', otherDigits), /^whole was started on digits with SHA-256/);
});

test('a run of a version that held out the last images is refused with the reason', async () => {
  const olderOf = (dataset: object): object =>
    Object.fromEntries(Object.entries(dataset).filter(([name]) => name !== 'split'));
  const sentence = (folder: string): string =>
    `${folder} was made by a version that held out the last twelfth of the training images for validation, where this one holds out a twelfth of each class: its numbers cannot come again; start a new run`;
  mkdirSync(join(work, 'older'));
  writeFileSync(join(work, 'older/history.json'), JSON.stringify({ ...whole, dataset: olderOf(whole.dataset) }));
  refused(run('verify', 'older', '--data', digits), sentence('older'));
  await killed('older-killed');
  for (const name of filesIn('older-killed').filter((each) => each.startsWith('checkpoint-'))) {
    const path = join(work, 'older-killed', name);
    const { model, facts } = loadModel(readFileSync(path));
    const { dataset, ...others } = facts as { dataset: object };
    writeFileSync(path, model.save({ facts: { ...others, dataset: olderOf(dataset) } }));
  }
  refused(run('train', '--resume', 'older-killed'), sentence('older-killed'));
});

test('a fused run resumes as fused, and verify says what a difference means', async () => {
  const fused = ['--data', digits, '--epochs', '2', '--batch-size', '8', '--numerics', 'fused'];
  succeeds(run('train', ...fused, '--out', 'fused-whole'));
  const { process: child, ended } = start('train', ...fused, ...often, '--out', 'fused-killed');
  await reaches(5, 'fused-killed');
  child.kill('SIGKILL');
  await ended;
  succeeds(run('train', '--resume', 'fused-killed', '--threads', '3'));
  assert.is(historyOf('fused-killed').weightsSha256, historyOf('fused-whole').weightsSha256);
  assert.is(historyOf('fused-killed').build, 'fused');
  succeeds(run('verify', 'fused-killed', '--data', digits));
  const history = historyOf('fused-whole');
  writeFileSync(
    join(work, 'fused-whole/history.json'),
    JSON.stringify({ ...history, checkpoints: [], weightsSha256: whole.weightsSha256 }),
  );
  refused(
    run('verify', 'fused-whole', '--data', digits),
    /^NOT VERIFIED: .*…; fused kernels round as the processor does, so on another kind of processor than the run had this proves nothing\n$/,
  );
});

test('verify with wrong options', () => {
  refused(run('verify', 'none'), 'cannot read none/history.json: there is no such file; check the path');
  refused(
    run('verify', 'whole', '--to', '15'),
    '--to is 15, and the history of whole has checkpoints of the steps 0, 14, 28, 42, 56; take one of them',
  );
  refused(
    run('verify', 'whole', '--from', '14'),
    '--from is 14, and whole holds the checkpoints of step 56 and 42; take one that is there',
  );
  refused(run('verify', 'whole', '--from', '42', '--to', '42'), '--from is 42, which is not before --to 42');
  mkdirSync(join(work, 'old'));
  writeFileSync(join(work, 'old/history.json'), '{');
  refused(run('verify', 'old'), /^old\/history\.json is no longer JSON \(.+\); bring back what the run wrote\n$/);
  writeFileSync(join(work, 'old/history.json'), '{}');
  refused(
    run('verify', 'old'),
    'old/history.json does not tell how the run was made; only a run of this version of npm run train can be verified',
  );
});

test('an invalid hash in a history', () => {
  mkdirSync(join(work, 'hostile'));
  writeFileSync(join(work, 'hostile', 'history.json'), JSON.stringify({ ...whole, weightsSha256: '\u001b[2J' }));
  refused(
    run('verify', 'hostile'),
    'hostile/history.json does not tell how the run was made; only a run of this version of npm run train can be verified',
  );
});

test.run();
