// readImage and readPng: what they add to decodeImage is the path.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readImage, readPng } from '../../../src/node/images/readImage.js';

const gray = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
const sound = encode({ data: gray, width: 4, height: 3, channels: 1 });

test('a path or bytes become a picture, or a gray drawing; and a path that is wrong a sentence', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wasm-cnn-'));
  const failure = (path: string) =>
    readPng(path).then(
      () => 'it was read',
      (error: Error) => `${error.name}: ${error.message}`,
    );
  try {
    const path = join(folder, 'a.png');
    writeFileSync(path, sound);
    assert.equal(await readPng(path), {
      gray,
      width: 4,
      height: 3,
    });
    assert.equal(await readPng(sound), await readPng(path));
    assert.equal(await readImage(path), { data: gray, width: 4, height: 3, channels: 1 });
    assert.equal(await readImage(sound), await readImage(path));
    assert.is(await failure(folder), `WasmCnnError: ${folder} is not a file; give the path of a picture`);
    assert.is(await failure(`${path}x`), `WasmCnnError: ${path}x does not exist; give the path of a picture`);
    assert.is(
      await failure(`${path}/x`),
      `WasmCnnError: ${path}/x cannot be read (ENOTDIR); check the path and its permissions`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
