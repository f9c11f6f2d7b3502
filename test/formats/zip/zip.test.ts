// Zip archives: what is written is read here and by unzip's rules, and what an archive may not say is refused before anything is unpacked.
import { unzipSync } from 'fflate';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readZip, writeZip } from '../../../src/formats/zip/zip.js';
import { refusesAtOnce } from '../../node/refuses.js';
import { zipFile, type Entry } from './zipFile.js';

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7) & 255);
const again = 'fetch the file again';

test('what is written is stored, in order, the same each time, and is read here and by fflate', async () => {
  const contents = new Map([
    ['config.json', bytes(5)],
    ['a/empty', bytes(0)],
    ['ä.h5', bytes(1000)],
  ]);
  const file = writeZip(contents);
  const entries = readZip(file, 'the-file');
  assert.equal(
    entries.map(({ name, size }) => [name, size]),
    [...contents].map(([name, { length }]) => [name, length]),
  );
  for (const entry of entries) assert.equal(await entry.read(), contents.get(entry.name)!);
  assert.equal(unzipSync(file), Object.fromEntries(contents));
  assert.ok(file.length < 1005 + 3 * 150, 'stored');
  assert.is(Buffer.compare(file, writeZip(contents)), 0);
});

const entry = (name: string, more: Partial<Entry> = {}): Entry => ({ name, content: bytes(20), ...more });

for (const name of ['../a', 'a/../../b', '/etc/passwd', '\\a', 'a\\..\\b', 'C:\\a', 'c:a', '..'])
  test(`a name outside the archive: ${name}`, () =>
    refusesAtOnce(
      () => readZip(zipFile([entry(name)]), 'the-file'),
      `the-file: ${name} names a place outside the zip archive; do not trust this file, and take it from another source`,
    ));

test('names with dots that lead nowhere are read', () => {
  for (const name of ['..a', 'a..b/c', 'a/...', './a', '.']) readZip(zipFile([entry(name)]), 'the-file');
});

test('an entry twice', () =>
  refusesAtOnce(
    () => readZip(zipFile([entry('a'), entry('b'), entry('a')]), 'the-file'),
    'the-file: a is in the zip archive twice; save it again',
  ));

test('entries that lie in one another', () => {
  const file = zipFile([entry('a', { content: bytes(400) }), entry('b'), entry('c')]);
  // All three begin where the first does, and are as long.
  const view = new DataView(file.buffer, file.byteOffset);
  for (let at = 0; at + 46 < file.length; at++) {
    if (view.getUint32(at, true) !== 0x02014b50) continue;
    view.setUint32(at + 20, 400, true);
    view.setUint32(at + 24, 400, true);
    view.setUint32(at + 42, 0, true);
  }
  refusesAtOnce(
    () => readZip(file, 'the-file'),
    `the-file: the entries of the zip archive lie in one another: 1200 bytes in a file of ${file.length}; ${again}`,
  );
});

test.run();
