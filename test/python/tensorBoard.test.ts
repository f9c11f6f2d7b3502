// Event files, read by TensorBoard itself. Runs where a Python has it (PYTHON, or python3), and is skipped elsewhere.
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../src/index.js';
import { tensorBoard } from '../../src/node/files/tensorBoard.js';
import { whole, x, y } from '../callbacks/toyFit.js';
import { compiledToy } from '../model/toy.js';
import { scalarsOf } from '../node/files/readEvents.js';
import { temporaryFolder } from '../node/temporaryFolder.js';

const python = process.env.PYTHON ?? 'python3';
const isPresent = spawnSync(python, ['-c', 'import tensorboard']).status === 0;
if (!isPresent) console.log('note: no tensorboard for Python, so it reads no event files');
const testWithPython = isPresent ? test : test.skip;
const script = fileURLToPath(new URL('../../../test/python/events.py', import.meta.url));

interface Told {
  /** Records in each file, in the order of the names. */
  readonly records: number[];
  readonly scalars: Record<string, [step: number, value: number][]>;
}

function ask<Answer>(...args: string[]): Answer {
  const { status, stdout, stderr } = spawnSync(python, [script, ...args], { encoding: 'utf8' });
  assert.is(status, 0, stderr);
  return JSON.parse(stdout) as Answer;
}

const folder = temporaryFolder();
const logDir = join(folder, 'run');
const callbacks = (): ReturnType<typeof tensorBoard>[] => [tensorBoard({ logDir, updateFreq: 'batch' })];
const { files, history } = await whole(4, callbacks, compiledToy(), { validationData: [x, y] });

testWithPython('each record counts, and each figure is that of the history', () => {
  const [train, validation] = ask<Told[]>(join(logDir, 'train'), join(logDir, 'validation'));
  // The version; 12 batches and 4 epochs; two records an epoch.
  assert.equal([train!.records, validation!.records], [[1 + 12 + 4], [1 + 8]]);
  assert.equal(train!.scalars, scalarsOf(join(logDir, 'train')));
  assert.equal(validation!.scalars, scalarsOf(join(logDir, 'validation')));
  assert.equal(
    validation!.scalars['epoch_loss'],
    history.history['val_loss']!.map((loss, epoch) => [epoch, Math.fround(loss)]),
  );
});

testWithPython('a record that is cut or damaged, and none before it, is lost', () => {
  const copy = join(folder, 'cut');
  cpSync(join(logDir, 'train'), copy, { recursive: true });
  const path = join(copy, readdirSync(copy)[0]!);
  const bytes = readFileSync(path);
  truncateSync(path, bytes.length - 1);
  assert.equal(ask<Told[]>(copy)[0]!.records, [16]);
  bytes[bytes.length - 10]! ^= 1;
  writeFileSync(path, bytes);
  assert.equal(ask<Told[]>(copy)[0]!.records, [16], 'its checksum tells');
});

testWithPython(
  'a run that was killed behind its checkpoint and resumed shows each step once, in the server, too',
  async () => {
    const before = ask<Told[]>(join(logDir, 'train'), join(logDir, 'validation'));
    const { model } = loadModel(files[6]!);
    const ended = await model.fit(x, y, { resume: true, validationData: [x, y], callbacks: callbacks() });
    assert.equal(ended, history);
    const after = ask<Told[]>(join(logDir, 'train'), join(logDir, 'validation'));
    assert.equal(
      after.map(({ scalars }) => scalars),
      before.map(({ scalars }) => scalars),
    );
    // The version and the session's start, with what the first file had until the checkpoint: 1 + 5 batches and 1 epoch.
    assert.equal(after[0]!.records, [17, 2 + 17]);
    const served = ask<Record<string, Told['scalars']>>('--server', folder);
    const sorted = (scalars: Told['scalars']): unknown => Object.entries(scalars).sort(([a], [b]) => (a < b ? -1 : 1));
    assert.equal(sorted(served['run/train']!), sorted(before[0]!.scalars));
    assert.equal(sorted(served['run/validation']!), sorted(before[1]!.scalars));
  },
);

test.run();
