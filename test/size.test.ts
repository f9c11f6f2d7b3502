// How much a page loads, minified and after gzip, wasm included: it stays so when layers are added.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gzippedBytes, pageFiles } from '../bench/pageBytes.js';

/** The model of the README, as it stands there. */
function modelOfReadme(): string {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  return /const model = sequential\(\{[^]*?\n\}\);\n/.exec(readme)![0];
}

const readmesPage = `
  import { sequential, adam } from './build/src/index.js';
  import * as layers from './build/src/layers/index.js';
  ${modelOfReadme()}
  model.compile({ optimizer: adam(), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  globalThis.model = model;`;

test('sequential, the layers of the README and adam: 60 KiB', async () => {
  const page = await pageFiles(readmesPage);
  const bytes = gzippedBytes(page);
  assert.ok(bytes <= 60 * 1024, `${bytes} bytes`);
  for (const other of ['BatchNormalization', 'LayerNormalization', 'Conv2DTranspose', 'fused'])
    assert.not.match(page.join(), new RegExp(`className:"${other}"`));
});

test('that page loads 10 KiB more when it trains', async () => {
  const training = await pageFiles(`${readmesPage}
    import * as training from './build/src/training/later.js';
    globalThis.training = training;`);
  const more = gzippedBytes(training) - gzippedBytes(await pageFiles(readmesPage));
  assert.ok(more <= 10 * 1024, `${more} bytes`);
});

test('the worker that fit trains in, with all layers: 125 KiB', async () => {
  const bytes = gzippedBytes(await pageFiles("import './build/src/browser/trainingThread.js';"));
  assert.ok(bytes <= 125 * 1024, `${bytes} bytes`);
  assert.ok(bytes > 100 * 1024, `${bytes} bytes`);
});

test('a page that loads a model of these layers and predicts: 40 KiB', async () => {
  const bytes = gzippedBytes(
    await pageFiles("import { loadModel } from './build/predict/index.js'; globalThis.loadModel = loadModel;"),
  );
  assert.ok(bytes <= 40 * 1024, `${bytes} bytes`);
  assert.ok(bytes > 20 * 1024, `${bytes} bytes`);
});

test('a page that reads no folders loads no folder code, and one that does loads it with the first', async () => {
  const page = (names: string): Promise<readonly string[]> =>
    pageFiles(`import { ${names} } from './build/src/browser/index.js'; globalThis.page = { ${names} };`);
  const [without, reading] = await Promise.all([page('sequential, workers'), page('sequential, workers, openDataset')]);
  assert.not.match(without.join(), /webkitGetAsEntry|imageFolder/);
  assert.match(reading.join(), /webkitGetAsEntry/);
  const more = gzippedBytes(reading) - gzippedBytes(without);
  assert.ok(more < 2048, `${more} bytes`);
});

test("a page that decodes pictures: 10 KiB, and a format's decoder when the first such picture comes", async () => {
  const page = await pageFiles(`
    import { decodeImage, imageToInput } from './build/src/images/index.js';
    globalThis.images = { decodeImage, imageToInput };`);
  const bytes = gzippedBytes(page);
  assert.ok(bytes <= 10 * 1024, `${bytes} bytes`);
});

test.run();
