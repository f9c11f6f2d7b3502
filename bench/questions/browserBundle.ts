// How many bytes does a page load, wasm included, minified and gzipped?
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inBuild } from '../benchFolder.js';
import { OURS, type Figure } from '../figures.js';
import { gzippedBytes, pageFiles } from '../pageBytes.js';

function figure(what: string, files: readonly (string | Uint8Array)[]): Figure {
  const kibibytes = gzippedBytes(files) / 1024;
  return { measure: `browser bundle, ${what}`, contestant: OURS, threads: 1, unit: 'KiB', rounds: [kibibytes] };
}

export async function browserBundle(): Promise<Figure[]> {
  // What npm run build makes for pages without a bundler: the page's part and those of its threads; not the data sets.
  const folder = inBuild('browser');
  const everything = readdirSync(folder)
    .filter((name) => name !== 'data.js')
    .map((name) => readFileSync(join(folder, name)));
  // What a bundler makes of a script that trains the README's network on its own thread and needs no more.
  const page = await pageFiles(`
    import { sequential, adam } from './build/src/index.js';
    import { conv2d, maxPooling2d, flatten, dropout, dense } from './build/src/layers/index.js';
    globalThis.used = { sequential, adam, conv2d, maxPooling2d, flatten, dropout, dense };`);
  return [figure('everything', everything), figure('sequential, layers of the README and adam', page)];
}
