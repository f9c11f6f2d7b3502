// Bundles each script that a thread runs in Node into one text, which its module exports: npm run build:js. With it a service may be
// bundled into one file, of whatever format, and has nothing to copy beside it.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { mended } from '../inlinePackages.js';

/** Kernels and the decoders' WebAssembly make most of the text, and the starting thread has them. */
const fromStarter = {
  name: 'from the starter',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/modules\/\w+\.generated\.js$/ }, ({ path }) => ({
      path: /(\w+)\.generated/.exec(path)[1],
      namespace: 'starter',
      sideEffects: false,
    }));
    onLoad({ filter: /.*/, namespace: 'starter' }, ({ path }) => ({
      contents: `export const { ${path}Module } = require('node:worker_threads').workerData.kernels;`,
    }));
    onResolve({ filter: /\.wasm$/ }, ({ path }) => ({
      path: /(\w+)\.wasm$/.exec(path)[1],
      namespace: 'codecs',
      sideEffects: false,
    }));
    onLoad({ filter: /.*/, namespace: 'codecs' }, ({ path }) => ({
      contents: `export default require('node:worker_threads').workerData.${path};`,
    }));
  },
};

/** @param {string} name of a script of this folder */
export async function bundleThread(name) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`./${name}.ts`, import.meta.url))],
    bundle: true,
    write: false,
    minify: true,
    platform: 'node',
    format: 'cjs',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [fromStarter, mended],
  });
  // A thread takes after its process in whether a text is a module (--input-type), and a module has no require.
  return `{ const require = (name) => process.getBuiltinModule(name);\n${outputFiles[0].text}}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // In this order: the second holds the first.
  for (const name of ['workerThread', 'trainingThread', 'pictureThread']) {
    const text = await bundleThread(name);
    await writeFile(
      new URL(`${name}.generated.ts`, import.meta.url),
      `// Written by buildThreads.js; not in the tree.\nexport const ${name}: string = ${JSON.stringify(text)};\n`,
    );
    console.log(`${name}: ${text.length} characters`);
  }
}
