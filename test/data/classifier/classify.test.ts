// classify() of a loaded model: whatever a host calls an image, prepared as the file says; and a sentence for what is none.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { classifierIn } from '../../../src/data/classifier/facts.js';
import { builtinDigits } from '../../../src/data/digits/digits.js';
import { imageSource } from '../../../src/data/imageFolder/imageSource.js';
import { digitNames } from '../../../src/data/knownDatasets.js';
import { mnistSha256 } from '../../../src/data/mnist.js';
import { classifierFacts, imageInput, imageToInput, type Picture } from '../../../src/images/index.js';
import type { ImageLike } from '../../../src/images/pictureOf.js';
import { input, layers, loadModel, model as functional, sequential, type Model } from '../../../src/index.js';
import type * as Predict from '../../../src/predict/index.js';
import { refusal, refuses } from '../../node/refuses.js';
import { samples } from '../../images/samples.js';
import { pngOf } from '../imageFolder/pictures.js';
import { memoryFolder } from '../layouts/memoryFolder.js';

const predict = (await import(new URL('../../../predict/index.js', import.meta.url).href)) as typeof Predict;

const classNames = ['cat', 'dog', 'a very large bird'];
const facts = classifierFacts({
  classNames,
  input: { imageSize: [6, 8], aspectRatio: 'pad', background: [9, 80, 200] },
});

function classifier(
  inputShape = [6, 8, 3],
  units = 3,
  activation: 'softmax' | 'sigmoid' | 'linear' = 'softmax',
): Model {
  return sequential({ inputShape, seed: 3, layers: [layers.flatten(), layers.dense({ units, activation })] });
}
const bytes = classifier().save({ facts });
const { model, classify } = loadModel(bytes);

/** A picture of two colors that is not of the network's size. */
const picture: Picture = {
  data: Uint8Array.from({ length: 20 * 10 * 3 }, (_, i) => (i < 300 ? 200 : 17 * (i % 3))),
  width: 10,
  height: 20,
  channels: 3,
};
const rgba = (): Uint8ClampedArray =>
  Uint8ClampedArray.from({ length: 20 * 10 * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : picture.data[3 * (i >> 2) + (i % 4)]!,
  );

async function expected(of: Picture, from = model) {
  const data = imageToInput(of, facts.classifier.input!);
  const { data: shares } = await from.predict({ data, shape: [1, 6, 8, 3] });
  return classNames
    .map((className, i) => ({ className, probability: shares[i]! }))
    .sort((a, b) => b.probability - a.probability);
}

test('names and probabilities, the most probable first; top cuts them', async () => {
  const wanted = await expected(picture);
  assert.equal([...(await classify(picture))], wanted);
  assert.equal([...(await classify(picture, { top: 1 }))], wanted.slice(0, 1));
  assert.equal([...(await classify(picture, { top: 9 }))], wanted);
  await refuses(classify(picture, { top: 0 }), "classify's top must be a whole number of at least 1, got 0");
  await refuses(classify(picture, { best: 1 } as object), "classify has no option 'best'; it has top");
});

test('a picture is prepared as in fit on its folder', async () => {
  const image = (name: string): Uint8Array => samples.get(name)!.file;
  const files = {
    'a/1.jpg': image('jpeg 4:2:0'),
    'a/2.jpg': image('jpeg orientation 6'),
    'b/1.webp': image('webp lossy alpha'),
    'b/2.gif': image('gif interlaced'),
  };
  const options = {
    imageSize: [6, 8],
    interpolation: 'bicubic',
    padToAspectRatio: true,
    background: [9, 80, 200],
  } as const;
  const source = await imageSource(memoryFolder(files), options);
  const { model, classify } = loadModel(classifier([6, 8, 3], 2).save({ facts: classifierFacts(source) }));
  const { data } = await model.predict((await source.toArrays()).x);
  const all = await classify(Object.values(files));
  for (const [i, each] of all.entries())
    assert.is(each.find(({ className }) => className === 'b')!.probability, data[2 * i + 1]);
});

test('wasm-cnn/predict gives the same', async () => {
  const loaded = await predict.loadModel(bytes);
  assert.equal([...(await loaded.classify(picture))], await expected(picture));
  assert.equal([...(await loaded.classify(pngOf(77)))], [...(await classify(pngOf(77)))]);
});

test('the same pixels in every form that the host offers', async () => {
  const { data, width, height } = picture;
  const wanted = await expected(picture);
  const imageData = { data: rgba(), width, height };
  const canvas = { width, height, getContext: () => ({ getImageData: () => imageData }) };
  const forms: ImageLike[] = [picture, { data, shape: [20, 10, 3] }, imageData, canvas];
  for (const form of forms) assert.equal([...(await classify(form))], wanted);

  const file = pngOf(77, 20, 10);
  const ofFile = await expected({ data: new Uint8Array(600).fill(77), width, height, channels: 3 });
  const buffer = file.slice().buffer as ArrayBuffer;
  for (const form of [file, buffer, new Blob([buffer]), new Response(buffer)] as ImageLike[])
    assert.equal([...(await classify(form))], ofFile);
});

test('what a page shows is drawn onto a canvas, in its own size', async () => {
  const { width, height } = picture;
  const drawn: unknown[] = [];
  class OffscreenCanvas {
    readonly width: number;
    readonly height: number;
    constructor(width: number, height: number) {
      [this.width, this.height] = [width, height];
    }
    getContext() {
      return {
        drawImage: (...given: unknown[]) => drawn.push(given.slice(1)),
        getImageData: () => ({ data: rgba(), width: this.width, height: this.height }),
      };
    }
  }
  const image = { naturalWidth: width, naturalHeight: height, width: 300, height: 300 };
  const noCanvas = 'the image: this host has no canvas to draw an object on; give the bytes of its file';
  await refuses(classify(image), noCanvas);
  Object.assign(globalThis, {
    OffscreenCanvas: class {
      getContext = () => null;
    },
  });
  await refuses(classify(image), noCanvas);
  Object.assign(globalThis, { OffscreenCanvas });
  try {
    assert.equal([...(await classify(image))], await expected(picture));
    assert.equal([...(await classify({ width, height }))], await expected(picture));
    assert.equal(drawn, Array(2).fill([0, 0, width, height]));
    await refuses(
      classify({ naturalWidth: 0, naturalHeight: 0, width: 0, height: 0 } as ImageLike),
      "the image: an object of 0 × 0 pixels shows nothing yet; await its decode() or its event 'load' first",
    );
  } finally {
    delete (globalThis as { OffscreenCanvas?: unknown }).OffscreenCanvas;
  }
});

test('several images in one batch, each as if alone; an invalid one is named', async () => {
  const others = [picture, pngOf(10), pngOf(250, 8, 6)];
  const all = await classify(others);
  assert.is(all.length, 3);
  for (const [i, each] of all.entries()) assert.equal([...each], [...(await classify(others[i]!))]);
  await refuses(classify([]), 'classify needs an image or several, got an empty array');
  assert.match(await refusal(classify([picture, Uint8Array.of(1, 2, 3)])), /^image 2 is not a PNG, JPEG/);
  assert.match(
    await refusal(classify([picture, new File(['text'], 'cat.jpg')])),
    /^cat\.jpg is not a PNG, JPEG, WebP, GIF or BMP picture but/,
  );
});

test('anything but an image gets a sentence', async () => {
  const said = async (given: unknown): Promise<string> => refusal(classify(given as ImageLike));
  assert.match(
    await said('cat.jpg'),
    /^the image: the bytes .* needed, got "cat\.jpg"; read a file first, e\.g\. with readFile/,
  );
  assert.match(await said(Promise.resolve(picture)), /got a Promise \(put await before it\)$/);
  assert.match(await said(rgba()), /got a Uint8ClampedArray; give the whole ImageData/);
  assert.match(await said(new Float32Array(144)), /got a Float32Array; pixels are bytes of 0 to 255/);
  assert.match(await said(null), /needed, got null$/);
  assert.is(
    await said({ data: new Float32Array(144), shape: [6, 8, 3] }),
    'the image needs its pixels as bytes, a Uint8Array of 0 to 255, got a Float32Array; multiply values of 0 to 1 by 255 and round them, and give what is scaled in another way to model.predict()',
  );
  assert.is(
    await said({ data: new Uint8Array(96), shape: [6, 8, 2] }),
    'the image needs the shape [height, width, channels] with 1, 3 or 4 channels, got [6, 8, 2]',
  );
  assert.is(
    await said({ data: new Uint8Array(144), shape: [1, 6, 8, 3] }),
    'the image needs the shape [height, width, channels] with 1, 3 or 4 channels, got [1, 6, 8, 3]; give several images as an array of them',
  );
  assert.is(
    await said({ data: new Uint8Array(10), shape: [6, 8, 3] }),
    'the image has the shape [6, 8, 3] and 10 bytes of data; make them agree',
  );
  assert.is(
    await said({ data: new Uint8ClampedArray(10), width: 2, height: 2 }),
    'the image needs height × width × channels (1, 3 or 4; 4 unless given) bytes, got 2 × 2 × 4 and 10 bytes',
  );
  assert.match(await said({ width: 3, height: 3, getContext: () => null }), /the canvas has no 2d context/);
  const tainted = (): never => {
    throw new Error('tainted');
  };
  assert.match(
    await said({ width: 3, height: 3, getContext: () => ({ getImageData: tainted }) }),
    /^the image: its pixels cannot be read \(tainted\); an image of another origin/,
  );
});

async function saysOf(made: Model, given: object | undefined): Promise<string> {
  return refusal(loadModel(made.save({ facts: given }), { name: 'm' }).classify(picture));
}

test('a model that classifies no pictures gets a sentence', async () => {
  assert.match(await saysOf(classifier([6, 8, 2]), undefined), /^m takes inputs \[6, 8, 2\], and a picture is/);
  assert.match(await saysOf(classifier([6, 8, 3], 1, 'linear'), undefined), /^m gives one number for a picture, and/);
  assert.match(await saysOf(classifier([6, 8, 3], 3, 'linear'), undefined), /^m gives numbers from .* with a sum of/);
  assert.match(await saysOf(classifier([6, 8, 3], 3, 'sigmoid'), undefined), /as softmax gives them; use model/);
  assert.match(await saysOf(classifier([6, 8, 3], 4), facts), /^m: its facts name 3 classes, and it tells 4 apart/);
  assert.match(
    await saysOf(classifier([6, 6, 3]), facts),
    /^m: its facts make inputs \[6, 8, 3\] of pictures, and it takes \[6, 6, 3\]/,
  );
  const flat = sequential({ inputShape: [6, 8, 3], layers: [layers.conv2d({ filters: 2, kernelSize: 3 })] });
  assert.match(await saysOf(flat, undefined), /^m gives \[4, 6, 2\] for a picture/);
  const [a, b] = [input({ shape: [6, 8, 3] }), input({ shape: [6, 8, 3] })];
  const two = functional({ inputs: [a, b], outputs: layers.add().apply([a, b]) });
  assert.match(await saysOf(two, undefined), /^m has 2 inputs and 1 outputs, and classify needs one each/);
  assert.match(
    await saysOf(classifier(), { classifier: { classNames: ['a'], input: { imageSize: [6, 8], color: 1 } } }),
    /^m: its facts describe a classifier that this version does not know \(classifier's input has no option 'color'/,
  );
});

test('yes or no: one sigmoid, two names', async () => {
  const facts = classifierFacts({ classNames: ['no', 'yes'], input: null });
  const { classify, model } = loadModel(classifier([6, 8, 3], 1, 'sigmoid').save({ facts }));
  const { data } = await model.predict({ data: imageToInput(picture, { imageSize: [6, 8] }), shape: [1, 6, 8, 3] });
  const yes = (await classify(picture)).find(({ className }) => className === 'yes')!;
  assert.is(yes.probability, data[0]);
});

test("without facts the classes are numbers, and pictures are scaled to the model's size", async () => {
  const { classify, model } = loadModel(classifier().save());
  const data = imageToInput(picture, { imageSize: [6, 8] });
  const { data: shares } = await model.predict({ data, shape: [1, 6, 8, 3] });
  const all = await classify(picture);
  for (const { className, probability } of all) assert.is(probability, shares[Number(className)]);
});

test('a model that was trained on another scale than bytes is refused', async () => {
  const said = async (low: number, high: number, scaled = false): Promise<string> => {
    const own = scaled ? [layers.rescaling({ scale: 1 / 255 })] : [];
    const made = sequential({
      inputShape: [6, 8, 3],
      layers: [...own, layers.flatten(), layers.dense({ units: 3, activation: 'softmax' })],
    });
    made.inputScale.restore({ low, high, mean: (low + high) / 2 });
    const { classify } = loadModel(made.save({ facts }), { name: 'm' });
    return classify(picture).then(
      () => 'taken',
      (error: Error) => error.message,
    );
  };
  const { warn } = console;
  console.warn = () => {};
  try {
    assert.equal([await said(0, 1), await said(0, 0.2), await said(0, 255, true)], ['taken', 'taken', 'taken']);
    assert.match(await said(-1, 1), /^m was trained on values from -1 to 1, and sees pixels as 0 to 1, so classify/);
    assert.match(await said(0, 255), /from 0 to 255, and sees pixels as 0 to 1/);
    assert.match(await said(0, 1, true), /from 0 to 1, and sees pixels as 0 to 255/);
  } finally {
    console.warn = warn;
  }
});

test('digits are found as in predict-samples, and doubts are reported', async () => {
  const facts = classifierFacts({
    classNames: digitNames,
    input: { imageSize: [28, 28], colorMode: 'grayscale' },
    pictures: 'prepareDigit',
  });
  const { classify, model } = loadModel(classifier([28, 28, 1], 10).save({ facts }));
  const { x } = builtinDigits({ trainCount: 10, testCount: 10 }).test;
  const digit = x.data.slice(0, 784);
  // A drawing on a page: dark on transparent, large.
  const drawing = new Uint8ClampedArray(280 * 280 * 4);
  for (let i = 0; i < 280 * 280; i++)
    drawing[4 * i + 3] = digit[28 * Math.floor(i / 280 / 10) + Math.floor((i % 280) / 10)]!;
  const read = await classify({ data: drawing, width: 280, height: 280 });
  assert.is(read.length, 10);
  assert.equal(read.doubts, []);
  // As it is, where it is MNIST's image already.
  const { data: shares } = await model.predict({ data: digit, shape: [1, 28, 28, 1] });
  const [best] = await classify({ data: digit, shape: [28, 28, 1] });
  assert.is(best!.probability, shares[Number(best!.className)]);
  // Twice, side by side.
  const both = new Uint8ClampedArray(2 * drawing.length);
  for (let y = 0; y < 280; y++) {
    const row = drawing.subarray(1120 * y, 1120 * (y + 1));
    both.set(row, 2240 * y);
    both.set(row, 2240 * y + 1120);
  }
  assert.ok((await classify({ data: both, width: 560, height: 280 })).doubts.length > 0);
  assert.match(
    await refusal(classify({ data: new Uint8Array(900).fill(255), shape: [30, 30, 1] })),
    /^the image: the picture of 30 × 30 pixels shows no digit/,
  );
});

test('facts of a source, and of earlier files', () => {
  const source = { classNames, input: imageInput({ imageSize: [4, 4] }), count: 7, labels: null };
  assert.equal(classifierFacts(source), {
    classifier: { classNames, input: source.input, pictures: 'imageToInput' },
  });
  assert.throws(
    () => classifierFacts({ classNames: ['a', 'b', 'a'], input: null }),
    /^classifierFacts: classNames has "a" twice; give each class a name of its own$/,
  );
  assert.throws(
    () => classifierFacts({ classNames: ['a', ''], input: null }),
    /^classifierFacts: classNames must be a text/,
  );
  assert.throws(
    () => classifierFacts(undefined as never),
    /^classifierFacts needs what imageFolder\(\) gave, or \{ classNames, input \}, got undefined$/,
  );
  const before = (dataset: object) => classifierIn({ dataset }, 'm');
  assert.equal(before({ name: 'mnist' }), { classNames: digitNames, input: null, pictures: 'prepareDigit' });
  assert.equal(before({ name: 'x', sha256: mnistSha256 }).classNames, digitNames);
  assert.equal(before({ name: 'x', classNames, preprocessing: { pictures: null } }), {
    classNames,
    input: null,
    pictures: 'imageToInput',
  });
  assert.is(
    before({ name: 'x', classNames: digitNames, preprocessing: { pictures: 'prepareDigit' } }).pictures,
    'prepareDigit',
  );
  // A file may say anything.
  for (const given of [0, '', false, 7, []])
    assert.throws(
      () => classifierIn({ classifier: { classNames: null, input: given } }, 'm'),
      /^m: its facts describe a classifier that this version does not know \(classifier's input needs an object/,
    );
  for (const strange of [[], ['a', 'a'], ['a', 2]])
    assert.is(before({ name: 'mnist', classNames: strange }).classNames, digitNames);
  for (const facts of [null, 7, 'x', {}, { dataset: 1 }, { dataset: { classNames: ['a', 2], preprocessing: [] } }])
    assert.equal(classifierIn(facts, 'm'), { classNames: null, input: null, pictures: 'imageToInput' });
});

test.run();
