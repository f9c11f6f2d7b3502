// @ts-check
// Files that come and go: data, models, checkpoints, and what is no use.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { input, layers, loadModel, model, sequential } from '../../../build/src/index.js';
import { idxFiles, inTemporaryFolder, trainInNode } from './node.js';
import {
  closeBrowser,
  drop,
  finished,
  inBrowser,
  message,
  openAnew,
  pauseAfter,
  pixels,
  save,
  weightsSha256,
  withPage,
} from './pages.js';

const all = suite('files');
const test = inBrowser(all);
all.after(closeBrowser);

test('a model that was saved is the same when it is dropped on the page that was loaded anew', () =>
  withPage({}, async (page) => {
    await page.click('#train');
    const sha256 = await finished(page);
    const file = await save(page);
    assert.is(file.name, 'small-43.safetensors');
    await openAnew(page);
    await drop(page, [file]);
    await page.waitForFunction(() => document.querySelector('#run-text')?.textContent === 'opened from a file');
    assert.is(await weightsSha256(page), sha256);
    assert.is(await page.inputValue('#preset'), 'small');
    assert.is(await page.textContent('#train'), 'Train further');
  }));

test('a run that began in Node, on MNIST files, resumes in the tab, bit-identical to Node', () =>
  inTemporaryFolder((folder) =>
    withPage({}, async (page) => {
      const files = idxFiles(1200, 200);
      const { history, checkpoints } = await trainInNode(folder, files, [
        '--epochs',
        '3',
        '--checkpoint-every',
        '10',
        '--early-stopping',
        '1',
        '--batch-size',
        '128',
        '--threads',
        '1',
      ]);
      const inTheMiddle = checkpoints.find(({ name }) => name === 'checkpoint-10.safetensors');
      assert.ok(inTheMiddle);
      await drop(page, [inTheMiddle]);
      await page.waitForFunction(() =>
        /Choose those data,/.test(document.querySelector('#model-text')?.textContent ?? ''),
      );
      assert.is.not(await page.textContent('#train'), 'Continue', 'these are other data');
      await drop(page, files.slice(0, 2));
      // They are data by themselves, with a fifth held out; the other two belong to them.
      await page.waitForFunction(() => document.querySelector('#data-text')?.textContent?.startsWith('960 '));
      await page.setInputFiles(
        '#data-files',
        files.slice(2).map(({ name, bytes }) => ({ name, mimeType: '', buffer: bytes })),
      );
      await page.click('#train >> text=Continue');
      assert.is(await finished(page), history.weightsSha256);
      assert.is(await page.textContent('#run-resumed'), 'yes, at step 10');
      assert.is(await page.textContent('#run-step'), '27');
    }),
  ));

test('a run that began in the tab resumes in another tab and in Node, bit-identical to the first', () =>
  inTemporaryFolder((folder) =>
    withPage({}, async (page) => {
      const files = idxFiles(1200, 200);
      await drop(page, files);
      await page.waitForFunction(() => document.querySelector('#data-text')?.textContent?.startsWith('1,200'));
      await page.fill('#epochs', '12');
      await page.click('#train');
      await pauseAfter(page, 5);
      const file = await save(page);
      await page.click('#train');
      const saved = save(page); // also while it runs
      const sha256 = await finished(page);
      assert.ok((await saved).bytes.length > 0);

      await openAnew(page);
      await drop(page, [...files, file]);
      await page.click('#train >> text=Continue');
      assert.is(await finished(page), sha256);
      assert.match(await page.textContent('#run-resumed'), /^yes, at step \d+$/);

      const { history } = await trainInNode(folder, files, ['--threads', '1'], file);
      assert.is(history.weightsSha256, sha256);
      assert.equal(history.resumedAt, [Number(/\d+/.exec(file.name)?.[0])]);
      assert.is(history.epochs.length, 12, 'those of the tab among them');
    }),
  ));

test('data files are kept over a reload, and can be chosen again beside the built-in digits', () =>
  withPage({}, async (page) => {
    const files = idxFiles(1200, 200);
    await drop(page, files);
    await page.waitForFunction(() => document.querySelector('#data-text')?.textContent?.startsWith('1,200 '));
    await page.fill('#epochs', '12');
    await page.click('#train');
    const sha256 = await finished(page);
    await page.click('#over');
    await page.waitForFunction(() => Number(document.querySelector('#run-step')?.textContent) > 20);
    await page.reload();
    await page.click('#train:enabled >> text=Continue');
    assert.match(
      await page.textContent('#data-text'),
      /^1,200 training images and 200 test images of 10 classes \(0, 1, 2, 3, 4 and 5 more\): files from the selection, IDX files\.$/,
    );
    assert.ok(await page.isHidden('#message'));
    assert.is(await finished(page), sha256);
    assert.match(page.url(), /images=files/);
    await page.selectOption('#data-source', '6000');
    await page.waitForFunction(() => document.querySelector('#data-text')?.textContent?.startsWith('6,000 '));
    await page.selectOption('#data-source', { label: 'Your files, 1,200' });
    await page.waitForFunction(() => document.querySelector('#data-text')?.textContent?.startsWith('1,200 '));
    await page.click('#copy-link');
    assert.is(
      await message(page),
      'Link copied: anyone who opens it, chooses the same data files and presses Train gets the same bits.',
    );
  }));

test('where the browser has not kept the data files, the page says what is missing', () =>
  withPage({}, async (page) => {
    const files = idxFiles(1200, 200);
    await drop(page, files);
    await page.fill('#epochs', '12');
    await page.click('#train');
    await pauseAfter(page, 20);
    await page.evaluate(
      () =>
        new Promise((resolve) => {
          const opening = indexedDB.open('wasm-cnn page');
          opening.onsuccess = () => {
            const store = opening.result.transaction('values', 'readwrite').objectStore('values');
            store.delete(IDBKeyRange.bound('data/', 'data/g')).onsuccess = resolve;
          };
        }),
    );
    await page.reload();
    assert.is(
      await message(page),
      'Your network was trained on your own data files, which this browser has not kept; choose them again to continue with them. Until then the page uses built-in digits.',
    );
    await page.waitForSelector('#train:enabled');
    assert.match(await page.textContent('#story'), /To continue, it needs the data that it was started on\.$/);
    await drop(page, files);
    await page.click('#train:enabled >> text=Continue');
    await finished(page);
  }));

test('what cannot be used is refused with one sentence, and nothing is lost', () =>
  withPage({}, async (page) => {
    const sha256 = await weightsSha256(page);
    const [trainImages, ...others] = idxFiles(120, 20);
    assert.ok(trainImages);
    /** @param {{ name: string, bytes: Uint8Array, type?: string }[]} files @param {string} sentence */
    const refused = async (files, sentence) => {
      await drop(page, files);
      await page
        .waitForFunction((text) => document.querySelector('#message-text')?.textContent === text, sentence)
        .catch(async () => assert.is(await message(page), sentence));
      await page.click('#message-close');
    };
    await refused(
      [{ name: 'notes.txt', bytes: Buffer.from('hello, this is no data') }],
      'notes.txt: holds no data that this page knows; it takes a folder with a folder of pictures for each class, or IDX (MNIST), CIFAR, NumPy, CSV or Parquet files.',
    );
    const known =
      'it takes a folder with a folder of pictures for each class, or IDX (MNIST), CIFAR, NumPy, CSV or Parquet files';
    await refused(
      [{ name: 'digits.gz', bytes: trainImages.bytes }],
      `digits.gz: holds no data that this page knows; ${known}.`,
    );
    await refused(
      [trainImages],
      'The selection: has no train-labels-idx1-ubyte (looked for with and without .gz, and as train-labels.idx1-ubyte); add what is missing or choose another folder.',
    );
    await refused(
      [{ ...trainImages, bytes: trainImages.bytes.subarray(0, 3000) }, ...others],
      'train-images-idx3-ubyte.gz: the gzip data is damaged or breaks off; fetch the file again.',
    );
    const color = sequential({
      inputShape: [32, 32, 3],
      layers: [layers.flatten(), layers.dense({ units: 1 })],
    });
    await refused(
      [{ name: 'price.safetensors', bytes: color.save() }],
      'price.safetensors: maps 32 × 32 × 3 to 1 numbers, but this page shows networks that map an image to a probability for each of at least two classes; open such a model.',
    );
    const normalized = sequential({
      inputShape: [28, 28, 1],
      layers: [layers.flatten(), layers.batchNormalization(), layers.dense({ units: 10, activation: 'softmax' })],
    });
    const shown = 'open a model of convolution, pooling, flatten, dropout, dense, activation layers in a row.';
    await refused(
      [{ name: 'normalized.safetensors', bytes: normalized.save() }],
      `normalized.safetensors: has a layer BatchNormalization, which this page cannot show; ${shown}`,
    );
    const pixels = input({ shape: [28, 28, 1] });
    const flat = layers.flatten().apply(pixels);
    const first = layers.dense({ units: 10, activation: 'softmax' });
    const second = layers.dense({ units: 10, activation: 'softmax' });
    const branches = model({ inputs: pixels, outputs: second.apply(second.apply(first.apply(flat))) });
    await refused(
      [{ name: 'branches.safetensors', bytes: branches.save() }],
      `branches.safetensors: has layers that are no chain, which this page cannot show; ${shown}`,
    );
    const digits = sequential({
      inputShape: [28, 28, 1],
      layers: [layers.flatten(), layers.dense({ units: 10, activation: 'softmax' })],
    });
    for (const [classifier, sentence] of /** @type {const} */ ([
      [
        { classNames: null, input: { imageSize: [28, 28], zoom: 2 } },
        "its facts describe a classifier that this version does not know (classifier's input has no option 'zoom'; it has imageSize, colorMode, interpolation, antialias, aspectRatio, background); save it with classifierFacts() of wasm-cnn/images.",
      ],
      [
        { classNames: ['yes', 'no'], input: null },
        'its facts name 2 classes, and it tells 10 apart; save it with classifierFacts() of the data that it was trained on.',
      ],
    ]))
      await refused(
        [{ name: 'other.safetensors', bytes: digits.save({ facts: { classifier } }) }],
        `other.safetensors: ${sentence}`,
      );
    await refused(
      [{ name: 'broken.safetensors', bytes: color.save().subarray(0, 500) }],
      await sentenceOf(color.save().subarray(0, 500), 'broken.safetensors'),
    );
    await refused(
      [{ name: 'empty.png', bytes: Buffer.from('no picture'), type: 'image/png' }],
      'empty.png is not a PNG, JPEG, WebP, GIF or BMP picture but a text; save it as one of these.',
    );
    assert.is(await weightsSha256(page), sha256);
    assert.is(await page.textContent('#data-text').then((text) => text?.slice(0, 6)), '6,000 ');
  }));

/** The engine's own. @param {Uint8Array} bytes @param {string} name */
async function sentenceOf(bytes, name) {
  try {
    loadModel(bytes, { name });
    return assert.unreachable('it is no model');
  } catch (error) {
    const { message: text } = /** @type {Error} */ (error);
    return `${text}.`;
  }
}

test("a run whose loss is no number ends with the engine's sentence, and another one can begin", () =>
  withPage({}, async (page) => {
    await page.fill('#learning-rate', '1e30');
    await page.click('#train');
    assert.match(
      await message(page),
      /^Loss is (NaN|Infinity) in epoch 1, step \d+ \(learning rate [\d.e+]+\); lower it or check the data\.$/,
    );
    assert.is(await page.textContent('#run-text'), 'failed');
    await page.click('#save');
    await page.waitForFunction(() =>
      /^The model cannot be saved/.test(document.querySelector('#message-text')?.textContent ?? ''),
    );
    assert.is(await page.textContent('#train'), 'Start over');
    assert.is(
      await page.textContent('#story'),
      'Training diverged: a learning rate of 1e+30 is too high. Lower it, to 0.003 for example, and start over.',
    );
    await page.fill('#learning-rate', '0.003');
    await page.click('#train');
    await finished(page);
    assert.ok(await page.isHidden('#message'));
  }));

test('a photo of a digit is read like one that was drawn', () =>
  withPage({}, async (page) => {
    const empty = await pixels(page, '#seen');
    const url = await page.evaluate(() => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 400, height: 300 });
      const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
      ctx.fillStyle = '#f4f1ea';
      ctx.fillRect(0, 0, 400, 300);
      ctx.fillStyle = '#22262b';
      ctx.fillRect(190, 60, 18, 180);
      return canvas.toDataURL('image/png');
    });
    await drop(page, [{ name: 'mine.png', type: 'image/png', bytes: Buffer.from(url.split(',')[1] ?? '', 'base64') }]);
    await page.waitForFunction(() =>
      document.querySelector('#pad-origin')?.textContent?.startsWith('mine.png: light background: inverted'),
    );
    assert.is.not(await pixels(page, '#seen'), empty);
  }));

all.run();
