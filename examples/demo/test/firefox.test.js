// @ts-check
// The same in Firefox: it trains, comes back after a reload, reads, copies its link, and works offline.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { executablePath, withFirefox } from './firefox.js';
import { serve } from './serve.js';

const all = suite('Firefox');
const test = executablePath ? all : all.skip;
if (!executablePath)
  console.log(
    'There is no Firefox on this machine (looked for /usr/bin/firefox-esr and /usr/bin/firefox, and FIREFOX=PATH names another), so the page is not tested in it.',
  );

const isReady = "document.querySelector('#train')?.disabled === false";
/** @param {string} selector @param {string} text */
const says = (selector, text) => `document.querySelector('${selector}').textContent === '${text}'`;
/** The smallest run that learns something and lasts long enough to be interrupted. */
const query = '?images=6000&network=small&epochs=4';
const STEPS = '172';

test('train, reload, continue, draw, copy the link, undo, and all that offline', () =>
  withFirefox(async (tab) => {
    const server = await serve({ isolated: true });
    const finished = async () => {
      await tab.until(says('#run-text', 'finished'));
      await tab.until("/^[0-9a-f]{64}$/.test(document.querySelector('#weights-sha256').textContent)");
      return tab.text('#weights-sha256');
    };
    try {
      await tab.open(server.url + query);
      await tab.until(isReady);
      assert.is(await tab.run('return crossOriginIsolated'), true);
      await tab.click('#train');
      await tab.until("Number(document.querySelector('#run-step').textContent) > 10");
      await tab.reload();
      await tab.until(`${isReady} && ${says('#train', 'Continue')}`);
      const resumedAt = await tab.text('#run-step');
      await tab.click('#train');
      const sha256 = await finished();
      assert.is(await tab.text('#run-resumed'), `yes, at step ${resumedAt}`);
      assert.is(await tab.text('#run-step'), STEPS);

      await tab.draw([
        [
          [0.3, 0.2],
          [0.7, 0.2],
          [0.45, 0.8],
        ],
      ]);
      await tab.until(`${says('#pad-origin', 'your digit')} && ${says('#verdict', 'a 7')}`);
      assert.is(
        await tab.run("return getComputedStyle(document.querySelector('#pad')).outlineStyle"),
        'none',
        'no ring for the keyboard',
      );
      await tab.click('#copy-link');
      await tab.until(says('#message-text', 'Link copied: anyone who opens it and presses Train gets the same bits.'));
      await tab.run(
        "const preset = document.querySelector('#preset'); preset.value = 'dense'; preset.dispatchEvent(new Event('change'))",
      );
      assert.is(await tab.text('#kept-text'), `The previous network, trained for ${STEPS} steps, is kept.`);
      await tab.click('#undo');
      assert.is(await tab.text('#run-text'), 'trained here earlier');

      await tab.until('navigator.serviceWorker.controller');
      await server.close();
      await tab.reload();
      await tab.until(`${isReady} && ${says('#train', 'Train further')}`);
      await tab.click('#over');
      assert.is(await finished(), sha256, 'offline, uninterrupted, bit-identical');
      assert.equal(await tab.complaints(server.url), []);
    } finally {
      await server.close();
    }
  }));

all.run();
