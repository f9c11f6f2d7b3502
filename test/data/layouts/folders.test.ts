// Folders of pictures as --data finds them: a folder per class, train/ and test/, sizes, gray, what is beside them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { refusal, refuses } from '../../node/refuses.js';
import { joinExamples, takeExamples } from '../../../src/data/dataset.js';
import { findData } from '../../../src/data/layouts/index.js';
import type { LayoutData, ReadOptions } from '../../../src/data/layouts/layout.js';
import { pngOf, pngsOf } from '../imageFolder/pictures.js';
import { memoryFolder, readLayout, type Files } from './memoryFolder.js';

const pets = { ...pngsOf('dogs', 3, 100), ...pngsOf('cats', 2, 10) };

const under = (folder: string, files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([path, content]) => [`${folder}/${path}`, content]));

async function read(files: Files, options: ReadOptions): Promise<LayoutData> {
  return (await findData(memoryFolder(files), null, 'folder')).read(options);
}

test('a folder per class', async () => {
  const data = await readLayout({ ...pets, 'README.md': 'x', 'cats/notes.txt': 'x' });
  assert.equal(data.train.x.shape, [5, 4, 4, 3]);
  assert.equal([...data.train.y], [0, 0, 1, 1, 1]);
  assert.equal([data.classNames, data.test, data.groups], [['cats', 'dogs'], null, undefined]);
  const { names } = data.train;
  assert.equal(
    names!.map((name) => name.split('/')[0]),
    ['cats', 'cats', 'dogs', 'dogs', 'dogs'],
  );
  const [taken, joined] = [
    takeExamples(data.train, Uint32Array.of(3, 0)),
    joinExamples([data.train, takeExamples(data.train, Uint32Array.of(1))]),
  ];
  assert.equal(taken.names, [names![3], names![0]]);
  assert.equal(joined.names, [...names!, names![1]]);
  const { x, y } = data.train;
  assert.is(joinExamples([data.train, { x, y }]).names, undefined);
  assert.equal(data.notes, ['pictures as 4 × 4 RGB', '2 other files passed over (README.md, cats/notes.txt)']);
});

test('train, val and test, of which the first says what the classes are', async () => {
  for (const [val, testing] of [
    ['val', 'test'],
    ['Validation', 'testing'],
  ] as const) {
    const data = await readLayout({
      ...under('train', pets),
      ...under(val, pngsOf('dogs', 1, 50)),
      ...under(testing, { ...pngsOf('cats', 1, 60), ...pngsOf('dogs', 2, 70) }),
    });
    assert.equal([...data.train.y], [0, 0, 1, 1, 1]);
    assert.equal([[...data.validation!.y], [...data.test!.y]], [[1], [0, 1, 1]]);
    assert.equal([data.validation!.x.data[0], data.test!.x.data[0]], [50, 60]);
  }
});

test('test pictures come to the size and the colors of the training pictures', async () => {
  const { test } = await readLayout({ ...under('train', pets), 'test/cats/x.png': pngOf(9, 20, 30, 1) });
  assert.equal(test!.x.shape, [1, 4, 4, 3]);
  await refuses(
    readLayout({ ...under('train', pets), ...under('test', pngsOf('cows', 1, 1)) }),
    'folder/test/cows: there is no folder/train/cows to learn that class from; add it, or remove the folder',
  );
});

test('train and test may be classes', async () => {
  const { classNames } = await readLayout({ ...pngsOf('train', 2, 1), ...pngsOf('car', 2, 1) });
  assert.equal(classNames, ['car', 'train']);
});

test('two folders of one part are refused', async () => {
  await refuses(
    readLayout({ ...under('train', pets), ...under('val', pets), ...under('validation', pets) }),
    'folder: has two folders for validation, folder/val and folder/validation; move one away',
  );
});

test('a set of gray pictures is read as gray', async () => {
  const gray = { 'a/x.png': pngOf(7, 4, 4, 1), 'b/x.png': pngOf(9, 4, 4, 1) };
  assert.equal((await readLayout(gray)).train.x.shape, [2, 4, 4, 1]);
  assert.equal((await readLayout({ ...gray, ...pets })).train.x.shape, [7, 4, 4, 3]);
});

test('the size and the colors may be asked for, of the pictures of a CSV, too', async () => {
  const options = { imageSize: [6, 5], colorMode: 'grayscale' } as const;
  assert.equal((await read(pets, options)).train.x.shape, [5, 6, 5, 1]);
  const csv = { 'train.csv': 'label,path\ncat,cats/0.png\ndog,dogs/0.png\n', ...pets };
  assert.equal((await read(csv, options)).train.x.shape, [2, 6, 5, 1]);
});

test('a CSV takes precedence over the folders beside it, and groups.csv belongs to them', async () => {
  const { train } = await readLayout({ ...pets, 'train.csv': 'label,path\ncat,cats/0.png\ndog,dogs/0.png\n' });
  assert.is(train.y.length, 2);
  const rows = Object.keys(pets).map((path) => `${path},${path.at(-5)}`);
  const { groups } = await readLayout({ ...pets, 'groups.csv': `path,group\n${rows.join('\n')}` });
  assert.equal(groups, ['0', '1', '0', '1', '2']);
});

test('broken pictures are refused, or left out and listed', async () => {
  const files = { ...pets, 'cats/x.jpg': 'text' };
  assert.match(await refusal(readLayout(files)), /^folder\/cats\/x\.jpg is not a PNG, JPEG, WebP, GIF or BMP picture/);
  const { train, skipped, notes } = await read(files, { skipBroken: true });
  assert.is(train.y.length, 5);
  assert.equal(notes, ['pictures as 4 × 4 RGB', '1 broken picture left out']);
  assert.match(skipped![0]!, /^folder\/cats\/x\.jpg is not a PNG/);
});

test('one class alone, and folders without pictures', async () => {
  assert.match(await refusal(readLayout(pngsOf('cats', 2, 1))), /^folder: holds pictures of only one class, cats;/);
  const { train } = await readLayout(pngsOf('cats', 2, 1), null, { isOneClassTaken: true });
  assert.equal([...train.y], [0, 0]);
  assert.match(
    await refusal(readLayout({ 'a/x.heic': 'x', 'b/y.txt': 'x' })),
    /^folder: holds the folders a, b, without PNG, JPEG, WebP, GIF or BMP pictures, but with a\/x\.heic; take the folder in which each class has a folder of its pictures$/,
  );
});

test.run();
