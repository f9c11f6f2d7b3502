// A sweep in one process: learning rates and widths by successive halving, each with two seeds. With a server's address, several processes
// or machines share the work, and the table has the same SHA-256:
//   node sweep.mjs                                 here
//   node sweep.mjs redis://localhost:6379 add      then, on any number of machines: node sweep.mjs redis://localhost:6379 work
//   node sweep.mjs redis://localhost:6379          the table so far
import { adam, layers, sequential } from 'wasm-cnn';
import { builtinDigits } from 'wasm-cnn/data';
import { sweep } from 'wasm-cnn/sweep';

const study = sweep({
  name: 'digits',
  data: builtinDigits({ trainCount: 1200, testCount: 100 }),
  epochs: 9,
  space: { learningRate: { log: [1e-4, 3e-2] }, filters: [4, 8], seed: { repeat: 2 } },
  search: { kind: 'halving', trials: 9 },
  model({ learningRate, filters }, { inputShape, classes, seed }) {
    const net = sequential({
      inputShape,
      seed,
      layers: [
        layers.conv2d({ filters, kernelSize: 3, strides: 2, activation: 'relu' }),
        layers.flatten(),
        layers.dense({ units: classes, activation: 'softmax' }),
      ],
    });
    net.compile({ optimizer: adam({ learningRate }), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    return net;
  },
});

const [on, what] = process.argv.slice(2);
if (what === 'add') console.log((await study.add({ on })) ? 'added' : 'it is there already');
else if (what === 'work') await study.work({ on, log: console.log });
else {
  const { settings, sha256, best } = on ? await study.result({ on }) : await study.run();
  for (const { config, until, mean, deviation } of settings.slice(0, 3))
    console.log(`after ${until} epochs ${mean?.toFixed(3)} ± ${deviation?.toFixed(3)}`, config);
  console.log(`the best model has ${best?.model.countParams()} parameters; SHA-256 of the table: ${sha256}`);
}
