// HDF5: files of h5py (hdf5.json, recorded by recordHdf5.py), own ones, and what is refused.
import { inflateSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readHdf5, type Dataset, type Group } from '../../../src/formats/hdf5/read.js';
import { writeHdf5, type Hdf5Node } from '../../../src/formats/hdf5/write.js';
import { refuses, refusesAtOnce } from '../../node/refuses.js';

const recorded = JSON.parse(
  readFileSync(new URL('../../../../test/formats/hdf5/hdf5.json', import.meta.url), 'utf8'),
) as Record<string, string>;
const recordedFile = (name: string): Uint8Array => new Uint8Array(inflateSync(Buffer.from(recorded[name]!, 'base64')));
const open = (name: string): Group => readHdf5(recordedFile(name), 'the-file');
const dataset = (group: Group, path: string): Dataset => group.get(path) as Dataset;
const again = 'fetch the file or save it again';

test('numbers of all types and both byte orders', async () => {
  const file = open('numbers');
  for (const name of file.names) {
    if (['large', 'none'].includes(name)) continue;
    const isWhole = /[iu]\d/.test(name);
    assert.equal(dataset(file, name).shape, [2, 3, 5]);
    assert.equal(
      [...(await dataset(file, name).read())],
      Array.from({ length: 30 }, (_, i) => (isWhole ? i : (i - 7) / 8)),
      name,
    );
    assert.is(dataset(file, name).first(), isWhole ? 0 : -7 / 8);
  }
  assert.is(file.names.length, 13);
  assert.is(dataset(file, 'bfloat16').attribute('dtype'), 'bfloat16');
  assert.is(dataset(file, 'large').first(), 12345678901234);
  assert.equal([dataset(file, 'none').shape, (await dataset(file, 'none').read()).length], [[0, 3], 0]);
  assert.is(dataset(file, 'none').first(), undefined);
});

test('attributes: texts and numbers, one and several', async () => {
  const file = open('texts');
  const expected = { any: 'grüß', empty: '', fixed: 'hello', list: ['a', 'bcd'], anyList: ['x', 'yy'], number: 4 };
  for (const [name, value] of Object.entries({ ...expected, numbers: [0, 1, 2], nothing: undefined, other: undefined }))
    assert.equal(file.attribute(name), value, name);
  await refuses(
    dataset(file, 'text').read(),
    'the-file: the HDF5 file has data that are no numbers where numbers are needed; save it with Keras',
  );
});

test('compressed data', async () => {
  const file = open('compressed');
  const expected = Array.from({ length: 30 }, (_, i) => (i - 7) / 8);
  for (const name of ['plain', 'gzip']) assert.equal([...(await dataset(file, name).read())], expected, name);
  await refuses(
    dataset(file, 'lzf').read(),
    "the-file: the HDF5 file has data compressed by filter 32000, which is not read; save it with compression='gzip', or without",
  );
  await refuses(
    dataset(file, 'partly').read(),
    'the-file: the HDF5 file has 8 of the 16 elements of its data; save it again',
  );
});

for (const name of ['small', 'latest', 'v108'])
  test(`groups in groups: ${name}`, async () => {
    const file = open(name);
    assert.equal(file.names, ['group']);
    assert.is((file.get('group') as Group).attribute('name'), 'conv2d');
    assert.equal((await dataset(file, 'group/inner/values').read()).length, 30);
    assert.is(file.get('/group//./inner/'), file.get('group/inner'));
    for (const path of ['x', 'group/x', 'group/inner/values/0', 'toString', '__proto__'])
      assert.is(file.get(path), undefined, path);
  });

test('features of newer files are refused', () => {
  refusesAtOnce(
    () => open('dense').names,
    "the-file: the HDF5 file keeps a group's members in a fractal heap, which is not read; save it with h5py.File(path, 'w', libver='earliest')",
  );
  refusesAtOnce(() => open('userBlock'), 'the-file: is no HDF5 file; it does not begin with \\x89HDF');
});

test('a truncated file, and one that is not HDF5', () => {
  const file = recordedFile('small');
  refusesAtOnce(
    () => readHdf5(file.subarray(0, -1), 'the-file'),
    `the-file: the HDF5 file breaks off: it says ${file.length} bytes, and has ${file.length - 1}; fetch the file again`,
  );
  for (const bytes of [new Uint8Array(0), file.subarray(0, 7), Uint8Array.of(1, 2, 3)])
    refusesAtOnce(() => readHdf5(bytes, 'the-file'), 'the-file: is no HDF5 file; it does not begin with \\x89HDF');
  refusesAtOnce(
    () => readHdf5(file.subarray(0, 8), 'the-file'),
    `the-file: the HDF5 file is damaged: byte 8 is to be that of a number; ${again}`,
  );
});

test('a shape larger than the file', async () => {
  const file = writeHdf5({ members: new Map([['x', { shape: [2], data: Float32Array.of(1, 2) }]]) });
  const at = Buffer.from(file).indexOf(Buffer.from([1, 1, 0, 0, 0, 0, 0, 0, 2]));
  const view = new DataView(file.buffer);
  for (const [count, sentence] of [
    [3n, /is to be the place of 12 bytes/],
    [2n ** 40n, /is to be the place of 4398046511104 bytes/],
    [2n ** 63n, /is to be the place of Infinity bytes/],
  ] as const) {
    view.setBigUint64(at + 8, count, true);
    const message = await dataset(readHdf5(file, 'the-file'), 'x')
      .read()
      .then(
        () => 'read',
        (error: Error) => error.message,
      );
    assert.match(message, sentence);
  }
});

test('a group that is its own member is only as deep as requested', () => {
  const file = writeHdf5({ members: new Map([['x', { members: new Map() }]]) });
  const view = new DataView(file.buffer);
  const table = Buffer.from(file).indexOf('SNOD');
  view.setBigUint64(table + 16, view.getBigUint64(64, true), true);
  assert.equal((readHdf5(file, 'the-file').get('x/x/x/x/x') as Group).names, ['x']);
});

test('a B-tree that is its own child', () => {
  const file = writeHdf5({ members: new Map([['x', { members: new Map() }]]) });
  const view = new DataView(file.buffer);
  const tree = Buffer.from(file).lastIndexOf('TREE');
  file[tree + 5] = 1;
  view.setBigUint64(tree + 32, BigInt(tree), true);
  refusesAtOnce(
    () => readHdf5(file, 'the-file').names,
    `the-file: the HDF5 file is damaged: byte ${tree} is to be a B-tree of type 0 and level 0; ${again}`,
  );
});

for (const count of [0, 1, 8, 9, 256, 257, 700])
  test(`own files: ${count} members`, async () => {
    const members = new Map<string, Hdf5Node>();
    for (let i = 0; i < count; i++)
      members.set(`layer_${i}`, {
        attributes: new Map([['name', `ä${i}`]]),
        members: new Map([['0', { shape: [1, 2], data: Float32Array.of(i, -i) }]]),
      });
    const root = {
      attributes: new Map<string, string | string[]>([
        ['config', 'ü'.repeat(70000)],
        ['empty', ''],
        ['names', ['a', 'bcd']],
      ]),
      members: new Map<string, Hdf5Node>([
        ['layers', { members }],
        ['iteration', { shape: [], data: BigInt64Array.of(12345678901234n) }],
      ]),
    };
    const bytes = writeHdf5(root);
    assert.is(Buffer.compare(bytes, writeHdf5(root)), 0);
    const file = readHdf5(bytes, 'the-file');
    assert.equal(
      ['config', 'empty', 'names'].map((name) => file.attribute(name)),
      [...root.attributes.values()],
    );
    assert.is(dataset(file, 'iteration').first(), 12345678901234);
    const layers = file.get('layers') as Group;
    assert.equal([...layers.names].sort(), [...members.keys()].sort());
    for (let i = 0; i < count; i++) {
      assert.equal([...(await dataset(layers, `layer_${i}/0`).read())], [i, -i]);
      assert.is((layers.get(`layer_${i}`) as Group).attribute('name'), `ä${i}`);
    }
  });

test.run();
