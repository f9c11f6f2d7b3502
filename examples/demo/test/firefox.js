// @ts-check
// The Firefox of this machine, if there is one, driven through Marionette.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { startProgram } from '../../../build/test/hosts/browser.js';
import { connectMarionette } from '../../../build/test/hosts/marionette.js';
import { temporaryFolder } from '../../../build/test/node/temporaryFolder.js';

const places = [
  process.env['FIREFOX'],
  '/usr/bin/firefox-esr',
  '/usr/bin/firefox',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
];
export const executablePath = places.find((place) => place !== undefined && existsSync(place));

const PATIENCE_MS = 30_000;

/** Lets `action` work with one tab of a fresh profile, whose console it watches. @param {(tab: Tab) => Promise<void>} action */
export async function withFirefox(action) {
  const profile = temporaryFolder();
  writeFileSync(join(profile, 'user.js'), 'user_pref("marionette.port", 0);');
  const args = ['--headless', '--no-remote', '--marionette', '--remote-allow-system-access', '--profile', profile];
  const browser = startProgram(executablePath ?? '', args);
  try {
    const marionette = await connectMarionette(profile, PATIENCE_MS);
    await marionette.send('WebDriver:NewSession', {});
    await marionette.send('WebDriver:SetWindowRect', { width: 1280, height: 800 });
    await action(new Tab(marionette));
  } finally {
    browser.end('SIGKILL');
    await browser.ended;
  }
}

class Tab {
  #marionette;

  /** @param {import('../../../build/test/hosts/marionette.js').Marionette} marionette */
  constructor(marionette) {
    this.#marionette = marionette;
  }

  /** @param {string} url */
  async open(url) {
    await this.#marionette.send('WebDriver:Navigate', { url });
  }

  /** As the person's key does; WebDriver:Refresh goes past the service worker. */
  async reload() {
    const before = await this.run('return performance.timeOrigin');
    await this.run('location.reload()');
    await this.until(`performance.timeOrigin !== ${before} && document.readyState === 'complete'`);
  }

  /** What the body of a function gives on the page. @param {string} body */
  async run(body) {
    return (await this.#marionette.send('WebDriver:ExecuteScript', { script: body, args: [] })).value;
  }

  /** @param {string} selector @returns {Promise<string>} */
  text(selector) {
    return this.run(`return document.querySelector(${JSON.stringify(selector)}).textContent`);
  }

  /** @param {string} selector */
  click(selector) {
    return this.run(`document.querySelector(${JSON.stringify(selector)}).click()`);
  }

  /** Waits until an expression is true on the page. @param {string} expression */
  async until(expression) {
    for (let waited = 0; !(await this.run(`return Boolean(${expression})`)); waited += 100) {
      if (waited >= PATIENCE_MS) throw new Error(`Firefox: after ${PATIENCE_MS / 1000} s still not ${expression}`);
      await after(100);
    }
  }

  /** Draws on the pad as a hand does. @param {[x: number, y: number][][]} strokes in shares of the pad's side */
  async draw(strokes) {
    const pad = await this.run(
      "const pad = document.querySelector('#pad'); pad.scrollIntoView({ block: 'center' }); const { x, y, width } = pad.getBoundingClientRect(); return { x, y, width }",
    );
    /** @param {[x: number, y: number]} at */
    const move = ([x, y]) => ({
      type: 'pointerMove',
      duration: 20,
      x: Math.round(pad.x + pad.width * x),
      y: Math.round(pad.y + pad.width * y),
    });
    const actions = strokes.flatMap(([first, ...rest]) =>
      first
        ? [move(first), { type: 'pointerDown', button: 0 }, ...rest.map(move), { type: 'pointerUp', button: 0 }]
        : [],
    );
    await this.#marionette.send('WebDriver:PerformActions', {
      actions: [{ type: 'pointer', id: 'hand', parameters: { pointerType: 'mouse' }, actions }],
    });
  }

  /** Errors in the console about what comes from this address. @param {string} url */
  async complaints(url) {
    await this.#marionette.send('Marionette:SetContext', { value: 'chrome' });
    const messages = await this.run(
      `return Services.console.getMessageArray().filter((one) => one instanceof Ci.nsIScriptError && !(one.flags & Ci.nsIScriptError.warningFlag)).map(({ sourceName, errorMessage }) => ({ sourceName, errorMessage }))`,
    );
    await this.#marionette.send('Marionette:SetContext', { value: 'content' });
    return messages
      .filter((/** @type {{ sourceName: string }} */ { sourceName }) => sourceName.startsWith(url))
      .map((/** @type {{ errorMessage: string }} */ { errorMessage }) => errorMessage);
  }

  /** @param {string} file */
  async screenshot(file) {
    const { value } = await this.#marionette.send('WebDriver:TakeScreenshot', { full: false });
    writeFileSync(file, Buffer.from(value, 'base64'));
  }
}
