// Chromium, driven through its DevTools protocol.
import { existsSync } from 'node:fs';
import { driver, hasDriver, type BrowserKind } from './browser.js';
import { PATIENCE_MS, versionIn } from './host.js';

interface Puppeteer {
  launch(options: object): Promise<{
    version(): Promise<string>;
    newPage(): Promise<PuppeteerPage>;
    close(): Promise<void>;
    process(): { kill(signal: 'SIGKILL'): void };
  }>;
}
interface PuppeteerPage {
  goto(address: string): Promise<unknown>;
  evaluate(promise: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Root has no sandbox. What else is off would ask the network, which tests do not need. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const program = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync);

export const chromium: BrowserKind = {
  name: 'Chromium',
  shares: true,
  isPresent: () => program !== undefined && hasDriver('puppeteer-core'),
  async start() {
    const puppeteer = driver('puppeteer-core') as Puppeteer;
    const browser = await puppeteer.launch({ executablePath: program, args, protocolTimeout: PATIENCE_MS });
    return {
      version: versionIn(await browser.version()),
      async visit(address, promise) {
        const page = await browser.newPage();
        await page.goto(address);
        const value = await page.evaluate(promise);
        await page.close();
        return value;
      },
      close: () => browser.close(),
      kill: () => browser.process().kill('SIGKILL'),
    };
  },
};
