// How many bytes does a page load, wasm included, minified and gzipped?
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { inBench, inBuild } from '../benchFolder.js';
import { OURS, type Figure } from '../figures.js';
import { INSTALL, isInstalled } from '../peers.js';
import type { Question } from './question.js';

/** The little that this file uses of esbuild, which is a package of bench/ and not known to the compiler. */
interface Esbuild {
  build(options: object): Promise<{ outputFiles: { contents: Uint8Array }[] }>;
}

export async function browserBundle({ log }: Question): Promise<Figure[]> {
  if (!isInstalled('esbuild')) {
    log(`left out, not installed: esbuild; run ${INSTALL}`);
    return [];
  }
  const { build } = (await import(pathToFileURL(inBench('node_modules/esbuild/lib/main.js')).href)) as Esbuild;
  const entry = JSON.stringify(inBuild('src/index.js'));
  const size = async (what: string, contents: string): Promise<Figure> => {
    const { outputFiles } = await build({ stdin: { contents, resolveDir: inBench('') }, bundle: true, minify: true, format: 'esm', platform: 'browser', write: false });
    return { measure: `browser bundle, ${what}`, contestant: OURS, threads: 1, unit: 'KiB', rounds: [gzipSync(outputFiles[0]!.contents, { level: 9 }).length / 1024] };
  };
  return [
    await size('everything', `import * as all from ${entry}; globalThis.all = all;`),
    await size('sequential, layers and adam', `import { sequential, layers, adam } from ${entry}; globalThis.some = { sequential, layers, adam };`),
  ];
}
