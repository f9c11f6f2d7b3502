// Trains in this worker, with threads where the page is cross-origin isolated (headers COOP and COEP); without them on one.
import { builtinDigits } from './node_modules/wasm-cnn/build/browser/data.js';
import { referenceNetwork, workers } from './node_modules/wasm-cnn/build/browser/wasm-cnn.js';

const { train, test } = builtinDigits({ trainCount: 1000, testCount: 200 });
const model = referenceNetwork();
model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'], workers: workers(2) });
await model.fit(train.x, train.y, {
  epochs: 2,
  callbacks: [{ onEpochEnd: (epoch, { loss }) => postMessage(`epoch ${epoch}, loss ${loss.toFixed(3)}`) }],
});
const { accuracy } = await model.evaluate(test.x, test.y);
postMessage(`accuracy ${accuracy.toFixed(3)} on ${model.threads.running} threads`);
