// How many bytes does a page load, wasm included, minified and gzipped?
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { inBench, inBuild } from '../benchFolder.js';
import { OURS, type Figure } from '../figures.js';

function figure(what: string, files: readonly Uint8Array[]): Figure {
  const bytes = files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0);
  return { measure: `browser bundle, ${what}`, contestant: OURS, threads: 1, unit: 'KiB', rounds: [bytes / 1024] };
}

export async function browserBundle(): Promise<Figure[]> {
  // What npm run build makes for pages without a bundler: the page's part and those of its threads; not the data sets.
  const folder = inBuild('browser');
  const everything = readdirSync(folder)
    .filter((name) => name !== 'data.js')
    .map((name) => readFileSync(join(folder, name)));
  // What a bundler makes of a script that trains the README's network on its own thread and needs no more.
  const contents = `
    import { sequential, adam } from './build/src/index.js';
    import { conv2d, maxPooling2d, flatten, dropout, dense } from './build/src/layers/index.js';
    globalThis.used = { sequential, adam, conv2d, maxPooling2d, flatten, dropout, dense };`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: inBench('..') },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
  });
  return [
    figure('everything', everything),
    figure('sequential, layers of the README and adam', [outputFiles[0]!.contents]),
  ];
}
