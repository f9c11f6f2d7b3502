// @ts-check
// For those who hear the page, use it with keys or fingers, want it still, or have colors of their own.
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inTemporaryFolder } from './node.js';
import { closeBrowser, finished, inBrowser, pixels, withPage } from './pages.js';
import { writePictures } from './pictures.js';

const all = suite('access');
const test = inBrowser(all);
all.after(closeBrowser);
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

test('a screen reader hears nothing of the ghost, and the answer to what the person does', () =>
  withPage({}, async (page) => {
    await page.evaluate(() => {
      const heard = /** @type {string[]} */ ([]);
      Object.assign(globalThis, { heard });
      for (const region of document.querySelectorAll('[role=status], [role=alert], [role=log], [aria-live]')) {
        if (region.getAttribute('aria-live') === 'off') continue;
        new MutationObserver(() => heard.push(`${region.id}: ${region.textContent}`)).observe(region, {
          childList: true,
          characterData: true,
          subtree: true,
        });
      }
    });
    const heard = () => page.evaluate(() => /** @type {any} */ (globalThis).heard.splice(0));
    const written = await page.textContent('#pad-origin');
    await page.waitForFunction((before) => document.querySelector('#pad-origin')?.textContent !== before, written);
    await page.waitForTimeout(4000);
    assert.match(await page.textContent('#pad-origin'), /written by a ghost$/);
    assert.equal(await heard(), []);
    await page.focus('#pad');
    await page.keyboard.press('7');
    await page.waitForFunction(() => /** @type {any} */ (globalThis).heard.length > 0);
    await page.waitForTimeout(800);
    assert.match((await heard()).join(), /^status: Read as: an? \d\? It is only guessing\.$/);
  }));

test('one button stops all motion, and lets it continue', () =>
  withPage({}, async (page) => {
    const moving = [
      '#pad',
      '#tiles button:nth-child(1) canvas',
      '#tiles button:nth-child(8) canvas',
      '#tiles button:nth-child(15) canvas',
    ];
    const all = () => Promise.all(moving.map((selector) => pixels(page, selector)));
    await page.click('#motion');
    assert.is(await page.textContent('#motion'), 'Resume motion');
    await page.waitForTimeout(300);
    const before = await all();
    await page.waitForTimeout(4500);
    assert.equal(await all(), before);
    assert.is(await page.$eval('#train', (button) => getComputedStyle(button).animationName), 'none');
    await page.reload();
    await page.waitForSelector('#train:enabled');
    assert.is(await page.textContent('#motion'), 'Resume motion', 'it stays so');
    const pad = await pixels(page, '#pad');
    await page.click('#motion');
    await page.waitForFunction(
      (still) => /** @type {HTMLCanvasElement} */ (document.querySelector('#pad')).toDataURL() !== still,
      pad,
    );
  }));

test('the first Tab leads to the pad, and many tiles are one stop with arrow keys', () =>
  withPage({}, async (page) => {
    await page.keyboard.press('Tab');
    assert.is(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the pad');
    await page.keyboard.press('Enter');
    assert.is(await page.evaluate(() => document.activeElement?.id), 'pad');
    assert.is(await page.locator('#tiles button[tabindex="0"]').count(), 1);
    await page.focus('#tiles button[tabindex="0"]');
    const place = () =>
      page.evaluate(() =>
        [...document.querySelectorAll('#tiles button')].indexOf(/** @type {Element} */ (document.activeElement)),
      );
    for (const [key, at] of /** @type {const} */ ([
      ['ArrowRight', 1],
      ['ArrowDown', 6],
      ['ArrowLeft', 5],
      ['ArrowUp', 0],
      ['End', 44],
      ['Home', 0],
    ])) {
      await page.keyboard.press(key);
      assert.is(await place(), at, key);
    }
    await page.keyboard.press('Tab');
    assert.is(await place(), -1, 'one stop');
    assert.is(await page.evaluate(() => document.activeElement?.id), 'data-folder');
    await page.click('#train');
    await finished(page);
    await page.waitForSelector('#mistakes button');
    assert.is(await page.locator('#mistakes button[tabindex="0"]').count(), 1);
  }));

test('fingers find targets of 44 pixels, the pad and the answer come first, and the bar is small', () =>
  withPage({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }, async (page) => {
    const small = await page.$$eval('button, select, .button, input[type=number], nav a', (elements) =>
      elements
        .filter((element) => element.checkVisibility() && element.getBoundingClientRect().width > 2)
        .map((element) => ({
          name: element.id || element.className || element.textContent,
          box: element.getBoundingClientRect(),
        }))
        .filter(({ box }) => box.height < 44 || box.width < 44)
        .map(({ name, box }) => `${name} ${box.width} × ${box.height}`),
    );
    assert.equal(small, []);
    await page.tap('#train');
    await page.waitForFunction(() => document.querySelector('#run-text')?.textContent === 'under way');
    const bottom = await page.$eval('#verdict', (verdict) => verdict.getBoundingClientRect().bottom);
    assert.ok(bottom < 844, `the answer ends at ${bottom}`);
    await finished(page);
    await page.tap('nav >> text=Learning');
    await page.waitForFunction(() => scrollY > 200);
    const bar = await page.$eval('.bar', (header) => header.getBoundingClientRect().bottom);
    assert.ok(bar < 844 / 4, `the bar takes ${bar} px`);
    const top = await page.$eval('#learning-title', (title) => title.getBoundingClientRect().top);
    assert.ok(top >= bar, 'nothing hides below it');
  }));

test("with the system's colors alone, bars and shades are still there", () =>
  withPage({ forcedColors: 'active' }, async (page) => {
    await page.click('#train');
    await finished(page);
    await page.waitForSelector('#confusion .wrong');
    const styles = await page.evaluate(() => {
      /** @param {string} selector */
      const style = (selector) => getComputedStyle(/** @type {Element} */ (document.querySelector(selector)));
      return {
        ground: style('.panel').backgroundColor,
        bar: style('.best .bar-fill').backgroundColor,
        right: style('#confusion .right').borderTopStyle,
        wrong: style('#confusion .wrong').borderTopStyle,
      };
    });
    assert.is.not(styles.bar, styles.ground);
    assert.equal([styles.right, styles.wrong], ['solid', 'dotted']);
  }));

/** @param {import('playwright-core').Page} page @returns {Promise<string[]>} */
const violationsOf = (page) =>
  page.evaluate(async () => {
    const found = await /** @type {any} */ (globalThis).axe.run();
    return found.violations.map(
      (/** @type {any} */ { id, nodes }) =>
        `${id}: ${nodes
          .slice(0, 3)
          .map((/** @type {any} */ node) => `${node.html} ${node.any[0]?.message ?? ''}`)
          .join(' | ')}`,
    );
  });

for (const how of /** @type {const} */ ([
  { colorScheme: 'light' },
  { colorScheme: 'dark' },
  { colorScheme: 'light', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
])) {
  test(`axe finds nothing to complain of, ${how.colorScheme}${'viewport' in how ? ', on a phone' : ''}: before, during and after a run, and after an undo`, () =>
    withPage({ ...how, reducedMotion: 'reduce', query: '?images=6000&network=small&epochs=3' }, async (page) => {
      const violations = () => violationsOf(page);
      await page.evaluate(axe);
      assert.equal(await violations(), [], 'before');
      await page.click('#train');
      await page.waitForFunction(() => Number(document.querySelector('#run-step')?.textContent) > 0);
      assert.equal(await violations(), [], 'during');
      await finished(page);
      await page.waitForSelector('#mistakes button');
      await page.selectOption('#preset', 'dense');
      await page.click('#copy-link');
      await page.waitForSelector('#message:not([hidden])');
      assert.equal(await violations(), [], 'something is kept, and a message is there');
      await page.click('#undo');
      await page.waitForSelector('#mistakes button');
      assert.equal(await violations(), [], 'after');
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.is(ground, how.colorScheme === 'dark' ? 'rgb(16, 20, 24)' : 'rgb(238, 241, 244)');
    }));
}

for (const how of /** @type {const} */ ([
  { colorScheme: 'dark' },
  { colorScheme: 'light', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
])) {
  test(`with own pictures of many classes axe finds nothing, ${how.colorScheme}${'viewport' in how ? ', on a phone, and fingers find targets' : ''}`, () =>
    inTemporaryFolder(async (folder) => {
      const names = Array.from({ length: 16 }, (_, i) => `a long name of a class, number ${i}`);
      await writePictures(join(folder, 'own'), names, 6);
      await withPage(
        { ...how, reducedMotion: 'reduce', query: '?images=600&network=c4k3-p4-f&epochs=2' },
        async (page) => {
          await page.setInputFiles('#data-folder', join(folder, 'own'));
          await page.waitForFunction(() => / 16 classes/.test(document.querySelector('#data-text')?.textContent ?? ''));
          await page.click('#train:enabled');
          await finished(page);
          await page.waitForSelector('#mistakes button');
          await page.evaluate(axe);
          assert.equal(await violationsOf(page), []);
          if (!('viewport' in how)) return;
          const small = await page.$$eval('button, select, .button, input[type=number], nav a', (elements) =>
            elements
              .filter((element) => element.checkVisibility() && element.getBoundingClientRect().width > 2)
              .filter((element) => {
                const { width, height } = element.getBoundingClientRect();
                return width < 44 || height < 44;
              })
              .map((element) => element.id || element.className || element.textContent),
          );
          assert.equal(small, []);
        },
      );
    }));
}

all.run();
