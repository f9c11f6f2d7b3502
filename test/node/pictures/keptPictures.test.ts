// Kept pixels: a picture is decoded once; files that change, or are damaged, are made again; what cannot be written is no error.
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { OpenPictures, PictureDecoder, PictureFile } from '../../../src/data/imageFolder/pictureReader.js';
import { thisThread } from '../../../src/data/imageFolder/pictureReader.js';
import { imageInput } from '../../../src/images/imageInput.js';
import { cacheFolderOf, makeRoom } from '../../../src/node/pictures/cacheFolder.js';
import { KeptPictures } from '../../../src/node/pictures/keptPictures.js';
import { pngOf } from '../../data/imageFolder/pictures.js';
import { refuses } from '../refuses.js';
import { temporaryFolder } from '../temporaryFolder.js';

const root = temporaryFolder();
let count = 0;
const newFolder = (): string => join(root, `folder${count++}`);
const opened: KeptPictures[] = [];
/** Size of an input of 4 × 4. */
const BYTES = 48;
const { warn } = console;
const warned: string[] = [];
test.before.each(() => {
  warned.length = 0;
  console.warn = (text: string) => void warned.push(text);
});
test.after.each(() => {
  for (const pictures of opened.splice(0)) pictures.finish();
  console.warn = warn;
});

/** Files in memory, and how often each was read and decoded. */
class Files {
  readonly contents: Uint8Array[];
  readonly stamps: (string | null)[];
  read = 0;
  decoded = 0;

  constructor(values: readonly number[]) {
    this.contents = values.map((value) => pngOf(value));
    this.stamps = values.map((_, i) => `first ${i}`);
  }

  get files(): PictureFile[] {
    return this.contents.map((_, i) => ({
      who: `${i}.png`,
      path: `${i}.png`,
      read: async () => {
        this.read++;
        return this.contents[i]!;
      },
      stamp: async () => this.stamps[i]!,
    }));
  }

  readonly decoder: PictureDecoder = {
    atOnce: 2,
    decode: (bytes, who, into) => {
      this.decoded++;
      return thisThread.decode(bytes, who, into);
    },
  };

  async open(cacheFolder: string, mostBytes = 2 ** 32, side = 4): Promise<KeptPictures> {
    const pictures = await KeptPictures.open({
      files: this.files,
      input: imageInput({ imageSize: [side, side] }),
      folder: '/pets',
      cacheFolder,
      mostBytes,
      decoder: this.decoder,
    });
    opened.push(pictures);
    return pictures;
  }

  /** [read, decoded] since the last call. */
  counts(): [number, number] {
    const counts: [number, number] = [this.read, this.decoded];
    [this.read, this.decoded] = [0, 0];
    return counts;
  }
}

/** The last byte of each, read into a place of its own. */
async function valuesOf(pictures: OpenPictures, numbers: readonly number[] = [0, 1, 2, 3]): Promise<number[]> {
  const into = new Uint8Array(4 * BYTES);
  await Promise.all(numbers.map((i) => pictures.read([i], into, i * BYTES)));
  const floats = new Float32Array(BYTES + 1);
  await pictures.read([numbers[0]!], floats, 1);
  assert.equal([...floats.subarray(1)], [...into.subarray(numbers[0]! * BYTES, (numbers[0]! + 1) * BYTES)]);
  return numbers.map((i) => into[(i + 1) * BYTES - 1]!);
}
const segments = async (folder: string): Promise<string[]> => (await fs.readdir(folder)).sort();

test('a picture is decoded once, and no file is read that did not change', async () => {
  const [folder, set] = [newFolder(), new Files([1, 2, 3, 4])];
  const first = await set.open(folder);
  assert.equal(await valuesOf(first), [1, 2, 3, 4]);
  assert.equal(set.counts(), [4, 4]);
  assert.equal(await valuesOf(first), [1, 2, 3, 4]);
  assert.equal(set.counts(), [0, 0], 'in the same process');
  const sha256s = await Promise.all([0, 1, 2, 3].map((i) => first.sha256(i)));
  const second = await set.open(folder);
  assert.equal(await Promise.all([0, 1, 2, 3].map((i) => second.sha256(i))), sha256s);
  assert.equal(await valuesOf(second), [1, 2, 3, 4]);
  assert.equal(set.counts(), [0, 0], 'in a later one');
  assert.is((await segments(folder)).length, 1);
});

test('a file with another stamp is read, and decoded where its content is new', async () => {
  const [folder, set] = [newFolder(), new Files([1, 2, 3, 4])];
  await valuesOf(await set.open(folder));
  set.counts();
  set.stamps[1] = 'touched';
  set.stamps[2] = 'changed';
  set.contents[2] = pngOf(9);
  assert.equal(await valuesOf(await set.open(folder)), [1, 2, 9, 4]);
  assert.equal(set.counts(), [2, 1]);
  assert.equal(await valuesOf(await set.open(folder)), [1, 2, 9, 4]);
  assert.equal(set.counts(), [0, 0]);
  set.stamps[3] = null;
  assert.equal(await valuesOf(await set.open(folder)), [1, 2, 9, 4]);
  assert.equal(set.counts(), [1, 0], 'without a stamp');
});

test('partially read sets are kept when the process ends, and others add to them', async () => {
  const [folder, set] = [newFolder(), new Files([1, 2, 3, 4])];
  const [one, two] = [await set.open(folder), await set.open(folder)];
  await valuesOf(one, [0, 1]);
  await valuesOf(two, [1, 2]);
  one.finish();
  two.finish();
  assert.is((await segments(folder)).length, 2);
  set.counts();
  assert.equal(await valuesOf(await set.open(folder)), [1, 2, 3, 4]);
  assert.equal(set.counts(), [1, 1]);
});

test('rows are read together in whatever order, and one that is damaged is made again alone', async () => {
  const values = Array.from({ length: 150 }, (_, i) => (i < 148 ? i : 7));
  const [folder, set] = [newFolder(), new Files(values)];
  await (await set.open(folder)).read([...values.keys()], new Uint8Array(values.length * BYTES));
  assert.equal(set.counts(), [150, 150 - 2]);
  const pictures = await set.open(folder);
  const [name] = await segments(folder);
  const file = await fs.open(join(folder, name!), 'r+');
  await file.write(Uint8Array.of(99), 0, 1, 70 * BYTES + 5);
  await file.close();
  // Backwards, and one twice.
  const numbers = [...[...values.keys()].reverse(), 70];
  const into = new Uint8Array((numbers.length + 1) * BYTES);
  await pictures.read(numbers, into, BYTES);
  const wanted = [0, ...numbers.map((i) => values[i]!)];
  assert.equal(
    [...into],
    wanted.flatMap((value) => Array<number>(BYTES).fill(value)),
  );
  const [, decoded] = set.counts();
  assert.ok(decoded >= 1 && decoded <= 2, `${decoded} decoded`);
});

test('another input has rows of its own', async () => {
  const [folder, set] = [newFolder(), new Files([1, 2, 3, 4])];
  await valuesOf(await set.open(folder));
  const into = new Uint8Array(13);
  await (await set.open(folder, 2 ** 32, 2)).read([0], into, 1);
  assert.equal([...into], [0, ...Array<number>(12).fill(1)]);
  assert.equal(await valuesOf(await set.open(folder)), [1, 2, 3, 4]);
});

test('a damaged file is made again: cut, changed, or of another program', async () => {
  const damages: ((bytes: Buffer) => Buffer)[] = [
    (bytes) => bytes.subarray(0, 100),
    (bytes) => bytes.subarray(0, -1),
    () => Buffer.from('something else'),
    () => Buffer.alloc(0),
    // In the pixels, and in the index.
    (bytes) => (bytes.writeUInt8(bytes[50]! ^ 1, 50), bytes),
    (bytes) => (bytes.writeUInt8(bytes[250]! ^ 1, 250), bytes),
  ];
  for (const [i, damage] of damages.entries()) {
    const [folder, set] = [newFolder(), new Files([1, 2, 3, 4])];
    await valuesOf(await set.open(folder));
    const [name] = await segments(folder);
    await fs.writeFile(join(folder, name!), damage(await fs.readFile(join(folder, name!))));
    // Rows that were read before the damage was seen are made again at the next start.
    for (let starts = 0; starts < 2; starts++)
      assert.equal(await valuesOf(await set.open(folder)), [1, 2, 3, 4], `damage ${i}`);
    set.counts();
    assert.equal(await valuesOf(await set.open(folder)), [1, 2, 3, 4]);
    assert.is(set.counts()[1], 0, `damage ${i} is mended`);
  }
  assert.equal(warned, []);
});

test('a broken picture is refused each time, and the others are kept', async () => {
  const [folder, set] = [newFolder(), new Files([1, 2, 3, 4])];
  set.contents[1] = new TextEncoder().encode('no picture');
  for (const decoded of [4, 1]) {
    const pictures = await set.open(folder);
    assert.equal(await valuesOf(pictures, [0, 2, 3]), [1, 3, 4]);
    await refuses(
      pictures.read([1], new Uint8Array(BYTES)),
      '1.png is not a PNG, JPEG, WebP, GIF or BMP picture but a text; save it as one of these',
    );
    pictures.finish();
    assert.is(set.counts()[1], decoded);
  }
});

test('a set that is larger than the bound is decoded each time, and its stamps are kept', async () => {
  const [folder, set] = [newFolder(), new Files([1, 2, 3, 4])];
  const [side, bytes] = [32, 32 * 32 * 3];
  const read = async (pictures: KeptPictures): Promise<number[]> => {
    const into = new Uint8Array(4 * bytes);
    for (let i = 0; i < 4; i++) await pictures.read([i], into, i * bytes);
    return [0, 1, 2, 3].map((i) => into[i * bytes]!);
  };
  const first = await set.open(folder, 4 * bytes - 1, side);
  assert.is(first.areKept, false);
  assert.equal(await read(first), [1, 2, 3, 4]);
  set.counts();
  const second = await set.open(folder, 4 * bytes - 1, side);
  await second.sha256(0);
  assert.equal(set.counts(), [0, 0]);
  assert.equal(await read(second), [1, 2, 3, 4]);
  assert.equal(set.counts(), [4, 4]);
});

test('the least recently used leaves first', async () => {
  const folder = newFolder();
  await fs.mkdir(folder);
  const name = (i: number): string => `${String(i).repeat(32)}-00000000.pixels`;
  for (const [i, age] of [50, 10, 30].entries()) {
    await fs.writeFile(join(folder, name(i)), new Uint8Array(1000));
    await fs.utimes(join(folder, name(i)), Date.now() / 1000 - age, Date.now() / 1000 - age);
  }
  const abandoned = `${name(3)}.wasm-cnn-01234567.tmp`;
  await fs.writeFile(join(folder, abandoned), 'x');
  await fs.utimes(join(folder, abandoned), 1, 1);
  await fs.writeFile(join(folder, `${name(4)}.wasm-cnn-01234567.tmp`), 'x');
  await fs.writeFile(join(folder, 'notes.txt'), 'x');
  makeRoom(folder, 2500);
  assert.equal(await segments(folder), [name(1), name(2), `${name(4)}.wasm-cnn-01234567.tmp`, 'notes.txt']);
});

test('a folder that cannot be made is one line of notice', async () => {
  const set = new Files([1, 2, 3, 4]);
  const file = join(root, 'file');
  await fs.writeFile(file, 'x');
  const folder = join(file, 'cache');
  const pictures = await set.open(folder);
  assert.equal(await valuesOf(pictures), [1, 2, 3, 4]);
  assert.is(warned.length, 1);
  assert.match(
    warned[0]!,
    `wasm-cnn: pictures are decoded again at the next start, as their pixels cannot be kept in ${folder}: `,
  );
});

test('and so is a folder that is removed meanwhile', async () => {
  const [folder, set] = [newFolder(), new Files([1, 2, 3, 4])];
  const pictures = await set.open(folder);
  await valuesOf(pictures, [0]);
  const [temporary] = await segments(folder);
  assert.match(temporary!, /\.tmp$/);
  await fs.rm(folder, { recursive: true });
  assert.equal(await valuesOf(pictures), [1, 2, 3, 4]);
  assert.is(warned.length, 1);
});

test('where pixels are cached', () => {
  assert.is(cacheFolderOf({ cache: false }), null);
  assert.is(cacheFolderOf({ cache: '/x/y' }), '/x/y');
  assert.is(cacheFolderOf({}, { WASM_CNN_CACHE: 'off' }), null);
  assert.is(cacheFolderOf({ cache: true }, { WASM_CNN_CACHE: '/z' }), '/z');
  assert.match(cacheFolderOf({}, {})!, /wasm-cnn[\\/]pictures$/);
  assert.throws(
    () => cacheFolderOf({ cache: 5 as never }),
    /^cache must be true, false or the path of a folder, got 5$/,
  );
});

test.run();
