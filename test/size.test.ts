// How much a page loads, minified and after gzip, wasm included: it stays so when layers are added.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

/** The bundle of a page, by the doors of this package. */
async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('../../', import.meta.url)) },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    logLevel: 'warning',
  });
  return outputFiles[0]!.text;
}

const bytesOf = (text: string): number => gzipSync(text, { level: 9 }).length;

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
    assert.not.match(page, new RegExp(`className:"${other}"`));
});

test.run();
