// Gzip, hostile and not: what comes out, how much memory it may take, and the sentence for each damage.
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gunzipMaybe, readMaybeGzipped } from '../../../src/node/dataset/gunzip.js';
import { refuses } from '../refuses.js';
import { temporaryFolder } from '../temporaryFolder.js';

const root = temporaryFolder();
const content = Uint8Array.from({ length: 5000 }, (_, i) => (i * i) >>> 3);
const gzipped = gzipSync(content);
const again = 'fetch the file again';

test('gzipped or not, whatever the name, from disk and from memory', async () => {
  for (const [name, bytes] of [
    ['plain.gz', content],
    ['zipped', gzipped],
  ] as const) {
    await fs.writeFile(join(root, name), bytes);
    assert.ok(same(await readMaybeGzipped(join(root, name), content.length), content));
    assert.ok(same(await gunzipMaybe(bytes, content.length, 'f'), content));
  }
});

test('a large file is unzipped to where it stays, whether the limit is a number or comes from its head', async () => {
  const large = Uint8Array.from({ length: 3e6 }, (_, i) => (i * i) >>> 5);
  const halves = [large.subarray(0, 1e6), large.subarray(1e6)].map((half) => gzipSync(half));
  for (const bytes of [gzipSync(large), Buffer.concat(halves)]) {
    await fs.writeFile(join(root, 'large'), bytes);
    for (const limit of [large.length, (): number => large.length]) {
      for (const result of [await readMaybeGzipped(join(root, 'large'), limit), await gunzipMaybe(bytes, limit, 'f')]) {
        assert.ok(same(result, large));
        assert.is(result.buffer.byteLength, large.length + 1, 'the room that zlib had');
      }
      await refuses(
        gunzipMaybe(Buffer.concat([bytes, gzipped]), limit, 'f'),
        `f: unzips to more than the 3000000 bytes expected; ${again}`,
      );
    }
  }
  // Its first bytes are a name.
  const header = Buffer.from([0x1f, 0x8b, 8, 0x08, 0, 0, 0, 0, 0, 0]);
  const named = Buffer.concat([header, Buffer.alloc(9000, 'n'), Buffer.alloc(1), gzipSync(large).subarray(10)]);
  assert.ok(same(await gunzipMaybe(named, () => large.length, 'f'), large));
});

test('two members one after the other are one file, as gzip defines it', async () => {
  const members = Buffer.concat([
    gzipSync(content.subarray(0, 5)),
    gzipSync(Buffer.alloc(0)),
    gzipSync(content.subarray(5)),
  ]);
  const limit = (head: Uint8Array): number => (same(head.subarray(0, 16), content.subarray(0, 16)) ? 5000 : 0);
  assert.ok(same(await gunzipMaybe(members, limit, 'f'), content));
});

test('the limit is asked once, with the first 16 bytes or all there are', async () => {
  for (const length of [0, 1, 15, 16, 17, 5000]) {
    for (const bytes of [content.subarray(0, length), gzipSync(content.subarray(0, length))]) {
      const heads: number[] = [];
      const limit = (head: Uint8Array): number => (heads.push(head.length), 5000);
      assert.ok(same(await gunzipMaybe(bytes, limit, 'f'), content.subarray(0, length)));
      assert.ok(heads.length === 1 && heads[0]! >= Math.min(16, length), `${heads} of ${length}`);
    }
  }
});

test('the first 16 bytes need not come at once', async () => {
  // A file is read a megabyte at a time. The name inside the gzip is so long that the first one ends after 5 bytes of content.
  const name = Buffer.alloc(2 ** 20 - 10 - 1 - 5 - 5, 'n');
  const header = Buffer.from([0x1f, 0x8b, 8, 0x08, 0, 0, 0, 0, 0, 0]);
  const stored = deflateRawSync(content, { level: 0 });
  await fs.writeFile(join(root, 'named'), Buffer.concat([header, name, Buffer.alloc(1), stored, gzipped.subarray(-8)]));
  const limit = (head: Uint8Array): number => (same(head.subarray(0, 16), content.subarray(0, 16)) ? 5000 : 0);
  assert.ok(same(await readMaybeGzipped(join(root, 'named'), limit), content));
});

test('a limit that refuses the head refuses the file', async () => {
  const limit = (): number => {
    throw new RangeError('no');
  };
  const error: unknown = await gunzipMaybe(gzipped, limit, 'f').catch((reason: unknown) => reason);
  assert.instance(error, RangeError);
});

const cases: [string, Uint8Array, string][] = [
  ['only the magic', gzipped.subarray(0, 2), `the gzip data breaks off before its end; ${again}`],
  ['only the header', gzipped.subarray(0, 10), `the gzip data breaks off before its end; ${again}`],
  ['half', gzipped.subarray(0, gzipped.length >> 1), `the gzip data breaks off before its end; ${again}`],
  ['last byte missing', gzipped.subarray(0, -1), `the gzip data breaks off before its end; ${again}`],
  ['wrong checksum', flipped(gzipped, -8), `the gzip checksum does not fit the content; ${again}`],
  ['wrong length', flipped(gzipped, -1), `the gzip length does not fit the content; ${again}`],
  ['unknown method', flipped(gzipped, 2), `the gzip data is damaged (unknown compression method); ${again}`],
  ['unknown block', flipped(gzipped, 10, 0x02), `the gzip data is damaged (invalid block type); ${again}`],
  [
    'garbage after it',
    Buffer.concat([gzipped, Buffer.from('garbage')]),
    `other bytes follow the end of the gzip data; ${again}`,
  ],
  [
    'zeros after it',
    Buffer.concat([gzipped, Buffer.alloc(7)]),
    `7 more bytes follow the end of the gzip data; ${again}`,
  ],
  [
    'megabytes of zeros after it',
    Buffer.concat([gzipped, Buffer.alloc(9e6)]),
    `9000000 more bytes follow the end of the gzip data; ${again}`,
  ],
  [
    'half a second member',
    Buffer.concat([gzipped, gzipped.subarray(0, 12)]),
    `the gzip data breaks off before its end; ${again}`,
  ],
  ['a second member', Buffer.concat([gzipped, gzipped]), `unzips to more than the 5000 bytes expected; ${again}`],
  [
    'one byte too many',
    gzipSync(Buffer.concat([content, Buffer.alloc(1)])),
    `unzips to more than the 5000 bytes expected; ${again}`,
  ],
  [
    'plain, one byte too many',
    Buffer.concat([content, Buffer.alloc(1)]),
    `holds more than the 5000 bytes expected; ${again}`,
  ],
];
for (const [name, bytes, sentence] of cases) {
  test(`damage: ${name}`, async () => {
    const path = join(root, 'damaged');
    await fs.writeFile(path, bytes);
    await refuses(readMaybeGzipped(path, 5000), `${path}: ${sentence}`);
    await refuses(gunzipMaybe(bytes, 5000, 'f'), `f: ${sentence}`);
  });
}

test('a bomb is stopped at its limit', async () => {
  const bomb = bombOf(2 ** 30);
  assert.ok(bomb.length < 2 ** 21);
  await fs.writeFile(join(root, 'bomb'), bomb);
  const before = process.resourceUsage().maxRSS;
  await refuses(
    readMaybeGzipped(join(root, 'bomb'), 1e6),
    `${join(root, 'bomb')}: unzips to more than the 1000000 bytes expected; ${again}`,
  );
  assert.ok(process.resourceUsage().maxRSS - before < 50_000, 'grew by more than 50 MB');
});

test('what a header claims is not allocated where the file is too small to hold it', async () => {
  const before = process.memoryUsage().arrayBuffers;
  const result = await gunzipMaybe(gzipSync(Buffer.alloc(100)), () => 2 ** 31 - 1, 'f');
  assert.is(result.length, 100);
  assert.ok(result.buffer.byteLength < 100_000);
  assert.ok(process.memoryUsage().arrayBuffers - before < 2e6);
});

test('a missing file and a folder', async () => {
  await refuses(
    readMaybeGzipped(join(root, 'none'), 1),
    `cannot read ${join(root, 'none')}: there is no such file; check the path`,
  );
  await refuses(readMaybeGzipped(root, 1), `cannot read ${root}: it is a folder, a file is needed; name a file in it`);
});

test('any damage gives the content or a sentence', async () => {
  for (let at = 2; at < gzipped.length; at += 3) {
    const bytes = flipped(gzipped, at, 1 << (at % 8));
    const result = await gunzipMaybe(bytes, 5000, 'f').catch((error: unknown) => error);
    if (result instanceof Uint8Array) assert.ok(same(result, content), `byte ${at}`);
    else assert.match(String(result), /^WasmCnnError: f: .+; fetch the file again$/);
  }
});

/** uvu would print all 5000 elements. */
function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function flipped(bytes: Uint8Array, at: number, mask = 0xff): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at < 0 ? copy.length + at : at]! ^= mask;
  return copy;
}

/** Gzip of `length` zeros, made without having them: one stored megabyte, repeated as full-flush deflate blocks. */
function bombOf(length: number): Uint8Array {
  const megabyte = deflateRawSync(Buffer.alloc(2 ** 20), { finishFlush: 3 });
  return Buffer.concat([gzipped.subarray(0, 10), ...Array.from({ length: length / 2 ** 20 }, () => megabyte)]);
}

test.run();
