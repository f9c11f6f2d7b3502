// @ts-check
// The pad and its answers: one digit after another, two at once, and what is no digit.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { closeBrowser, finished, inBrowser, pixels, withPage } from './pages.js';

const all = suite('drawing');
const test = inBrowser(all);
all.after(closeBrowser);

/** @typedef {[x: number, y: number][]} Stroke  in shares of the pad's side */

/** Draws as a hand does. @param {import('playwright-core').Page} page @param {Stroke[]} strokes */
async function draw(page, strokes) {
  const { x, y, width } = /** @type {{ x: number, y: number, width: number }} */ (
    await page.locator('#pad').boundingBox()
  );
  for (const [first, ...rest] of strokes) {
    if (!first) continue;
    await page.mouse.move(x + width * first[0], y + width * first[1]);
    await page.mouse.down();
    for (const [px, py] of rest) await page.mouse.move(x + width * px, y + width * py, { steps: 4 });
    await page.mouse.up();
  }
}

/** Ink on the pad, in pixels. @param {import('playwright-core').Page} page */
const ink = (page) =>
  page.$eval('#pad', (canvas) => {
    const { data } = /** @type {CanvasRenderingContext2D} */ (
      /** @type {HTMLCanvasElement} */ (canvas).getContext('2d')
    ).getImageData(0, 0, 280, 280);
    return data.reduce((sum, value, i) => sum + (i % 4 === 0 && value > 100 ? 1 : 0), 0);
  });

const one = /** @type {Stroke} */ ([
  [0.5, 0.15],
  [0.5, 0.85],
]);

test('a pen that comes down later begins another digit; Undo takes the strokes before back', () =>
  withPage({}, async (page) => {
    // In the middle of what the ghost writes: nothing of that stays.
    await draw(page, [one]);
    const alone = await ink(page);
    await draw(page, [
      [
        [0.2, 0.5],
        [0.8, 0.5],
      ],
    ]);
    const both = await ink(page);
    assert.ok(both > alone * 1.5, 'strokes that follow at once belong together');
    assert.ok(await page.isHidden('#back'));
    await page.waitForTimeout(1400);
    await draw(page, [one]);
    assert.is(await ink(page), alone, 'the pad has cleared itself');
    await page.click('#back');
    assert.is(await ink(page), both);
    assert.ok(await page.isHidden('#back'));
    await page.click('#clear');
    assert.is(await ink(page), 0);
    await page.click('#back');
    assert.is(await ink(page), both, 'Clear can be undone, too');
  }));

test('two digits are no digit, whatever the network makes of them', () =>
  withPage({}, async (page) => {
    await page.click('#train');
    await finished(page);
    await page.waitForFunction(() => !/guessing/.test(document.querySelector('#verdict')?.textContent ?? 'guessing'));
    await draw(page, [
      [
        [0.25, 0.2],
        [0.25, 0.8],
      ],
      [
        [0.5, 0.25],
        [0.8, 0.25],
        [0.6, 0.8],
      ],
    ]);
    await page.waitForFunction(() =>
      /^Not sure: .*; more than one/.test(document.querySelector('#verdict')?.textContent ?? ''),
    );
    assert.not(await page.$eval('#verdict', (verdict) => verdict.classList.contains('sure')));
    // A 5 whose bar stands apart from its bow, and a 4 in two strokes, are one each.
    for (const digit of [
      [
        [
          [0.32, 0.2],
          [0.7, 0.18],
        ],
        [
          [0.36, 0.32],
          [0.36, 0.48],
          [0.6, 0.48],
          [0.66, 0.65],
          [0.5, 0.8],
          [0.32, 0.76],
        ],
      ],
      [
        [
          [0.35, 0.2],
          [0.3, 0.55],
          [0.75, 0.55],
        ],
        [
          [0.62, 0.2],
          [0.6, 0.85],
        ],
      ],
    ]) {
      await page.click('#clear');
      await draw(page, /** @type {Stroke[]} */ (digit));
      await page.waitForFunction(() => document.querySelector('#verdict')?.textContent);
      assert.not.match(await page.textContent('#verdict'), /more than one/);
    }
  }));

test('an answer below 90 % is never bold, and names two digits', () =>
  withPage({ query: '?images=12000&network=small&epochs=3' }, async (page) => {
    await page.click('#train');
    await finished(page);
    await page.waitForSelector('#mistakes button');
    const seen = new Set();
    for (const tile of (await page.locator('#mistakes button, #tiles button').all()).slice(0, 30)) {
      await tile.click();
      const state = await page.evaluate(async () => {
        await new Promise((resolve) => setTimeout(resolve, 60));
        const verdict = /** @type {HTMLElement} */ (document.querySelector('#verdict'));
        const shares = [...document.querySelectorAll('#probabilities .share')].map(({ textContent }) =>
          textContent?.startsWith('>') ? 100 : parseFloat(textContent ?? ''),
        );
        return {
          text: verdict.textContent ?? '',
          sure: verdict.classList.contains('sure'),
          best: Math.max(...shares),
          digit: shares.indexOf(Math.max(...shares)),
        };
      });
      if (Math.abs(state.best - 90) < 0.1) continue;
      seen.add(state.sure);
      assert.is(state.sure, state.best > 90, JSON.stringify(state));
      if (state.sure) assert.match(state.text, new RegExp(`^an? ${state.digit}$`));
      else assert.match(state.text, new RegExp(`^Not sure: perhaps an? ${state.digit} \\(\\d+\\s%\\), or an? \\d$`));
    }
    assert.is(seen.size, 2, 'both kinds were there');
  }));

test('a letter that the network takes for a digit is doubted, a digit is not', () =>
  withPage({ query: '?images=12000&epochs=3' }, async (page) => {
    await page.click('#train');
    await finished(page);
    await page.waitForTimeout(1000);
    const read = async (/** @type {Stroke[]} */ strokes) => {
      await page.click('#clear');
      await draw(page, strokes);
      await page.waitForTimeout(300);
      return page.textContent('#verdict');
    };
    assert.match(
      await read([
        [
          [0.25, 0.15],
          [0.25, 0.85],
        ],
        [
          [0.75, 0.15],
          [0.75, 0.85],
        ],
        [
          [0.25, 0.5],
          [0.75, 0.5],
        ],
      ]),
      /^Not sure: perhaps an? \d/,
      'H',
    );
    assert.match(
      await read([
        [
          [0.75, 0.15],
          [0.25, 0.15],
          [0.25, 0.85],
          [0.75, 0.85],
        ],
        [
          [0.25, 0.5],
          [0.65, 0.5],
        ],
      ]),
      /^Not sure: perhaps an? \d/,
      'E',
    );
    assert.match(
      await read([
        [
          [0.2, 0.85],
          [0.5, 0.15],
          [0.8, 0.85],
        ],
        [
          [0.32, 0.58],
          [0.68, 0.58],
        ],
      ]),
      /^Not sure: perhaps an? \d/,
      'A',
    );
    assert.match(
      await read([
        [
          [0.2, 0.2],
          [0.8, 0.2],
          [0.8, 0.8],
          [0.2, 0.8],
          [0.2, 0.2],
        ],
      ]),
      /^Not sure: perhaps an? \d/,
      'a square',
    );
    // The ink of these lies where a digit's does, but its strokes run another way.
    for (const [name, strokes] of Object.entries(
      /** @type {Record<string, Stroke[]>} */ ({
        J: [
          [
            [0.35, 0.15],
            [0.75, 0.15],
          ],
          [
            [0.6, 0.15],
            [0.6, 0.65],
            [0.55, 0.79],
            [0.45, 0.85],
            [0.35, 0.79],
            [0.3, 0.68],
          ],
        ],
        'a zigzag': [
          [
            [0.2, 0.3],
            [0.8, 0.35],
            [0.25, 0.5],
            [0.8, 0.55],
            [0.2, 0.7],
            [0.75, 0.75],
          ],
        ],
        'a house': [
          [
            [0.22, 0.85],
            [0.22, 0.45],
            [0.5, 0.15],
            [0.78, 0.45],
            [0.78, 0.85],
            [0.22, 0.85],
          ],
        ],
      }),
    ))
      assert.match(await read(strokes), /^Not sure: perhaps an? \d/, name);
    assert.is(await read([one]), 'a 1');
    assert.is(
      await read([
        [
          [0.3, 0.2],
          [0.7, 0.2],
          [0.45, 0.8],
        ],
      ]),
      'a 7',
    );
  }));

test('the keyboard may take its time', () =>
  withPage({}, async (page) => {
    await page.focus('#pad');
    for (const key of ['Space', 'ArrowDown', 'ArrowDown', 'Space']) await page.keyboard.press(key);
    const first = await ink(page);
    await page.waitForTimeout(1400);
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'Space', 'ArrowUp', 'Space'])
      await page.keyboard.press(key);
    assert.ok((await ink(page)) > first, 'nothing was wiped away');
    const seen = await pixels(page, '#seen');
    await page.keyboard.press('Delete');
    assert.is.not(await pixels(page, '#seen'), seen);
  }));

all.run();
