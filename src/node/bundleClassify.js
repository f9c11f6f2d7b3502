// Makes of classify() of loaded models a file that shares no module with the rest (npm run build:js, after inlinePackages.js): loadModel()
// imports it with the first image, and a bundler gives what two parts share a file of its own, which every page would load, even one without loadModel().
import { readdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = fileURLToPath(new URL('../../build/src', import.meta.url));
const classifier = `${folder}/data/classifier`;
const chunks = (await readdir(classifier)).filter((name) => /^classify-.*\.js$/.test(name));
for (const name of chunks) await rm(`${classifier}/${name}`);

const options = {
  allowOverwrite: true,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  logLevel: 'warning',
};

// The decoders' files stay as they are, once for all, and this is what they import.
const emscripten = `${folder}/images/codecs/emscripten.js`;
await build({ ...options, entryPoints: [emscripten], outfile: emscripten });

const codecsApart = {
  name: 'codecs apart',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/codecs\// }, ({ path }) => ({ path: `../../images/${path.slice(2)}`, external: true }));
  },
};
await build({
  ...options,
  entryPoints: [`${classifier}/classify.js`],
  outdir: classifier,
  splitting: true,
  chunkNames: 'classify-[name]-[hash]',
  plugins: [codecsApart],
});
