// Folders of IDX files: spellings, what is missing, hostile files on the way through, EMNIST and its like, and the real MNIST where it is.
import * as fs from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mnistSha256 } from '../../../src/data/mnist.js';
import { readData } from '../../../src/node/dataset/loadData.js';
import { idxFile, imagesFile, labelsFile } from '../../data/craftIdx.js';
import { refusal, refuses } from '../refuses.js';
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
    const { name, source, sha256, train, test } = await readData(folder, ' (--data)');
    assert.is(name, basename(folder));
    assert.is(source, `${name} from ${folder} (--data), IDX files`);
    assert.is(sha256.slice(0, 16), crafted);
    assert.equal([train.x.shape, train.y.length, test?.x.shape, test?.y.length], [[5, 3, 2, 1], 5, [4, 3, 2, 1], 4]);
  }
});

test('a folder with the name of a file is skipped', async () => {
  const folder = await folderOf({ ...files, 'train-images.idx3-ubyte': imagesFile(5) });
  await fs.rm(join(folder, 'train-images-idx3-ubyte'));
  await fs.mkdir(join(folder, 'train-images-idx3-ubyte'));
  assert.is((await readData(folder)).sha256.slice(0, 16), crafted);
});

test('other data in a folder called mnist is not called mnist', async () => {
  const folder = join(await folderOf({}), 'mnist');
  await fs.rename(await folderOf(files), folder);
  const { name, source } = await readData(folder);
  assert.equal([name, source], ['mnist-folder', `mnist-folder from ${folder}, IDX files`]);
});

test('missing files are all named, with where they were looked for', async () => {
  const looked = 'looked for with and without .gz, and as';
  const empty = await folderOf({});
  assert.match(
    await refusal(readData(empty, ' (--data)')),
    `${empty} (--data): is empty; put a folder for each class into it, with its pictures, or another data set (docs/data.md)`,
  );
  const { 't10k-labels-idx1-ubyte': _, ...three } = files;
  const folder = await folderOf(three);
  await refuses(
    readData(folder),
    `${folder}: has no t10k-labels-idx1-ubyte (${looked} t10k-labels.idx1-ubyte); add what is missing or choose another folder`,
  );
  await refuses(
    readData(join(root, 'none'), ' (MNIST_DIR)'),
    `${join(root, 'none')} (MNIST_DIR): there is no such folder or file; check the path`,
  );
  const onlyTest = await folderOf({ 't10k-images-idx3-ubyte': imagesFile(5) });
  await refuses(
    readData(onlyTest),
    `${onlyTest}: has no train-images-idx3-ubyte, train-labels-idx1-ubyte or t10k-labels-idx1-ubyte (${looked} train-images.idx3-ubyte); add what is missing or choose another folder`,
  );
  const noFolder = join(folder, 'train-labels-idx1-ubyte', 'x');
  await refuses(readData(noFolder), `${noFolder}: there is no such folder or file; check the path`);
});

test('any of its files names the data set', async () => {
  const folder = await folderOf(files);
  for (const name of Object.keys(files)) {
    const { name: called, data, sha256 } = await readData(join(folder, name));
    assert.equal([called, data, sha256.slice(0, 16)], [basename(folder), join(folder, name), crafted]);
  }
});

test('without test files there is no test, and without a name for it no class is named', async () => {
  const folder = await folderOf({ 'train-images-idx3-ubyte': imagesFile(5), 'train-labels-idx1-ubyte': labelsFile(5) });
  const { train, test, validation, classNames } = await readData(folder);
  assert.equal([train.y.length, test, validation, classNames], [5, null, undefined, null]);
});

test('images with channels, labels of any byte, and validation files', async () => {
  const pixels = Uint8Array.from({ length: 2 * 3 * 2 * 3 }, (_, i) => 7 * i);
  const color = idxFile([2, 3, 2, 3], pixels);
  const folder = await folderOf({
    'train-images-idx4-ubyte': color,
    'train-labels-idx1-ubyte': idxFile([2], [255, 7]),
    'val-images-idx4-ubyte': idxFile([1, 3, 2, 3], pixels.subarray(0, 18)),
    'val-labels-idx1-ubyte': idxFile([1], [3]),
  });
  const { train, validation, test } = await readData(folder);
  assert.equal([train.x.shape, [...train.x.data], [...train.y]], [[2, 3, 2, 3], [...pixels], [255, 7]]);
  assert.equal([validation?.x.shape, [...validation!.y], test], [[1, 3, 2, 3], [3], null]);
  const gray = await folderOf({ ...files, 't10k-images-idx3-ubyte': idxFile([4, 3, 2, 3], new Uint8Array(72)) });
  await refuses(
    readData(gray),
    `${join(gray, 't10k-images-idx3-ubyte')}: holds images of 3 × 2 × 3 pixels, but ${join(gray, 'train-images-idx3-ubyte')} images of 3 × 2; use files of one data set`,
  );
});

test('EMNIST: transposed images, letters from 1, names of its classes; one of several splits is named by a file', async () => {
  const split = (name: string, labels: readonly number[]): Record<string, Uint8Array> => {
    const images = idxFile(
      [labels.length, 28, 28],
      Uint8Array.from({ length: 784 * labels.length }, (_, i) => (i % 784) % 251),
    );
    return Object.fromEntries(
      ['train', 'test'].flatMap((part) => [
        [`emnist-${name}-${part}-images-idx3-ubyte.gz`, gzipSync(images)],
        [`emnist-${name}-${part}-labels-idx1-ubyte.gz`, gzipSync(idxFile([labels.length], labels))],
      ]),
    );
  };
  const letters = await folderOf({ ...split('letters', [1, 26, 2]), 'emnist-letters-mapping.txt': Uint8Array.of(49) });
  const { name, source, classNames, train, test } = await readData(letters);
  assert.equal(
    [name, source, classNames?.length, classNames?.[25], [...train.y], [...test!.y]],
    ['emnist-letters', `EMNIST letters from ${letters}, IDX files`, 26, 'Zz', [0, 25, 1], [0, 25, 1]],
  );
  for (const part of [train, test!])
    for (const [row, column] of [
      [0, 1],
      [3, 20],
      [27, 0],
      [13, 13],
    ] as const)
      assert.is(part.x.data[784 + 28 * row + column], (28 * column + row) % 251);
  const both = await folderOf({ ...split('letters', [1, 26, 2]), ...split('balanced', [0, 46, 36]) });
  await refuses(
    readData(both, ' (--data)'),
    `${both} (--data): holds 2 data sets at once, IDX files (emnist-balanced-train-images-idx3-ubyte.gz), IDX files (emnist-letters-train-images-idx3-ubyte.gz); name one by its file, or move the others away`,
  );
  const balanced = await readData(join(both, 'emnist-balanced-train-images-idx3-ubyte.gz'));
  assert.equal(
    [balanced.name, balanced.classNames?.length, balanced.classNames?.[36], balanced.classNames?.[46]],
    ['emnist-balanced', 47, 'a', 't'],
  );
  assert.equal([...balanced.train.y], [0, 46, 36]);
});

test("QMNIST: the class is the first of a label's eight numbers, the writer the third", async () => {
  const table = (rows: readonly (readonly number[])[]): Uint8Array => {
    const bytes = new Uint8Array(4 * 8 * rows.length);
    rows.flat().forEach((value, i) => new DataView(bytes.buffer).setInt32(4 * i, value));
    return idxFile([rows.length, 8], bytes, 0x0c);
  };
  const rows = [
    [7, 0, 2410, 0, 48, 1, 0, 0],
    [9, 0, 2411, 1, 57, 2, 0, 0],
  ];
  const qmnist = {
    'qmnist-train-images-idx3-ubyte.gz': gzipSync(imagesFile(2)),
    'qmnist-train-labels-idx2-int.gz': gzipSync(table(rows)),
    'qmnist-train-labels.tsv.gz': gzipSync('unread'),
    'qmnist-test-images-idx3-ubyte.gz': gzipSync(imagesFile(1)),
    'qmnist-test-labels-idx2-int.gz': gzipSync(table([rows[1]!])),
  };
  const folder = await folderOf(qmnist);
  const { name, classNames, train, test, groups } = await readData(folder);
  assert.equal(
    [name, classNames?.length, [...train.y], [...test!.y], groups],
    ['qmnist', 10, [7, 9], [9], ['writer 2410', 'writer 2411']],
  );
  const labels = 'qmnist-train-labels-idx2-int.gz';
  const wrong = await folderOf({ ...qmnist, [labels]: table([rows[0]!, [256, 0, 1, 0, 0, 0, 0, 0]]) });
  await refuses(
    readData(wrong),
    `${join(wrong, labels)}: label 1 (counted from 0) is 256, but classes are 0 … 255; is it QMNIST's file?`,
  );
});

test('KMNIST is known by the name of its folder, as its files have those of MNIST', async () => {
  const folder = join(await folderOf({}), 'KMNIST');
  await fs.rename(
    await folderOf({ 'train-images-idx3-ubyte': imagesFile(9, 28, 28), 'train-labels-idx1-ubyte': labelsFile(9) }),
    folder,
  );
  const { name, source, classNames } = await readData(folder);
  assert.equal([name, source, classNames?.[9]], ['kmnist', `KMNIST from ${folder}, IDX files`, 'を']);
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
    'swapped',
    'train-labels-idx1-ubyte',
    imagesFile(5),
    'is an IDX images file (3 axes: count, height, width), expected labels (1 axis: count); were two files swapped?',
  ],
];
for (const [name, file, bytes, sentence] of damaged) {
  test(`damage: ${name}`, async () => {
    const folder = await folderOf({ ...files, [file]: bytes });
    await refuses(readData(folder), `${join(folder, file)}: ${sentence}`);
  });
}

test('train labels in the place of test labels', async () => {
  const folder = await folderOf({ ...files, 't10k-labels-idx1-ubyte': labelsFile(5) });
  const [images, labels] = ['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'].map((name) => join(folder, name));
  await refuses(readData(folder), `${images}: holds 4 images, but ${labels} 5 labels; use files of one data set`);
});

const mnist = process.env['MNIST_DIR'];
if (mnist) {
  test('MNIST itself', async () => {
    const { name, sha256, source, train, test } = await readData(mnist, ' (MNIST_DIR)');
    assert.equal([name, sha256, source], ['mnist', mnistSha256, `MNIST from ${mnist} (MNIST_DIR)`]);
    assert.equal(
      [train.x.shape, test!.x.shape],
      [
        [60000, 28, 28, 1],
        [10000, 28, 28, 1],
      ],
    );
    assert.equal([...train.y.subarray(0, 5), ...test!.y.subarray(0, 5)], [5, 0, 4, 1, 9, 7, 2, 1, 0, 4]);
    // The file's bytes and no more, but for the one that would show that there are more.
    assert.is(train.x.data.buffer.byteLength, 47040016 + 1);
  });

  test('the bytes of MNIST as images of another shape are not MNIST', async () => {
    const { train, test } = await readData(mnist);
    const folder = await folderOf({
      'train-images-idx3-ubyte': idxFile([60000, 14, 56], train.x.data),
      'train-labels-idx1-ubyte': idxFile([60000], train.y),
      't10k-images-idx3-ubyte': idxFile([10000, 14, 56], test!.x.data),
      't10k-labels-idx1-ubyte': idxFile([10000], test!.y),
    });
    assert.is((await readData(folder)).name, basename(folder));
  });
}

test.run();
