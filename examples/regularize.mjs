// Trains on few examples of which one class is rare, with and without what helps then: node regularize.mjs
import { adam, constraints, layers, losses, regularizers, sequential } from 'wasm-cnn';
import { builtinDigits } from 'wasm-cnn/data';

const { train, test } = builtinDigits({ trainCount: 2000, testCount: 1000 });

// Only every eighth of the eights is kept.
const RARE = 8;
const kept = [...train.y.keys()].filter((i) => train.y[i] !== RARE || i % 8 === 0);
const x = {
  data: Uint8Array.from(kept.flatMap((i) => [...train.x.data.subarray(784 * i, 784 * (i + 1))])),
  shape: [kept.length, 28, 28, 1],
};
const y = kept.map((i) => train.y[i]);

const eights = [...test.y.keys()].filter((i) => test.y[i] === RARE);

async function trained(what, rules, loss, options) {
  const model = sequential({
    seed: 1,
    inputShape: [28, 28, 1],
    layers: [
      layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu', ...rules.conv }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 64, activation: 'relu', ...rules.dense }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: adam(), loss, metrics: ['accuracy'] });
  await model.fit(x, y, { epochs: 6, verbose: 0, ...options });
  const { accuracy } = await model.evaluate(test.x, test.y);
  const p = (await model.predict(test.x)).data;
  const found = eights.filter((i) => p.subarray(10 * i, 10 * (i + 1)).every((value) => value <= p[10 * i + RARE]));
  const figures = [accuracy, found.length / eights.length].map((share) => `${(100 * share).toFixed(1)} %`);
  console.log(`${what}: ${figures[0]} of all digits, ${figures[1]} of the eights`);
}

await trained('plain', {}, 'categoricalCrossentropy', {});
await trained(
  'regularized and weighted',
  {
    conv: { kernelRegularizer: regularizers.l2({ l2: 0.0002 }) },
    dense: {
      kernelRegularizer: regularizers.l1l2({ l1: 0.00002, l2: 0.0002 }),
      kernelConstraint: constraints.maxNorm({ maxValue: 2 }),
    },
  },
  losses.categoricalCrossentropy({ labelSmoothing: 0.05 }),
  { classWeight: { [RARE]: 8 } },
);
