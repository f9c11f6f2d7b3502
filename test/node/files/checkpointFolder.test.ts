// checkpointFolder: which files lie there after every save, and after one that failed at any step.
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { earlyStopping, modelCheckpoint } from '../../../src/index.js';
import { checkpointFolder, findCheckpoints, loadNewestCheckpoint } from '../../../src/node/files/checkpointFolder.js';
import type { FileSystem, ReadingSystem } from '../../../src/node/files/files.js';
import { compiledToy, toyExamples, weightsHash } from '../../model/toy.js';
import { refuses, refusesAtOnce } from '../refuses.js';
import { temporaryFolder } from '../temporaryFolder.js';

const { x, y } = toyExamples(40);
const namesIn = async (folder: string): Promise<string[]> =>
  (await fs.readdir(folder)).filter((name) => name !== 'lock').sort();

async function trainInto(folder: string, system?: FileSystem): Promise<string> {
  const model = compiledToy(8);
  await model.fit(x, y, {
    epochs: 3,
    validationData: [x, y],
    callbacks: [
      earlyStopping({ patience: 9, restoreBestWeights: true }),
      modelCheckpoint({ saveFreq: 2, save: checkpointFolder(folder, system) }),
    ],
  });
  return weightsHash(model);
}

test('the last two stay, in a folder that is made', async () => {
  const folder = join(temporaryFolder(), 'a', 'b');
  await trainInto(folder);
  assert.equal(await namesIn(folder), ['checkpoint-12.safetensors', 'checkpoint-14.safetensors']);
  await fs.writeFile(join(folder, 'checkpoint-99999999999999999999.safetensors'), 'no step is that');
  assert.equal(
    (await findCheckpoints(folder)).map(({ step }) => step),
    [14, 12],
  );
  assert.equal(await findCheckpoints(join(folder, 'none')), []);
});

test('no folder', () => {
  refusesAtOnce(
    () => checkpointFolder(undefined as never),
    'checkpointFolder needs the path of a folder, got undefined',
  );
});

test('numbers are sorted as numbers, and other files are left alone', async () => {
  const folder = temporaryFolder();
  await fs.writeFile(join(folder, 'checkpoint-x.safetensors'), '');
  const save = checkpointFolder(folder);
  for (const step of [8, 9, 10, 100]) await save(new Uint8Array(1), step);
  assert.equal(await namesIn(folder), [
    'checkpoint-10.safetensors',
    'checkpoint-100.safetensors',
    'checkpoint-x.safetensors',
  ]);
  assert.equal(
    (await findCheckpoints(folder)).map(({ step }) => step),
    [100, 10],
  );
});

test("another training's checkpoints are not overwritten", async () => {
  const folder = temporaryFolder();
  await trainInto(folder);
  await refuses(
    trainInto(folder),
    `${folder} holds checkpoint-14 of another training, which is further than step 0; resume from it, or choose an empty folder`,
  );
});

test('of two fits that write to one folder at the same time, the second is refused; one after the other, both write', async () => {
  const folder = temporaryFolder();
  const train = (seed: number): Promise<string> => {
    const model = compiledToy(8);
    return model
      .fit(x, y, { epochs: 2, seed, callbacks: modelCheckpoint({ saveFreq: 1, save: checkpointFolder(folder) }) })
      .then(
        () => 'done',
        (error: Error) => error.message,
      );
  };
  // Which of them comes first is not fixed: each waits for the hash of its data.
  const ends = await Promise.all([train(1), train(2)]);
  assert.equal([...ends].sort(), [
    `${folder} is in use by another fit of this process, which is under way; wait for it, or choose another folder`,
    'done',
  ]);
  const { model } = await loadNewestCheckpoint(folder);
  assert.is(model.fitState!().seed, 1 + ends.indexOf('done'));
  await model.fit(x, y, { resume: true, epochs: 3, callbacks: modelCheckpoint({ save: checkpointFolder(folder) }) });
  assert.is((await loadNewestCheckpoint(folder)).step, 15);
});

test('loadNewestCheckpoint continues where it was', async () => {
  const folder = temporaryFolder();
  const whole = await trainInto(folder);
  const { model, step, path } = await loadNewestCheckpoint(folder);
  assert.equal([step, path, model.step], [14, join(folder, 'checkpoint-14.safetensors'), 14]);
  await model.fit(x, y, {
    resume: true,
    validationData: [x, y],
    callbacks: earlyStopping({ patience: 9, restoreBestWeights: true }),
  });
  assert.is(weightsHash(model), whole);
});

test('a newest checkpoint that is damaged is put aside; where none is whole, nothing is', async () => {
  const folder = temporaryFolder();
  await trainInto(folder);
  const [newest, other] = (await findCheckpoints(folder)).map(({ path }) => path);
  await fs.truncate(newest!, 100);
  const log: string[] = [];
  assert.is((await loadNewestCheckpoint(folder, {}, (line) => log.push(line))).step, 12);
  assert.is(log.length, 1);
  assert.ok(
    log[0]!.startsWith(`${newest}: `) &&
      log[0]!.endsWith(`; it is now ${newest}.damaged, and ${other} takes its place`),
    log[0],
  );
  assert.equal(await namesIn(folder), ['checkpoint-12.safetensors', 'checkpoint-14.safetensors.damaged']);
  await fs.truncate(other!, 3);
  await refuses(
    loadNewestCheckpoint(folder),
    `${other}: 3 bytes are too few for a safetensors file; it is damaged or no safetensors file`,
  );
  assert.equal(await namesIn(folder), ['checkpoint-12.safetensors', 'checkpoint-14.safetensors.damaged']);
  await refuses(
    loadNewestCheckpoint('nowhere'),
    'nowhere does not exist; name the folder of a training that was interrupted',
  );
  await refuses(
    loadNewestCheckpoint(temporaryFolder()).catch((error: Error) => {
      error.message = error.message.replace(/^.* holds/, 'it holds');
      throw error;
    }),
    'it holds no checkpoint; name the folder of a training that was interrupted',
  );
});

test('a bit that has flipped in the newest checkpoint: the older one takes its place', async () => {
  const folder = temporaryFolder();
  await trainInto(folder);
  const [newest, other] = (await findCheckpoints(folder)).map(({ path }) => path);
  const bytes = await fs.readFile(newest!);
  bytes[bytes.length - 100]! ^= 1;
  await fs.writeFile(newest!, bytes);
  const log: string[] = [];
  assert.is((await loadNewestCheckpoint(folder, {}, (line) => log.push(line))).step, 12);
  assert.match(log.join(), /its contents are not those that were saved/);
  assert.ok(log.join().endsWith(`; it is now ${newest}.damaged, and ${other} takes its place`));
});

test('a newest checkpoint that the system refuses to read is reported, and stays as it is', async () => {
  const folder = temporaryFolder();
  await trainInto(folder);
  const [newest, other] = (await findCheckpoints(folder)).map(({ path }) => path);
  const refusing = (call: 'stat' | 'open', code: string): ReadingSystem => ({
    ...fs,
    async [call](path: string, flags?: string) {
      if (path === newest) throw Object.assign(new Error(code), { code, syscall: call });
      return call === 'stat' ? fs.stat(path) : (fs.open(path, flags) as never);
    },
  });
  const away = `; or move ${newest} away, to resume from another checkpoint`;
  const permission = 'permission denied (EACCES); change the permissions or check the path';
  for (const call of ['stat', 'open'] as const)
    await refuses(
      loadNewestCheckpoint(folder, {}, assert.unreachable, refusing(call, 'EACCES')),
      `cannot read ${newest}: ${permission}${away}`,
    );
  await refuses(
    loadNewestCheckpoint(folder, {}, assert.unreachable, refusing('open', 'EIO')),
    `cannot read ${newest}: the disk reports an input/output error (EIO); check the disk before you try again${away}`,
  );
  await refuses(
    loadNewestCheckpoint(folder, {}, assert.unreachable, refusing('stat', 'ENOMEM')),
    `cannot read ${newest}: the system has no memory left; close some programs${away}`,
  );
  assert.is(
    (await loadNewestCheckpoint(folder, {}, assert.unreachable, refusing('open', 'ENOENT'))).step,
    12,
    'a training has removed it meanwhile',
  );
  assert.equal(await namesIn(folder), ['checkpoint-12.safetensors', 'checkpoint-14.safetensors']);
  await fs.rm(newest!);
  await fs.mkdir(newest!);
  await refuses(
    loadNewestCheckpoint(folder),
    `cannot read ${newest}: it is a folder, a file is needed; name a file in it${away}`,
  );
  await fs.rmdir(newest!);
  await fs.rename(other!, newest!);
  await refuses(
    loadNewestCheckpoint(folder, {}, assert.unreachable, refusing('open', 'EACCES')),
    `cannot read ${newest}: ${permission}`,
  );
});

test('where the memory for the newest checkpoint is refused, it stays as it is', async () => {
  const folder = temporaryFolder();
  await trainInto(folder);
  const { Memory } = WebAssembly;
  let asked = 0;
  try {
    WebAssembly.Memory = class extends Memory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        if (asked++ === 0) throw new RangeError('could not allocate memory');
        super(descriptor);
      }
    };
    const error: unknown = await loadNewestCheckpoint(folder, {}, assert.unreachable).catch(
      (reason: unknown) => reason,
    );
    assert.match(
      (error as Error).message,
      /checkpoint-14\.safetensors: .* bytes of memory, which this host refuses; .*; or move .* away, to resume from another checkpoint$/,
    );
  } finally {
    WebAssembly.Memory = Memory;
  }
  assert.equal(await namesIn(folder), ['checkpoint-12.safetensors', 'checkpoint-14.safetensors']);
});

test('a save that fails at any step leaves the checkpoints before it, whole', async () => {
  for (const call of ['open', 'writeFile', 'sync', 'close', 'rename'] as const) {
    for (let turn = 1; turn <= 6; turn++) {
      const folder = temporaryFolder();
      const error = await trainInto(folder, failing(call, turn)).catch((reason: unknown) => reason);
      const names = await namesIn(folder);
      assert.instance(error, Error, `${call} ${turn}`);
      assert.ok(
        names.every((name) => name.endsWith('.safetensors')),
        names.join(' '),
      );
      if (names.length === 0) continue;
      const { step } = await loadNewestCheckpoint(folder);
      // The folder's sync may fail when the file is in its place: then the oldest is still there.
      assert.ok([0, 1].includes(names.length - Math.min(2, 1 + step / 2)), `${call} ${turn}: ${names.join(' ')}`);
    }
  }
});

test('an old checkpoint that another program holds does not end the training, and goes later', async () => {
  const folder = temporaryFolder();
  let refusals = 0;
  const save = checkpointFolder(folder, {
    ...fs,
    async rm(path, options) {
      if (path.endsWith('checkpoint-1.safetensors') && refusals++ < 10)
        throw Object.assign(new Error('EBUSY'), { code: 'EBUSY', syscall: 'rm' });
      await fs.rm(path, options);
    },
  });
  for (const step of [1, 2, 3]) await save(new Uint8Array(1), step);
  assert.equal(await namesIn(folder), [
    'checkpoint-1.safetensors',
    'checkpoint-2.safetensors',
    'checkpoint-3.safetensors',
  ]);
  await save(new Uint8Array(1), 4);
  assert.equal(await namesIn(folder), ['checkpoint-3.safetensors', 'checkpoint-4.safetensors']);
});

/** The file system whose nth call of this kind fails; a folder is synced, too. */
function failing(call: string, turn: number): FileSystem {
  let calls = 0;
  const meet = (name: string): void => {
    if (name === call && ++calls === turn) throw Object.assign(new Error('EIO'), { code: 'EIO', syscall: name });
  };
  return {
    rm: fs.rm,
    async rename(from, to) {
      meet('rename');
      await fs.rename(from, to);
    },
    async open(path, flags) {
      meet('open');
      const handle = await fs.open(path, flags);
      return {
        async writeFile(content) {
          await handle.writeFile((content as Uint8Array).subarray(0, 10));
          meet('writeFile');
          await handle.truncate();
          await handle.write(content as Uint8Array, 0, undefined, 0);
        },
        async sync() {
          meet('sync');
          await handle.sync();
        },
        async close() {
          await handle.close();
          meet('close');
        },
      };
    },
  };
}

test.run();
