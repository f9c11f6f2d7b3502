// @ts-check
// npm run test:demo: the built page in Chromium, and its core in Firefox; ends with 'N passed, N failed, N skipped'.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { executablePath } from './browser.js';

if (!executablePath)
  console.log(
    'There is no Chromium on this machine (looked for /usr/bin/chromium, and CHROMIUM=PATH names another), so the page is not tested in it.',
  );
const uvu = fileURLToPath(new URL('../bin.js', import.meta.resolve('uvu')));
const tests = spawn(process.execPath, [uvu, fileURLToPath(new URL('.', import.meta.url)), '\\.test\\.js$'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
let log = '';
tests.stdout.on('data', (chunk) => {
  process.stdout.write(chunk);
  log += chunk;
});
tests.on('close', (status) => {
  /** @param {string} name */
  const figure = (name) =>
    Number(
      [...log.replace(/\x1b\[[0-9;]*m/g, '').matchAll(new RegExp(`^ *${name}: *(\\d+)$`, 'gm'))].at(-1)?.[1] ?? NaN,
    );
  const [total, passed, skipped] = [figure('Total'), figure('Passed'), figure('Skipped')];
  console.log(`${passed} passed, ${total - passed} failed, ${skipped} skipped`);
  process.exitCode = status === 0 && total + skipped > 0 ? 0 : 1;
});
