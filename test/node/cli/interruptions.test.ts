// npm run train, interrupted in every way: what is said, what lies on disk, and that the run resumes bit-identical to one that was not.
import { mkdirSync, readFileSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../../src/index.js';
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
  runWithFault,
  start,
  startWithFault,
  stepsIn,
  succeeds,
  work,
  type Outcome,
} from './commandLine.js';

const TOTAL = 56;

let whole: ReturnType<typeof historyOf>;
test.before(() => {
  assert.is(run('train', ...options, '--out', 'whole').status, 0);
  whole = historyOf('whole');
});

/** The run in the folder is finished, and does not show that it was interrupted. */
function isWhole(folder: string): void {
  const history = historyOf(folder);
  assert.is(history.weightsSha256, whole.weightsSha256);
  const figures = ({ epochs }: typeof whole) =>
    epochs.map(({ epoch, loss, accuracy, valLoss, valAccuracy, curve }: Record<string, unknown>) => [
      epoch,
      loss,
      accuracy,
      valLoss,
      valAccuracy,
      curve,
    ]);
  assert.equal(figures(history), figures(whole));
  assert.equal([history.test, history.settings], [whole.test, whole.settings]);
  assert.equal(
    filesIn(folder).filter((name) => !name.startsWith('checkpoint-')),
    ['history.json', 'model.safetensors', 'training.png'],
  );
  assert.is(stepsIn(folder).length, 2);
}

for (const [signal, code, next] of [
  ['SIGINT', 130, 'Ctrl-C again'],
  ['SIGTERM', 143, 'another one'],
  ['SIGHUP', 129, 'SIGTERM'],
] as const) {
  test(`${signal} finishes the step, writes a checkpoint and exits with ${code}; --resume continues bit-identically`, async () => {
    const { process: child, ended } = startWithFault('sync 3 slow', 'train', ...options, '--out', signal);
    await reaches(14, signal);
    child.kill(signal);
    const { status, stderr } = await ended;
    assert.is(status, code);
    const [step] = stepsIn(signal).slice(-1);
    assert.is(
      stderr,
      `${signal}: finishing this step and writing a checkpoint; ${next} stops at once\nstopped by ${signal} after step ${step} of ${TOTAL}; resume it with: npm run train -- --resume ${signal}\n`,
    );
    assert.ok(step! >= 14 && step! < TOTAL);
    assert.equal(
      filesIn(signal).filter((name) => !name.startsWith('checkpoint-')),
      [],
    );
    const resumed = run('train', '--resume', signal, '--threads', '3');
    succeeds(resumed);
    assert.match(resumed.stdout, `Resuming ${signal} after step ${step} of ${TOTAL}\n`);
    assert.equal(historyOf(signal).resumedAt, [step]);
    isWhole(signal);
  });
}

test('SIGKILL, again and again at some step, and each time another number of threads', async () => {
  let running = start('train', ...options, ...often, '--out', 'killed');
  for (const [i, step] of [1, 10, 25].entries()) {
    await reaches(step, 'killed');
    // Not always at the same moment of a step.
    await sleep(3 * i);
    running.process.kill('SIGKILL');
    assert.is((await running.ended).signal, 'SIGKILL');
    assert.ok(filesIn('killed').includes('lock'));
    running = start('train', '--resume', 'killed', '--threads', String(i + 1));
  }
  succeeds(await running.ended);
  assert.is(historyOf('killed').resumedAt.length, 3);
  assert.equal(
    historyOf('killed')
      .checkpoints.map(({ step }: { step: number }) => step)
      .slice(0, 3),
    [0, 5, 10],
  );
  isWhole('killed');
});

test('--resume alone takes the run in runs/ that was interrupted last', async () => {
  // Other tests may have left some.
  rmSync(join(work, 'runs'), { recursive: true, force: true });
  refused(run('verify'), "there is no finished run in runs/; name a run's folder");
  refused(run('train', '--resume'), "there is no interrupted run in runs/; name a run's folder with --resume FOLDER");
  mkdirSync(join(work, 'runs'), { recursive: true });
  const { process: child, ended } = start('train', ...options, ...often, '--out', 'runs/mine');
  await reaches(5, 'runs/mine');
  child.kill('SIGKILL');
  await ended;
  succeeds(run('train', '--resume'));
  isWhole('runs/mine');
  const verified = run('verify', '--data', digits, '--to', '5');
  succeeds(verified);
  assert.match(verified.stdout, 'Verified: the weights of runs/mine are');
  refused(run('train', '--resume', 'runs/mine'), 'runs/mine is finished, there is nothing to resume; start a new run');
});

test('a second signal stops at once, even where a disk never answers', async () => {
  const { process: child, ended } = startWithFault('sync 2 hang', 'train', ...options, '--out', 'twice');
  await reaches(0, 'twice');
  await sleep(500);
  child.kill('SIGINT');
  await sleep(1000);
  child.kill('SIGINT');
  assert.is((await ended).signal, 'SIGINT');
  succeeds(run('train', '--resume', 'twice'));
  isWhole('twice');
});

test('two signals within moments are one: npm passes on what the terminal has sent to all', async () => {
  const { process: child, ended } = startWithFault('sync 3 slow', 'train', ...options, ...often, '--out', 'npm');
  await reaches(5, 'npm');
  await sleep(50);
  child.kill('SIGINT');
  await sleep(50);
  child.kill('SIGINT');
  assert.is((await ended).status, 130);
});

test('a signal while results are written is answered, and they are finished', async () => {
  for (let attempt = 0; ; attempt++) {
    const folder = `results-${attempt}`;
    const { process: child, ended } = startWithFault('sync 6 slow', 'train', ...options, '--out', folder);
    await reaches(TOTAL, folder);
    await sleep(50 * (attempt + 1));
    child.kill('SIGINT');
    const { status, stderr } = await ended;
    // The last checkpoint is there before the training ends.
    if (status === 130 && attempt < 6) continue;
    assert.is(
      stderr,
      `SIGINT: finishing the test and the results, as --resume ${folder} would; Ctrl-C again stops at once\n`,
    );
    assert.is(status, 0);
    return isWhole(folder);
  }
});

test('interrupted, and the disk is full: the checkpoint before is named', async () => {
  for (let attempt = 0; ; attempt++) {
    const folder = `both-${attempt}`;
    const { process: child, ended } = startWithFault('sync 3+ slow ENOSPC', 'train', ...options, '--out', folder);
    await reaches(14, folder);
    // Before the next step there is nothing left to write, and that step comes later where the disk is slow.
    await sleep(50 * attempt);
    child.kill('SIGINT');
    const { status, stderr } = await ended;
    const isTooEarly = status === 130 && /after step 14 of/.test(stderr);
    if (isTooEarly && attempt < 19) continue;
    assert.match(stderr, /^SIGINT: /m);
    assert.is(status, 1);
    return assert.match(
      stderr,
      new RegExp(
        `^cannot write ${folder}/checkpoint-\\d+\\.safetensors: the disk is full; free some space or choose another folder; the last good checkpoint is ${folder}/checkpoint-14\\.safetensors$`,
        'm',
      ),
    );
  }
});

test('a flag that would change the numbers is refused, one that would not is accepted', async () => {
  await killed('flags');
  const resume = (...more: string[]): Outcome => run('train', '--resume', 'flags', ...more);
  refused(resume('--seed', '2'), '--seed is 2, but flags was started with 1; leave it out, or start a new run');
  refused(
    resume('--batch-size', '16'),
    '--batch-size is 16, but flags was started with 8; leave it out, or start a new run',
  );
  refused(
    resume('--learning-rate', '0.001'),
    '--learning-rate is 0.001, but flags was started with 0.007; leave it out, or start a new run',
  );
  refused(
    resume('--numerics', 'fused'),
    '--numerics is fused, but flags was started with exact; leave it out, or start a new run',
  );
  refused(
    resume('--early-stopping', '2'),
    '--early-stopping is 2, but flags was started with none; leave it out, or start a new run',
  );
  refused(
    resume('--epochs', '9'),
    '--epochs is 9, but flags was started with 4, over which its learning rate is planned; leave it out, or start a new run',
  );
  refused(resume('--out', 'other'), '--out is other, but --resume continues in flags; leave --out out');
  refused(
    resume('--data', otherDigits),
    /^flags was started on digits with SHA-256 [0-9a-f]{8}…, and this is other-digits from .*, [0-9a-f]{8}…; give the same with --data\n$/,
  );
  refused(
    run('train', ...options, '--out', 'flags'),
    /^flags holds checkpoint-\d+\.safetensors; resume that run with --resume flags, or choose another folder with --out\n$/,
  );
  refused(run('train', '--resume', 'nowhere'), 'there is no folder nowhere; name that of a run that was interrupted');
  renameSync(digits, `${digits}-moved`);
  const moved = resume(
    '--seed',
    '1',
    '--epochs',
    '4',
    '--threads',
    '2',
    '--checkpoint-every',
    '20',
    '--out',
    './flags',
    '--data',
    `${digits}-moved`,
  );
  renameSync(`${digits}-moved`, digits);
  succeeds(moved);
  assert.equal(stepsIn('flags'), [20, 40]);
  isWhole('flags');
});

test('a second process on the same run is refused with the pid of the first', async () => {
  const first = start('train', ...options, ...often, '--out', 'shared');
  await reaches(5, 'shared');
  const sentence = `shared is in use by process ${first.process.pid}, which is still running; wait for it, choose another folder, or remove shared/lock if that process has nothing to do with it`;
  // It would be at its end before the others begin.
  first.process.kill('SIGSTOP');
  refused(run('train', ...options, '--out', 'shared'), sentence);
  refused(run('train', '--resume', 'shared'), sentence);
  first.process.kill('SIGCONT');
  succeeds(await first.ended);
  isWhole('shared');
});

test('a damaged checkpoint is put aside, and the one before takes its place', async () => {
  await killed('damaged');
  const steps = stepsIn('damaged');
  const newest = `damaged/checkpoint-${steps[1]}.safetensors`;
  truncateSync(join(work, newest), 1000);
  const { status, stderr } = run('train', '--resume', 'damaged');
  assert.match(
    stderr,
    new RegExp(
      `^${newest}: the header claims .*; it is damaged or no safetensors file; it is now ${newest}\\.damaged, and damaged/checkpoint-${steps[0]}\\.safetensors takes its place\n$`,
    ),
  );
  assert.is(status, 0);
  rmSync(join(work, `${newest}.damaged`));
  isWhole('damaged');
});

test('a checkpoint that cannot be written is reported, the run continues, and the next is tried', () => {
  // The first is that of step 0.
  const { status, stderr } = runWithFault('sync 3 EIO', 'train', ...options, ...often, '--out', 'failing');
  assert.is(
    stderr,
    'cannot write failing/checkpoint-10.safetensors: the disk reports an input/output error (EIO); check the disk before you try again; training continues, and the last checkpoint is failing/checkpoint-5.safetensors\n',
  );
  assert.is(status, 0);
  isWhole('failing');
});

test('a disk with room for two checkpoints: the older makes room for the newer, and at last for the model', () => {
  const { status, stderr } = runWithFault('disk 6000000', 'train', ...options, '--out', 'narrow');
  assert.equal(
    stderr.trimEnd().split('\n'),
    [0, 14, 28, 42].map((step) => `the disk is full: narrow/checkpoint-${step}.safetensors was removed to make room`),
  );
  assert.is(status, 0);
  assert.equal(stepsIn('narrow'), [56]);
  assert.is(historyOf('narrow').weightsSha256, whole.weightsSha256);
  succeeds(run('verify', 'narrow'));
});

test('a disk with room for one: the run continues with the checkpoint it has, which makes room for the trained model', () => {
  const { status, stderr } = runWithFault('disk 3000000', 'train', ...options, '--out', 'tiny');
  const cannot = (step: number): string =>
    `cannot write tiny/checkpoint-${step}.safetensors: the disk is full; free some space or choose another folder; training continues, and the last checkpoint is tiny/checkpoint-14.safetensors`;
  const removed = (step: number): string =>
    `the disk is full: tiny/checkpoint-${step}.safetensors was removed to make room`;
  assert.equal(stderr.trimEnd().split('\n'), [removed(0), cannot(28), cannot(42), cannot(56), removed(14)]);
  assert.is(status, 0);
  assert.equal(filesIn('tiny'), ['history.json', 'model.safetensors', 'training.png']);
  assert.is(historyOf('tiny').weightsSha256, whole.weightsSha256);
});

test('a disk that takes the checkpoint of the end but not the model: that checkpoint stays, and the run is finished elsewhere', () => {
  const { status, stderr } = runWithFault('writeFile 6+ ENOSPC', 'train', ...options, '--out', 'lasting');
  assert.is(status, 1);
  assert.match(
    stderr,
    /^cannot write lasting\/model\.safetensors: the disk is full; free some space or choose another folder; the last good checkpoint is lasting\/checkpoint-56\.safetensors$/m,
  );
  assert.equal(filesIn('lasting'), ['checkpoint-56.safetensors']);
  succeeds(run('train', '--resume', 'lasting'));
  assert.is(historyOf('lasting').weightsSha256, whole.weightsSha256);
});

test('a picture that cannot be drawn or written costs the picture', () => {
  const without = (name: string): string =>
    `import { register } from 'node:module'; register('data:text/javascript,' + encodeURIComponent("export const resolve = (name, context, next) => { if (/^(@napi-rs.)?${name}/.test(name)) throw new Error('no ${name} here'); return next(name, context); }"))`;
  const runs: [string, string, () => Outcome][] = ['canvas', 'chart.js'].map((name) => [
    name,
    `no ${name} here`,
    () => {
      process.env.NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(without(name))}`;
      const outcome = run('train', ...options, '--out', name);
      delete process.env.NODE_OPTIONS;
      return outcome;
    },
  ]);
  runs.push([
    'unwritten',
    'cannot write unwritten/training.png: the disk reports an input/output error',
    () => runWithFault('writeFile 7 EIO', 'train', ...options, '--out', 'unwritten'),
  ]);
  for (const [folder, reason, train] of runs) {
    const { status, stdout, stderr } = train();
    assert.match(stderr, reason);
    assert.match(stderr, `${folder}/training.png`);
    assert.is(stderr.trimEnd().split('\n').length, 1, stderr);
    assert.is(status, 0);
    assert.match(stdout, `\nWrote ${folder}/model.safetensors, ${folder}/history.json after`);
    assert.equal(
      filesIn(folder).filter((name) => !name.startsWith('checkpoint-')),
      ['history.json', 'model.safetensors'],
    );
    assert.is(historyOf(folder).weightsSha256, whole.weightsSha256);
  }
  process.env.NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(without('canvas'))}`;
  for (const command of ['evaluate', 'predictSamples'] as const) {
    const { status, stdout, stderr } = run(command, '--model', 'canvas');
    assert.is(status, 0);
    assert.match(stderr, /^canvas\/[\w-]+\.png is left out: pictures need .*no canvas here.*\n$/);
    assert.match(stdout, command === 'evaluate' ? 'Precision' : ' of 25 right');
  }
  delete process.env.NODE_OPTIONS;
});

test('a picture that was asked for, and a model of two files, fail where the disk is full', () => {
  for (const [command, ...args] of [
    ['evaluate', 'whole', '--data', digits, '--out', 'asked.png'],
    ['predictSamples', 'whole', '--data', digits, '--out', 'asked.png'],
    ['train', '--data', digits, '--show-data', '--out', 'shown'],
  ] as const) {
    const { status, stderr } = runWithFault('sync 1+ ENOSPC', command, ...args);
    assert.is(status, 1, command);
    assert.match(stderr, /^cannot write (asked|shown\/data-digits)\.png: the disk is full; /m);
  }
  const { status, stderr } = runWithFault('sync 2 ENOSPC', 'export', 'whole', '--to', 'tfjs', '--out', 'halved');
  assert.is(status, 1);
  assert.match(stderr, /^cannot write halved\/model\.weights\.bin: the disk is full; /m);
  assert.equal(filesIn('halved'), []);
  assert.is(run('export', 'whole', '--to', 'tfjs', '--out', 'halved').status, 0);
});

test('a disk that fails for good: no half file, and the last good checkpoint is named and resumes elsewhere', () => {
  for (const fault of ['open 4+ EACCES', 'writeFile 4+ EIO', 'rename 4+ EIO']) {
    rmSync(join(work, 'broken'), { recursive: true, force: true });
    const { status, stderr } = runWithFault(fault, 'train', ...options, '--out', 'broken');
    assert.is(status, 1);
    const lines = stderr.trimEnd().split('\n');
    assert.is(lines.length, 3, `two checkpoints and the model: ${stderr}`);
    assert.match(
      lines[0]!,
      /^cannot write broken\/checkpoint-42\.safetensors: .*; training continues, and the last checkpoint is broken\/checkpoint-28\.safetensors$/,
    );
    assert.match(
      lines[2]!,
      /^cannot write broken\/model\.safetensors: .*; the last good checkpoint is broken\/checkpoint-28\.safetensors$/,
    );
    assert.equal(filesIn('broken'), ['checkpoint-14.safetensors', 'checkpoint-28.safetensors']);
  }
  succeeds(run('train', '--resume', 'broken'));
  isWhole('broken');
});

test('a disk that refuses the first checkpoint is reported before training', () => {
  const outcome = runWithFault('sync 1 ENOSPC', 'train', ...options, '--out', 'refuses');
  refused(
    outcome,
    'cannot write refuses/checkpoint-0.safetensors: the disk is full; free some space or choose another folder',
  );
  assert.not.match(outcome.stdout, 'Epoch');
  assert.equal(filesIn('refuses'), []);
});

test('killed within a write: the half file is swept, the checkpoint before is whole', () => {
  assert.is(runWithFault('writeFile 3 SIGKILL', 'train', ...options, ...often, '--out', 'half').signal, 'SIGKILL');
  assert.is(filesIn('half').filter((name) => name.endsWith('.tmp')).length, 1);
  succeeds(run('train', '--resume', 'half'));
  assert.equal(historyOf('half').resumedAt, [5]);
  isWhole('half');
});

test('the folder removed underneath comes again with the next checkpoint', async () => {
  const { process: child, ended } = start('train', ...options, ...often, '--out', 'removed');
  await reaches(5, 'removed');
  child.kill('SIGSTOP');
  rmSync(join(work, 'removed'), { recursive: true });
  child.kill('SIGCONT');
  succeeds(await ended);
  isWhole('removed');
});

test('a NaN loss names the last good checkpoint', () => {
  const { status, stderr } = run(
    'train',
    ...options,
    '--checkpoint-every',
    '1',
    '--learning-rate',
    '1e30',
    '--out',
    'nan',
  );
  assert.is(status, 1);
  assert.match(
    stderr,
    /^(loss is (NaN|Infinity) in epoch 1, step \d+ \(learning rate [\de.+]+\); lower it or check the data|the model cannot be saved: .*); the last good checkpoint is nan\/checkpoint-\d+\.safetensors\n$/,
  );
  const [, name] = stderr.match(/is (nan\/checkpoint-\d+\.safetensors)\n$/)!;
  loadModel(readFileSync(join(work, name!)));
});

test('a NaN loss before the first checkpoint: epoch, step and learning rate, and no run is left that could not be resumed', () => {
  const overflow = ['--learning-rate', '3e38', '--checkpoint-every', '40'];
  refused(
    run('train', ...options, ...overflow, '--out', 'overflow'),
    /^loss is (NaN|Infinity) in epoch 1, step \d+ \(learning rate [\de.+]+\); lower it or check the data\n$/,
  );
  assert.equal(filesIn('overflow'), []);
});

test('a trap inside a kernel, on the training thread and in a worker: a sentence, the last checkpoint, and the run resumes bit-identically', () => {
  for (const [thread, who] of [
    ['main', 'a kernel failed on the training thread \\(memory access out of bounds\\)'],
    ['worker', 'worker thread 1 failed'],
  ] as const) {
    const folder = `trap-${thread}`;
    refused(
      runWithFault(`trap 1500 ${thread}`, 'train', ...options, ...often, '--threads', '2', '--out', folder),
      new RegExp(
        `^${who}; the step is lost, start again from the last saved model; the last good checkpoint is ${folder}/checkpoint-\\d+\\.safetensors\n$`,
      ),
    );
    const [before, last] = stepsIn(folder);
    assert.equal(filesIn(folder), [`checkpoint-${before}.safetensors`, `checkpoint-${last}.safetensors`].sort());
    assert.is(last! - before!, 5);
    succeeds(run('train', '--resume', folder));
    assert.equal(historyOf(folder).resumedAt, [last]);
    isWhole(folder);
  }
});

test('--early-stopping ends with the weights of the best epoch, also when it was interrupted', async () => {
  const stopping = [
    '--data',
    digits,
    '--epochs',
    '40',
    '--batch-size',
    '8',
    '--learning-rate',
    '0.01',
    '--early-stopping',
    '2',
  ];
  const never = run('train', ...stopping, '--out', 'stopped');
  succeeds(never);
  const history = historyOf('stopped');
  assert.ok(history.epochs.length < 40, `${history.epochs.length} epochs`);
  const losses = history.epochs.map(({ valLoss }: { valLoss: number }) => valLoss);
  assert.is(history.bestEpoch, 1 + losses.indexOf(Math.min(...losses)));
  assert.is(history.bestEpoch, history.epochs.length - 2);
  assert.match(never.stdout, `, with the weights of epoch ${history.bestEpoch})`);
  assert.is(
    history.weightsSha256,
    history.checkpoints.find(({ step }: { step: number }) => step === 14 * history.bestEpoch).weightsSha256,
  );

  const { process: child, ended } = start('train', ...stopping, ...often, '--out', 'again');
  await reaches(14 * history.bestEpoch + 10, 'again');
  child.kill('SIGKILL');
  await ended;
  succeeds(run('train', '--resume', 'again'));
  assert.equal(
    [historyOf('again').weightsSha256, historyOf('again').bestEpoch],
    [history.weightsSha256, history.bestEpoch],
  );
  succeeds(run('verify', 'again', '--data', digits));
});

test('an empty --out', () => {
  refused(run('train', ...options, '--out', ''), '--out is empty, expected a folder; leave it out for one in runs/');
});

test.run();
