// Folders of pictures on a disk: links, loops, files that cannot be read, and training from them.
import * as fs from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sequential } from '../../../src/index.js';
import { dense, flatten } from '../../../src/layers/index.js';
import { openDataPath } from '../../../src/node/dataset/dataFolder.js';
import { imageFolder, openDataset } from '../../../src/node/index.js';
import { pngOf, pngsOf } from '../../data/imageFolder/pictures.js';
import type { Files } from '../../data/layouts/memoryFolder.js';
import { refuses } from '../refuses.js';
import { temporaryFolder } from '../temporaryFolder.js';

const root = temporaryFolder();
let count = 0;
async function folderOf(files: Files): Promise<string> {
  const folder = join(root, `pictures${count++}`);
  await fs.mkdir(folder);
  for (const [path, content] of Object.entries(files)) {
    await fs.mkdir(dirname(join(folder, path)), { recursive: true });
    await fs.writeFile(join(folder, path), content);
  }
  return folder;
}

const pets = { ...pngsOf('dogs', 8, 200), ...pngsOf('cats', 8, 10) };

test('hidden files and folders are ignored', async () => {
  const folder = await folderOf({ ...pets, '.git/x.png': pngOf(1), 'cats/._0.png': 'x', 'cats/.DS_Store': 'x' });
  const { files, passedOver } = await imageFolder(folder);
  assert.equal([files.length, passedOver], [16, []]);
});

test('links are followed only when asked for, and never in a loop', async () => {
  const elsewhere = await folderOf({ 'x.png': pngOf(1), 'more/y.png': pngOf(2) });
  const folder = await folderOf(pets);
  await fs.symlink(join(elsewhere, 'x.png'), join(folder, 'cats', 'x.png'));
  await fs.symlink(elsewhere, join(folder, 'cats', 'elsewhere'));
  await fs.symlink(folder, join(folder, 'cats', 'up'));
  await fs.symlink('.', join(folder, 'cats', 'self'));
  await fs.symlink(join(folder, 'cats'), join(elsewhere, 'more', 'back'));
  const plain = await imageFolder(folder);
  assert.equal([plain.count, plain.links], [16, 2]);
  const followed = await imageFolder(folder, { followLinks: true });
  assert.equal(followed.links, 0);
  assert.equal(
    followed.files.map(({ path }) => path).filter((path) => !/^\w+\/\d\.png$/.test(path)),
    ['cats/elsewhere/more/y.png', 'cats/elsewhere/x.png', 'cats/x.png'],
  );
});

test('what cannot be read is named', async () => {
  const folder = await folderOf(pets);
  const path = join(folder, 'cats', '0.png');
  await fs.rm(path);
  await fs.symlink('nowhere', path);
  await refuses(
    imageFolder(folder, { followLinks: true }),
    `cannot read ${path}: there is no such file; check the path, or leave it out with skipBroken (--skip-broken)`,
  );
  const { skipped } = await imageFolder(folder, { followLinks: true, skipBroken: true });
  assert.equal(skipped, [{ path: 'cats/0.png', reason: `cannot read ${path}: there is no such file; check the path` }]);
  await refuses(
    imageFolder(join(folder, 'none')),
    `${join(folder, 'none')}: there is no such folder or file; check the path`,
  );
  await refuses(imageFolder(path), `${path}: there is no such folder or file; check the path`);
  const file = join(folder, 'cats', '1.png');
  await refuses(imageFolder(file), `${file}: is a file, and imageFolder needs a folder of pictures; name the folder`);
  await refuses(imageFolder(undefined as never), 'imageFolder needs the path of a folder, got undefined');
});

test('pixels are kept in the folder that cache names, where it is no longer asked for the pictures', async () => {
  const [folder, cache] = [await folderOf(pets), join(root, `cache${count++}`)];
  const plain = await imageFolder(folder, { cache: false });
  const { x } = await plain.toArrays();
  const contents = async (): Promise<number> => (await fs.readdir(cache)).length;
  const half = { validationSplit: 0.5, cache } as const;
  for (const subset of ['training', 'validation'] as const)
    await (await imageFolder(folder, { ...half, subset })).toArrays();
  assert.is(await contents(), 2, 'the rows of each half');
  const whole = await imageFolder(folder, { cache });
  assert.equal((await whole.toArrays()).x.data, x.data);
  assert.is(await whole.sha256(), await plain.sha256());
  assert.is(await contents(), 2, 'which are all rows');
  process.env['WASM_CNN_CACHE'] = cache;
  const { train } = await openDataset({ data: folder, cache: false });
  assert.is(await contents(), 2);
  assert.equal((await openDataset({ data: folder })).train.x.data, train.x.data);
  assert.is(await contents(), 2, 'the same rows, as the input is the same');
  process.env['WASM_CNN_CACHE'] = 'off';
  await refuses(imageFolder(folder, { cache: 1 as never }), 'cache must be true, false or the path of a folder, got 1');
});

test('a fresh file has no stamp, and a changed file a new one', async () => {
  const path = await folderOf(pets);
  const stamp = async (): Promise<string | null> => {
    const { folder } = await openDataPath(path, '');
    return (await folder.open('cats')).files.get('0.png')!.stamp!();
  };
  const first = await stamp();
  await sleep(2100);
  const second = await stamp();
  assert.equal([first, await stamp()], [null, second]);
  assert.match(second!, /^\d+ \d+ \d+$/);
  const file = join(path, 'cats', '0.png');
  const { atime, mtime } = await fs.stat(file);
  await fs.writeFile(file, pngOf(77));
  // As programs do that copy times with files.
  await fs.utimes(file, atime, mtime);
  await sleep(2100);
  assert.is.not(await stamp(), second);
});

test('a model trains on a folder bit-identically to its arrays', async () => {
  const folder = await folderOf(pets);
  const source = await imageFolder(folder, { imageSize: [4, 4] });
  const weightsOf = async (data: 'source' | 'arrays'): Promise<number[]> => {
    const model = sequential({
      inputShape: [4, 4, 3],
      seed: 1,
      layers: [flatten(), dense({ units: 2, activation: 'softmax' })],
    });
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
    const options = { epochs: 2, batchSize: 4 };
    if (data === 'source') await model.fit(source, options);
    else {
      const { x, y } = await source.toArrays();
      await model.fit(x, y, options);
    }
    return model.getWeights().flatMap((tensor) => [...tensor.data]);
  };
  assert.equal(await weightsOf('source'), await weightsOf('arrays'));
});

test('predict says how a folder of pictures becomes a tensor', async () => {
  const source = await imageFolder(await folderOf(pets), { imageSize: [4, 4] });
  const model = sequential({
    inputShape: [4, 4, 3],
    layers: [flatten(), dense({ units: 2, activation: 'softmax' })],
  });
  await refuses(
    model.predict(source as never),
    "predict's x needs its data as a Uint8Array (pixels), Float32Array or Int32Array, got undefined; use toArrays() or Float32Array.from()",
  );
  assert.equal((await model.predict((await source.toArrays()).x)).shape, [16, 2]);
});

test.run();
