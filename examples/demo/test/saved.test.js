// @ts-check
// Nothing that was learned is lost: reloads, other tabs, changes of network, runs that are stopped.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { closeBrowser, finished, inBrowser, message, openAnew, pauseAfter, weightsSha256, withPage } from './pages.js';

const all = suite('saved');
const test = inBrowser(all);
all.after(closeBrowser);

const query = '?images=6000&network=c4k3-p4-f-d12&epochs=6&seed=3';
/** Steps of that run. */
const STEPS = 258;

/** @type {string | null} */
let unbroken = null;

/** @param {import('playwright-core').Page} page */
const primary = (page) => page.textContent('#train');

test('a reload in the middle of a run costs nothing: Continue ends with the bits of the run that never stopped', () =>
  withPage({ query }, async (page) => {
    await page.click('#train');
    unbroken = await finished(page);
    assert.is(await page.textContent('#run-step'), String(STEPS));

    await openAnew(page);
    await page.click('#train');
    await page.waitForFunction(() => Number(document.querySelector('#run-step')?.textContent) > 40);
    await page.reload();
    await page.waitForFunction(
      () => document.querySelector('#train')?.textContent === 'Continue' && document.querySelector('#train:enabled'),
    );
    assert.match(await page.textContent('#story'), /^You were at step \d+\. Continue, and it ends with the same bits/);
    const step = Number(await page.textContent('#run-step'));
    assert.ok(step > 40 && step < STEPS, `kept at step ${step}`);
    assert.is(await page.textContent('#run-text'), 'interrupted');
    assert.ok(await page.isVisible('#over'));
    assert.is(await page.locator('#layers .layer-name').count(), 5, "one's own network is there, too");
    await page.click('#train');
    // Paused and left: the same again.
    await pauseAfter(page, step + 20);
    const paused = await page.textContent('#run-step');
    await page.reload();
    await page.click('#train:enabled >> text=Continue');
    assert.is(await finished(page), unbroken);
    assert.is(await page.textContent('#run-resumed'), `yes, at step ${paused}`);
    await page.click('#copy-link');
    assert.is(
      await message(page),
      'Link copied: anyone who opens it and presses Train gets the same bits.',
      'a run that was resumed has the bits of its link',
    );
    await page.reload();
    await page.waitForFunction(
      () =>
        document.querySelector('#train')?.textContent === 'Train further' && document.querySelector('#train:enabled'),
    );
    assert.is(await weightsSha256(page), unbroken, 'what is finished stays, too');
  }));

test('a tab that was closed comes back in a new one; two open tabs keep their own', () =>
  withPage({ query }, async (page, url) => {
    await page.click('#train');
    await pauseAfter(page, 30);
    const first = { step: await page.textContent('#run-step'), sha256: await weightsSha256(page) };
    const second = await page.context().newPage();
    await second.goto(url + query);
    await second.waitForSelector('#train:enabled');
    assert.is(
      await message(second),
      `Another tab has its own network, at step ${first.step}; this tab works on a separate one.`,
    );
    assert.is(await primary(second), 'Train', 'it does not take what the other tab works on');
    await second.click('#train');
    assert.is(await finished(second), unbroken);
    await page.reload();
    await page.waitForFunction(() => document.querySelector('#train')?.textContent === 'Continue');
    assert.is(await page.textContent('#run-step'), first.step, 'the second tab has overwritten nothing');
    assert.is(await weightsSha256(page), first.sha256);
    await page.close();
    const third = await page.context().newPage();
    await third.goto(url);
    await third.waitForFunction(
      () => document.querySelector('#train')?.textContent === 'Continue' && document.querySelector('#train:enabled'),
    );
    assert.is(await third.textContent('#run-step'), first.step, 'the tab that was closed, not the one that is open');
    assert.is(await weightsSha256(third), first.sha256);
  }));

test("after a run Train further is the first choice, and whatever takes a trained network's place can be undone", () =>
  withPage({}, async (page) => {
    await page.click('#train');
    const sha256 = await finished(page);
    assert.is(await primary(page), 'Train further');
    assert.ok(await page.isHidden('#kept'));
    const undone = async () => {
      await page.click('#undo');
      assert.is(await weightsSha256(page), sha256);
      assert.is(await page.inputValue('#preset'), 'small');
      assert.is(await primary(page), 'Train further');
    };
    await page.selectOption('#preset', 'dense');
    assert.is(await primary(page), 'Train');
    assert.is(await page.textContent('#kept-text'), 'The previous network, trained for 43 steps, is kept.');
    await undone();
    await page.click('[aria-label="Remove layer 4, pooling"]');
    await undone();
    await page.selectOption('#data-source', '12000');
    await page.waitForFunction(() => document.querySelector('#data-text')?.textContent?.startsWith('12,000'));
    assert.is(await weightsSha256(page), sha256, 'other data leave it as it is');
    await page.selectOption('#data-source', '6000');
    await page.waitForFunction(() => document.querySelector('#data-text')?.textContent?.startsWith('6,000'));
    await page.click('#train:enabled');
    const further = await finished(page);
    assert.is.not(further, sha256);
    // It has begun where it was.
    await page.waitForFunction(() => parseFloat(document.querySelector('#figure-accuracy')?.textContent ?? '') > 70);
    await undone();
    await page.click('#over');
    assert.is(await finished(page), sha256, 'from the first weights again');
    assert.match(await page.textContent('#kept-text'), /trained for 43 steps, is kept, and 1 more\.$/);
    await page.reload();
    await page.waitForSelector('#train:enabled');
    assert.ok(await page.isVisible('#undo'), 'what was kept is kept over a reload');
  }));

test('a stopped run resumes bit-identically', () =>
  withPage({ query }, async (page) => {
    await page.click('#train');
    await page.waitForFunction(() => Number(document.querySelector('#run-step')?.textContent) > 20);
    await page.click('#stop');
    await finished(page, 'stopped early');
    assert.match(await page.textContent('#story'), /^Stopped at step \d+\. Continue/);
    await page.click('#train >> text=Continue');
    assert.is(await finished(page), unbroken);
  }));

test('data are locked during a run, for the select and for files alike', () =>
  withPage({ query }, async (page) => {
    await page.click('#train');
    await page.waitForFunction(() => document.querySelector('#run-text')?.textContent === 'under way');
    assert.ok(await page.isDisabled('#data-source'));
    assert.ok(await page.isDisabled('#data-files'));
    assert.is(await page.textContent('#data-locked'), 'The data cannot change during a run; stop it first.');
    assert.ok(await page.isVisible('#data-locked'));
    assert.is(await finished(page), unbroken);
    assert.ok(await page.isEnabled('#data-source'));
    assert.ok(await page.isHidden('#data-locked'));
  }));

test('a link to another experiment goes first, and what was here before can be taken back', () =>
  withPage({}, async (page, url) => {
    await page.click('#train');
    const sha256 = await finished(page);
    await page.goto(`${url}?images=6000&network=dense&epochs=1`);
    await page.waitForSelector('#train:enabled');
    assert.is(await page.inputValue('#preset'), 'dense');
    assert.is(await primary(page), 'Train');
    await page.click('#undo');
    assert.is(await weightsSha256(page), sha256);
    assert.is(await page.inputValue('#preset'), 'small');
  }));

test('the address holds the whole experiment, and a copied link makes the same bits', () =>
  withPage({ query: '?images=6000&network=small&epochs=1' }, async (page, url) => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.click('[aria-label="Remove layer 4, pooling"]');
    assert.is(page.url(), `${url}?images=6000&network=c8k5-p2-c16k3-f&epochs=1`);
    await page.selectOption('#new-layer', 'dense');
    await page.click('#add-layer');
    await page.selectOption('#new-layer', 'dropout');
    await page.click('#add-layer');
    await page.fill('#seed', '9');
    await page.fill('#learning-rate', '0.002');
    await page.press('#learning-rate', 'Tab');
    assert.is(page.url(), `${url}?images=6000&network=c8k5-p2-c16k3-f-d64-r0.25&epochs=1&rate=0.002&seed=9`);
    await page.click('#copy-link');
    assert.is(await message(page), 'Link copied: anyone who opens it and presses Train gets the same bits.');
    const link = await page.evaluate(() => navigator.clipboard.readText());
    assert.is(link, page.url());
    await page.click('#train');
    const sha256 = await finished(page);
    await openAnew(page);
    await page.goto('about:blank');
    await page.goto(link);
    await page.waitForSelector('#train:enabled');
    assert.is(await primary(page), 'Train');
    await page.click('#train');
    assert.is(await finished(page), sha256);
  }));

test('a link that does not make the weights that are shown says so', () =>
  withPage({}, async (page) => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.click('#train');
    await finished(page);
    const note = async () => {
      await page.click('#copy-link');
      const text = await message(page);
      await page.click('#message-close');
      return text;
    };
    const same = 'Link copied: anyone who opens it and presses Train gets the same bits.';
    const other =
      'Link copied: it starts a new run with these settings; to share the weights shown here, send the saved model.';
    assert.is(await note(), same);
    await page.fill('#seed', '2');
    assert.is(await note(), other);
    await page.fill('#seed', '1');
    assert.is(await note(), same);
    await page.selectOption('#data-source', '12000');
    await page.waitForFunction(() => document.querySelector('#data-text')?.textContent?.startsWith('12,000'));
    assert.is(await note(), other, 'other data');
    await page.click('#train:enabled');
    await finished(page);
    assert.is(await note(), other, 'trained further');
  }));

test('a link that cannot be is answered, and posted it has a picture', () =>
  withPage({ query: '?images=9&network=c0x&epochs=-3' }, async (page, url) => {
    assert.is(
      await message(page),
      "The link says epochs=-3, which is not possible; 5 is used instead; the link says images=9, which is not possible; 12000 are used instead; the link's network c0x cannot be read; the reference network is used instead.",
    );
    assert.is(await page.inputValue('#preset'), 'reference');
    const picture = await page.getAttribute('meta[property="og:image"]', 'content');
    const answer = await page.request.get(new URL(picture ?? '', url).href);
    assert.is(answer.status(), 200);
    assert.ok((await answer.body()).length > 50_000);
  }));

all.run();
