// @ts-check
// The site in Chromium: for those who hear it, in both colors and on a phone; its search; no request to anywhere else.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
// The driver of the interactive page's tests, which npm run demo:build installs.
import { complaintsOf, executablePath, launch } from '../../../examples/demo/test/browser.js';
import { pages } from '../guides.js';
import { serve } from './site.js';

const all = suite('browser');
const test = executablePath ? all : all.skip;
const axe = await readFile(
  createRequire(new URL('../../../examples/demo/package.json', import.meta.url)).resolve('axe-core/axe.min.js'),
  'utf8',
);
const desktop = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof serve>>} */
let server;
all.before(async () => {
  if (executablePath) [browser, server] = await Promise.all([launch(), serve()]);
});
all.after(async () => {
  await browser?.close();
  server?.close();
});

/** @param {import('playwright-core').BrowserContextOptions} how @param {string} path @param {(page: import('playwright-core').Page) => Promise<void>} action */
async function withPage(how, path, action) {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...how });
  try {
    const page = await context.newPage();
    const complaints = complaintsOf(page, server.url);
    await open(page, path);
    await action(page);
    assert.equal(complaints, []);
  } finally {
    await context.close();
  }
}

/** Opens a page of the site and waits until it answers. @param {import('playwright-core').Page} page @param {string} path */
async function open(page, path) {
  await page.goto(server.url + path);
  await page.waitForFunction(() => /** @type {any} */ (document.querySelector('#app')).__vue_app__);
}

/** Where the site has a page of the checkout. @param {string} path */
const addressOf = (path) => path.replace(/(^|\/)README\.md$/, '$1').replace(/\.md$/, '.html');

/** @param {import('playwright-core').Page} page @returns {Promise<string[]>} */
async function violationsOf(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await /** @type {any} */ (globalThis).axe.run();
    return violations.map(
      (/** @type {any} */ { id, nodes }) =>
        `${id}: ${nodes
          .slice(0, 3)
          .map((/** @type {any} */ node) => `${node.html} ${node.any[0]?.message ?? ''}`)
          .join(' | ')}`,
    );
  });
}

/** @param {import('playwright-core').Page} page @param {string} question */
async function search(page, question) {
  await page.click('.DocSearch-Button');
  await page.fill('.VPLocalSearchBox input', question);
  await page.waitForSelector('.VPLocalSearchBox .result');
  // The list settles a moment after the last letter.
  await page.waitForTimeout(500);
  return page.$$eval('.VPLocalSearchBox .result', (links) => links.map((link) => link.getAttribute('href') ?? ''));
}

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  for (const path of ['', 'docs/layers.html', 'reference/wasm-cnn/layers.html'])
    test(`axe finds nothing to complain of: /${path}, ${colorScheme}`, () =>
      withPage({ ...desktop, colorScheme }, path, async (page) => assert.equal(await violationsOf(page), [])));
  test(`axe finds nothing to complain of: the search, ${colorScheme}`, () =>
    withPage({ ...desktop, colorScheme }, 'docs/layers.html', async (page) => {
      await search(page, 'freeze layers');
      assert.equal(await violationsOf(page), []);
    }));
}

test('on a phone no page is wider than the screen', () =>
  withPage(phone, '', async (page) => {
    for (const path of [...pages.map(addressOf), 'reference/wasm-cnn/layers.html']) {
      await open(page, path);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390, path);
    }
  }));

test('on a phone axe finds nothing to complain of', () =>
  withPage(phone, '', async (page) => {
    for (const path of ['', 'docs/layers.html', 'reference/wasm-cnn/layers.html', 'bench/']) {
      await open(page, path);
      assert.equal(await violationsOf(page), [], path);
    }
  }));

test('beside the outline, lines of 88 characters are not broken', () =>
  withPage(desktop, 'docs/fine-tuning.html', async (page) => {
    const width = await page.evaluate(() => {
      const code = /** @type {HTMLElement} */ (document.querySelector('.language-js code'));
      const line = /** @type {HTMLElement} */ (code.querySelector('.line'));
      line.textContent = 'x'.repeat(88);
      return [
        line.getClientRects().length,
        getComputedStyle(/** @type {Element} */ (document.querySelector('.aside'))).display,
      ];
    });
    assert.equal(width, [1, 'block']);
  }));

for (const [question, answer] of /** @type {const} */ ([
  ['freeze layers', /docs\/(layers|fine-tuning|formats)/],
  ['own pictures', /docs\/(own-)?pictures/],
  ['can I use a GPU', /#limits|docs\/limits/],
  ['conv2d', /reference\/wasm-cnn\/layers/],
]))
  test(`the search answers ${question}`, () =>
    withPage(desktop, '', async (page) => {
      const found = (await search(page, question)).slice(0, 5);
      assert.ok(
        found.some((link) => answer.test(link)),
        `found ${found.join(', ')}`,
      );
    }));

test('the interactive page opens from the site', () =>
  withPage(desktop, '', async (page) => {
    await page.click('.ways a[href$="page/"]');
    await page.waitForSelector('#train:enabled');
  }));

all.run();
