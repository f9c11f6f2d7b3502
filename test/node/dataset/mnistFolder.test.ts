// A folder with four IDX files: spellings, what is missing, hostile files on the way through, and the real MNIST where it is.
import * as fs from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mnistSha256 } from '../../../src/data/mnist.js';
import { loadMnistFolder } from '../../../src/node/dataset/mnistFolder.js';
import { idxFile, imagesFile, labelsFile } from '../../data/craftIdx.js';
import { refuses } from '../refuses.js';
import { temporaryFolder } from '../temporaryFolder.js';

const root = temporaryFolder();
const files = {
  'train-images-idx3-ubyte': imagesFile(5),
  'train-labels-idx1-ubyte': labelsFile(5),
  't10k-images-idx3-ubyte': imagesFile(4),
  't10k-labels-idx1-ubyte': labelsFile(4),
};
/** sha256sum of bytes 1 … 30, 0 … 4, 1 … 24, 0 … 3. */
const crafted = '6fbb7cca61eb453c';

let count = 0;
async function folderOf(contents: Record<string, Uint8Array>): Promise<string> {
  const folder = join(root, `folder${count++}`);
  await fs.mkdir(folder);
  for (const [name, bytes] of Object.entries(contents)) await fs.writeFile(join(folder, name), bytes);
  return folder;
}

test('each spelling, gzipped or not, gives the same data set', async () => {
  const zip = ([name, bytes]: [string, Uint8Array]): [string, Uint8Array] => [`${name}.gz`, gzipSync(bytes)];
  const dot = ([name, bytes]: [string, Uint8Array]): [string, Uint8Array] => [name.replace('-idx', '.idx'), bytes];
  const entries = Object.entries(files);
  for (const spelled of [
    entries,
    entries.map(zip),
    entries.map(dot),
    entries.map(dot).map(zip),
    entries.map((entry, i) => (i % 2 ? zip(entry) : dot(entry))),
  ]) {
    const folder = await folderOf(Object.fromEntries(spelled));
    const { name, source, sha256, train, test } = await loadMnistFolder(folder, ' (--data)');
    assert.is(name, basename(folder));
    assert.is(source, `${name} from ${folder} (--data): not the bytes of MNIST`);
    assert.is(sha256.slice(0, 16), crafted);
    assert.equal([train.x.shape, train.y.length, test.x.shape, test.y.length], [[5, 3, 2, 1], 5, [4, 3, 2, 1], 4]);
  }
});

test('a folder that has the name of a file is passed over', async () => {
  const folder = await folderOf({ ...files, 'train-images.idx3-ubyte': imagesFile(5) });
  await fs.rm(join(folder, 'train-images-idx3-ubyte'));
  await fs.mkdir(join(folder, 'train-images-idx3-ubyte'));
  assert.is((await loadMnistFolder(folder)).sha256.slice(0, 16), crafted);
});

test('other data in a folder called mnist is not called mnist', async () => {
  const folder = join(await folderOf({}), 'mnist');
  await fs.rename(await folderOf(files), folder);
  const { name, source } = await loadMnistFolder(folder);
  assert.equal([name, source], ['mnist-folder', `mnist-folder from ${folder}: not the bytes of MNIST`]);
});

test('missing files are all named, with where they were looked for', async () => {
  const looked = 'looked for with and without .gz, and as';
  const empty = await folderOf({});
  await refuses(
    loadMnistFolder(empty, ' (--data)'),
    `${empty} (--data): has no train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte or t10k-labels-idx1-ubyte (${looked} train-images.idx3-ubyte); add what is missing or choose another folder`,
  );
  const { 't10k-labels-idx1-ubyte': _, ...three } = files;
  const folder = await folderOf(three);
  await refuses(
    loadMnistFolder(folder),
    `${folder}: has no t10k-labels-idx1-ubyte (${looked} t10k-labels.idx1-ubyte); add what is missing or choose another folder`,
  );
  await refuses(
    loadMnistFolder(join(root, 'none'), ' (MNIST_DIR)'),
    `${join(root, 'none')} (MNIST_DIR): there is no such folder; check the path`,
  );
  const file = join(folder, 'train-labels-idx1-ubyte');
  await refuses(
    loadMnistFolder(file, ' (--data)'),
    `${file} (--data): is no folder; name the one that holds the four MNIST files`,
  );
});

// The parsers have their own long lists; here each kind of damage goes the whole way from the disk.
const damaged: [string, string, Uint8Array, string][] = [
  [
    'truncated',
    'train-images-idx3-ubyte',
    imagesFile(5).subarray(0, 40),
    'header says 5 × 3 × 2 = 30 bytes, file holds 24; fetch the file again',
  ],
  [
    'truncated inside the gzip',
    'train-images-idx3-ubyte',
    gzipSync(imagesFile(5).subarray(0, 40)),
    'header says 5 × 3 × 2 = 30 bytes, file holds 24; fetch the file again',
  ],
  [
    'trailing bytes',
    'train-labels-idx1-ubyte',
    Uint8Array.of(...labelsFile(5), 0),
    'holds more than the 13 bytes expected; fetch the file again',
  ],
  [
    'trailing bytes inside the gzip',
    't10k-labels-idx1-ubyte',
    gzipSync(Uint8Array.of(...labelsFile(4), 0)),
    'unzips to more than the 12 bytes expected; fetch the file again',
  ],
  [
    'bomb',
    'train-images-idx3-ubyte',
    gzipSync(Buffer.concat([imagesFile(5), Buffer.alloc(2e8)])),
    'unzips to more than the 46 bytes expected; fetch the file again',
  ],
  [
    'gzip cut',
    'train-images-idx3-ubyte',
    gzipSync(imagesFile(5)).subarray(0, -9),
    'the gzip data breaks off before its end; fetch the file again',
  ],
  [
    'gzipped twice',
    't10k-images-idx3-ubyte',
    gzipSync(gzipSync(imagesFile(4))),
    'is still gzipped (it starts with 1f 8b); gunzip it first',
  ],
  [
    '2 GiB claimed by 16 bytes',
    'train-images-idx3-ubyte',
    idxFile([2147483, 100, 10], []),
    'header says 2147483 × 100 × 10 = 2147483000 bytes, file holds 0; fetch the file again',
  ],
  [
    'empty',
    'train-labels-idx1-ubyte',
    new Uint8Array(0),
    'is empty, expected an IDX labels file; fetch the file again',
  ],
  [
    'empty gzip',
    'train-labels-idx1-ubyte',
    gzipSync(''),
    'is empty, expected an IDX labels file; fetch the file again',
  ],
  [
    'label 10',
    't10k-labels-idx1-ubyte',
    idxFile([4], [1, 2, 3, 10]),
    'label 3 (counted from 0) is 10, but labels are 0 … 9; use a set of 10 classes',
  ],
  [
    'swapped',
    'train-labels-idx1-ubyte',
    imagesFile(5),
    'is an IDX images file (3 axes: count, height, width), expected labels (1 axis: count); were two files swapped?',
  ],
];
for (const [name, file, bytes, sentence] of damaged) {
  test(`damage: ${name}`, async () => {
    const folder = await folderOf({ ...files, [file]: bytes });
    await refuses(loadMnistFolder(folder), `${join(folder, file)}: ${sentence}`);
  });
}

test('train labels in the place of test labels', async () => {
  const folder = await folderOf({ ...files, 't10k-labels-idx1-ubyte': labelsFile(5) });
  const [images, labels] = ['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'].map((name) => join(folder, name));
  await refuses(
    loadMnistFolder(folder),
    `${images}: holds 4 images, but ${labels} 5 labels; use files of one data set`,
  );
});

const mnist = process.env['MNIST_DIR'];
if (mnist) {
  test('MNIST itself', async () => {
    const { name, sha256, source, train, test } = await loadMnistFolder(mnist, ' (MNIST_DIR)');
    assert.equal([name, sha256, source], ['mnist', mnistSha256, `MNIST from ${mnist} (MNIST_DIR)`]);
    assert.equal(
      [train.x.shape, test.x.shape],
      [
        [60000, 28, 28, 1],
        [10000, 28, 28, 1],
      ],
    );
    assert.equal([...train.y.subarray(0, 5), ...test.y.subarray(0, 5)], [5, 0, 4, 1, 9, 7, 2, 1, 0, 4]);
    // The file's bytes and no more, but for the one that would show that there are more.
    assert.is(train.x.data.buffer.byteLength, 47040016 + 1);
  });

  test('the bytes of MNIST as images of another shape are not MNIST', async () => {
    const { train, test } = await loadMnistFolder(mnist);
    const folder = await folderOf({
      'train-images-idx3-ubyte': idxFile([60000, 14, 56], train.x.data),
      'train-labels-idx1-ubyte': idxFile([60000], train.y),
      't10k-images-idx3-ubyte': idxFile([10000, 14, 56], test.x.data),
      't10k-labels-idx1-ubyte': idxFile([10000], test.y),
    });
    assert.is((await loadMnistFolder(folder)).name, basename(folder));
  });
}

test.run();
