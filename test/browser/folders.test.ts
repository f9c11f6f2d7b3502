// imageFolder() and openDataset() of pages: file lists, handles, entries, drops and labeled pictures give what a disk gives. Stand-ins for
// the browser's objects; Chromium's own are in npm run test:hosts and in the tests of the demo.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { imageFolder, openDataset } from '../../src/browser/data/folders.js';
import type { GivenData, GivenItem } from '../../src/browser/data/given.js';
import { imageFolder as imageFolderOnDisk } from '../../src/node/dataset/imageFolder.js';
import { loadData } from '../../src/node/dataset/loadData.js';
import { idxFile } from '../data/craftIdx.js';
import { pngOf, pngsOf } from '../data/imageFolder/pictures.js';
import type { Files } from '../data/layouts/memoryFolder.js';
import { refusal, refuses } from '../node/refuses.js';
import { temporaryFolder } from '../node/temporaryFolder.js';

const pets: Files = {
  ...pngsOf('pets/dogs', 6, 100),
  ...pngsOf('pets/cats', 7, 10),
  'pets/dogs/old/x.png': pngOf(7),
  'pets/.DS_Store': 'x',
  'pets/cats/notes.txt': 'x',
};

const blobOf = (content: Uint8Array | string): Blob => new Blob([content as BlobPart]);
const fileOf = (name: string, content: Uint8Array | string): File => new File([content as BlobPart], name);

/** As <input webkitdirectory> has them. */
function chosen(files: Files): File[] {
  return Object.entries(files).map(([path, content]) =>
    Object.defineProperty(fileOf(path.split('/').at(-1)!, content), 'webkitRelativePath', { value: path }),
  );
}

/** What lies directly in a folder: names, and the files of each. */
function inside(files: Files): [name: string, content: Uint8Array | string | Files][] {
  const found = new Map<string, Uint8Array | string | Record<string, Uint8Array | string>>();
  for (const [path, content] of Object.entries(files)) {
    const [name = '', ...rest] = path.split('/');
    if (rest.length === 0) found.set(name, content);
    else found.set(name, { ...(found.get(name) as Files), [rest.join('/')]: content });
  }
  return [...found];
}

const isContent = (value: Uint8Array | string | Files): value is Uint8Array | string =>
  typeof value === 'string' || ArrayBuffer.isView(value);

function handleOf(name: string, content: Uint8Array | string | Files): FileSystemHandle {
  const same = { name, isSameEntry: async () => false };
  if (isContent(content)) return { ...same, kind: 'file', getFile: async () => fileOf(name, content) } as never;
  return {
    ...same,
    kind: 'directory',
    async *values() {
      for (const [each, what] of inside(content)) yield handleOf(each, what);
    },
  } as never;
}

function entryOf(name: string, content: Uint8Array | string | Files): FileSystemEntry {
  if (isContent(content))
    return {
      name,
      isDirectory: false,
      isFile: true,
      file: (resolve: (file: File) => void) => resolve(fileOf(name, content)),
    } as never;
  return {
    name,
    isDirectory: true,
    isFile: false,
    createReader() {
      const all = inside(content).map(([each, what]) => entryOf(each, what));
      // Browsers give a hundred at a time.
      return { readEntries: (resolve: (some: FileSystemEntry[]) => void) => resolve(all.splice(0, 3)) };
    },
  } as never;
}

/** As the event has it; empty once the event is over. */
function dropped(entries: readonly FileSystemEntry[], files: readonly File[] = []): DataTransfer & { end(): void } {
  const transfer = {
    items: [
      ...entries.map((entry) => ({ kind: 'file', webkitGetAsEntry: () => entry })),
      ...files.map((file) => ({ kind: 'file', webkitGetAsEntry: () => null, getAsFile: () => file })),
      { kind: 'string' },
    ],
    files: [],
    end: () => void transfer.items.splice(0),
  };
  return transfer as never;
}

function onDisk(files: Files): string {
  const folder = temporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

const tree = inside(pets)[0]![1];
const ways: readonly (readonly [string, () => GivenData])[] = [
  ['files of a chosen folder', () => chosen(pets)],
  ["a folder's handle", () => handleOf('pets', tree)],
  ["a folder's entry", () => entryOf('pets', tree)],
  ['a dropped folder', () => dropped([entryOf('pets', tree)])],
];

for (const [way, given] of ways) {
  test(`${way}: the same data set as from disk`, async () => {
    const expected = await loadData(join(onDisk(pets), 'pets'));
    const read: number[] = [];
    const data = await openDataset(given(), { onProgress: (files) => read.push(files) });
    assert.is(data.sha256, expected.sha256);
    assert.equal([data.name, data.classNames], ['pets', ['cats', 'dogs']]);
    assert.is(data.train.y.length + data.test.y.length, 14);
    assert.is(
      data.source,
      'pets, a folder per class, pictures as 4 × 4 RGB, 1 other file passed over (cats/notes.txt), a fifth of each class held out for the test, as there are no test images',
    );
    assert.is(read.at(-1), 14);
  });

  test(`${way}: the same pictures as from disk, with options`, async () => {
    const options = { imageSize: [5, 6], colorMode: 'grayscale', validationSplit: 0.3, subset: 'training' } as const;
    const expected = await imageFolderOnDisk(join(onDisk(pets), 'pets'), options);
    const source = await imageFolder(given(), options);
    assert.equal(
      source.files.map(({ path }) => path),
      expected.files.map(({ path }) => path),
    );
    assert.equal(source.input, expected.input);
    assert.is(await source.sha256(), await expected.sha256());
    assert.equal(await source.toArrays(), await expected.toArrays());
  });
}

test('dropped items are read before anything is awaited', async () => {
  const transfer = dropped([entryOf('pets', tree)]);
  const opening = openDataset(transfer);
  transfer.end();
  assert.is((await opening).name, 'pets');
  await refuses(
    openDataset(transfer),
    'openDataset: what was dropped holds no files; pass event.dataTransfer within the drop event and before any await, as browsers empty it afterwards',
  );
});

const digits = { images: new Uint8Array(4 * 9).fill(7), labels: Uint8Array.of(0, 1, 0, 1) };
const idx: Files = {
  'train-images-idx3-ubyte.gz': gzipSync(idxFile([4, 3, 3], digits.images)),
  'train-labels-idx1-ubyte': idxFile([4], digits.labels),
  't10k-images-idx3-ubyte': idxFile([4, 3, 3], digits.images),
  't10k-labels-idx1-ubyte.gz': gzipSync(idxFile([4], digits.labels)),
};

test('files in no folder, gzipped or not, and one alone', async () => {
  const files = Object.entries(idx).map(([name, content]) => fileOf(name, content));
  for (const given of [files, dropped([], files)]) {
    const data = await openDataset(given);
    assert.equal([data.name, data.source], ['files', 'files from the selection, IDX files']);
    assert.equal(
      [data.train.x.shape, data.test.x.shape],
      [
        [4, 3, 3, 1],
        [4, 3, 3, 1],
      ],
    );
    assert.equal([...data.train.x.data], [...digits.images]);
  }
  const rows = Array.from({ length: 20 }, (_, i) => `${i % 2 ? 'cross' : 'dot'},0,${i},2,3`);
  const csv = await openDataset(fileOf('marks.csv', ['label,pixel0,pixel1,pixel2,pixel3', ...rows].join('\n')));
  assert.equal([csv.name, csv.classNames, csv.train.x.shape], ['marks', ['cross', 'dot'], [16, 2, 2, 1]]);
});

test('gzip that is damaged, and gzip that unzips to more than it says', async () => {
  const given = (images: Uint8Array): GivenData =>
    Object.entries({ ...idx, 'train-images-idx3-ubyte.gz': images }).map(([name, content]) => fileOf(name, content));
  const whole = idxFile([4, 3, 3], digits.images);
  for (const bad of [gzipSync(whole).subarray(0, 30), Buffer.concat([gzipSync(whole), Buffer.from('more')])])
    await refuses(
      openDataset(given(bad)),
      'train-images-idx3-ubyte.gz: the gzip data is damaged or breaks off; fetch the file again',
    );
  await refuses(
    openDataset(given(gzipSync(Buffer.concat([whole, Buffer.alloc(50_000)])))),
    'train-images-idx3-ubyte.gz: unzips to more than the 52 bytes expected; fetch the file again',
  );
});

test('pictures with labels that a page already has, in their order', async () => {
  const canvas = { convertToBlob: async () => blobOf(pngOf(30)) } as unknown as OffscreenCanvas;
  const given = [
    { image: blobOf(pngOf(10)), label: 'up' },
    { image: canvas, label: 'down' },
    { image: fileOf('x.jpg', pngOf(20)), label: 'up' },
  ];
  const source = await imageFolder(given, { imageSize: [1, 1] });
  assert.equal(source.classNames, ['down', 'up']);
  const { x, y } = await source.toArrays();
  assert.equal(
    [[...y], [0, 3, 6].map((at) => x.data[at])],
    [
      [0, 1, 1],
      [30, 10, 20],
    ],
  );
  await refuses(
    imageFolder([...given, { image: blobOf('no picture'), label: 'up' }]).then((all) => all.toArrays()),
    `picture 3 (up) is not a PNG, JPEG, WebP, GIF or BMP picture but a text; save it as one of these, or leave it out with skipBroken (--skip-broken)`,
  );
});

test('a set that is too large is refused before a picture is decoded', async () => {
  const files = { ...pets, 'pets/cats/broken.png': pngOf(3).subarray(0, 60) };
  await refuses(
    openDataset(chosen(files), { maxBytes: 600 }),
    'pets: 15 pictures of 4 × 4 × 3 are 720 bytes, more than the 600 that are allowed; choose fewer or smaller ones',
  );
  assert.is((await openDataset(chosen(pets), { maxBytes: 672 })).train.y.length, 11);
});

test('a page gets one sentence for what it cannot use', async () => {
  await refuses(openDataset([]), 'openDataset: was given no files; choose a folder or files');
  await refuses(
    imageFolder([new Blob()] as never),
    "imageFolder needs files, a folder's handle or entry, event.dataTransfer, or pictures as { image, label }, got a Blob",
  );
  await refuses(
    imageFolder(fileOf('a.png', pngOf(1))),
    'a.png: is a file, and imageFolder needs a folder of pictures; choose the folder',
  );
  await refuses(
    openDataset(chosen(pets), { size: 3 } as never),
    "openDataset has no option 'size'; it has imageSize, colorMode, skipBroken, onProgress, maxBytes",
  );
  await refuses(
    openDataset(chosen(pets), { imageSize: 24 } as never),
    'openDataset: imageSize must be [height, width], whole numbers of 1 to 16384, got 24',
  );
  assert.match(
    await refusal(openDataset(chosen({ 'empty/x.txt': 'x' }))),
    /^empty: holds no data set that is known, but the file x\.txt; looked for IDX files/,
  );
  assert.match(
    await refusal(openDataset(chosen({ 'pets/cats/1.png': pngOf(1), 'pets/dogs/1.png': 'text' }))),
    /^pets\/dogs\/1\.png is not a PNG, JPEG, WebP, GIF or BMP picture/,
  );
  const gone = {
    ...entryOf('a.csv', 'x'),
    file: (_: unknown, fail: (error: Error) => void) => fail(new Error('gone')),
  };
  await refuses(
    openDataset([gone as never, entryOf('b.csv', 'x')] as GivenItem[]),
    'a.csv: cannot be read (gone); choose it again',
  );
  const broken = {
    ...entryOf('pets', tree),
    createReader: () => ({
      readEntries: (_: unknown, fail: (error: Error) => void) => fail(new Error('no permission')),
    }),
  };
  await refuses(openDataset(broken as never), 'pets: cannot be read (no permission); choose it again');
});

test.run();
