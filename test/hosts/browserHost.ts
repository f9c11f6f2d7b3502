// A browser as a host: the trainings on a page, in its background and in a worker of its own, cross-origin isolated and not.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '../../src/base/errors.js';
import type { Browser, BrowserKind } from './browser.js';
import { PATIENCE_MS, type Host } from './host.js';
import { servePages } from './pageServer.js';
import { trainings, type Trained } from './training.js';

/** There are six ways in each browser. */
const fewer = trainings.filter(({ network, threads }) =>
  network === 'reference'
    ? threads <= 3
    : network === 'pictures' || (['classic', 'fits'].includes(network) && threads === 3),
);

/** Kills the browser where `work` takes too long. */
async function within<T>(browser: Browser, name: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      browser.kill();
      reject(new Error(`${name} did not answer for ${PATIENCE_MS / 1000} s`));
    }, PATIENCE_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

export function browserHost({ name, shares, isPresent, start }: BrowserKind): Host {
  return {
    name,
    ways: ['isolated', 'plain'].flatMap((kind) => ['page', 'background', 'worker'].map((where) => `${kind} ${where}`)),
    isPresent,
    async open(folder) {
      writeFileSync(join(folder, 'page.html'), '<!doctype html><title>A page</title>');
      const server = await servePages(folder);
      const browser = await start();
      return {
        version: browser.version,
        async train(way) {
          const [kind, where] = way.split(' ');
          const address = `${server.address}${kind}/`;
          const work = browser.visit(
            `${address}page.html`,
            `import('${address}pageScript.js').then(({ train }) => train.${where}(${JSON.stringify(fewer)}))`,
          );
          const trained = (await within(browser, name, work)) as Trained[];
          const expected =
            shares && kind === 'isolated' && where !== 'page'
              ? trained.map(({ threads }) => threads)
              : trained.map(() => 1);
          check(
            String(trained.map(({ running }) => running)) === String(expected),
            () => `${name}, ${way}: needed ${expected} threads, got ${trained.map(({ running }) => running)}`,
          );
          return trained;
        },
        async close() {
          server.close();
          await browser.close();
        },
      };
    },
  };
}
