// A contestant on a page, with a program in the browser's place that runs what a page would.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inBuild } from '../../bench/benchFolder.js';
import { contest, type Entry } from '../../bench/contest.js';
import type { TrainingReady, TrainingRound } from '../../bench/contestant.js';
import type { PageTask } from '../../bench/contestants/inBrowser.js';
import { temporaryFolder } from '../node/temporaryFolder.js';

/** Its loss says what it was served; it gives out in the round `last`. */
const page = (last: number): string => `#!${process.execPath}
const { fetch: fetchFrom } = globalThis;
globalThis.fetch = (path, options) => fetchFrom(new URL(path, process.argv.at(-1)), options);
const { competeOnPage } = await import(${JSON.stringify(pathToFileURL(inBuild('bench/page.js')))});
const start = await fetch('/');
const script = await fetch(/src="([^"]+)"/.exec(await start.text())[1]);
const missing = await fetch('/pages/../../secret.js');
let rounds = 0;
await competeOnPage(async ({ batchSize }, { pixels, labels }) => ({
  ready: { loss: [batchSize, pixels.length, labels.length, start.headers.get('Cross-Origin-Opener-Policy'), script.headers.get('Content-Type'), await script.text(), missing.status].join() },
  round: async () => {
    if (++rounds === ${last}) throw new Error('the page gives out');
    return { samplesPerSecond: rounds, loss: 0 };
  },
}));
`;

test('a page is served, hears when to work, and says what came of it', async () => {
  if (process.platform === 'win32') return;
  const folder = temporaryFolder();
  const pages = join(folder, 'pages');
  mkdirSync(pages);
  const [images, labels] = ['images', 'labels'].map((name) => join(folder, name)) as [string, string];
  writeFileSync(images, new Uint8Array(784));
  writeFileSync(labels, new Uint8Array(1));
  writeFileSync(join(pages, 'page.js'), 'a script');
  const entry = (last: number): Entry => {
    const program = join(folder, `browser-${last}.mjs`);
    writeFileSync(program, page(last));
    chmodSync(program, 0o755);
    const task: PageTask = {
      network: 'reference',
      threads: 1,
      batchSize: 1,
      seconds: 0,
      shape: [28, 28, 1],
      images,
      labels,
      browser: 'Chromium',
      program,
      profile: folder,
      script: '/pages/page.js',
      folders: { pages },
    };
    const command = [process.execPath, inBuild('bench/contestants/inBrowser.js')] as const;
    return { contestant: `gives out in ${last}`, threads: 1, command, task };
  };
  const outcomes = await contest<TrainingReady, TrainingRound>([entry(9), entry(2)], {
    rounds: 2,
    refuse: () => undefined,
    log: () => {},
  });
  assert.is(String(outcomes[0]!.ready!.loss), '1,784,1,same-origin,text/javascript,a script,404');
  assert.equal(
    outcomes.map(({ rounds, failure }) => [rounds.map(({ samplesPerSecond }) => samplesPerSecond), failure]),
    [
      [[2, 3], undefined],
      [[], 'the page gives out'],
    ],
  );
});

test.run();
