// A folder per class as a source of examples: classes, order, options, split, groups, and what bad folders get.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ImageFolderOptions } from '../../../src/data/imageFolder/folderOptions.js';
import { imageSource, type ImageSource } from '../../../src/data/imageFolder/imageSource.js';
import { plainReader, thisThread, type PictureDecoder } from '../../../src/data/imageFolder/pictureReader.js';
import { classifierFacts } from '../../../src/images/classifierFacts.js';
import { refusal, refuses } from '../../node/refuses.js';
import { memoryFolder, type Files } from '../layouts/memoryFolder.js';
import { pngOf, pngsOf } from './pictures.js';

const open = (files: Files, options?: ImageFolderOptions): Promise<ImageSource> =>
  imageSource(memoryFolder(files), options);

const pets = { ...pngsOf('dogs', 8, 100), ...pngsOf('cats', 4, 10) };

const pathsOf = ({ files }: ImageSource): string[] => files.map(({ path }) => path);
/** The first value of each picture. */
async function valuesOf(source: ImageSource): Promise<number[]> {
  const { x } = await source.toArrays();
  return [...x.data.filter((_, i) => i % (x.data.length / source.count) === 0)];
}

test('folders are classes in the order of code units, and files in that of their paths', async () => {
  const source = await open({
    'b/2.png': pngOf(2),
    'b/10.PNG': pngOf(1),
    'b/deep/er/x.png': pngOf(3),
    'Z/ä.png': pngOf(4),
    'Z/z.png': pngOf(5),
    'é/1.png': pngOf(6),
    'b/notes.txt': 'x',
    'README.md': 'x',
    'cover.png': pngOf(9),
  });
  assert.equal(source.classNames, ['Z', 'b', 'é']);
  assert.equal(pathsOf(source), ['Z/z.png', 'Z/ä.png', 'b/10.PNG', 'b/2.png', 'b/deep/er/x.png', 'é/1.png']);
  assert.equal([...source.labels!], [0, 0, 1, 1, 1, 2]);
  assert.equal(await valuesOf(source), [5, 4, 1, 2, 3, 6]);
  assert.equal(
    [source.passedOver, source.shape, source.count],
    [['README.md', 'b/notes.txt', 'cover.png'], [4, 4, 3], 6],
  );
});

test('read returns the requested examples, and toArrays all', async () => {
  const source = await open(pets, { imageSize: [1, 1], colorMode: 'grayscale' });
  const into = { x: new Float32Array(3), y: new Float32Array(3) };
  await source.read(Uint32Array.of(0, 11, 2, 5), 1, 3, into);
  assert.equal([...into.x, ...into.y], [107, 12, 101, 1, 0, 1]);
  const { x, y } = await source.toArrays();
  assert.equal(x.shape, [12, 1, 1, 1]);
  assert.equal([...y], [...source.labels!]);
});

test('imageSize is what most pictures have where that is small, and 96 × 96 otherwise', async () => {
  assert.equal((await open({ ...pets, 'cats/x.png': pngOf(1, 300, 200) })).shape, [4, 4, 3]);
  assert.equal((await open({ 'a/x.png': pngOf(1, 300, 200), 'b/x.png': pngOf(1, 300, 200) })).shape, [96, 96, 3]);
  assert.equal(
    (await open({ 'a/x.png': pngOf(1, 3), 'b/x.png': pngOf(1, 5), 'b/y.png': pngOf(1, 6) })).shape,
    [96, 96, 3],
  );
});

test('classNames orders the folders; labels replace them, or leave them out', async () => {
  const swapped = await open(pets, { classNames: ['dogs', 'cats'] });
  assert.equal([swapped.classNames, swapped.labels![0], swapped.files[0]!.path], [['dogs', 'cats'], 0, 'dogs/0.png']);
  const some = await open(pets, { classNames: ['cows', 'dogs', 'cats'], skipBroken: true });
  assert.equal([some.classNames, some.labels![0], some.files[0]!.path], [['cows', 'dogs', 'cats'], 1, 'dogs/0.png']);
  const labels = Array.from({ length: 12 }, (_, i) => i * 30);
  const given = await open(pets, { labels });
  assert.equal([[...given.labels!], given.classNames], [labels, null]);
  const none = await open({ 'x.png': pngOf(1), 'a/y.png': pngOf(2) }, { labels: null });
  assert.equal([pathsOf(none), none.labels, none.classNames], [['a/y.png', 'x.png'], null, null]);
  const room = { x: new Uint8Array(2 * none.shape.reduce((a, b) => a * b)), y: new Float32Array(2) };
  assert.match(
    await Promise.resolve(none.read(Uint32Array.of(0, 1), 0, 2, room)).then(String, String),
    'was opened with labels: null, so there is nothing to learn or to compare with; toArrays() gives its pictures',
  );
});

test('the proportions of a picture are cut or padded', async () => {
  const wide = { 'a/x.png': pngOf(200, 4, 8), 'b/x.png': pngOf(200, 4, 8) };
  const cut = await open(wide, { imageSize: [4, 4], cropToAspectRatio: true });
  assert.is(
    (await cut.toArrays()).x.data.every((value) => value === 200),
    true,
  );
  const padded = await open(wide, { imageSize: [4, 4], padToAspectRatio: true, background: [0, 0, 0] });
  const { data } = (await padded.toArrays()).x;
  assert.ok(data[0]! < 50 && data[4 * 3 * 2]! > 150);
});

test('the split is stratified, seeded and the same from both sides', async () => {
  const split = { validationSplit: 0.25, seed: 3 };
  const training = await open(pets, { ...split, subset: 'training' });
  const validation = await open(pets, { ...split, subset: 'validation' });
  assert.equal([...validation.labels!], [0, 1, 1]);
  assert.equal([...pathsOf(training), ...pathsOf(validation)].sort(), pathsOf(await open(pets)));
  const other = await open(pets, { ...split, seed: 4, subset: 'validation' });
  assert.not.equal(pathsOf(other), pathsOf(validation));
});

test('shuffle is by the seed', async () => {
  const plain = pathsOf(await open(pets));
  const shuffled = pathsOf(await open(pets, { shuffle: true, seed: 1 }));
  assert.not.equal(shuffled, plain);
  assert.equal([...shuffled].sort(), plain);
  assert.equal(pathsOf(await open(pets, { shuffle: true, seed: 1 })), shuffled);
});

test('a groups.csv keeps groups together', async () => {
  const rows = Object.keys(pets).map((path, i) => `${path},"person ${i % 4}"`);
  const files = { ...pets, 'groups.csv': `path,group\n${rows.join('\n')}\n` };
  const split = { validationSplit: 0.25 };
  const training = await open(files, { ...split, subset: 'training' });
  const validation = await open(files, { ...split, subset: 'validation' });
  assert.is(validation.count, 3);
  assert.ok(validation.groups!.every((group) => !training.groups!.includes(group)));
  assert.equal(training.passedOver, []);
  const groups = (text: string): Promise<ImageSource> => open({ ...pets, 'groups.csv': text });
  await refuses(groups('cats/0.png,anna\n'), 'folder/groups.csv: its first row must be path,group; write it so');
  await refuses(groups('path,group\n'), 'folder/groups.csv: has no row for cats/0.png; add its group');
  await refuses(
    groups('path,group\ncats/0.png\n'),
    'folder/groups.csv: row 2 is no path and a group; complete or remove it',
  );
  await refuses(
    groups('path,group\na,b\na,c\n'),
    'folder/groups.csv: row 3 has a in group c, but it is in b already; remove one',
  );
});

test('sha256 changes with contents, labels and input, and not with names that sort alike', async () => {
  const sha256Of = async (files: Files, options?: ImageFolderOptions): Promise<string> =>
    (await open(files, options)).sha256();
  const files = { 'a/1.png': pngOf(1), 'b/1.png': pngOf(2) };
  const first = await sha256Of(files);
  assert.match(first, /^[0-9a-f]{64}$/);
  assert.is(await sha256Of({ 'c/1.png': pngOf(1), 'd/7.png': pngOf(2) }), first);
  for (const [other, options] of [
    [{ ...files, 'b/1.png': pngOf(3) }],
    [files, { imageSize: [5, 5] }],
    [files, { colorMode: 'grayscale' }],
    [files, { labels: [1, 0] }],
  ] as const)
    assert.is.not(await sha256Of(other, options), first);
});

test('a broken picture is refused by its name, or left out and listed', async () => {
  const files = { ...pets, 'cats/bad.jpg': 'no picture', 'dogs/cut.png': pngOf(1).subarray(0, 40) };
  const sentence = /^folder\/cats\/bad\.jpg is not a PNG, JPEG, WebP, GIF or BMP picture/;
  assert.match(await refusal(open(files)), sentence);
  assert.match(await refusal((await open(files, { imageSize: [4, 4] })).toArrays()), sentence);
  const source = await open(files, { skipBroken: true });
  assert.equal(pathsOf(source), pathsOf(await open(pets)));
  assert.equal(
    source.skipped.map(({ path }) => path),
    ['cats/bad.jpg', 'dogs/cut.png'],
  );
  assert.match(source.skipped[0]!.reason, sentence);
  assert.match(
    await refusal(open({ 'a/x.png': 'x', 'b/x.png': 'y' }, { skipBroken: true })),
    /^folder: none of its 2 pictures can be read; the first says: folder\/a\/x\.png is not a PNG/,
  );
});

/** Counts what is decoded. */
function counted(): PictureDecoder & { decoded: string[] } {
  const decoded: string[] = [];
  return {
    atOnce: 3,
    decoded,
    decode(bytes, who, input) {
      decoded.push(who);
      return thisThread.decode(bytes, who, input);
    },
  };
}

test('a folder is opened without decoding, and skipBroken decodes each picture once', async () => {
  const files = { ...pets, 'cats/bad.jpg': 'no picture' };
  const decoder = counted();
  const plain = await imageSource(memoryFolder(pets), {}, plainReader(decoder));
  assert.equal(decoder.decoded, []);
  const source = await imageSource(memoryFolder(files), { skipBroken: true }, plainReader(decoder));
  assert.is(decoder.decoded.length, 13);
  assert.equal((await source.toArrays()).x.data, (await plain.toArrays()).x.data);
  assert.is(decoder.decoded.length, 13 + 12);
});

test('of several broken pictures the first is named, however many are read at once', async () => {
  const source = await imageSource(
    memoryFolder({ ...pets, 'dogs/0.png': 'x', 'dogs/1.png': 'x', 'dogs/2.png': 'x' }),
    { imageSize: [4, 4] },
    plainReader({
      atOnce: 4,
      async decode(bytes, who, input) {
        if (who.endsWith('dogs/0.png')) await new Promise((resolve) => setTimeout(resolve, 5));
        return thisThread.decode(bytes, who, input);
      },
    }),
  );
  assert.match(await refusal(source.toArrays()), /^folder\/dogs\/0\.png is not a PNG/);
});

test('a class of which all pictures are broken is refused', async () => {
  await refuses(
    open({ ...pets, 'birds/x.png': 'x' }, { skipBroken: true }),
    'folder/birds: none of its pictures can be read; repair one, or remove the folder',
  );
});

const refused: readonly (readonly [Files, string])[] = [
  [{}, 'folder: holds no folders, but a folder of pictures for each class is needed; make some'],
  [
    { 'cats/1.png': pngOf(1) },
    'folder: holds pictures of only one class, cats; add a folder of another, so that there is something to tell apart, or name the folder above',
  ],
  [
    { 'cats/1.png': pngOf(1), 'dogs/a.heic': 'x', 'dogs/b.heic': 'x' },
    'folder/dogs: holds no PNG, JPEG, WebP, GIF or BMP pictures but dogs/a.heic and 1 other file; add some, or remove the folder',
  ],
  [
    { 'Cats/1.png': pngOf(1), 'cats/1.png': pngOf(1) },
    'folder: the folders Cats and cats differ in case alone, and are one folder on other systems; rename or join them',
  ],
  [
    { 'cats/1.png': pngOf(1), [`${'x'.repeat(70)}/1.png`]: pngOf(1) },
    `folder: the folder "${'x'.repeat(70)}" is no name of a class, of 1 to 60 characters; rename it`,
  ],
];
for (const [files, sentence] of refused)
  test(`refused: ${sentence.slice(0, 60)}`, async () => refuses(open(files), sentence));

const wrong: readonly (readonly [object, string])[] = [
  [{ classNames: ['cats'] }, 'folder: classNames must name each folder once, but dogs is left out'],
  [{ classNames: ['cats', 'dogs', 'cats'] }, 'folder: classNames must name each folder once, but one comes twice'],
  [
    { labels: [1] },
    'folder: holds 12 pictures, but 1 labels came; give one label a picture, in the order of their paths',
  ],
  [{ labels: [1, -1] }, 'imageFolder: labels must be whole numbers of 0 to 65535; number 1 is not, got -1'],
  [{ labels: 'x' }, `imageFolder: labels must be 'inferred', null or an array of class indices, got "x"`],
  [
    { labels: null, classNames: ['a'] },
    'imageFolder: classNames order the folders, and labels say that folders are no classes; leave one of them out',
  ],
  [{ subset: 'training' }, 'imageFolder: validationSplit and subset belong together; give both or neither'],
  [{ subset: 'both' }, `imageFolder: subset must be 'training' or 'validation', got "both"`],
  [{ validationSplit: 1, subset: 'training' }, 'imageFolder: validationSplit must be above 0 and below 1, got 1'],
  [
    { cropToAspectRatio: true, padToAspectRatio: true },
    'imageFolder: cropToAspectRatio and padToAspectRatio contradict each other; choose one',
  ],
  [
    { cropToAspectRatio: false, aspectRatio: 'pad' },
    'imageFolder: aspectRatio says what cropToAspectRatio and padToAspectRatio do; leave it or them out',
  ],
  [{ aspectRatio: 'fit' }, `imageFolder: aspectRatio must be 'stretch', 'crop', 'pad', got "fit"`],
  [{ shuffle: 1 }, 'imageFolder: shuffle must be true or false, got 1'],
  [{ imageSize: [0, 4] }, 'imageFolder: imageSize must be [height, width], whole numbers of 1 to 16384, got [0, 4]'],
  [{ colorMode: 'gray' }, `imageFolder: colorMode must be 'grayscale', 'rgb', 'rgba', got "gray"`],
];
for (const [options, sentence] of wrong)
  test(`wrong options: ${sentence.slice(0, 60)}`, async () => refuses(open(pets, options), sentence));

test("the input of a model's facts is a part of the options", async () => {
  const shapeless = { imageSize: [5, 4], interpolation: 'nearest', background: [16, 32, 48] } as const;
  for (const aspectRatio of ['crop', 'pad', 'stretch'] as const) {
    const flags = { crop: { cropToAspectRatio: true }, pad: { padToAspectRatio: true }, stretch: {} }[aspectRatio];
    const trained = await open(pets, { ...shapeless, ...flags });
    const { input, classNames } = classifierFacts(trained).classifier;
    const again = await open(pets, { classNames: classNames!, ...input! });
    assert.equal(again.input, trained.input);
    assert.is(again.input.aspectRatio, aspectRatio);
    assert.equal((await again.toArrays()).x, (await trained.toArrays()).x);
  }
});

test('an unknown option is named', async () => {
  assert.match(await refusal(open(pets, { image_size: [4, 4] } as object)), /^imageFolder has no option 'image_size'/);
});

test.run();
