// Trains in Deno or Bun, which need no build for types: deno run --allow-read --allow-env --allow-sys denoOrBun.ts, or bun denoOrBun.ts
import { builtinDigits } from 'wasm-cnn/data';
import { referenceNetwork } from 'wasm-cnn';
import { workers } from 'wasm-cnn/node';

const { train, test } = builtinDigits({ trainCount: 1000, testCount: 200 });
const model = referenceNetwork();
model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'], workers: workers(2) });
await model.fit(train.x, train.y, { epochs: 2 });
const { accuracy } = await model.evaluate(test.x, test.y);
console.log(`accuracy ${accuracy!.toFixed(3)} on ${model.threads.running} threads`);
