// A page whose server or policy keeps the threads' scripts away: it trains all the same, and its console says once what is in the way.
// A stand-in for the browser; the real ones are in npm run test:hosts.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { toyExamples } from '../model/toy.js';

/** As Chromium's and Firefox' where a script may not be loaded: made, and then an error without a message. */
class BlockedWorker extends EventTarget {
  constructor() {
    super();
    setTimeout(() => this.dispatchEvent(new Event('error')), 1);
  }
  postMessage(): void {}
  terminate(): void {}
}

const warned: string[] = [];
let page: typeof import('../../src/browser/index.js');
/** What a page has, and Node has not or other: as it was before. */
const before = Object.getOwnPropertyDescriptors(globalThis) as Record<string, PropertyDescriptor | undefined>;
const own = ['document', 'Worker', 'crossOriginIsolated'];
const { warn } = console;

test.before(async () => {
  console.warn = (text: string) => void warned.push(text);
  Object.assign(globalThis, { document: {}, Worker: BlockedWorker });
  page = await import('../../src/browser/index.js');
});
// All tests share one process.
test.after(() => {
  console.warn = warn;
  page.Model.usualBackground = null;
  for (const name of own) {
    Reflect.deleteProperty(globalThis, name);
    if (before[name]) Object.defineProperty(globalThis, name, before[name]);
  }
});

const { x, y } = toyExamples(40);
async function train(): Promise<string | null> {
  const { sequential, layers, workers } = page;
  const model = sequential({
    inputShape: x.shape.slice(1),
    layers: [layers.flatten(), layers.dense({ units: 4, activation: 'softmax' })],
  });
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', workers: workers(2) });
  await model.fit(x, y, { epochs: 2 });
  assert.is(model.step, 4);
  return model.threads.trouble;
}
const sentence = (isolated: string): string =>
  `trainingThread.js could not be loaded: it must be there, ${isolated}and be allowed by the page's Content-Security-Policy, if it has one, in worker-src`;

test('not isolated: the missing headers and the policy are named, once each', async () => {
  assert.is(await train(), sentence(''));
  assert.is(await train(), sentence(''));
  assert.is(warned.length, 2);
  assert.match(
    warned[0]!,
    /^wasm-cnn: one thread trains, with bit-identical results, as the page is not cross-origin isolated; .* Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp$/,
  );
  assert.match(warned[1]!, `as the background does not start (${sentence('')})`);
});

test('isolated, and the scripts without the header', async () => {
  warned.length = 0;
  Object.assign(globalThis, { crossOriginIsolated: true });
  assert.is(await train(), sentence('come with the header Cross-Origin-Embedder-Policy like the page, '));
  assert.is(await train(), sentence('come with the header Cross-Origin-Embedder-Policy like the page, '));
  assert.is(warned.length, 1);
});

test('a single thread needs no headers', () => {
  Object.assign(globalThis, { crossOriginIsolated: false });
  warned.length = 0;
  page.workers(1);
  assert.equal(warned, []);
});

test.run();
