// Bundles 'wasm-cnn/predict' (npm run build:js): with kernels that only go forward, and without what an op does in training.
import { readFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** In place of modules whose other half trains. */
const INSTEAD = [
  [/\/modules\/core\.generated\.js$/, "export { forwardModule as coreModule } from './forward.generated.ts';"],
  [/\/modules\/more\.generated\.js$/, "export { moreForwardModule as moreModule } from './moreForward.generated.ts';"],
  // Weights come out of the file.
  [
    /\/initializers\/index\.js$/,
    'export const checkInitializer = (given) => given; export const initialize = undefined;',
  ],
];

/** The same file as for the whole library. */
const classifyApart = {
  name: 'classify apart',
  setup({ onResolve }) {
    const path = '../src/data/classifier/classify.js';
    onResolve({ filter: /data\/classifier\/classify\.js$/ }, () => ({ path, external: true }));
  },
};

const forwardOnly = {
  name: 'forward only',
  setup({ onResolve, onLoad }) {
    for (const [filter, contents] of INSTEAD) {
      onResolve({ filter }, () => ({ path: 'it', namespace: String(filter), sideEffects: false }));
      onLoad({ filter: /.*/, namespace: String(filter) }, () => ({ contents, resolveDir: here('../engine/modules') }));
    }
    // Methods of an op, from their line to the end of the block with the same indent: nothing calls them.
    onLoad({ filter: /compiler[/\\]ops[/\\]\w+\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8'))
        .replace(/^( +)(backward|gradient|updateStatistics)\((?:.*|\n[^]*?\n\1)\) \{\n[^]*?\n\1\}/gm, '$1$2() {}')
        .replaceAll('graph.training', 'false'),
      loader: 'ts',
    }));
    // A layer's options are needed to save it, which is done elsewhere.
    onLoad({ filter: /layers[/\\]\w+\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(
        /^( +)getConfig: (.*,|[^]*?\n\1\}\)?,)$/gm,
        '$1getConfig: () => ({}),',
      ),
      loader: 'ts',
    }));
  },
};

await rm(here('../../build/predict'), { recursive: true, force: true });
await build({
  entryPoints: { index: here('../predict/index.ts') },
  outdir: here('../../build/predict'),
  bundle: true,
  splitting: true,
  minify: true,
  // Node prints the line in which an error was thrown that nothing catches.
  lineLimit: 200,
  format: 'esm',
  target: 'es2022',
  logLevel: 'warning',
  plugins: [classifyApart, forwardOnly],
});
