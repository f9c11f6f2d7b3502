// Trains on a page that Vite builds: npm install wasm-cnn vite && npx vite (or npx vite build).
import { builtinDigits } from 'wasm-cnn/data';
import { referenceNetwork } from 'wasm-cnn';

const said = document.getElementById('said');
const { train, test } = builtinDigits({ trainCount: 1000, testCount: 200 });
const model = referenceNetwork();
model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
await model.fit(train.x, train.y, {
  epochs: 2,
  callbacks: [{ onBatchEnd: (batch, { loss }) => (said.textContent = `batch ${batch}, loss ${loss.toFixed(3)}`) }],
});
said.textContent = `accuracy ${(await model.evaluate(test.x, test.y)).accuracy.toFixed(3)}`;
