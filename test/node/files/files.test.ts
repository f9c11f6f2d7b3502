// Reading and writing whole files: the sentence for each refusal, and what is on disk after it.
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  makeFolder,
  readBytes,
  writeAt,
  writeFileAtomic,
  type FileSystem,
  type ReadingSystem,
} from '../../../src/node/files/files.js';
import { layers, sequential } from '../../../src/index.js';
import { saveModelFile } from '../../../src/node/index.js';
import { refuses } from '../refuses.js';
import { temporaryFolder } from '../temporaryFolder.js';

const root = temporaryFolder();

test('readBytes reads what writeFileAtomic wrote, over an older file too', async () => {
  const path = join(root, 'a file');
  await writeFileAtomic(path, 'old and longer');
  await writeFileAtomic(path, Uint8Array.of(1, 2, 3));
  const bytes = await readBytes(path);
  assert.equal([...bytes], [1, 2, 3]);
  assert.is(bytes.constructor, Uint8Array);
});

test('a model is not written under the name of another format', async () => {
  const model = sequential({ inputShape: [1], layers: [layers.dense({ units: 1 })] });
  for (const name of ['m.h5', 'm.keras', 'M.ONNX', 'm.pt', 'm.png'])
    await refuses(
      saveModelFile(model, name),
      `saveModelFile writes files of wasm-cnn, got "${name}"; call it .safetensors, or write other formats with saveKeras, saveTfjs, saveOnnx or saveTorch`,
    );
});

test('a model is not written with facts of other classes than it has', async () => {
  const model = sequential({ inputShape: [8, 8, 3], layers: [layers.flatten(), layers.dense({ units: 3 })] });
  const facts = { classifier: { classNames: ['cat', 'dog'], input: null, pictures: 'imageToInput' } };
  const path = join(root, 'facts.safetensors');
  await refuses(
    saveModelFile(model, path, { facts }),
    'saveModelFile: its facts name 2 classes, and it tells 3 apart; save it with classifierFacts() of the data that it was trained on',
  );
  await refuses(readBytes(path), `cannot read ${path}: there is no such file; check the path`);
});

test('what cannot be read', async () => {
  const pipe = join(root, 'pipe');
  execFileSync('mkfifo', [pipe]);
  await fs.symlink('circle', join(root, 'circle'));
  await fs.writeFile(join(root, 'file'), 'x');
  const cases: [string, string][] = [
    [join(root, 'missing'), 'there is no such file; check the path'],
    [join(root, 'file/x'), 'a part of the path is a file, not a folder; check the path'],
    [root, 'it is a folder, a file is needed; name a file in it'],
    [pipe, 'it is a pipe or a device, a plain file is needed; copy its content into a file'],
    ['/dev/zero', 'it is a pipe or a device, a plain file is needed; copy its content into a file'],
    [join(root, 'circle'), 'symbolic links lead in a circle; check the path'],
    [join(root, 'n'.repeat(300)), 'the name is too long; choose a shorter one'],
  ];
  for (const [path, sentence] of cases) await refuses(readBytes(path), `cannot read ${path}: ${sentence}`);
});

/** A file of so many zeros, but for its last byte, that takes no place; each read gives at most what one call of the system gives. */
function hugeFile(size: number, reads: number[]): ReadingSystem {
  return {
    stat: async () => ({ isDirectory: () => false, isFile: () => true, size }),
    open: async () => ({
      async read(buffer, at, length) {
        const bytesRead = Math.min(length, 2147479552, size - at);
        reads.push(bytesRead);
        if (at + bytesRead === size) buffer[size - 1] = 7;
        return { bytesRead };
      },
      close: async () => {},
    }),
  };
}

test('a file over 2 GiB is read in pieces', async () => {
  const size = 2_362_232_013;
  const reads: number[] = [];
  const bytes = await readBytes('huge', hugeFile(size, reads));
  assert.is(bytes.length, size);
  assert.is(bytes[bytes.length - 1], 7);
  assert.ok(reads.length > 1 && Math.max(...reads) <= 2 ** 30, reads.join(' '));
});

test('where a file is larger than the memory, a sentence says how large', async () => {
  await refuses(
    readBytes('huge', hugeFile(1e15, [])),
    'cannot read huge: needs 1000000000000000 bytes of memory, which this machine refuses; close other programs',
  );
});

test('a file that is cut while it is read ends there', async () => {
  const system = hugeFile(100, []);
  const cut = await readBytes('cut', { ...system, stat: async () => ({ ...(await system.stat('')), size: 150 }) });
  assert.is(cut.length, 100);
});

test('where nothing can be written', async () => {
  const folder = join(root, 'places');
  await fs.mkdir(join(folder, 'sub'), { recursive: true });
  await fs.writeFile(join(folder, 'file'), 'x');
  const cases: [string, string][] = [
    [join(folder, 'none/model'), `the folder ${join(folder, 'none')} does not exist; create it or choose another`],
    [join(folder, 'file/model'), 'a part of the path is a file, not a folder; choose another folder'],
    [join(folder, 'sub'), 'it is a folder, a file is needed; choose another name'],
    [join(folder, 'n'.repeat(250)), 'the name is too long; choose a shorter one'],
  ];
  for (const [path, sentence] of cases)
    await refuses(writeFileAtomic(path, 'new'), `cannot write ${path}: ${sentence}`);
  assert.equal((await fs.readdir(folder)).sort(), ['file', 'sub']);
});

test('writeAt writes what the system takes in parts, and says why where it takes no more', async () => {
  const disk = new Uint8Array(12);
  let room = 10;
  const file = {
    write: async (bytes: Uint8Array, from: number, length: number, at: number) => {
      if (room === 0) throw Object.assign(new Error('full'), { code: 'ENOSPC', syscall: 'write' });
      const bytesWritten = Math.min(3, length, room);
      disk.set(bytes.subarray(from, from + bytesWritten), at);
      room -= bytesWritten;
      return { bytesWritten };
    },
  };
  await writeAt(file, Uint8Array.of(1, 2, 3, 4, 5, 6, 7), 2);
  assert.equal([...disk], [0, 0, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0]);
  const error: unknown = await writeAt(file, Uint8Array.of(1, 2, 3, 4), 0).catch((reason: unknown) => reason);
  assert.is((error as Error).message, 'full');
});

test('a link stays, and the file that it names is replaced', async () => {
  const folder = join(root, 'links');
  await fs.mkdir(join(folder, 'other'), { recursive: true });
  await fs.writeFile(join(folder, 'other/file'), 'old');
  await fs.symlink('other/file', join(folder, 'link'));
  await writeFileAtomic(join(folder, 'link'), 'new');
  assert.is(await fs.readlink(join(folder, 'link')), 'other/file');
  assert.is(await fs.readFile(join(folder, 'other/file'), 'utf8'), 'new');
  assert.equal(await fs.readdir(join(folder, 'other')), ['file']);
});

test('a pipe or a device is never replaced by a file', async () => {
  const pipe = join(root, 'pipe to write to');
  execFileSync('mkfifo', [pipe]);
  await fs.symlink(pipe, join(root, 'link to a pipe'));
  for (const path of [pipe, join(root, 'link to a pipe')]) {
    await refuses(
      writeFileAtomic(path, 'new'),
      `cannot write ${path}: it is a pipe or a device, a plain file is needed; choose another name`,
    );
  }
  assert.ok((await fs.stat(pipe)).isFIFO());
});

test('makeFolder makes all that is missing, and does nothing where there is a folder', async () => {
  const folder = join(root, 'made/of/several');
  await Promise.all([makeFolder(folder), makeFolder(folder), makeFolder(join(folder, 'more'))]);
  await makeFolder(folder);
  await makeFolder('/');
  assert.equal(await fs.readdir(folder), ['more']);
});

test('where no folder can be made', async () => {
  const folder = join(root, 'no folders');
  await fs.mkdir(folder);
  await fs.writeFile(join(folder, 'file'), 'x');
  await fs.symlink('nowhere', join(folder, 'link'));
  const cases: [string, string][] = [
    [join(folder, 'file'), 'a file has this name; choose another'],
    [join(folder, 'link'), 'a file has this name; choose another'],
    [join(folder, 'file/x/y'), 'a part of the path is a file, not a folder; choose another folder'],
    [join(folder, 'n'.repeat(300), 'x'), 'the name is too long; choose a shorter one'],
  ];
  for (const [path, sentence] of cases) await refuses(makeFolder(path), `cannot write ${path}: ${sentence}`);
  assert.equal((await fs.readdir(folder)).sort(), ['file', 'link']);
});

if (process.platform === 'linux') {
  test('in /proc a folder is refused, not tried forever', async () => {
    for (const path of ['/proc/x', '/proc/x/y'])
      await refuses(makeFolder(path), 'cannot write /proc/x: the system makes no folder there; choose another');
  });
}

test('anything but a path is refused, and so is a URL', async () => {
  const needed = 'a path is needed, which is a string with something in it';
  const cases: [unknown, string, string][] = [
    [undefined, 'undefined', needed],
    [5, '5', needed],
    ['', '""', needed],
    ['a\0b', '"a\\u0000b"', needed],
    [new URL('file:///model'), 'a URL', `${needed}; give it fileURLToPath(url)`],
    ['file:///x', 'file:///x', 'it is an address, a path of this machine is needed; leave file:// or the like out'],
    ['https://x/y', 'https://x/y', 'it is an address, a path of this machine is needed; leave file:// or the like out'],
  ];
  for (const [path, shown, sentence] of cases) {
    await refuses(readBytes(path as string), `cannot read ${shown}: ${sentence}`);
    await refuses(writeFileAtomic(path as string, 'x'), `cannot write ${shown}: ${sentence}`);
    await refuses(makeFolder(path as string), `cannot write ${shown}: ${sentence}`);
  }
});

// What a root user and a healthy disk never show is injected: each step of a write fails with each code.
const meanings: [string, string][] = [
  ['ENOSPC', 'the disk is full; free some space or choose another folder'],
  ['EDQUOT', 'your disk quota is used up; free some space or choose another folder'],
  ['EROFS', 'the file system is read-only; choose another folder'],
  ['EACCES', 'permission denied (EACCES); change the permissions or choose another folder'],
  ['EPERM', 'permission denied (EPERM); change the permissions or choose another folder'],
  ['EIO', 'the disk reports an input/output error (EIO); check the disk before you try again'],
  ['EFBIG', 'the file is larger than the system allows; raise the limit (ulimit -f) or choose another folder'],
  ['EMFILE', 'too many files are open (EMFILE); close some programs or raise the limit (ulimit -n)'],
  ['EBUSY', 'another program is using it; close that program or choose another folder'],
  ['ESTALE', 'the system says ESTALE; choose another folder'],
];
for (const step of ['open', 'writeFile', 'sync', 'close', 'rename'] as const) {
  test(`a write whose ${step} fails leaves the old file and no other`, async () => {
    const fails = async ([code, sentence]: readonly [string, string]): Promise<void> => {
      const folder = join(root, `fails-${step}-${code}`);
      const path = join(folder, 'model');
      await fs.mkdir(folder);
      await fs.writeFile(path, 'old');
      await refuses(
        writeFileAtomic(path, 'new', failing(step, code, 1, Infinity)),
        `cannot write ${path}: ${sentence}`,
      );
      assert.is(await fs.readFile(path, 'utf8'), 'old');
      assert.equal(await fs.readdir(folder), ['model']);
    };
    await Promise.all(meanings.map(fails));
  });
}

test('the bytes reach the disk before the rename, the folder after it', async () => {
  const calls: string[] = [];
  await writeFileAtomic(join(root, 'order'), 'x', recording(calls));
  assert.equal(calls, ['open', 'writeFile', 'sync', 'close', 'rename', 'open', 'sync', 'close']);
});

test('a folder that cannot be synced does not matter where that is usual, and does with EIO', async () => {
  const path = join(root, 'synced');
  for (const code of ['EISDIR', 'EINVAL']) await writeFileAtomic(path, code, failing('open', code, 2));
  assert.is(await fs.readFile(path, 'utf8'), 'EINVAL');
  await refuses(
    writeFileAtomic(path, 'x', failing('sync', 'EIO', 2)),
    `cannot write ${path}: the disk reports an input/output error (EIO); check the disk before you try again`,
  );
});

test('a rename or a removal that a virus scanner refuses for a moment is tried again', async () => {
  const folder = join(root, 'scanned');
  const path = join(folder, 'model');
  await fs.mkdir(folder);
  for (const code of ['EPERM', 'EBUSY', 'EACCES']) {
    await writeFileAtomic(path, code, failing('rename', code, 1, 4));
    assert.is(await fs.readFile(path, 'utf8'), code);
    const system = failing('rm', code, 1, 4);
    await refuses(
      writeFileAtomic(path, 'x', {
        ...system,
        rename: () => Promise.reject(Object.assign(new Error(), { code: 'EIO', syscall: 'rename' })),
      }),
      `cannot write ${path}: ${new Map(meanings).get('EIO')}`,
    );
    assert.equal(await fs.readdir(folder), ['model'], 'the temporary file is gone');
  }
});

test('an error that is not from a system call passes unchanged', async () => {
  const system = { ...fs, rename: () => Promise.reject(new RangeError('a bug')) };
  const error: unknown = await writeFileAtomic(join(root, 'bug'), 'x', system).catch((reason: unknown) => reason);
  assert.instance(error, RangeError);
});

/** The file system, failing at `times` calls of `step` from the `turn`th on. */
function failing(step: string, code: string, turn = 1, times = 1): FileSystem {
  const calls: string[] = [];
  return recording(calls, (name) => {
    const call = calls.filter((each) => each === step).length;
    if (name === step && call >= turn && call < turn + times) {
      throw Object.assign(new Error(`${code}: ${step}`), { code, syscall: step });
    }
  });
}

/** The file system, noting each call before it is made. */
function recording(calls: string[], before: (name: string) => void = () => undefined): FileSystem {
  const note = async (name: string): Promise<void> => {
    calls.push(name);
    before(name);
  };
  return {
    async rm(path, options) {
      await note('rm');
      await fs.rm(path, options);
    },
    async rename(from, to) {
      await note('rename');
      await fs.rename(from, to);
    },
    async open(path, flags) {
      await note('open');
      const handle = await fs.open(path, flags);
      return {
        async writeFile(content) {
          await note('writeFile');
          await handle.writeFile(content);
        },
        async sync() {
          await note('sync');
          await handle.sync();
        },
        async close() {
          // A failed close frees the handle all the same.
          await handle.close();
          await note('close');
        },
      };
    },
  };
}

test.run();
