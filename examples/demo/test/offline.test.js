// @ts-check
// Without a network: the page that was open once opens again, trains, and gives the same bits.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { launch } from './browser.js';
import { closeBrowser, finished, inBrowser, message, openAnew, withPage } from './pages.js';

const all = suite('offline');
const test = inBrowser(all);
all.after(closeBrowser);

/** @type {string | null} */
let online = null;

for (const isolated of [true, false]) {
  test(`a page that was open once opens and trains offline, ${isolated ? 'cross-origin isolated' : 'without COOP and COEP'}`, () =>
    withPage(
      { isolated },
      async (page, url) => {
        await page.click('#train');
        online ??= await finished(page);
        await page.waitForFunction(() => navigator.serviceWorker.controller);
        await openAnew(page);
        await page.context().setOffline(true);
        await page.reload();
        await page.waitForSelector('#train:enabled');
        assert.is(await page.evaluate(() => globalThis.crossOriginIsolated), isolated);
        assert.is(
          await page.evaluate(() => fetch('not-there.txt').catch(() => 'no network')),
          'no network',
          'the service worker has none, either',
        );
        await page.click('#train');
        assert.is(await finished(page), online);
        assert.ok(await page.isHidden('#message'), 'its threads were kept, too');
        // Another experiment is the same page.
        await page.goto(`${url}?images=6000&network=dense&epochs=1`);
        await page.waitForSelector('#train:enabled');
        assert.is(await page.inputValue('#preset'), 'dense');
        await page.context().setOffline(false);
      },
      { quiet: [/ERR_(INTERNET_DISCONNECTED|FAILED)/] },
    ));
}

test('opened by a double click it says why nothing moves', async () => {
  const browser = await launch();
  const page = await browser.newPage();
  await page.goto(new URL('../dist/index.html', import.meta.url).href);
  assert.match((await page.textContent('#story')) ?? '', /^Browsers do not load modules from file: addresses\./);
  await browser.close();
});

test("where the thread's script cannot be loaded, the page's own thread trains, says so, and gives the same bits", () =>
  withPage(
    { serviceWorkers: 'block' },
    async (page) => {
      await page.route(/trainingThread/, (route) => route.abort());
      await page.click('#train');
      assert.is(
        await message(page),
        "The training thread's script could not be loaded (is the page offline?), so training runs on the page's own thread: the bits are the same, but the page is slower; reload it once you are online.",
      );
      assert.is(await finished(page), online);
    },
    { quiet: [/ERR_FAILED/] },
  ));

test('advice fits the failure', () =>
  withPage({}, async (page) => {
    await page.fill('#learning-rate', '10');
    await page.click('#train');
    await page.waitForFunction(
      () => ['finished', 'failed'].includes(document.querySelector('#run-text')?.textContent ?? ''),
      undefined,
      { timeout: 60_000 },
    );
    await page.waitForFunction(() =>
      /too high(: l|\. L)ower it, to 0\.003 for example, and start over\.$/.test(
        document.querySelector('#story')?.textContent ?? '',
      ),
    );
    for (const [selector, value, sentence] of /** @type {const} */ ([
      ['#learning-rate', '-1', 'Learning rate must be a number above 0; it stays at 10.'],
      ['#learning-rate', '', 'Learning rate must be a number above 0; it stays at 10.'],
      ['#epochs', '0', 'Epochs must be a whole number from 1 to 100; it stays at 1.'],
      ['#epochs', '2.5', 'Epochs must be a whole number from 1 to 100; it stays at 1.'],
      ['#seed', '-4', 'Seed must be a whole number from 0 to 9,007,199,254,740,991; it stays at 1.'],
    ])) {
      await page.fill(selector, value);
      await page.press(selector, 'Tab');
      assert.is(await message(page), sentence);
    }
    await page.fill('#seed', '99999999999999999999');
    await page.press('#seed', 'Tab');
    assert.is(await message(page), 'Seed must be a whole number from 0 to 9,007,199,254,740,991; it stays at 1.');
    await page.fill('#seed', '7');
    await page.press('#seed', 'Tab');
    assert.ok(await page.isHidden('#message'), 'what is mended is no longer complained of');
  }));

all.run();
