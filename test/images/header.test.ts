// What headers say of pictures is what the decoders make of them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeImage } from '../../src/images/index.js';
import { readHeader } from '../../src/images/header.js';
import { samples } from './samples.js';

for (const [name, { file }] of samples)
  test(`${name}: as it is decoded`, async () => {
    const { width, height, channels } = await decodeImage(file);
    assert.equal(await readHeader(file, 'x'), { width, height, isGray: channels === 1 });
  });

test('the first bytes of a JPEG or a PNG are enough', async () => {
  for (const [name, { file, width, height }] of samples) {
    if (!/^(jpeg|png)/.test(name)) continue;
    // The pixels of these small ones take 20 bytes at least.
    const header = await readHeader(file.subarray(0, file.length - 20), 'x');
    assert.equal([header.width, header.height], [width, height], name);
  }
});

test.run();
