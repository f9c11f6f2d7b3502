// imageToInput: sizes as Pillow and TensorFlow make them, proportions as Keras does, colors, backgrounds; and options that are wrong.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WasmCnnError } from '../../src/base/errors.js';
import { imageToInput, type ImageInputOptions, type Picture } from '../../src/images/index.js';

/** As recordResizes.py makes its source: [rows, columns, 3] of a picture that is 61 pixels wide. */
function pictureOf(height: number, width: number): Picture {
  const data = Uint8Array.from({ length: height * width * 3 }, (_, i) => {
    const row = Math.floor(i / (3 * width));
    const index = row * 61 * 3 + (i - row * 3 * width);
    return (Math.floor((index * index) / 29) + index * 7) & 255;
  });
  return { data, width, height, channels: 3 };
}

interface Resize {
  readonly source: readonly [number, number];
  readonly imageSize: readonly [number, number];
  readonly interpolation: 'nearest' | 'bilinear' | 'bicubic' | 'area';
  readonly pixels: string;
}
const resizes = JSON.parse(
  readFileSync(new URL('../../../test/images/resizes.json', import.meta.url), 'utf8'),
) as readonly Resize[];

for (const { source, imageSize, interpolation, pixels } of resizes)
  test(`${interpolation}, ${source.join(' × ')} to ${imageSize.join(' × ')}: Pillow's pixels`, () => {
    const found = imageToInput(pictureOf(...source), { imageSize, interpolation });
    assert.equal(found, new Uint8Array(Buffer.from(pixels, 'base64')));
  });

const tensorFlow = {
  /** ResizeBilinear with half_pixel_centers. */
  bilinear(line: readonly number[], size: number): number[] {
    return Array.from({ length: size }, (_, i) => {
      const at = (i + 0.5) * (line.length / size) - 0.5;
      const lower = Math.floor(at);
      const [a, b] = [line[Math.max(lower, 0)]!, line[Math.min(lower + 1, line.length - 1)]!];
      return a + (b - a) * (at - lower);
    });
  },
  /** ResizeBicubic with half_pixel_centers: Keys' a = -1/2, and weights beyond the ends are left out. */
  bicubic(line: readonly number[], size: number): number[] {
    const near = (x: number) => (1.5 * x - 2.5) * x * x + 1;
    const far = (x: number) => ((-0.5 * x + 2.5) * x - 4) * x + 2;
    return Array.from({ length: size }, (_, i) => {
      const at = (i + 0.5) * (line.length / size) - 0.5;
      const [first, t] = [Math.floor(at) - 1, at - Math.floor(at)];
      const weights = [far(1 + t), near(t), near(1 - t), far(2 - t)];
      let [sum, weight] = [0, 0];
      for (const [j, each] of weights.entries()) {
        const value = line[first + j];
        if (value !== undefined) [sum, weight] = [sum + each * value, weight + each];
      }
      return sum / weight;
    });
  },
  /** ResizeArea. */
  area(line: readonly number[], size: number): number[] {
    const scale = line.length / size;
    return Array.from({ length: size }, (_, i) => {
      let sum = 0;
      for (const [j, value] of line.entries())
        sum += value * Math.max(0, Math.min(j + 1, (i + 1) * scale) - Math.max(j, i * scale));
      return sum / scale;
    });
  },
};

/** Rows, then columns, in f64 and not rounded between. */
function resized(picture: Picture, height: number, width: number, kind: keyof typeof tensorFlow): number[] {
  const { data, channels } = picture;
  const values = Array.from({ length: height * width * channels }, () => 0);
  for (let c = 0; c < channels; c++) {
    const rows = Array.from({ length: picture.height }, (_, y) =>
      tensorFlow[kind](
        Array.from({ length: picture.width }, (_, x) => data[(y * picture.width + x) * channels + c]!),
        width,
      ),
    );
    for (let x = 0; x < width; x++)
      for (const [y, value] of tensorFlow[kind](
        rows.map((row) => row[x]!),
        height,
      ).entries())
        values[(y * width + x) * channels + c] = Math.max(0, Math.min(255, value));
  }
  return values;
}

for (const interpolation of ['bilinear', 'bicubic', 'area'] as const)
  for (const [height, width] of [
    [13, 17],
    [90, 100],
    [1, 1],
    [11, 130],
  ] as const)
    test(`${interpolation} without antialias to ${height} × ${width}: tf.image.resize's formula`, () => {
      const picture = pictureOf(29, 31);
      const expected = resized(picture, height, width, interpolation);
      const found = imageToInput(picture, { imageSize: [height, width], interpolation, antialias: false });
      const worst = found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
      // Half of one where the end is rounded, and a 128th between the passes, which bicubic can make a 100th.
      assert.ok(worst <= 0.512, `off by ${worst}`);
    });

test("nearest: tf.image.resize's pixel", () => {
  const picture = pictureOf(29, 31);
  const found = imageToInput(picture, { imageSize: [7, 50], interpolation: 'nearest', antialias: false });
  for (let y = 0; y < 7; y++)
    for (let x = 0; x < 50; x++) {
      const at = Math.floor((y + 0.5) * (29 / 7)) * 31 + Math.floor((x + 0.5) * (31 / 50));
      assert.equal(found.slice(3 * (y * 50 + x), 3 * (y * 50 + x) + 3), picture.data.slice(3 * at, 3 * at + 3));
    }
});

/** Rows and columns of a picture. */
function part({ data, width, channels }: Picture, top: number, height: number, left: number, columns: number): Picture {
  const out = new Uint8Array(height * columns * channels);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * width + left) * channels;
    out.set(data.subarray(from, from + columns * channels), y * columns * channels);
  }
  return { data: out, width: columns, height, channels };
}

test('crop: the middle, as large as it can be', () => {
  const picture = pictureOf(20, 41);
  for (const interpolation of ['bilinear', 'area', 'nearest'] as const) {
    const options = { imageSize: [8, 8], interpolation } as const;
    // 20 columns of 41, from (41 - 20) / 2 rounded down.
    assert.equal(
      imageToInput(picture, { ...options, aspectRatio: 'crop' }),
      imageToInput(part(picture, 0, 20, 10, 20), options),
    );
    const tall = { ...options, imageSize: [9, 30], aspectRatio: 'crop' } as const;
    // 41 · 9 / 30 = 12.3 rows.
    assert.equal(
      imageToInput(picture, tall),
      imageToInput(part(picture, 4, 12, 0, 41), { ...tall, aspectRatio: 'stretch' }),
    );
  }
});

test('pad: in the middle of the background, as if it were painted around the picture', () => {
  const picture = pictureOf(20, 41);
  const background = [10, 200, 77] as const;
  const painted = new Uint8Array(41 * 41 * 3).map((_, i) => background[i % 3]!);
  painted.set(picture.data, 10 * 41 * 3);
  const whole: Picture = { data: painted, width: 41, height: 41, channels: 3 };
  for (const interpolation of ['bilinear', 'bicubic', 'area', 'nearest'] as const)
    for (const side of [8, 41, 60]) {
      const options = { imageSize: [side, side], interpolation, background } as const;
      assert.equal(
        imageToInput(picture, { ...options, aspectRatio: 'pad' }),
        imageToInput(whole, options),
        `${interpolation} ${side}`,
      );
    }
});

test('pad: a line of pixels takes no more memory than necessary', () => {
  const line: Picture = { data: new Uint8Array(100_000), width: 100_000, height: 1, channels: 1 };
  const options = { imageSize: [20, 20], colorMode: 'grayscale', aspectRatio: 'pad' } as const;
  const found = imageToInput(line, options);
  assert.ok(found.every((value) => value === 255));
  assert.equal(imageToInput(line, { ...options, aspectRatio: 'crop' }), new Uint8Array(400));
});

test('colors: gray by luma, transparency over the background, opacity kept in rgba', () => {
  const one = (data: readonly number[], options: Partial<ImageInputOptions>): number[] => [
    ...imageToInput(
      { data: Uint8Array.from(data), width: 1, height: 1, channels: data.length as 1 | 3 | 4 },
      { imageSize: [1, 1], ...options },
    ),
  ];
  const background = [10, 20, 30] as const;
  assert.equal(one([9], {}), [9, 9, 9]);
  assert.equal(one([9], { colorMode: 'grayscale' }), [9]);
  assert.equal(one([9], { colorMode: 'rgba' }), [9, 9, 9, 255]);
  assert.equal(one([200, 100, 50], { colorMode: 'grayscale' }), [(77 * 200 + 150 * 100 + 29 * 50 + 128) >> 8]);
  assert.equal(one([200, 100, 50], { colorMode: 'rgba' }), [200, 100, 50, 255]);
  assert.equal(one([200, 100, 50, 0], {}), [255, 255, 255]);
  assert.equal(one([200, 100, 50, 0], { background }), [10, 20, 30]);
  assert.equal(one([200, 100, 50, 51], { background }), [48, 36, 34]);
  assert.equal(one([200, 100, 50, 0], { background, colorMode: 'rgba' }), [200, 100, 50, 0]);
  assert.equal(one([200, 100, 50, 0], { background, colorMode: 'grayscale' }), [18]);
});

test('options and pictures that are wrong', () => {
  const picture = pictureOf(4, 4);
  const sentence = (given: unknown, options: unknown): string => {
    try {
      imageToInput(given as Picture, options as ImageInputOptions);
    } catch (error) {
      assert.instance(error, WasmCnnError);
      return (error as Error).message;
    }
    return assert.unreachable('it was taken') as never;
  };
  assert.is(
    sentence(picture, {}),
    'imageToInput: imageSize must be [height, width], whole numbers of 1 to 16384, got undefined',
  );
  assert.is(
    sentence(picture, { imageSize: [0, 2.5] }),
    'imageToInput: imageSize must be [height, width], whole numbers of 1 to 16384, got [0, 2.5]',
  );
  assert.is(
    sentence(picture, { imageSize: [2, 2], colorMode: 'gray' }),
    `imageToInput: colorMode must be 'grayscale', 'rgb', 'rgba', got "gray"`,
  );
  assert.is(
    sentence(picture, { imageSize: [2, 2], background: [0, 0, 256] }),
    'imageToInput: background must be [red, green, blue], whole numbers of 0 to 255, got [0, 0, 256]',
  );
  assert.match(
    sentence(picture, { imageSize: [2, 2], size: 1 }),
    /^imageToInput has no option 'size'; it has imageSize/,
  );
  assert.is(
    sentence({ ...picture, width: 5 }, { imageSize: [2, 2] }),
    'imageToInput needs a picture of height × width × channels (1, 3 or 4) bytes, got 4 × 5 × 3 and 48 bytes',
  );
  assert.is(
    sentence([1, 2], { imageSize: [2, 2] }),
    'imageToInput needs a picture { data, width, height, channels } of bytes, got an array',
  );
});

test('a picture of the size that is asked for keeps its pixels, and another one shares none of its taps', () => {
  const picture = pictureOf(5, 5);
  for (const interpolation of ['nearest', 'bilinear', 'bicubic', 'area'] as const)
    for (const antialias of [false, true]) {
      const options = { imageSize: [5, 5], interpolation, antialias } as const;
      assert.equal(imageToInput(picture, options), picture.data, interpolation);
      assert.is(imageToInput(pictureOf(7, 5), options).length, 75);
      assert.equal(imageToInput(picture, options), picture.data, `${interpolation} again`);
    }
});

test.run();
