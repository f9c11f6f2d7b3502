// @ts-check
// What people do on the page: look, train, draw, with mouse, finger and keyboard, on large and small screens.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { closeBrowser, finished, inBrowser, message, pauseAfter, pixels, weightsSha256, withPage } from './pages.js';

const all = suite('page');
const test = inBrowser(all);
all.after(closeBrowser);

test('a link holds the experiment', () =>
  withPage({ query: '?images=6000&network=dense&seed=5&epochs=7&what=else' }, async (page, url) => {
    assert.match(await page.textContent('#data-text'), /^6,000/);
    assert.equal(await Promise.all(['#preset', '#seed', '#epochs'].map((selector) => page.inputValue(selector))), [
      'dense',
      '5',
      '7',
    ]);
    const sha256 = await weightsSha256(page);
    await page.fill('#seed', '6');
    await page.selectOption('#preset', 'small');
    await page.waitForFunction(() => location.search.includes('seed=6'));
    assert.is(page.url(), `${url}?images=6000&network=small&epochs=7&seed=6`);
    assert.is.not(await weightsSha256(page), sha256);
  }));

test('something moves before anything is pressed', () =>
  withPage({}, async (page) => {
    const before = await Promise.all([pixels(page, '#pad'), pixels(page, '#layers canvas')]);
    await page.waitForFunction(([pad, map]) => {
      /** @param {string} selector */
      const now = (selector) => /** @type {HTMLCanvasElement} */ (document.querySelector(selector)).toDataURL();
      return now('#pad') !== pad && now('#layers canvas') !== map;
    }, before);
    assert.match(await page.textContent('#verdict'), /It is only guessing/);
  }));

test('nothing moves by itself for those who want it still', () =>
  withPage({ reducedMotion: 'reduce' }, async (page) => {
    const before = await Promise.all(['#pad', '#tiles canvas'].map((selector) => pixels(page, selector)));
    await page.waitForTimeout(1500);
    assert.equal(await Promise.all(['#pad', '#tiles canvas'].map((selector) => pixels(page, selector))), before);
  }));

/** @type {string | null} */
let uninterrupted = null;
for (const isolated of [true, false]) {
  test(`it learns, ${isolated ? 'cross-origin isolated' : 'without COOP and COEP'}, to the same bits`, () =>
    withPage({ isolated }, async (page) => {
      assert.is(await page.evaluate(() => globalThis.crossOriginIsolated), isolated);
      const untrained = await Promise.all(
        ['#filters', '#accuracy-chart', '#loss-chart'].map((selector) => pixels(page, selector)),
      );
      await page.click('#train');
      const sha256 = await finished(page);
      uninterrupted ??= sha256;
      assert.is(sha256, uninterrupted);
      for (const [i, selector] of ['#filters', '#accuracy-chart', '#loss-chart'].entries())
        assert.is.not(await pixels(page, selector), untrained[i], selector);
      await page.waitForFunction(
        () =>
          [...document.querySelectorAll('#confusion tbody td')].reduce(
            (sum, { textContent }) => sum + Number(textContent),
            0,
          ) === 1000,
      );
      assert.ok(parseFloat((await page.textContent('#figure-accuracy')) ?? '') > 60);
      assert.ok(parseInt((await page.textContent('#figure-speed'))?.replace(',', '') ?? '', 10) > 100);
      assert.is(await page.textContent('#run-resumed'), 'no');
      const wrong = await page.locator('#mistakes button').first();
      await wrong.click();
      assert.match(await page.textContent('#pad-origin'), /^test digit \d+, an? \d$/);
      assert.is((await page.textContent('#pad-origin'))?.at(-1), (await wrong.getAttribute('title'))?.match(/\d/)?.[0]);
    }));
}

test('a run that is paused, looked at and resumed ends with the same bits; one that is stopped ends', () =>
  withPage({}, async (page) => {
    await page.click('#train');
    await pauseAfter(page, 0);
    const step = await page.textContent('#run-step');
    const paused = await weightsSha256(page);
    await page.waitForTimeout(300);
    assert.is(await page.textContent('#run-step'), step);
    await page.click('#train');
    const sha256 = await finished(page);
    assert.is.not(sha256, paused);
    assert.is(sha256, uninterrupted);
    await page.click('#over');
    await page.waitForFunction(() => document.querySelector('#run-text')?.textContent === 'under way');
    await page.click('#stop');
    await finished(page, 'stopped early');
    assert.is(await page.textContent('#train'), 'Continue');
  }));

test('the network can be changed, and a layer goes where it fits', () =>
  withPage({ query: '?images=6000' }, async (page) => {
    assert.match(await page.textContent('#network-size'), /^225,034 parameters, [\d.]+ MiB/);
    await page.fill('#layer-0-filters', '8');
    await page.press('#layer-0-filters', 'Enter');
    await page.waitForFunction(() => document.querySelector('#network-size')?.textContent?.startsWith('210,970'));
    assert.is(await page.inputValue('#preset'), 'own');
    const kinds = () =>
      page.$$eval('#layers .layer-name', (names) => names.map(({ textContent }) => textContent).join(' '));
    for (const [kind, after] of [
      ['conv2d', 'convolution pooling convolution pooling convolution flatten dense ten probabilities'],
      ['dense', 'convolution pooling convolution pooling convolution flatten dense dense ten probabilities'],
      ['dropout', 'convolution pooling convolution pooling convolution flatten dense dense dropout ten probabilities'],
      [
        'maxPooling2d',
        'convolution pooling convolution pooling convolution pooling flatten dense dense dropout ten probabilities',
      ],
    ]) {
      await page.selectOption('#new-layer', kind ?? '');
      await page.click('#add-layer');
      assert.is(await kinds(), after);
      assert.ok(await page.isHidden('#network-error'), kind);
      assert.ok(await page.isEnabled('#train'), kind);
    }
    assert.equal(
      await page.$$eval('#new-layer option:disabled', (options) => options.map(({ textContent }) => textContent)),
      ['pooling: the image is too small for it', 'flatten: there is one already'],
    );
    const up = page.locator('[aria-label="Move up layer 7, flatten"]');
    assert.is(await up.getAttribute('aria-disabled'), 'true');
    await up.click({ force: true });
    assert.is(
      await message(page),
      'That would break the network. Layer 7, pooling, needs an image, but flatten has turned it into a list of numbers; move it above flatten.',
    );
    assert.match(await kinds(), /pooling flatten dense/, 'nothing has changed');
    await page.selectOption('#preset', 'dense');
    assert.match(await page.textContent('#filters-title'), /What the first 16 of 64 units/);
    assert.ok(await page.isEnabled('#train'));
  }));

test('an impossible network says why, and nothing of the one before it stays to be seen', () =>
  withPage({}, async (page) => {
    await page.waitForFunction(() => document.querySelector('#confusion .wrong'));
    await page.fill('#layer-2-kernelSize', '20');
    await page.press('#layer-2-kernelSize', 'Enter');
    assert.is(
      await page.textContent('#network-error'),
      'Layer 3, convolution, gets an image of 12 × 12 px, smaller than its window; make the window smaller, or remove a layer above it.',
    );
    assert.match(await page.textContent('#story'), /^This network cannot be built;/);
    assert.ok(await page.isDisabled('#train'));
    assert.equal(
      await page.$$eval('#confusion td', (cells) => cells.filter(({ textContent }) => textContent).length),
      0,
    );
    assert.is(await page.locator('#mistakes button').count(), 0);
    assert.is(await page.$eval('#filters', (canvas) => /** @type {HTMLCanvasElement} */ (canvas).width), 1);
    await page.fill('#layer-2-kernelSize', '');
    await page.press('#layer-2-kernelSize', 'Tab');
    assert.is(
      await message(page),
      'Px wide, layer 3, convolution, must be a whole number of at least 1; it stays at 20.',
    );
    await page.fill('#layer-2-kernelSize', '3');
    await page.press('#layer-2-kernelSize', 'Tab');
    assert.ok(await page.isEnabled('#train'));
    assert.match(await page.textContent('#story'), /Press Train/);
  }));

test('what is drawn with the mouse is seen at once, and Clear takes it away', () =>
  withPage({}, async (page) => {
    const { x, y, width } = /** @type {{ x: number, y: number, width: number }} */ (
      await page.locator('#pad').boundingBox()
    );
    await page.mouse.move(x + width / 2, y + width * 0.2);
    await page.mouse.down();
    assert.is(await page.textContent('#pad-origin'), 'your digit', 'the ghost has let go');
    const [seen, maps] = await Promise.all([pixels(page, '#seen'), pixels(page, '#layers canvas')]);
    await page.mouse.move(x + width / 2, y + width * 0.8, { steps: 8 });
    await page.mouse.up();
    assert.is.not(await pixels(page, '#seen'), seen);
    const rows = await page.$eval('#seen', (canvas) => {
      const { data } = /** @type {CanvasRenderingContext2D} */ (
        /** @type {HTMLCanvasElement} */ (canvas).getContext('2d')
      ).getImageData(0, 0, 28, 28);
      return Array.from({ length: 28 }, (_, row) =>
        Array.from({ length: 28 }, (_, column) => data[4 * (28 * row + column)] ?? 0).some((value) => value > 100),
      ).filter(Boolean).length;
    });
    assert.is(rows, 20, "fitted into MNIST's box of 20 pixels");
    const shares = await page.$$eval('#probabilities .share', (list) =>
      list.map(({ textContent }) => parseFloat(textContent ?? '')),
    );
    assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 100) < 1, String(shares));
    await page.waitForFunction(
      (before) => /** @type {HTMLCanvasElement} */ (document.querySelector('#layers canvas')).toDataURL() !== before,
      maps,
    );
    await page.click('#clear');
    assert.is(await page.textContent('#probabilities li:first-child .share'), '–');
  }));

test('everything can be done with the keyboard alone', () =>
  withPage({}, async (page) => {
    /** @param {string} id */
    const tabTo = async (id) => {
      for (let i = 0; i < 150; i++) {
        const focused = await page.evaluate(() => ({
          id: document.activeElement?.id,
          outline: getComputedStyle(/** @type {Element} */ (document.activeElement)).outlineStyle,
        }));
        if (focused.id === id) return assert.is.not(focused.outline, 'none', `${id} shows that it has the focus`);
        await page.keyboard.press('Tab');
      }
      assert.unreachable(`Tab never reaches ${id}`);
    };
    await tabTo('preset');
    await page.keyboard.press('End');
    await page.waitForFunction(
      () => /** @type {HTMLSelectElement} */ (document.querySelector('#preset')).value === 'dense',
    );
    await page.keyboard.press('Home');
    await page.waitForFunction(
      () => /** @type {HTMLSelectElement} */ (document.querySelector('#preset')).value === 'small',
    );
    await tabTo('layer-0-filters');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Tab');
    assert.match(
      await page.evaluate(() => document.activeElement?.id ?? ''),
      /^layer-0-/,
      'who changes a layer stays in it',
    );
    await tabTo('pad');
    await page.keyboard.press('7');
    await page.waitForFunction(() => document.querySelector('#pad-origin')?.textContent === 'a 7, written for you');
    await page.waitForTimeout(1200);
    await page.keyboard.press('Delete');
    const empty = await pixels(page, '#seen');
    for (const key of ['ArrowUp', 'Space', 'ArrowDown', 'ArrowDown', 'ArrowRight', 'Space'])
      await page.keyboard.press(key);
    assert.is(await page.textContent('#pad-origin'), 'your digit');
    assert.is.not(await pixels(page, '#seen'), empty);
    await page.focus('body');
    await page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).blur());
    await tabTo('train');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => Number(document.querySelector('#run-step')?.textContent) > 0);
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('#run-text')?.textContent === 'paused');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await finished(page, 'stopped early');
  }));

test('a network that is too large says so without a word of batches', () =>
  withPage({}, async (page) => {
    await page.fill('#layer-0-filters', '99999');
    await page.press('#layer-0-filters', 'Enter');
    assert.match(
      await page.textContent('#network-error'),
      /^This network needs \d+\.\d GiB to train, and WebAssembly has 4; take fewer filters or units, or more pooling\.$/,
    );
  }));

test('the page stays where it is when a run begins, and ends, and can be continued', () =>
  withPage({}, async (page) => {
    const top = () => page.$eval('#pad', (pad) => pad.getBoundingClientRect().top);
    const before = await top();
    await page.click('#train');
    await page.waitForFunction(() => document.querySelector('#run-text')?.textContent === 'under way');
    assert.is(await top(), before);
    await page.click('#stop');
    await finished(page, 'stopped early');
    assert.match(await page.textContent('#story'), /^Stopped at step/);
    assert.is(await top(), before);
  }));

test('on a phone nothing is wider than the screen, and a finger draws', () =>
  withPage({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }, async (page) => {
    assert.is(await page.evaluate(() => document.documentElement.scrollWidth), 360);
    await page.tap('text=Your digit');
    await page.locator('#pad').scrollIntoViewIfNeeded();
    const { x, y, width } = /** @type {{ x: number, y: number, width: number }} */ (
      await page.locator('#pad').boundingBox()
    );
    const cdp = await page.context().newCDPSession(page);
    /** @param {'touchStart' | 'touchMove' | 'touchEnd'} type @param {number[]} at */
    const touch = (type, ...at) =>
      cdp.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: at.length ? [{ x: x + width * (at[0] ?? 0), y: y + width * (at[1] ?? 0) }] : [],
      });
    await touch('touchStart', 0.5, 0.25);
    const dot = await pixels(page, '#seen');
    const scrolled = await page.evaluate(() => scrollY);
    for (const down of [0.4, 0.6, 0.75]) await touch('touchMove', 0.5, down);
    await touch('touchEnd');
    assert.is(await page.textContent('#pad-origin'), 'your digit');
    assert.is.not(await pixels(page, '#seen'), dot);
    assert.is(await page.evaluate(() => scrollY), scrolled, 'the page stays where it is');
  }));

all.run();
