// What a page loads from the start of a script, minified and after gzip, wasm included; not what is imported later, if ever.
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { inBench } from './benchFolder.js';

/** The files that a bundler makes of the script for the start; it imports from ./build/…. */
export async function pageFiles(script: string): Promise<readonly string[]> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: script, resolveDir: inBench('..') },
    bundle: true,
    splitting: true,
    outdir: '.',
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    metafile: true,
    logLevel: 'warning',
  });
  const loaded = new Set(Object.keys(metafile.outputs).filter((path) => path.endsWith('stdin.js')));
  for (const path of loaded)
    for (const each of metafile.outputs[path]!.imports) if (each.kind === 'import-statement') loaded.add(each.path);
  const files = outputFiles.filter(({ path }) => [...loaded].some((each) => path.endsWith(each)));
  // Hashes in the names of chunks depend on the folder that the project lies in.
  return files.map(({ text }) => text.replace(/(\w+)-[0-9A-Z]{8}\.js/g, '$1.js'));
}

export function gzippedBytes(files: readonly (string | Uint8Array)[]): number {
  return files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0);
}
