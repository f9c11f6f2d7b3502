// npm run test:hosts: the same training in every host that is present, from the package as strangers get it; exits with 1 where one
// gives other bits; then the examples. -- Chromium Bun: the training in those alone; -- examples: those alone.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../node/temporaryFolder.js';
import { installPacked } from '../package/install.js';
import { runExamples } from './examples.js';
import type { Host } from './host.js';
import { browsers, hosts } from './hosts.js';
import { report, type HostResult } from './report.js';

const folder = temporaryFolder();
installPacked(folder);
for (const file of ['training.js', 'fits.js', 'pictures.js', 'script.js', 'pageScript.js', 'workerdScript.js'])
  copyFileSync(new URL(file, import.meta.url), join(folder, file));

async function resultsOf({ name: host, ways, open }: Host): Promise<HostResult[]> {
  const opened = await open(folder).catch((error: Error) => error);
  if (opened instanceof Error) return [{ host, version: '?', way: '', trained: opened }];
  const results: HostResult[] = [];
  for (const way of ways)
    results.push({
      host,
      version: opened.version,
      way,
      trained: await opened.train(way).catch((error: Error) => error),
    });
  // One that was killed has nothing left to close.
  await opened.close().catch(() => {});
  return results;
}

const wanted = process.argv.slice(2);
const chosen = hosts.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.startsWith(word)));
const results: HostResult[] = [];
for (const host of chosen.filter((each) => each.isPresent())) {
  console.error(`Training in ${host.name} …`);
  results.push(...(await resultsOf(host)));
}
const absent = chosen.filter((each) => !each.isPresent()).map(({ name }) => name);
const { text, passed, failed } = report(results);
console.log(text);
if (absent.length > 0)
  console.log(
    `Not present: ${absent.join(', ')}; npm ci --prefix test/hosts brings those that there are for this machine, Debian has the browsers (docs/determinism.md)`,
  );
const examples =
  wanted.length > 0 && !wanted.includes('examples')
    ? { lines: [], worked: 0, failed: 0 }
    : await runExamples(
        folder,
        browsers.find((kind) => kind.isPresent()),
      );
for (const line of examples.lines) console.log(line);
console.log(
  `${passed} trainings gave the same bits, ${examples.worked} examples worked, ${failed + examples.failed} failed, ${absent.length} hosts not present`,
);
process.exitCode = failed + examples.failed > 0 ? 1 : 0;
