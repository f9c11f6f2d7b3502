// decodeImage: the pixels of every kind of file, as Pillow finds them; and a sentence for what is no sound picture.
import { createContext, runInContext } from 'node:vm';
import { crc32, deflateSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WasmCnnError } from '../../src/base/errors.js';
import { decodeImage, type DecodeOptions } from '../../src/images/index.js';
import { samples } from './samples.js';

const fileOf = (name: string): Uint8Array => samples.get(name)!.file;
const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** The one sentence that `bytes` get. */
async function sentence(bytes: Uint8Array, options: DecodeOptions = {}): Promise<string> {
  try {
    await decodeImage(bytes, { who: 'a.jpg', ...options });
  } catch (error) {
    assert.instance(error, WasmCnnError);
    return (error as Error).message;
  }
  return assert.unreachable('it was read') as never;
}

/** libjpeg-turbo interpolates chroma of these rows since 2.2; MozJPEG's fork, which is inlined, repeats it. */
const tolerance = new Map([['jpeg 4:4:0', 2]]);

for (const [name, sample] of samples) {
  test(`${name}: Pillow's pixels`, async () => {
    const { data, ...shape } = await decodeImage(sample.file);
    const { width, height, channels, pixels } = sample;
    assert.equal(shape, { width, height, channels });
    const worst = data.reduce((most, value, i) => Math.max(most, Math.abs(value - pixels[i]!)), 0);
    assert.ok(worst <= (tolerance.get(name) ?? 0), `off by ${worst}`);
  });
}

test('bytes of any view, buffer and realm; several at once', async () => {
  const { file, pixels } = samples.get('jpeg 4:2:0')!;
  const shared = new SharedArrayBuffer(file.length + 3);
  new Uint8Array(shared, 3).set(file);
  const context = createContext({ values: [...file] });
  const foreign = runInContext('new Uint8Array(values)', context) as Uint8Array;
  const given = [file, file.slice().buffer, new Uint8Array(shared, 3), Buffer.from(file), foreign];
  for (const { data } of await Promise.all(given.map((bytes) => decodeImage(bytes)))) assert.equal(data, pixels);
});

test('globals stay as they are', async () => {
  const before = Object.getOwnPropertyNames(globalThis);
  await decodeImage(fileOf('jpeg gray'));
  await decodeImage(fileOf('webp lossy'));
  assert.equal(Object.getOwnPropertyNames(globalThis), before);
});

test('options and arguments that are wrong', async () => {
  const failure = (...args: readonly unknown[]) =>
    (decodeImage as (...args: readonly unknown[]) => Promise<unknown>)(...args).then(
      () => 'it was read',
      ({ message }: Error) => message,
    );
  assert.is(
    await failure('a.jpg'),
    'decodeImage needs the bytes of an image file for the picture, a Uint8Array, got "a.jpg"',
  );
  assert.is(
    await failure(new Uint16Array(3), { who: 'x' }),
    'decodeImage needs the bytes of an image file for x, a Uint8Array, got a Uint16Array',
  );
  assert.is(await failure(fileOf('gif'), { name: 'x' }), "decodeImage has no option 'name'; it has who, maxPixels");
  assert.is(
    await failure(fileOf('gif'), { maxPixels: NaN }),
    'decodeImage: maxPixels must be a number of at least 1, got NaN',
  );
});

test('other formats are named', async () => {
  const named: [start: string, name: string, todo?: string][] = [
    ['\0\0\0\x18ftypheic', 'a HEIC photo'],
    ['\0\0\0\x18ftypavif', 'an AVIF'],
    ['\0\0\0\x0cJXL \r\n\x87\n', 'a JPEG XL'],
    ['II*\0', 'a TIFF'],
    ['8BPS\0\x01', 'a Photoshop file'],
    ['%PDF-1.4', 'a PDF'],
    ['<svg xmlns', 'an SVG'],
    ['<!DOCTYPE html>', 'a web page'],
    ['------------------------d74496d66958873e\r\n', 'a form (multipart/form-data)', 'take the file out of it'],
    ['data:image/png;base64,iVBORw0KGgo', 'base64', 'decode it first'],
    ['hello\n', 'a text'],
    ['hello\0', 'something else'],
    ['\x89PNG\n\x1a\n', 'a PNG whose line ends were changed on the way', 'copy it as binary'],
  ];
  for (const [start, name, todo = 'save it as one of these'] of named)
    assert.is(await sentence(latin1(start)), `a.jpg is not a PNG, JPEG, WebP, GIF or BMP picture but ${name}; ${todo}`);
  assert.is(await sentence(new Uint8Array(0)), 'a.jpg is empty; give a PNG, JPEG, WebP, GIF or BMP picture');
});

const kinds = [
  'jpeg 4:2:0',
  'jpeg 4:2:0 progressive',
  'jpeg gray',
  'webp lossy alpha',
  'webp lossless',
  'webp animated lossy alpha',
  'gif interlaced',
  'bmp 24 bits',
  'bmp 8 bits runs',
  'png palette of 16',
];

for (const name of kinds)
  test(`${name}, cut anywhere: a sentence`, async () => {
    const { file, pixels } = samples.get(name)!;
    for (let length = 0; length < file.length; length++) {
      const message = await decodeImage(file.subarray(0, length), { who: 'a.jpg' }).then(
        // The trailer of a GIF says nothing; nor do the last bytes of padding.
        ({ data }) => (assert.equal(data, pixels), assert.ok(length > file.length - 4, `${length} bytes`), ''),
        (error: unknown) => (assert.instance(error, WasmCnnError), (error as Error).message),
      );
      if (message !== '') assert.match(message, /^a\.jpg (is|holds|has|says) .*; (copy|save|give) /);
    }
  });

/** Height, width and components of a JPEG that has nothing else. */
function jpegOf(height: number, width: number, components: number, marker = 0xc0, depth = 8): Uint8Array {
  const sides = [height >> 8, height & 255, width >> 8, width & 255];
  return Uint8Array.of(0xff, 0xd8, 0xff, marker, 0, 8, depth, ...sides, components, 0xff, 0xd9);
}

test('JPEGs of kinds that are not read', async () => {
  assert.is(
    await sentence(jpegOf(8, 8, 4)),
    'a.jpg is a CMYK JPEG, for print, and its colors would only be guessed; save it as RGB',
  );
  assert.is(
    await sentence(jpegOf(8, 8, 2)),
    'a.jpg is a JPEG of 2 components a pixel, 1 (gray) or 3 (color) are read; save it as RGB',
  );
  assert.is(
    await sentence(jpegOf(8, 8, 1, 0xc1, 12)),
    'a.jpg is a JPEG of 12 bits a sample, 8 are read; save it as a usual JPEG or PNG',
  );
  assert.is(
    await sentence(jpegOf(8, 8, 3, 0xc3)),
    'a.jpg is a JPEG of a kind that is not read (lossless or hierarchical, SOF3); save it as a usual JPEG or PNG',
  );
  assert.is(await sentence(jpegOf(0, 8, 3)), 'a.jpg says it is 8 × 0 pixels; save it again');
});

test('a JPEG whose data end early, or are not what they should be, is refused; the next one is read', async () => {
  const { file, pixels } = samples.get('jpeg 4:2:0')!;
  const cut = joined(file.subarray(0, file.length - 40), Uint8Array.of(0xff, 0xd9));
  assert.is(
    await sentence(cut),
    'a.jpg is a damaged JPEG (Corrupt JPEG data: premature end of data segment); copy it again',
  );
  // Without its quantization tables libjpeg stops for good.
  const tables = file.findIndex((byte, i) => byte === 0xff && file[i + 1] === 0xdb);
  const without = file.slice();
  without[tables + 1] = 0xfe;
  assert.match(await sentence(without), /^a\.jpg is a damaged JPEG \(.*Quantization table .*\); copy it again$/);
  assert.is(await sentence(jpegOf(8, 8, 3)), 'a.jpg is a damaged JPEG (Bogus marker length); copy it again');
  assert.equal((await decodeImage(file)).data, pixels);
});

test('bytes that a camera leaves before the end of a JPEG are harmless', async () => {
  const { file, pixels } = samples.get('jpeg 4:2:0')!;
  const padded = joined(file.subarray(0, -2), new Uint8Array(9), file.subarray(-2), latin1('and what follows'));
  assert.equal((await decodeImage(padded)).data, pixels);
});

test('stray bytes in the middle hide what libjpeg would report later', async () => {
  const file = fileOf('jpeg 4:4:4 progressive');
  const scan = file.findLastIndex((byte, i) => byte === 0xff && file[i + 1] === 0xda);
  assert.match(
    await sentence(joined(file.subarray(0, scan), new Uint8Array(9), file.subarray(scan))),
    /^a\.jpg is a damaged JPEG \(Corrupt JPEG data: \d+ extraneous bytes before marker 0xda\); copy it again$/,
  );
});

test('an invalid EXIF orientation is ignored: other counts, types and values, truncated', async () => {
  const { file } = samples.get('jpeg orientation 6')!;
  const upright = samples.get('jpeg orientation 1')!.pixels;
  // Tag, type, count and value of the entry.
  const at = file.findIndex((byte, i) => byte === 0x01 && file[i + 1] === 0x12 && file[i + 3] === 3);
  for (const [offset, byte] of [
    [1, 0x13],
    [3, 4],
    [7, 2],
    [9, 9],
    [9, 0],
  ] as const) {
    const changed = file.slice();
    changed[at + offset] = byte;
    assert.equal((await decodeImage(changed)).data, upright);
  }
});

test('a host that compiles no WebAssembly gets a sentence, and pictures that need none', async () => {
  const { compile } = WebAssembly;
  const { EmscriptenDecoder } = await import('../../src/images/codecs/emscripten.js');
  const decoder = new EmscriptenDecoder(() => Promise.reject(new Error('not reached')), new Uint8Array(0));
  WebAssembly.compile = () => Promise.reject(new WebAssembly.CompileError('it is not allowed'));
  try {
    const message = await decoder.decode(new Uint8Array(1), () => null).catch((error: Error) => error.message);
    assert.is(
      message,
      "pictures of this kind need WebAssembly, which is not compiled here (it is not allowed); where a Content-Security-Policy keeps it away, allow 'wasm-unsafe-eval'",
    );
  } finally {
    WebAssembly.compile = compile;
  }
});

test('an instance that ended is not used again, not even by pictures that waited for it; pixels are taken before they are freed', async () => {
  const { EmscriptenDecoder } = await import('../../src/images/codecs/emscripten.js');
  let started = 0;
  const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
  const decoder = new EmscriptenDecoder((options) => {
    const id = ++started;
    let ended = false;
    const { constructors } = options as { constructors: { Uint8ClampedArray: new (pixels: Uint8Array) => object } };
    return Promise.resolve({
      HEAPU8: new Uint8Array(1),
      decode([kind]: Uint8Array) {
        assert.not.ok(ended, 'it had ended');
        if (kind === 0) {
          ended = true;
          throw new Error('unreachable');
        }
        const pixels = Uint8Array.of(id);
        new constructors.Uint8ClampedArray(pixels);
        pixels.fill(99);
        return { width: 1, height: 1 };
      },
    });
  }, empty);
  const take = (rgba: Uint8Array): number => rgba[0]!;
  const results = await Promise.all([1, 0, 1, 0, 1].map((kind) => decoder.decode(Uint8Array.of(kind), take)));
  assert.equal(
    results.map(({ result, messages }) => result?.taken ?? messages[0]),
    [1, 'unreachable', 2, 'unreachable', 3],
  );
  const full = () => {
    throw new RangeError('Array buffer allocation failed');
  };
  assert.is(
    await decoder.decode(Uint8Array.of(1), full).catch((error: Error) => error.message),
    'Array buffer allocation failed',
  );
});

test('a JPEG of very many scans is refused', async () => {
  const file = fileOf('jpeg gray progressive');
  const scan = file.findIndex((byte, i) => byte === 0xff && file[i + 1] === 0xda);
  const scans = Array.from({ length: 101 }, () => file.subarray(scan, -2));
  assert.is(
    await sentence(joined(file.subarray(0, scan), ...scans, file.subarray(-2))),
    'a.jpg has more than 100 scans; save it again as JPEG',
  );
});

function pngOf(width: number, height: number, rows: Uint8Array): Uint8Array {
  const chunk = (type: string, data: Uint8Array): Uint8Array => {
    const body = joined(latin1(type), data);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return joined(length, body, sum);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  return joined(
    latin1('\x89PNG\r\n\x1a\n'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 1 })),
    chunk('IEND', new Uint8Array(0)),
  );
}

test('48 megapixels are read', async () => {
  const [width, height] = [8000, 6000];
  const rows = new Uint8Array(height * (width + 1));
  rows[rows.length - 1] = 7;
  const { data, ...shape } = await decodeImage(pngOf(width, height, rows));
  assert.equal(shape, { width, height, channels: 1 });
  assert.is(data.at(-1), 7);
});

test('what is too large is refused by its header, before it is allocated', async () => {
  const side = 30_000;
  const [low, high] = [side & 255, side >> 8];
  const gif = joined(latin1('GIF89a'), Uint8Array.of(low, high, low, high, 0, 0, 0));
  const gifFrame = joined(gif, Uint8Array.of(0x2c, 0, 0, 0, 0, 10, 0, 10, 0, 0));
  const bmp = fileOf('bmp 24 bits').slice();
  bmp.set([low, high, 0, 0, low, high, 0, 0], 18);
  // VP8L has 14 bits for a side.
  const webp = fileOf('webp lossless').slice();
  webp.set([0xff, 0xff, 0xff, 0x0f], 21);
  const before = process.resourceUsage().maxRSS;
  const tooMany = `a.jpg is ${side} × ${side} pixels, more than the 100000000 that are read; make it smaller`;
  assert.is(await sentence(pngOf(side, side, new Uint8Array(9))), tooMany);
  assert.is(await sentence(jpegOf(side, side, 3)), tooMany);
  assert.match(await sentence(gifFrame), /^a\.jpg (is|has no palette)/);
  assert.is(await sentence(bmp), tooMany);
  assert.match(await sentence(webp), /^a\.jpg is 16384 × 16384 pixels, more than the 100000000 that are read/);
  assert.is(
    await sentence(fileOf('gif'), { maxPixels: 100 }),
    'a.jpg is 19 × 13 pixels, more than the 100 that are read; make it smaller',
  );
  // And what could be allocated, but not be in the file.
  assert.match(await sentence(jpegOf(9000, 9000, 3)), /9000 × 9000 pixels, which its \d+ bytes cannot hold; copy/);
  assert.match(await sentence(pngOf(9000, 9000, new Uint8Array(9))), /inflates to \d+ bytes at most, 9000 × 9000/);
  const grown = process.resourceUsage().maxRSS - before;
  assert.ok(grown < 30e3, `grew by ${grown} KiB`);
});

test.run();
