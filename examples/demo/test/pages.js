// @ts-check
// Pages for the tests: each in a fresh profile, watched for errors and for requests to anywhere else.
import { readFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { complaintsOf, executablePath, launch } from './browser.js';
import { serve } from './serve.js';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').BrowserContextOptions & { isolated?: boolean, query?: string }} How */

/** @type {Promise<import('playwright-core').Browser> | undefined} */
let browser;

/** Opens the page, for the smallest run that learns something unless told, waits until it can train, and lets `action` work with it. @param {How} how @param {(page: Page, url: string) => Promise<void>} action @param {{ quiet?: RegExp[] }} [but] complaints that the test itself brings about */
export async function withPage(
  { isolated = true, query = '?images=6000&network=small&epochs=1', ...how },
  action,
  { quiet = [] } = {},
) {
  browser ??= launch();
  const server = await serve({ isolated });
  const context = await (await browser).newContext({ viewport: { width: 1280, height: 800 }, ...how });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    const complaints = complaintsOf(page, server.url);
    await page.goto(server.url + query);
    await page.waitForSelector('#train:enabled');
    await action(page, server.url);
    assert.equal(
      complaints.filter((complaint) => !quiet.some((pattern) => pattern.test(complaint))),
      [],
      'the console is quiet and nothing is loaded from elsewhere',
    );
  } finally {
    await context.close();
    await server.close();
  }
}

export async function closeBrowser() {
  await (await browser)?.close();
  browser = undefined;
}

/** A suite's test, or its skip where there is no Chromium. @template T @param {import('uvu').uvu.Test<T>} test */
export function inBrowser(test) {
  return executablePath ? test : test.skip;
}

/** Loads the page as if it had never been open: nothing that was kept comes back. @param {Page} page */
export async function openAnew(page) {
  const url = page.url();
  await page.goto('about:blank');
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Storage.clearDataForOrigin', {
    origin: new URL(url).origin,
    storageTypes: 'indexeddb,local_storage',
  });
  await cdp.detach();
  await page.goto(url);
  await page.waitForSelector('#train:enabled');
}

/** Waits for the end of the run, and gives the SHA-256 of its weights. @param {Page} page */
export async function finished(page, state = 'finished') {
  try {
    await page.waitForFunction((text) => document.querySelector('#run-text')?.textContent === text, state, {
      timeout: 60_000,
    });
  } catch (error) {
    const texts = ['#run-text', '#run-step', '#train', '#message-text', '#data-text', '#model-text'].map(
      async (selector) => `${selector}: ${await page.textContent(selector)}`,
    );
    throw new Error(`${state} was never reached; ${(await Promise.all(texts)).join(', ')}`, { cause: error });
  }
  return weightsSha256(page);
}

/** Pauses the run as soon as it has made so many steps, before it can end. @param {Page} page @param {number} steps */
export async function pauseAfter(page, steps) {
  await page.waitForFunction((least) => {
    const due =
      document.querySelector('#run-text')?.textContent === 'under way' &&
      Number(document.querySelector('#run-step')?.textContent) >= least;
    if (due) /** @type {HTMLButtonElement} */ (document.querySelector('#train')).click();
    return due;
  }, steps);
  await page.waitForFunction(() => document.querySelector('#run-text')?.textContent === 'paused');
}

/** @param {Page} page */
export async function weightsSha256(page) {
  await page.waitForFunction(() => /^[0-9a-f]{64}$/.test(document.querySelector('#weights-sha256')?.textContent ?? ''));
  return page.textContent('#weights-sha256');
}

/** The sentence in the box at the top, once it is there. @param {Page} page */
export async function message(page) {
  await page.waitForSelector('#message:not([hidden])');
  return page.textContent('#message-text');
}

/** The bytes of the file that Save gives. @param {import('playwright-core').Page} page */
export async function save(page) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save')]);
  return { name: download.suggestedFilename(), bytes: await readFile(/** @type {string} */ (await download.path())) };
}

/** What is on a canvas, to be compared. @param {Page} page @param {string} selector */
export function pixels(page, selector) {
  return page.$eval(selector, (canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL());
}

/** Drops files on the page as a person does. @param {Page} page @param {{ name: string, bytes: Uint8Array, type?: string }[]} files */
export async function drop(page, files) {
  const transfer = await page.evaluateHandle(
    (list) => {
      const made = new DataTransfer();
      for (const { name, base64, type } of list)
        made.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, { type }));
      return made;
    },
    files.map(({ name, bytes, type = '' }) => ({ name, type, base64: Buffer.from(bytes).toString('base64') })),
  );
  for (const event of ['dragenter', 'dragover', 'drop'])
    await page.dispatchEvent('body', event, { dataTransfer: transfer });
}
