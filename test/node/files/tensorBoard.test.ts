// tensorBoard: what its files hold, and that an interruption neither takes from it nor adds to it. test/python/tensorBoard.test.ts has
// TensorBoard itself read them.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel, metrics, reduceLROnPlateau, type Callbacks, type FitOptions } from '../../../src/index.js';
import { tensorBoard } from '../../../src/node/files/tensorBoard.js';
import { background } from '../../../src/node/threads/background.js';
import { resumed, whole, x, y } from '../../callbacks/toyFit.js';
import { compiledToy, toyModel } from '../../model/toy.js';
import { refusal, refuses } from '../refuses.js';
import { temporaryFolder } from '../temporaryFolder.js';
import { crc32c, eventsOf, scalarsOf } from './readEvents.js';

const validating: FitOptions = { validationData: [x, y] };
const f32 = (values: readonly number[]): [number, number][] => values.map((value, i) => [i, Math.fround(value)]);

/** What both folders show. */
function shown(logDir: string): unknown {
  return { train: scalarsOf(join(logDir, 'train')), validation: scalarsOf(join(logDir, 'validation')) };
}

test("the tests' CRC is CRC-32C", () => {
  assert.is(crc32c(new TextEncoder().encode('123456789')), 0xe3069283);
});

test("tags, steps and values are those of Keras' callback", async () => {
  const logDir = join(temporaryFolder(), 'logs', 'run');
  const before = Date.now() / 1000;
  const callbacks = [reduceLROnPlateau({ monitor: 'loss', minDelta: 9, patience: 1 }), tensorBoard({ logDir })];
  const { history } = await whole(3, () => callbacks, compiledToy(), validating);
  const { loss, accuracy, val_loss, val_accuracy } = history.history as Record<string, number[]>;
  const [file, ...others] = readdirSync(join(logDir, 'train'));
  assert.match(file!, /^events\.out\.tfevents\.\d{10}\./);
  assert.equal(others, []);
  const events = eventsOf(readFileSync(join(logDir, 'train', file!)));
  assert.equal(
    events.map(({ sessionStatus }) => sessionStatus),
    [undefined, undefined, undefined, undefined],
  );
  assert.ok(events.every(({ wallTime }) => wallTime >= before && wallTime <= Date.now() / 1000));
  const at = (values: readonly number[]): unknown => values.map((value, i) => [3 * (i + 1), Math.fround(value)]);
  assert.equal(shown(logDir), {
    train: { epoch_loss: f32(loss!), epoch_accuracy: f32(accuracy!), epoch_learning_rate: f32([1e-3, 1e-4, 1e-5]) },
    validation: {
      evaluation_loss_vs_iterations: at(val_loss!),
      evaluation_accuracy_vs_iterations: at(val_accuracy!),
      epoch_loss: f32(val_loss!),
      epoch_accuracy: f32(val_accuracy!),
    },
  });
});

test("every n-th batch of the run, and metrics have Keras' names", async () => {
  for (const [updateFreq, steps] of [
    [2, [2, 4, 6]],
    ['batch', [1, 2, 3, 4, 5, 6]],
  ] as const) {
    const logDir = temporaryFolder();
    const model = toyModel();
    const { topKCategoricalAccuracy, f1Score } = metrics;
    model.compile({
      ...{ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 16 },
      metrics: [topKCategoricalAccuracy({ k: 2 }), f1Score({ average: 'macro' })],
    });
    const seen: number[] = [];
    const watch: Callbacks = { onBatchEnd: (_, logs) => void seen.push(Math.fround(logs['loss']!)) };
    await model.fit(x, y, { epochs: 2, callbacks: [tensorBoard({ logDir, updateFreq }), watch] });
    const { batch_loss, ...others } = scalarsOf(join(logDir, 'train'));
    assert.equal(
      batch_loss,
      steps.map((step) => [step, seen[step - 1]]),
    );
    const names = ['top_k_categorical_accuracy', 'f1_score'];
    const tags = names.flatMap((name) => [`batch_${name}`, `epoch_${name}`]);
    assert.equal(Object.keys(others).sort(), [...tags, 'epoch_loss', 'epoch_learning_rate'].sort());
    assert.not(existsSync(join(logDir, 'validation')));
  }
});

test('a resumed fit shows the same as one that was never interrupted, from every save point, and again', async () => {
  const folder = temporaryFolder();
  const logDir = join(folder, 'whole');
  // Another fit had begun there, and was killed within a record.
  await whole(2, () => [tensorBoard({ logDir, updateFreq: 'batch' })], compiledToy(), validating);
  const [killed] = readdirSync(join(logDir, 'train'));
  truncateSync(join(logDir, 'train', killed!), readFileSync(join(logDir, 'train', killed!)).length - 5);
  const model = compiledToy();
  const callbacks = [tensorBoard({ logDir, updateFreq: 'batch' })];
  const { files } = await whole(5, () => callbacks, model, { ...validating, initialEpoch: 2 });
  const expected = shown(logDir) as { train: Record<string, unknown[]> };
  assert.is(expected.train['batch_loss']!.length, 6 + 9);
  assert.is(expected.train['epoch_loss']!.length, 1 + 3);
  const twice = join(folder, 'twice');
  for (const [i, bytes] of files.entries()) {
    const logDir = join(folder, String(i));
    cpSync(join(folder, 'whole'), logDir, { recursive: true });
    const resume = async (to: string): Promise<void> => {
      const { model } = loadModel(bytes, i === 5 ? { background: background() } : {});
      const callbacks = [tensorBoard({ logDir: to, updateFreq: 'batch' })];
      await model.fit(x, y, { resume: true, validationData: [x, y], callbacks });
    };
    await resume(logDir);
    assert.equal(shown(logDir), expected, `save point ${i}`);
    if (i === 4) {
      cpSync(logDir, twice, { recursive: true });
      await resume(twice);
      assert.equal(shown(twice), expected, 'the second time');
      assert.is(readdirSync(join(twice, 'train')).length, 4);
    }
  }
});

test('if nothing was written after the checkpoint, the next file takes over', async () => {
  const logDir = temporaryFolder();
  const { files } = await whole(1, () => [tensorBoard({ logDir })]);
  const { model } = loadModel(files.at(-1)!);
  await model.fit(x, y, { resume: true, epochs: 2, callbacks: [tensorBoard({ logDir })] });
  const [first, second] = readdirSync(join(logDir, 'train')).sort();
  assert.equal(
    [first, second].map((name) => eventsOf(readFileSync(join(logDir, 'train', name!))).map(({ step }) => step)),
    [
      [0, 0],
      [0, 1],
    ],
  );
});

/** Trains for ever, keeps a checkpoint an epoch, and says how many batches are done. */
const endless = `
import { modelCheckpoint } from ${JSON.stringify(new URL('../../../src/index.js', import.meta.url).href)};
import { tensorBoard } from ${JSON.stringify(new URL('../../../src/node/files/tensorBoard.js', import.meta.url).href)};
import { compiledToy } from ${JSON.stringify(new URL('../../model/toy.js', import.meta.url).href)};
import { x, y } from ${JSON.stringify(new URL('../../callbacks/toyFit.js', import.meta.url).href)};
import { writeFileSync } from 'node:fs';
const [folder] = process.argv.slice(-1);
let batches = 0;
const kill = { onBatchEnd: () => void (++batches === 8 && process.kill(process.pid, 'SIGKILL')) };
const save = modelCheckpoint({ save: (bytes) => writeFileSync(folder + '/checkpoint', bytes) });
await compiledToy().fit(x, y, { epochs: 4, seed: 3, callbacks: [tensorBoard({ logDir: folder, updateFreq: 'batch' }), save, kill] });`;

test('nothing is lost with a process that is killed', async () => {
  const folder = temporaryFolder();
  const { signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', endless, folder]);
  assert.is(signal, 'SIGKILL');
  const train = scalarsOf(join(folder, 'train'));
  assert.is(train['batch_loss']!.length, 8);
  assert.is(train['epoch_loss']!.length, 2);
  const callbacks = (): Callbacks[] => [tensorBoard({ logDir: folder, updateFreq: 'batch' })];
  await resumed(readFileSync(join(folder, 'checkpoint')), callbacks);
  const logDir = temporaryFolder();
  await whole(4, () => [tensorBoard({ logDir, updateFreq: 'batch' })]);
  assert.equal(scalarsOf(join(folder, 'train')), scalarsOf(join(logDir, 'train')));
});

test('what it refuses', async () => {
  const says = (options: unknown, sentence: string): Promise<void> =>
    refuses((async () => tensorBoard(options as never))(), sentence);
  await says({ logDir: '' }, 'tensorBoard\'s logDir must be the path of a folder, got ""');
  const frequency = "tensorBoard's updateFreq must be 'epoch', 'batch' or a number of batches, got";
  await says({ updateFreq: 0 }, `${frequency} 0`);
  await says({ updateFreq: 'step' }, `${frequency} "step"`);
  await says(
    { logdir: 'logs' },
    "tensorBoard has no option 'logdir' (did you mean 'logDir'?); it has logDir, updateFreq",
  );
  const logDir = temporaryFolder();
  const { files } = await whole(2, () => [tensorBoard({ logDir })]);
  const resume = (): Promise<unknown> => resumed(files[3]!, () => [tensorBoard({ logDir })]);
  const path = join(logDir, 'train', readdirSync(join(logDir, 'train'))[0]!);
  const behind = /, and fit had written \d+ bytes to it; give tensorBoard the logDir that it wrote$/;
  truncateSync(path, 30);
  const cut = await refusal(resume());
  assert.match(cut, behind);
  assert.ok(cut.startsWith(`${path} has 30 bytes`));
  rmSync(path);
  const lost = await refusal(resume());
  assert.match(lost, behind);
  assert.ok(lost.startsWith(`${path} is missing`));
  const remove: Callbacks = { onBatchEnd: () => rmSync(join(logDir, 'train'), { recursive: true, force: true }) };
  assert.match(await refusal(whole(1, () => [tensorBoard({ logDir }), remove])), / is missing, and fit had written /);
});

test('a state that no tensorBoard left is refused', () => {
  const callback = tensorBoard();
  for (const state of [
    {},
    { train: [{ name: '../../etc/passwd', bytes: 5 }], validation: [] },
    { train: [{ name: 'events.out.tfevents.1234567890.host', bytes: -1 }], validation: [] },
  ])
    assert.throws(() => callback.checkState!(state, compiledToy()), /state of tensorBoard is not of this model/);
});

test.run();
