// Parquet of the Hugging Face hub: files that PyArrow wrote, compressions, pages, labels in numbers and words, what is missing.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { refusal, refuses } from '../../node/refuses.js';
import { readLayout } from './memoryFolder.js';

const recorded = JSON.parse(
  readFileSync(new URL('../../../../test/data/layouts/parquet.json', import.meta.url), 'utf8'),
) as Record<string, string>;
const saved = (name: string): Uint8Array => new Uint8Array(Buffer.from(recorded[name]!, 'base64'));

/** The first pixel of each picture, of which each has one color. */
const firstPixels = ({ data, shape }: { data: Uint8Array; shape: readonly number[] }): number[] =>
  Array.from({ length: shape[0]! }, (_, i) => data[(i * data.length) / shape[0]!]!);

test('compressed or not, pages of either version, in groups of rows, with or without a dictionary', async () => {
  for (const name of ['snappy', 'gzip', 'none', 'v2pages', 'plain']) {
    const { train, test, classNames, notes } = await readLayout({ 'train-00000-of-00001.parquet': saved(name) });
    assert.equal(
      [train.x.shape, firstPixels(train.x), [...train.y]],
      [
        [4, 2, 3, 1],
        [1, 2, 3, 4],
        [2, 0, 1, 0],
      ],
      name,
    );
    assert.equal([test, classNames, notes], [null, ['cat', 'dog', 'owl'], []]);
  }
});

test('shards of one part are joined, and parts recognized by their names', async () => {
  const { train, validation, test } = await readLayout({
    'train-00000-of-00002-1359597a978bc4fa.parquet': saved('snappy'),
    'train-00001-of-00002-0123456789abcdef.parquet': saved('gzip'),
    'validation-00000-of-00001.parquet': saved('none'),
    'test-00000-of-00001.parquet': saved('plain'),
  });
  assert.equal(
    [train, validation, test].map((part) => part?.y.length),
    [8, 4, 4],
  );
  assert.equal(firstPixels(train.x), [1, 2, 3, 4, 1, 2, 3, 4]);
});

test('labels in words', async () => {
  const { train, classNames } = await readLayout({ 'birds.parquet': saved('words') });
  assert.equal(
    [[...train.y], classNames],
    [
      [1, 0, 1, 0],
      ['cat', 'owl'],
    ],
  );
});

for (const [name, bytes, sentence] of [
  ['zstd', saved('zstd'), 'is compressed by ZSTD, which is not read; save it with snappy or gzip'],
  [
    'no labels',
    saved('noLabel'),
    'needs a column of pictures { bytes, path } and one of labels, has image; call them image and label',
  ],
  ['a null for a label', saved('null'), 'row 1 has no label; leave the row out'],
  [
    'no Parquet',
    new TextEncoder().encode('PAR1 something else'),
    'is no Parquet file, or a damaged one (parquet file invalid (footer != PAR1)); fetch the file again',
  ],
  [
    'cut off',
    saved('snappy').subarray(0, 500),
    'is no Parquet file, or a damaged one (parquet file invalid (footer != PAR1)); fetch the file again',
  ],
  [
    'empty',
    new Uint8Array(0),
    'is no Parquet file, or a damaged one (parquet file is too short); fetch the file again',
  ],
] as const)
  test(name, () => refuses(readLayout({ 'a.parquet': bytes }), `folder/a.parquet: ${sentence}`));

test('a picture that is damaged is named by its row', async () => {
  const bytes = saved('none');
  const at = Buffer.from(bytes).indexOf('IDAT') + 6;
  bytes[at]! ^= 255;
  assert.match(await refusal(readLayout({ 'a.parquet': bytes })), /^folder\/a\.parquet: row 0/);
  const { train, skipped } = await readLayout({ 'a.parquet': bytes }, null, { skipBroken: true });
  assert.equal(
    [firstPixels(train.x), [...train.y]],
    [
      [2, 3, 4],
      [0, 1, 0],
    ],
  );
  assert.is(skipped?.length, 1);
});

test('bytes changed anywhere end in pictures or in one sentence', async () => {
  const whole = saved('v2pages');
  for (let at = 0; at < whole.length; at += 3) {
    const bytes = whole.slice();
    bytes[at]! ^= 0x5a;
    await readLayout({ 'a.parquet': bytes }).catch((error: Error) =>
      assert.is(error.name, 'WasmCnnError', `${at}: ${error.stack}`),
    );
  }
});

test.run();
