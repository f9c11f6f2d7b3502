// wasm-cnn on a page in the training question: fit() in the background, as a page's models have it by themselves.
import type * as wasmCnn from '../../src/browser/index.js';
import { prepareFit } from '../fitFor.js';
import { competeOnPage } from '../page.js';

const bundle = '/wasm-cnn/wasm-cnn.js';

await competeOnPage(async (task, examples) => {
  const engine = (await import(bundle)) as typeof wasmCnn;
  return prepareFit(engine, task, examples, { workers: engine.workers(task.threads) });
});
