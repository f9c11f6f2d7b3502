// @ts-check
// The Chromium of this machine, if there is one.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const places = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
export const executablePath = places.find((place) => place !== undefined && existsSync(place));

const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** With a fresh profile, which the driver makes and takes away. */
export function launch() {
  return chromium.launch({ executablePath, headless: true, args: quiet });
}

/**
 * What a page should not do, as it comes up: errors, errors on the console, requests elsewhere than to `url`.
 * @param {import('playwright-core').Page} page @param {string} url
 */
export function complaintsOf(page, url) {
  /** @type {string[]} */
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url()))
      complaints.push(`a request to ${request.url()}`);
  });
  return complaints;
}
