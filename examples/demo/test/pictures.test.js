// @ts-check
// A person's own pictures: a folder becomes classes, the network fits itself, trains, and reads a new picture.
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeImage, imageToInput } from '../../../build/src/images/index.js';
import { loadModel } from '../../../build/src/index.js';
import { inTemporaryFolder } from './node.js';
import {
  closeBrowser,
  finished,
  inBrowser,
  message,
  openAnew,
  pauseAfter,
  save,
  weightsSha256,
  withPage,
} from './pages.js';
import { picture, writePictures } from './pictures.js';

const all = suite('pictures');
const test = inBrowser(all);
all.after(closeBrowser);

const pets = ['cats', 'dogs', 'tropical fish of many colors'];
/** Small and quick. */
const query = '?images=600&network=c8k5-p2-f&epochs=12';

/** @typedef {import('playwright-core').Page} Page */

/** @param {Page} page @param {string} folder */
async function choose(page, folder) {
  await page.setInputFiles('#data-folder', folder);
  await page.waitForFunction(() => / classes \(/.test(document.querySelector('#data-text')?.textContent ?? ''));
  await page.waitForSelector('#train:enabled');
}

/** As a person drops a folder from another window. @param {Page} page @param {string[]} files */
async function dropPaths(page, files) {
  const cdp = await page.context().newCDPSession(page);
  for (const type of /** @type {const} */ (['dragEnter', 'dragOver', 'drop']))
    await cdp.send('Input.dispatchDragEvent', {
      type,
      x: 300,
      y: 300,
      data: { items: [], files, dragOperationsMask: 1 },
    });
  await cdp.detach();
}

/** What a person can see or hear of the page. @param {Page} page */
const words = (page) =>
  page.evaluate(() => {
    const labels = [...document.querySelectorAll('[aria-label], [title]')]
      .filter((element) => element.checkVisibility())
      .map((element) => `${element.getAttribute('aria-label') ?? ''} ${element.getAttribute('title') ?? ''}`);
    return [document.title, document.body.innerText, ...labels].join('\n');
  });

/** @param {(folder: string) => Promise<void>} action */
const withPets = (action, count = 30) =>
  inTemporaryFolder(async (folder) => action(await writePictures(join(folder, 'pets'), pets, count)));

test('a folder that is dropped becomes classes, trains, and names a new picture; nothing says digit', () =>
  withPets((folder) =>
    withPage({ query }, async (page) => {
      await dropPaths(page, [folder]);
      await page.waitForFunction(() => document.querySelector('#data-text')?.textContent?.startsWith('72 '));
      assert.is(
        await page.textContent('#data-text'),
        '72 training images and 18 test images of 3 classes (cats, dogs, tropical fish of many colors): pets, a folder per class, pictures as 24 × 24 RGB, a fifth of each class held out for the test, as there are no test images.',
      );
      assert.is(await page.inputValue('#data-source'), 'own');
      assert.is(await page.textContent('#layers li:last-child .layer-name'), '3 probabilities');
      assert.match(await page.textContent('#pad-origin'), /^test image \d+, (cats|dogs|tropical fish of many colors)$/);
      assert.not.match(await words(page), /digit/i);
      await page.click('#train');
      await finished(page);
      await page.waitForFunction(() => document.querySelector('#figure-accuracy')?.textContent === '100.0 %');
      assert.equal(await page.$$eval('#confusion tbody th', (heads) => heads.map((head) => head.textContent)), pets);
      assert.equal(
        await page.$$eval('#probabilities .class-name', (names) => names.map((name) => name.textContent)),
        pets,
      );
      await page.setInputFiles('#picture-file', {
        name: 'new.png',
        mimeType: 'image/png',
        buffer: Buffer.from(picture(1, 99, { side: 150 })),
      });
      await page.waitForFunction(() => document.querySelector('#verdict')?.textContent?.includes('dogs'));
      assert.is(await page.textContent('#pad-origin'), 'new.png, 150 × 150 pixels');
      assert.match(await page.textContent('#story'), /^It gets 100\.0 % of images right that it has never seen\./);
      assert.not.match(await words(page), /digit/i);
    }),
  ));

test('a new picture becomes the pixels that Node makes of it, by what the saved file says, with the same answer', () =>
  withPets((folder) =>
    withPage({ query }, async (page) => {
      await choose(page, folder);
      await page.click('#train');
      await finished(page);
      const bytes = picture(0, 98, { side: 100 });
      await page.setInputFiles('#picture-file', { name: 'a.png', mimeType: 'image/png', buffer: Buffer.from(bytes) });
      await page.waitForFunction(() => document.querySelector('#pad-origin')?.textContent?.startsWith('a.png'));
      await page.waitForTimeout(500);
      const { model, facts, classify } = loadModel((await save(page)).bytes);
      const { classifier } = /** @type {any} */ (facts);
      assert.equal(classifier.classNames, pets);
      assert.is(classifier.pictures, 'imageToInput');
      const input = imageToInput(await decodeImage(bytes), classifier.input);
      const seen = await page.$eval('#seen', (canvas) => {
        const { width, height } = /** @type {HTMLCanvasElement} */ (canvas);
        const { data } = /** @type {CanvasRenderingContext2D} */ (
          /** @type {HTMLCanvasElement} */ (canvas).getContext('2d')
        ).getImageData(0, 0, width, height);
        return [...data].filter((_, i) => i % 4 < 3);
      });
      assert.equal(seen, [...input]);
      const { data } = await model.predict({ data: input, shape: [1, 24, 24, 3] });
      const answers = await classify(bytes);
      assert.equal(
        answers.map(({ className, probability }) => [className, probability]),
        pets.map((name, label) => [name, data[label]]).sort((a, b) => Number(b[1]) - Number(a[1])),
      );
      const shares = await page.$$eval('#probabilities .share', (list) => list.map(({ textContent }) => textContent));
      assert.equal(
        shares,
        [...data].map((share) => (share > 0.9995 ? '>99.9 %' : `${(100 * share).toFixed(1)} %`)),
      );
    }),
  ));

test('a run on own pictures resumes after a reload, and in Node, bit-identically', () =>
  withPets((folder) =>
    withPage({ query: `${query.replace('12', '40')}` }, async (page) => {
      await choose(page, folder);
      await page.click('#train');
      const sha256 = await finished(page);
      await openAnew(page);
      await choose(page, folder);
      await page.click('#train');
      await pauseAfter(page, 10);
      const file = await save(page);
      await page.reload();
      await page.waitForSelector('#train:enabled >> text=Continue');
      assert.match(await page.textContent('#data-text'), /^72 training images and 18 test images of 3 classes/);
      assert.ok(await page.isHidden('#message'), 'the browser has kept them');
      assert.not.match(await words(page), /digit/i);
      await page.click('#train');
      assert.is(await finished(page), sha256);

      const run = join(folder, '..', 'run');
      await mkdir(run);
      await writeFile(join(run, file.name), file.bytes);
      const train = fileURLToPath(new URL('../../../build/src/node/cli/train.js', import.meta.url));
      await promisify(execFile)(process.execPath, [train, '--data', folder, '--resume', run, '--threads', '1']);
      assert.is(JSON.parse(await readFile(join(run, 'history.json'), 'utf8')).weightsSha256, sha256);
    }),
  ));

test('a browser without room for the data says so, and a run continues once they are chosen again', () =>
  withPets(
    (folder) =>
      withPage({ query: `${query.replace('12', '50')}` }, async (page) => {
        await page.addInitScript(() => {
          const { put } = IDBObjectStore.prototype;
          IDBObjectStore.prototype.put = function (value, key) {
            if (String(key).startsWith('data/')) throw new DOMException('no room', 'QuotaExceededError');
            return put.call(this, value, key);
          };
        });
        await page.reload();
        await page.waitForSelector('#train:enabled');
        await choose(page, folder);
        assert.is(
          await message(page),
          'This browser has no room for your data of 1 MiB, and will not find them after a reload: the network stays, and continues with them once you choose them again.',
        );
        await page.click('#train');
        await pauseAfter(page, 10);
        const step = await page.textContent('#run-step');
        await page.reload();
        assert.match(await message(page), /which this browser has not kept; choose them again to continue with them\./);
        await page.waitForFunction(() => document.querySelector('#data-text')?.textContent?.startsWith('12,000 '));
        assert.match(await page.textContent('#story'), /To continue, it needs the data that it was started on\.$/);
        await page.setInputFiles('#data-folder', folder);
        await page.click('#train:enabled >> text=Continue');
        await finished(page);
        assert.is(await page.textContent('#run-resumed'), `yes, at step ${step}`);
      }),
    // Enough that the run does not end before it is paused.
    120,
  ));

test('a folder that comes while digits are drawn waits for its turn', () =>
  withPets((folder) =>
    withPage({ query }, async (page) => {
      await page.selectOption('#data-source', '12000');
      await choose(page, folder);
      await page.waitForTimeout(1500);
      assert.match(await page.textContent('#data-text'), /^72 training images/);
      assert.ok(await page.isHidden('#message'));
    }),
  ));

test('a broken picture is one sentence, and the others train without it', () =>
  withPets(async (folder) => {
    await writeFile(join(folder, 'dogs', 'x.jpg'), 'no picture');
    await withPage({ query }, async (page) => {
      await page.setInputFiles('#data-folder', folder);
      assert.is(
        await message(page),
        'pets/dogs/x.jpg is not a PNG, JPEG, WebP, GIF or BMP picture but a text; save it as one of these.',
      );
      assert.match(await page.textContent('#data-text'), /^600 training digits/, 'nothing has changed');
      await page.click('#message-action >> text=Leave broken ones out');
      await page.waitForFunction(() => document.querySelector('#data-text')?.textContent?.startsWith('72 '));
      assert.match(await message(page), /^1 broken picture was left out; the first: pets\/dogs\/x\.jpg is not a PNG/);
    });
  }));

test('what is no set of classes, and no picture, gets a sentence', () =>
  withPets((folder) =>
    withPage({ query }, async (page) => {
      await dropPaths(page, [join(folder, 'cats')]);
      assert.is(
        await message(page),
        'cats: holds 30 pictures and no folders of classes; take the folder above, in which each class has a folder of its pictures.',
      );
      // Two folders are two classes.
      await dropPaths(page, [join(folder, 'cats'), join(folder, 'dogs')]);
      await page.waitForFunction(() => document.querySelector('#data-text')?.textContent?.startsWith('48 '));
      await page.setInputFiles('#picture-file', {
        name: 'a.heic',
        mimeType: 'image/heic',
        buffer: Buffer.from('....ftypheic....'),
      });
      assert.match(await message(page), /^a\.heic is not a PNG, JPEG, WebP, GIF or BMP picture but a HEIC photo;/);
    }),
  ));

test('other data bring another network and other words, and Undo brings the first one back with its data', () =>
  withPets((folder) =>
    withPage({ query }, async (page) => {
      await choose(page, folder);
      await page.click('#train');
      const sha256 = await finished(page);
      await page.selectOption('#data-source', '6000');
      await page.waitForFunction(() => document.querySelector('#data-text')?.textContent?.startsWith('6,000 '));
      assert.is(await page.textContent('h1'), 'A network learns to read');
      assert.ok(await page.isVisible('#pad'));
      assert.is(await page.textContent('#layers li:last-child .layer-name'), 'ten probabilities');
      assert.is(await page.textContent('#train'), 'Train');
      await page.click('#undo');
      await page.waitForFunction(() => document.querySelector('#data-text')?.textContent?.startsWith('72 '));
      assert.is(await weightsSha256(page), sha256);
      assert.is(await page.textContent('h1'), 'A network learns to see');
      assert.ok(await page.isHidden('#pad'));
      await page.selectOption('#data-source', { label: 'pets, 72' });
      assert.is(await weightsSha256(page), sha256, 'the same data leave it as it is');
    }),
  ));

test('as many other classes are no data for a network that has learned these', () =>
  withPets((folder) =>
    withPage({ query }, async (page) => {
      await choose(page, folder);
      await page.click('#train');
      const sha256 = await finished(page);
      const file = await save(page);
      const plants = await writePictures(join(folder, '..', 'plants'), ['fern', 'moss', 'oak'], 20);
      await page.setInputFiles('#data-folder', plants);
      await page.waitForFunction(() => /fern, moss, oak/.test(document.querySelector('#data-text')?.textContent ?? ''));
      assert.is(await page.textContent('#train'), 'Train', 'another network');
      await page.setInputFiles('#model-file', { name: file.name, mimeType: '', buffer: file.bytes });
      await page.waitForFunction(() => document.querySelector('#data-text')?.textContent?.startsWith('72 '));
      assert.is(await weightsSha256(page), sha256, 'the model brings its data back');
      assert.equal(await page.$$eval('#confusion tbody th', (heads) => heads.map((head) => head.textContent)), pets);
    }),
  ));

test('a model of own pictures opens on a page that has not its data, and reads a picture', () =>
  withPets((folder) =>
    withPage({ query }, async (page) => {
      await choose(page, folder);
      await page.click('#train');
      await finished(page);
      const file = await save(page);
      await openAnew(page);
      await page.setInputFiles('#model-file', { name: file.name, mimeType: '', buffer: file.bytes });
      await page.waitForFunction(() => document.querySelector('#run-text')?.textContent === 'opened from a file');
      await page.setInputFiles('#picture-file', {
        name: 'new.png',
        mimeType: 'image/png',
        buffer: Buffer.from(picture(2, 97, { side: 60 })),
      });
      await page.waitForFunction(() =>
        /tropical/.test(document.querySelector('#probabilities .best .class-name')?.textContent ?? ''),
      );
      assert.match(await page.textContent('#data-text'), /^12,000 training digits/);
      assert.ok(await page.isDisabled('#train'), 'these are other data');
      await choose(page, folder);
      assert.is(await page.textContent('#train'), 'Train further');
    }),
  ));

test('on a phone nothing is wider than the screen with long names and many classes, and a photo can be taken', () =>
  inTemporaryFolder(async (folder) => {
    const names = Array.from({ length: 26 }, (_, i) => `a rather long name of class ${String.fromCharCode(65 + i)}`);
    await writePictures(join(folder, 'letters'), names, 5, { channels: 1 });
    await withPage({ query, viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }, async (page) => {
      await choose(page, join(folder, 'letters'));
      await page.click('#train');
      await finished(page);
      assert.is(await page.evaluate(() => document.documentElement.scrollWidth), 360);
      assert.ok(await page.isVisible('.camera'));
      assert.is(await page.locator('#probabilities li').count(), 12, 'the most probable of them');
    });
  }));

all.run();
