// The built-in digits: same bytes for a seed, balanced, fitted as MNIST's are; and the fitting itself, on images made by hand.
import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { builtinDigits, europeanDigits } from '../../src/data/digits/digits.js';
import { centerByMass, normalizeDigit } from '../../src/data/digitImage/normalizeDigit.js';
import type { Examples } from '../../src/data/dataset.js';
import { WasmCnnError } from '../../src/base/errors.js';

const side = 28,
  size = side * side;
const small = builtinDigits({ trainCount: 2000, testCount: 500, seed: 1 });

function sha256(...parts: (Uint8Array | Uint16Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

function imageAt({ x }: Examples, index: number): Uint8Array {
  return x.data.subarray(index * size, (index + 1) * size);
}

/** The rectangle of pixels above 0, right and bottom outside, and the center of mass in pixel indices. */
function measure(image: Uint8Array): {
  left: number;
  top: number;
  right: number;
  bottom: number;
  centerX: number;
  centerY: number;
} {
  let left = side,
    top = side,
    right = 0,
    bottom = 0,
    mass = 0,
    massX = 0,
    massY = 0;
  image.forEach((value, i) => {
    const x = i % side,
      y = Math.floor(i / side);
    mass += value;
    massX += value * x;
    massY += value * y;
    if (value === 0) return;
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
  });
  return { left, top, right, bottom, centerX: massX / mass, centerY: massY / mass };
}

/** A black image with a rectangle of one value. */
function rectangle(
  width: number,
  height: number,
  left: number,
  top: number,
  wide: number,
  high: number,
  value: number,
): Uint8Array {
  const gray = new Uint8Array(width * height);
  for (let y = top; y < top + high; y++) gray.fill(value, y * width + left, y * width + left + wide);
  return gray;
}

function sentenceOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    assert.instance(error, WasmCnnError);
    return (error as WasmCnnError).message;
  }
  assert.unreachable('nothing was thrown');
  return '';
}

test('one seed gives the bytes recorded here, whatever the host', () => {
  assert.is(
    sha256(small.train.x.data, small.train.y, small.test.x.data, small.test.y),
    '962133fc6bd040068acb0677cf280d8a03f1813402d96c9388ce17edd9408ea8',
  );
});

test('shapes, names and counts', () => {
  assert.is(small.name, 'builtin-digits');
  assert.is(small.source, 'the built-in digits: 2000 + 500 images drawn by wasm-cnn itself from seed 1, not MNIST');
  assert.equal(small.train.x.shape, [2000, 28, 28, 1]);
  assert.equal(small.test.x.shape, [500, 28, 28, 1]);
  assert.is(small.train.x.data.length, 2000 * size);
  assert.is(small.test.y.length, 500);
});

test('each digit is drawn equally often', () => {
  for (const [part, each] of [
    [small.train, 200],
    [small.test, 50],
  ] as const) {
    const counts = new Array<number>(10).fill(0);
    for (const label of part.y) counts[label]!++;
    assert.equal(counts, new Array(10).fill(each));
  }
});

test('a larger set starts with the smaller one', () => {
  const smaller = builtinDigits({ trainCount: 30, testCount: 20, seed: 1 });
  assert.equal(smaller.train.x.data, small.train.x.data.subarray(0, 30 * size));
  assert.equal(smaller.test.x.data, small.test.x.data.subarray(0, 20 * size));
});

test('no image occurs twice, in training, in testing or under another seed', () => {
  const other = builtinDigits({ trainCount: 500, testCount: 500, seed: 2 });
  const seen = new Set<string>();
  for (const part of [small.train, small.test, other.train, other.test]) {
    for (let i = 0; i < part.y.length; i++) seen.add(sha256(imageAt(part, i)));
  }
  assert.is(seen.size, 2000 + 500 + 500 + 500);
});

test("each image fills MNIST's box of 20 pixels, lies inside the 28 and is centered by mass", () => {
  let thinnest = Infinity,
    thickest = 0;
  for (let i = 0; i < 2000; i++) {
    const image = imageAt(small.train, i);
    const { left, top, right, bottom, centerX, centerY } = measure(image);
    const longer = Math.max(right - left, bottom - top);
    assert.ok(longer >= 19 && longer <= 20, `image ${i} is ${longer} pixels long`);
    assert.ok(
      centerX >= 13.5 && centerX < 14.5 && centerY >= 13.5 && centerY < 14.5,
      `image ${i} has its center at ${centerX}, ${centerY}`,
    );
    assert.is(Math.max(...image), 255, `image ${i}`);
    const mass = image.reduce((sum, value) => sum + value, 0) / 255;
    thinnest = Math.min(thinnest, mass);
    thickest = Math.max(thickest, mass);
  }
  // MNIST's own 60,000 lie between 19.9 and 311.7 pixels of ink.
  assert.ok(thinnest > 15 && thickest < 320, `ink from ${thinnest} to ${thickest} pixels`);
});

test('ten thousand images take seconds', () => {
  const start = performance.now();
  builtinDigits({ trainCount: 9000, testCount: 1000, seed: 3 });
  // 0.5 s on the machine this was written on; the bound leaves room for one twenty times slower.
  assert.ok(performance.now() - start <= 10000);
});

test('invalid counts and seeds', () => {
  assert.is(
    sentenceOf(() => builtinDigits({ trainCount: 0 })),
    'builtinDigits: trainCount must be a whole number of at least 1, got 0',
  );
  assert.is(
    sentenceOf(() => builtinDigits({ testCount: 2.5 })),
    'builtinDigits: testCount must be a whole number of at least 1, got 2.5',
  );
  assert.is(
    sentenceOf(() => builtinDigits({ seed: -1 })),
    'builtinDigits: seed must be a whole number of at least 0, got -1',
  );
});

test('normalizeDigit: a blank image, and one whose size is wrong', () => {
  assert.is(
    sentenceOf(() => normalizeDigit(new Uint8Array(12), 4, 3)),
    'normalizeDigit found no foreground in the image of 4 × 3 pixels: every pixel is 0; draw a bright digit on black',
  );
  assert.is(
    sentenceOf(() => normalizeDigit(new Float32Array(10), 4, 3)),
    'normalizeDigit needs 4 × 3 = 12 pixels, got 10; give one value a pixel',
  );
  assert.is(
    sentenceOf(() => normalizeDigit(new Uint8Array(0), 0, 3)),
    'normalizeDigit: the width of the image must be a whole number of at least 1, got 0',
  );
});

test('normalizeDigit: one bright pixel after faint ones, in a line longer than shapes are looked at', () => {
  const faint = new Float32Array(161).fill(0.001);
  faint[160] = 255;
  assert.is(Math.max(...normalizeDigit(faint, 161, 1).image), 255);
});

test('normalizeDigit: proportions are kept, far corners are found, the middle is met', () => {
  // 50 × 200 at a corner of a large image → 5 × 20, which covers 4 whole columns and half of the two beside them.
  const { image } = normalizeDigit(rectangle(1000, 700, 950, 500, 50, 200, 9), 1000, 700);
  const { left, top, right, bottom, centerX, centerY } = measure(image);
  assert.equal([left, top, right, bottom], [11, 4, 17, 24]);
  assert.is(centerX, 13.5);
  assert.is(centerY, 13.5);
  assert.equal([...image.subarray(14 * side + 10, 14 * side + 18)], [0, 128, 255, 255, 255, 255, 128, 0]);
  const lying = measure(normalizeDigit(rectangle(700, 1000, 500, 950, 200, 50, 9), 700, 1000).image);
  assert.equal([lying.left, lying.top, lying.right, lying.bottom], [4, 11, 24, 17]);
});

test('normalizeDigit: a shrunk pixel is the mean of what it covers', () => {
  // 80 × 80 of ink 100 with one black pixel in the corner of the 4 × 4 under output pixel (4, 3): 15 of 16 are left.
  const gray = rectangle(80, 80, 0, 0, 80, 80, 100);
  gray[15 * 80 + 16] = 0;
  const { image } = normalizeDigit(gray, 80, 80);
  assert.is(image[(4 + 3) * side + 4 + 4], Math.round((255 * 15) / 16));
  assert.is(image.filter((value) => value === 255).length, 399);
});

test('normalizeDigit: a fitted image stays as it is, and scale does not matter', () => {
  const fitted = new Uint8Array(size);
  centerByMass(
    Uint8Array.from({ length: 400 }, (_, i) => (i % 20 === 3 || i < 40 ? 255 : i % 7 === 0 ? 40 : 0)),
    fitted,
  );
  assert.equal(normalizeDigit(fitted, side, side).image, fitted);
  const large = new Float32Array(size * 9);
  for (let y = 0; y < side * 3; y++) {
    for (let x = 0; x < side * 3; x++)
      large[y * side * 3 + x] = fitted[Math.floor(y / 3) * side + Math.floor(x / 3)]! / 2;
  }
  assert.equal(normalizeDigit(large, side * 3, side * 3).image, fitted);
});

test('normalizeDigit: a tiny digit is enlarged smoothly', () => {
  const { image: one } = normalizeDigit(Uint8Array.of(0, 0, 0, 0, 7, 0, 0, 0, 0), 3, 3);
  const { left, right, top, bottom } = measure(one);
  assert.equal([left, top, right, bottom], [4, 4, 24, 24]);
  const row = [...one.subarray(14 * side + 4, 14 * side + 14)];
  assert.ok(
    row.every((value, i) => i === 0 || value > row[i - 1]!),
    `the ramp ${row} must rise`,
  );
});

test('normalizeDigit: a heavy end moves towards the middle', () => {
  // A T lying on its head: most ink below, so the box moves up; left and right are alike.
  const gray = new Uint8Array(400);
  gray.fill(255, 380, 400);
  for (let y = 0; y < 20; y++) gray.fill(255, y * 20 + 9, y * 20 + 11);
  const { top, centerX, centerY } = measure(normalizeDigit(gray, 20, 20).image);
  // (40 × 9.5 + 18 × 19) / 58 = 12.45: two pixels down make 14.45, one would leave 13.45.
  assert.is(top, 2);
  assert.ok(
    centerX >= 13.5 && centerX < 14.5 && centerY >= 13.5 && centerY < 14.5,
    `the center is at ${centerX}, ${centerY}`,
  );
});

test('digits in European handwriting: same bytes for a seed, balanced, normalized, and shaped unlike the built-in ones', () => {
  const european = europeanDigits(2000, 1);
  assert.is(sha256(european.x.data, european.y), '8c231c65129fbda7c650bf86fe30d734daa74adbcd27ac7a3bcca51b568f25d6');
  assert.equal(european.x.data.subarray(0, 100 * size), europeanDigits(100, 1).x.data);
  assert.not.equal(european.x.data.subarray(0, 100 * size), europeanDigits(100, 2).x.data);
  const mean = (set: Examples, digit: number, of: (image: Uint8Array) => number): number => {
    let sum = 0;
    for (let i = digit; i < 2000; i += 10) sum += of(imageAt(set, i));
    return sum / 200;
  };
  for (let i = 0; i < 2000; i++) {
    assert.is(european.y[i], i % 10);
    const { left, top, right, bottom } = measure(imageAt(european, i));
    assert.ok(Math.max(right - left, bottom - top) === 20, `digit ${i}`);
  }
  /** Pixels from the first to the last with ink in rows of the digit's height. */
  const wide = (from: number, to: number) => (image: Uint8Array) => {
    const { left, top, right, bottom } = measure(image);
    const [first, last] = [from, to].map((share) => Math.round(top + share * (bottom - top)));
    const columns = Array.from({ length: right - left }, (_, i) => left + i).filter((x) =>
      Array.from({ length: last! - first! }, (_, i) => first! + i).some((y) => image[y * side + x]! > 127),
    );
    return columns.at(-1)! - columns[0]! + 1;
  };
  for (const [digit, what, of] of [
    [9, 'a flat tail', wide(0.85, 1)],
    [7, 'a bar', wide(0.45, 0.55)],
    [1, 'an upstroke', wide(0, 1)],
  ] as const) {
    const [here, there] = [mean(european, digit, of), mean(small.train, digit, of)];
    assert.ok(here > 1.25 * there, `${what}: ${here} pixels wide, ${there} in the built-in digits`);
  }
  assert.is(
    sentenceOf(() => europeanDigits(3e6, 1)),
    'europeanDigits draws at most 2000000 images of a part, got 3000000; ask for fewer',
  );
});

test.run();
