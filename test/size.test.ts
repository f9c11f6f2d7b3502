// How much a page loads, minified and after gzip, wasm included: it stays so when layers are added.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

/** The scripts that a page loads from the start, by the doors of this package: not what is imported later, if ever. */
async function bundle(contents: string): Promise<readonly string[]> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('../../', import.meta.url)) },
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
  return outputFiles.filter((file) => [...loaded].some((path) => file.path.endsWith(path))).map(({ text }) => text);
}

const bytesOf = (files: readonly string[]): number =>
  files.reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0);

/** The model of the README, as it stands there. */
function modelOfReadme(): string {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  return /const model = sequential\(\{[^]*?\n\}\);\n/.exec(readme)![0];
}

test('sequential, the layers of the README and adam: 60 KiB', async () => {
  const page = await bundle(`
    import { sequential, adam } from './build/src/index.js';
    import * as layers from './build/src/layers/index.js';
    ${modelOfReadme()}
    model.compile({ optimizer: adam(), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    globalThis.model = model;`);
  const bytes = bytesOf(page);
  assert.ok(bytes <= 60 * 1024, `${bytes} bytes`);
  for (const other of ['BatchNormalization', 'LayerNormalization', 'Conv2DTranspose', 'fused'])
    assert.not.match(page.join(), new RegExp(`className:"${other}"`));
});

test('a page that loads a model of these layers and predicts: 40 KiB', async () => {
  const bytes = bytesOf(
    await bundle("import { loadModel } from './build/predict/index.js'; globalThis.loadModel = loadModel;"),
  );
  assert.ok(bytes <= 40 * 1024, `${bytes} bytes`);
  assert.ok(bytes > 20 * 1024, `${bytes} bytes`);
});

test("a page that decodes pictures: 10 KiB, and a format's decoder when the first such picture comes", async () => {
  const page = await bundle(`
    import { decodeImage, imageToInput } from './build/src/images/index.js';
    globalThis.images = { decodeImage, imageToInput };`);
  const bytes = bytesOf(page);
  assert.ok(bytes <= 10 * 1024, `${bytes} bytes`);
});

test.run();
