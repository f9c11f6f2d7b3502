// Pixels that were kept go by DECODERS: a change that moves a pixel must raise it.
import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DECODERS, decodeToInput } from '../../src/images/decode.js';
import { decodeImage, imageInput, imageToInput } from '../../src/images/index.js';
import { samples } from './samples.js';

/** SHA-256 of all samples' pixels, and of inputs made from them. */
const RECORDED = { decoders: 1, sha256: 'a81df089432e97fb88adf7bbe6185582169f7c700d320cc62f028755863b83b2' };

test('where decoders or inputs change, DECODERS is another number', async () => {
  const hash = createHash('sha256');
  for (const { file } of samples.values()) {
    const picture = await decodeImage(file);
    hash.update(picture.data);
    for (const interpolation of ['nearest', 'bilinear', 'bicubic', 'area'] as const)
      for (const antialias of [false, true])
        for (const colorMode of ['grayscale', 'rgb', 'rgba'] as const)
          hash.update(imageToInput(picture, { imageSize: [9, 14], interpolation, antialias, colorMode }));
  }
  assert.equal(
    { decoders: DECODERS, sha256: hash.digest('hex') },
    RECORDED,
    'raise DECODERS in src/images/decode.ts, and record both here',
  );
});

test('what is made of pixels in a decoder is what is made of a copy', async () => {
  const options = [
    { imageSize: [9, 14] },
    { imageSize: [5, 19], aspectRatio: 'pad', background: [1, 2, 3] },
    { imageSize: [13, 5], aspectRatio: 'crop', interpolation: 'bicubic' },
    { imageSize: [40, 40], interpolation: 'area' },
    { imageSize: [9, 14], antialias: false },
    { imageSize: [9, 14], colorMode: 'grayscale' },
    { imageSize: [9, 14], colorMode: 'rgba' },
  ] as const;
  for (const [name, { file }] of samples)
    for (const given of options)
      assert.equal(
        await decodeToInput(file, name, imageInput(given)),
        imageToInput(await decodeImage(file), given),
        `${name} ${JSON.stringify(given)}`,
      );
});

test.run();
