// Makes MNIST-like images of pictures drawn here: pens thin and thick, light and dark grounds, photos with shade and noise.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { prepareDigit, prepareDigitAsync, type GrayPicture } from '../../src/data/digitImage/digitImage.js';
import { normalizeDigit } from '../../src/data/digitImage/normalizeDigit.js';
import { builtinDigits } from '../../src/data/digits/digits.js';
import { strokeWidth } from '../../src/data/digitImage/strokes.js';
import { WasmCnnError } from '../../src/base/errors.js';
import { readPng } from '../../src/node/images/readImage.js';
import { RandomStream } from '../../src/base/random.js';
import { encode } from 'fast-png';

type Point = readonly [x: number, y: number];

/** A 5 of two strokes in a unit square: the bar, then stem and belly. */
const FIVE: Point[][] = [
  [
    [0.3, 0],
    [0.9, 0],
  ],
  [
    [0.3, 0],
    [0.22, 0.42],
    [0.5, 0.36],
    [0.75, 0.48],
    [0.82, 0.7],
    [0.7, 0.92],
    [0.42, 1],
    [0.15, 0.9],
  ],
];

interface Scene {
  readonly width: number;
  readonly height: number;
  /** Where the digit stands, how large it is, and the pen's width, in pixels. */
  readonly left: number;
  readonly top: number;
  readonly size: number;
  readonly pen: number;
  /** The ground's gray at a point, and the ink's. */
  readonly ground: (x: number, y: number) => number;
  readonly ink: number;
  readonly noise?: number;
  /** What is left of the ink at a point; 1 everywhere unless told. */
  readonly strength?: (x: number, y: number) => number;
}

function draw({ width, height, left, top, size, pen, ground, ink, noise = 0, strength = () => 1 }: Scene): GrayPicture {
  const random = new RandomStream(5);
  const five = FIVE.map((stroke) => stroke.map(([x, y]) => [left + size * x, top + size * y] as const));
  const covers = coverOf(five, pen, width, height);
  const gray = new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const paper = ground(x, y);
      let value = covers[at] === 0 ? paper : paper + (ink - paper) * strength(x, y) * covers[at]!;
      if (noise > 0) value += noise * (random.uniform() + random.uniform() + random.uniform() - 1.5);
      gray[at] = Math.min(255, Math.max(0, Math.round(value)));
    }
  }
  return { gray, width, height };
}

/** How much of each pixel a pen covers that is drawn along lines, 0 to 1. */
function coverOf(lines: readonly (readonly Point[])[], pen: number, width: number, height: number): Float64Array {
  const covers = new Float64Array(width * height);
  for (const [[aX, aY], [bX, bY]] of lines.flatMap((line) => line.slice(1).map((end, i) => [line[i]!, end] as const))) {
    const reach = pen / 2 + 1;
    const right = Math.min(width, Math.ceil(Math.max(aX, bX) + reach)),
      bottom = Math.min(height, Math.ceil(Math.max(aY, bY) + reach));
    const squared = (bX - aX) ** 2 + (bY - aY) ** 2;
    for (let y = Math.max(0, Math.floor(Math.min(aY, bY) - reach)); y < bottom; y++) {
      for (let x = Math.max(0, Math.floor(Math.min(aX, bX) - reach)); x < right; x++) {
        const toX = x + 0.5 - aX,
          toY = y + 0.5 - aY;
        const along = Math.min(1, Math.max(0, (toX * (bX - aX) + toY * (bY - aY)) / squared));
        const farX = toX - along * (bX - aX),
          farY = toY - along * (bY - aY);
        const cover = Math.min(1, pen / 2 + 0.5 - Math.sqrt(farX * farX + farY * farY));
        if (cover > covers[y * width + x]!) covers[y * width + x] = cover;
      }
    }
  }
  return covers;
}

/** 1 for the same image, 0 for images without a common pixel. */
function likeness(a: Uint8Array, b: Uint8Array): number {
  const product = (u: Uint8Array, v: Uint8Array) => u.reduce((sum, value, i) => sum + value * v[i]!, 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

function sentence(picture: GrayPicture): string {
  try {
    prepareDigit(picture);
  } catch (error) {
    assert.instance(error, WasmCnnError);
    return (error as Error).message;
  }
  return 'no error';
}

const plain: Scene = { width: 300, height: 400, left: 60, top: 90, size: 200, pen: 24, ground: () => 255, ink: 0 };
const wanted = prepareDigit(draw(plain)).image;

test('a dark pen on white: inverted, cropped, fitted, centered, and said so', () => {
  const { image, notes } = prepareDigit(draw(plain));
  assert.equal(notes, [
    'light background: inverted',
    "cropped 300 × 400 to the digit's 176 × 226",
    'scaled to 16 × 20',
    'centered by mass',
  ]);
  assert.is(image.length, 784);
  let mass = 0,
    massX = 0,
    massY = 0;
  image.forEach((value, i) => ((mass += value), (massX += value * (i % 28)), (massY += value * Math.floor(i / 28))));
  for (const center of [massX / mass, massY / mass])
    assert.ok(center >= 13.4 && center < 14.6, `center of mass at ${center}`);
  assert.is(Math.max(...image), 255);
});

test('white on black gives the same image', () => {
  const { image, notes } = prepareDigit(draw({ ...plain, ground: () => 0, ink: 255 }));
  assert.is(notes[0], 'dark background: kept');
  assert.ok(likeness(image, wanted) > 0.999, `likeness ${likeness(image, wanted)}`);
});

test('position and size do not matter', () => {
  const corner = prepareDigit(draw({ ...plain, width: 900, height: 700, left: 30, top: 460 }));
  assert.ok(likeness(corner.image, wanted) > 0.98, `in a corner: ${likeness(corner.image, wanted)}`);
  const tight = prepareDigit(draw({ ...plain, width: 176, height: 226, left: -17, top: 13 }));
  assert.ok(likeness(tight.image, wanted) > 0.98, `cropped tightly: ${likeness(tight.image, wanted)}`);
  const small = prepareDigit(draw({ ...plain, width: 50, height: 60, left: 8, top: 10, size: 35, pen: 4.2 }));
  assert.ok(likeness(small.image, wanted) > 0.95, `small: ${likeness(small.image, wanted)}`);
});

test('a pale pen on gray paper', () => {
  const { image } = prepareDigit(draw({ ...plain, ground: () => 190, ink: 120, noise: 6 }));
  assert.ok(likeness(image, wanted) > 0.95, `likeness ${likeness(image, wanted)}`);
});

const shaded = (x: number, y: number) =>
  170 + 50 * (x / 1600) - 40 * (y / 1200) - 50 * ((x / 1600 - 0.5) ** 2 + (y / 1200 - 0.5) ** 2);
const photo: Scene = {
  width: 1600,
  height: 1200,
  left: 500,
  top: 250,
  size: 600,
  pen: 72,
  ground: shaded,
  ink: 45,
  noise: 12,
};

test('a photo with shade and noise', () => {
  const { image, notes } = prepareDigit(draw(photo));
  assert.equal(notes.slice(0, 2), ['light background: inverted', 'uneven background: levelled']);
  assert.ok(likeness(image, wanted) > 0.97, `likeness ${likeness(image, wanted)}`);
});

test('a thin pen on a large photo gets strokes as wide as MNIST’s', () => {
  const { image, notes } = prepareDigit(draw({ ...photo, pen: 8 }));
  assert.match(notes.join('; '), /thin strokes: widened from about 0\.\d to 2\.3 pixels/);
  const width = strokeWidth({ gray: image, width: 28, height: 28 });
  assert.ok(width > 1.9 && width < 2.7, `strokes ${width} pixels wide`);
  assert.ok(likeness(image, wanted) > 0.9, `likeness ${likeness(image, wanted)}`);
  const thick = prepareDigit(draw(photo)).notes.join('; ');
  assert.not.match(thick, /thin strokes/);
});

test('specks, and a table at the edge of the picture, are left out', () => {
  const picture = draw(photo);
  for (const [left, top, side] of [
    [100, 100, 12],
    [1400, 900, 15],
    [300, 1000, 10],
  ] as const) {
    for (let y = top; y < top + side; y++) picture.gray.fill(30, y * 1600 + left, y * 1600 + left + side);
  }
  picture.gray.fill(60, 1120 * 1600);
  const { image, notes } = prepareDigit(picture);
  assert.ok(notes.includes('3 other marks ignored'), notes.join('; '));
  assert.ok(likeness(image, wanted) > 0.97, `likeness ${likeness(image, wanted)}`);
});

test('the hard edge of a shadow is not ink', () => {
  const { image } = prepareDigit(
    draw({ ...photo, pen: 50, ground: (x, y) => (x + 0.2 * y > 1500 ? 0.65 : 1) * shaded(x, y) }),
  );
  assert.ok(
    likeness(image, prepareDigit(draw({ ...plain, pen: 50 / 3 })).image) > 0.95,
    `likeness ${likeness(image, wanted)}`,
  );
});

test('a light page on a dark table', () => {
  const onTable = (x: number, y: number) => (x > 200 && x < 1450 && y > 120 && y < 1100 ? shaded(x, y) : 60);
  const { image, notes } = prepareDigit(draw({ ...photo, ground: onTable }));
  assert.is(notes[0], 'light page on a dark table: cropped to the page');
  assert.ok(likeness(image, wanted) > 0.97, `likeness ${likeness(image, wanted)}`);
});

test('strokes that do not touch stay together', () => {
  const apart = draw({ ...plain, pen: 12 });
  apart.gray.fill(255, 100 * 300, 130 * 300);
  const rows = (image: Uint8Array) =>
    Array.from({ length: 28 }, (_, y) => Math.max(...image.subarray(y * 28, y * 28 + 28)));
  const { image } = prepareDigit(apart);
  const inked = rows(image).map((value) => value > 60);
  assert.is(inked.lastIndexOf(true) - inked.indexOf(true) + 1, 20);
  assert.ok(inked.slice(inked.indexOf(true), inked.lastIndexOf(true)).includes(false), 'a gap under the bar');
});

test('an image that is already normalized stays unchanged, inverted or not', () => {
  const { data } = builtinDigits({ trainCount: 50, testCount: 1 }).train.x;
  for (let i = 0; i < 50; i++) {
    const gray = data.slice(i * 784, (i + 1) * 784);
    const { image, notes } = prepareDigit({ gray, width: 28, height: 28 });
    if (notes.length === 1) assert.equal(image, gray);
    else assert.ok(likeness(image, gray) > 0.9, `digit ${i}: likeness ${likeness(image, gray)}, ${notes.join('; ')}`);
    assert.equal(prepareDigit({ gray: gray.map((value) => 255 - value), width: 28, height: 28 }).image, image);
  }
});

test('a PNG with nothing behind the ink', async () => {
  const { gray, width, height } = draw(plain);
  const data = new Uint8Array(width * height * 4);
  gray.forEach((value, i) => {
    data[i * 4 + 3] = 255 - value;
  });
  const { image } = prepareDigit(await readPng(encode({ width, height, data, channels: 4, depth: 8 })));
  assert.equal(image, wanted);
});

/** The darker of two pictures, pixel by pixel. */
function darker(a: GrayPicture, b: GrayPicture): GrayPicture {
  return { ...a, gray: a.gray.map((value, i) => Math.min(value, b.gray[i]!)) };
}

/** A gray picture of a dark line through points, on white or on `under`. */
function line(
  points: Point[],
  pen: number,
  under: GrayPicture = { gray: new Uint8Array(160_000).fill(255), width: 400, height: 400 },
): GrayPicture {
  const covers = coverOf([points], pen, under.width, under.height);
  const gray = under.gray.map((value, i) => Math.min(value, Math.round(255 * (1 - covers[i]!))));
  return { ...under, gray };
}

function circle(x: number, y: number, radius: number): Point[] {
  return Array.from(
    { length: 49 },
    (_, i) => [x + radius * Math.cos((i * Math.PI) / 24), y + radius * Math.sin((i * Math.PI) / 24)] as const,
  );
}

test('strokes that fade are followed and strengthened', () => {
  const random = new RandomStream(17);
  for (let i = 0; i < 8; i++) {
    // A band across the middle in which 15 % of the ink is left.
    const angle = Math.PI * random.uniform(),
      bandWidth = 25 + 20 * random.uniform();
    const strength = (x: number, y: number) =>
      1 - 0.85 * Math.exp(-((((x - 170) * Math.cos(angle) + (y - 200) * Math.sin(angle)) / bandWidth) ** 2));
    for (const scene of [
      { ...plain, strength },
      { ...plain, strength, ground: () => 190, ink: 60, noise: 10 },
    ]) {
      const { image, notes, doubts } = prepareDigit(draw(scene));
      assert.ok(notes.includes('fading strokes: strengthened'), notes.join('; '));
      // 0.86 is the same digit, one pixel further down.
      assert.ok(
        likeness(image, wanted) > 0.85,
        `fade ${i}, noise ${scene.noise ?? 0}: likeness ${likeness(image, wanted)}`,
      );
      assert.equal(doubts, []);
    }
  }
});

test('two digits: one of them is read, and said so', () => {
  const small: Scene = { ...plain, width: 400, height: 400, left: 20, top: 110, size: 150, pen: 18 };
  for (const second of [
    { left: 210, top: 120 },
    { left: 185, top: 100 },
    { left: 240, top: 140, size: 110 },
  ]) {
    const { image, doubts } = prepareDigit(darker(draw(small), draw({ ...small, ...second })));
    assert.equal(doubts, ['more than one mark of about the same size']);
    assert.ok(likeness(image, wanted) > 0.97, `likeness ${likeness(image, wanted)}`);
  }
  const above = darker(draw({ ...small, left: 120, top: 20 }), draw({ ...small, left: 120, top: 220 }));
  assert.equal(prepareDigit(above).doubts, ['more than one mark of about the same size']);
  for (const scene of [plain, { ...plain, pen: 6 }, photo]) assert.equal(prepareDigit(draw(scene)).doubts, []);
});

test('a frame around the digit is removed, and said so', () => {
  const digit = draw({ ...plain, width: 400, height: 400, left: 110, top: 110, size: 160, pen: 18 });
  const box: Point[] = [
    [60, 70],
    [330, 60],
    [340, 330],
    [65, 340],
  ];
  for (const frame of [circle(200, 190, 150), [...box, box[0]!], box]) {
    const { image, notes, doubts } = prepareDigit(line(frame, 8, digit));
    assert.ok(notes.includes('frame around the digit: removed'), notes.join('; '));
    assert.equal(doubts, []);
    assert.ok(likeness(image, wanted) > 0.97, `likeness ${likeness(image, wanted)}`);
  }
  // A ring alone is a 0, with a dot in it, too.
  for (const zero of [
    line(circle(200, 190, 100), 20),
    line(
      [
        [200, 190],
        [200, 195],
      ],
      20,
      line(circle(200, 190, 100), 20),
    ),
  ]) {
    assert.not.match(prepareDigit(zero).notes.join('; '), /frame/);
  }
});

test('the lines of a cell are not part of the digit', () => {
  const digit = draw({ ...plain, width: 400, height: 400, left: 110, top: 110, size: 160, pen: 18 });
  const lines: Record<string, Point[][]> = {
    above: [
      [
        [-10, 70],
        [410, 80],
      ],
    ],
    'on the left, at the edge': [
      [
        [0, -10],
        [3, 410],
      ],
    ],
    'below and on the right': [
      [
        [-10, 325],
        [410, 320],
      ],
      [
        [330, -10],
        [325, 410],
      ],
    ],
    'all around': [
      [
        [-10, 70],
        [410, 80],
      ],
      [
        [60, -10],
        [55, 410],
      ],
      [
        [-10, 325],
        [410, 320],
      ],
      [
        [330, -10],
        [325, 410],
      ],
    ],
  };
  for (const [where, cell] of Object.entries(lines)) {
    for (const pen of [4, 10]) {
      const ruled = cell.reduce((under, points) => line(points, pen, under), digit);
      const { image, doubts } = prepareDigit(ruled);
      assert.equal(doubts, [], where);
      assert.ok(likeness(image, wanted) > 0.97, `${where}: likeness ${likeness(image, wanted)}`);
    }
  }
  // Lines that are the picture's whole edge do not make the paper look dark.
  const edge: Point[] = [
    [0, 0],
    [400, 0],
    [400, 400],
    [0, 400],
    [0, 0],
  ];
  const edged = line(edge, 32, digit);
  for (const picture of [edged, { ...edged, gray: edged.gray.map((value) => 255 - value) }]) {
    const { image } = prepareDigit(picture);
    assert.ok(likeness(image, wanted) > 0.97, `at the edge: likeness ${likeness(image, wanted)}`);
  }
  // A stroke that runs off the picture on both sides, but through its middle, is one.
  const seven = line(
    [
      [-10, 150],
      [410, 140],
    ],
    18,
    line(
      [
        [60, 40],
        [330, 40],
        [200, 380],
      ],
      18,
    ),
  );
  const [top] = prepareDigit(seven).notes.filter((note) => note.startsWith('cropped'));
  assert.match(top!, /digit's 400 × /);
});

test('a frame that touches the digit cannot be removed, and is doubted', () => {
  // The 5 reaches from 134 to 254 and from 110 to 270.
  const digit = draw({ ...plain, width: 400, height: 400, left: 110, top: 110, size: 160, pen: 18 });
  const box = (left: number, top: number, right: number, bottom: number): Point[] => [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
    [left, top],
  ];
  const touching = {
    'a circle, in two places': circle(194, 190, 98),
    'a circle, below': circle(194, 160, 120),
    'a box, below': box(90, 70, 300, 278),
    'a box, on the left': box(128, 70, 300, 320),
    'a box, above and below': box(90, 105, 300, 278),
  };
  for (const [name, frame] of Object.entries(touching)) {
    const framed = line(frame, 8, digit);
    const inverted = framed.gray.map((value) => 255 - value);
    for (const { doubts } of [prepareDigit(framed), normalizeDigit(inverted, framed.width, framed.height)])
      assert.ok(doubts.includes('a frame surrounds the drawing'), `${name}: ${doubts.join('; ')}`);
  }
  // What has holes of its own is no frame.
  const { x } = builtinDigits({ trainCount: 400, testCount: 1 }).train;
  for (let i = 0; i < 400; i++) {
    const { doubts } = normalizeDigit(x.data.slice(i * 784, (i + 1) * 784), 28, 28);
    assert.not.ok(doubts.includes('a frame surrounds the drawing'), `digit ${i}`);
  }
});

test('scribbles, dashes and blots are doubted', () => {
  const random = new RandomStream(3);
  const scribble = Array.from(
    { length: 25 },
    () => [60 + 280 * random.uniform(), 60 + 280 * random.uniform()] as const,
  );
  const zigzag = Array.from({ length: 11 }, (_, i) => [60 + 28 * i, i % 2 === 0 ? 100 : 300] as const);
  assert.ok(prepareDigit(line(scribble, 10)).doubts.includes('more strokes than a digit has'));
  assert.ok(prepareDigit(line(zigzag, 12)).doubts.includes('more strokes than a digit has'));
  assert.equal(
    prepareDigit(
      line(
        [
          [60, 200],
          [340, 190],
        ],
        20,
      ),
    ).doubts,
    ['wider than a digit'],
  );
  assert.equal(
    prepareDigit(
      line(
        [
          [200, 200],
          [200, 201],
        ],
        90,
      ),
    ).doubts,
    ['a blot rather than strokes'],
  );
});

test('normalizeDigit has the same doubts, and reads everything drawn', () => {
  const drawn = (picture: GrayPicture) =>
    normalizeDigit(
      picture.gray.map((value) => 255 - value),
      picture.width,
      picture.height,
    );
  const ink = (scene: Partial<Scene>) =>
    draw({ ...plain, width: 400, height: 400, left: 110, top: 110, size: 160, pen: 18, ...scene });
  assert.equal(drawn(ink({})), {
    image: normalizeDigit(
      ink({}).gray.map((value) => 255 - value),
      400,
      400,
    ).image,
    doubts: [],
  });
  assert.equal(drawn(line(circle(200, 190, 150), 8, ink({}))).doubts, ['a frame surrounds the drawing']);
  assert.equal(drawn(darker(ink({ left: 10 }), ink({ left: 200 }))).doubts, [
    'more than one mark of about the same size',
  ]);
  assert.equal(
    drawn(
      line(
        [
          [200, 200],
          [200, 201],
        ],
        90,
      ),
    ).doubts,
    ['a blot rather than strokes'],
  );
});

test('prepareDigitAsync gives the same, and lets the event loop run', async () => {
  const picture = draw({ ...photo, width: 4096, height: 3072, left: 1200, top: 700, size: 1500, pen: 100, noise: 0 });
  let turns = 0,
    ended = false;
  const turn = (): void => {
    turns++;
    if (!ended) setImmediate(turn);
  };
  setImmediate(turn);
  const prepared = await prepareDigitAsync(picture);
  ended = true;
  assert.equal(prepared, prepareDigit(picture));
  assert.ok(turns >= 10, `the event loop ran ${turns} times`);
});

test('a picture without a digit: one sentence', () => {
  const blank =
    'the picture of 100 × 80 pixels shows no digit, nothing stands out from its background; ' +
    'draw one digit with a dark pen on plain paper and crop the picture to it';
  const ground = (of: (x: number, y: number) => number, noise = 0) =>
    draw({ ...plain, width: 100, height: 80, left: 1000, ground: of, noise });
  assert.is(sentence(ground(() => 255)), blank);
  assert.is(sentence(ground(() => 0)), blank);
  assert.is(sentence(ground((x) => 100 + x)), blank);
  assert.is(sentence(ground(() => 150, 30)), blank);
  assert.is(sentence({ gray: new Uint8Array(1), width: 1, height: 1 }), blank.replace('100 × 80', '1 × 1'));
  assert.is(
    sentence({ gray: new Uint8Array(5), width: 2, height: 3 }),
    'prepareDigit needs one gray value for each of 2 × 3 pixels, got 5',
  );
});

test.run();
