// jax-js in the training question, on its WebAssembly backend. Its convolutions are slow there (12 samples/s as its authors' MNIST page
// writes this network), so this is the form in which it is fastest: patches by slicing, one dot a convolution, pooling by reshape, all in jit.
import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, random, valueAndGrad } from '@jax-js/jax';
import { compete, readExamples } from '../../build/bench/contestant.js';
import { batches, trainFor } from '../../build/bench/rounds.js';

/** 3 × 3, x [n, h, w, c], kernel [9 c, f]. */
function conv(x, kernel) {
  const [n, h, w, c] = x.shape;
  const patches = [];
  // Every use of an array but the last takes a reference of its own.
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++) patches.push((i + j < 4 ? x.ref : x).slice([], [i, i + h - 2], [j, j + w - 2], []));
  return np
    .dot(np.concatenate(patches, 3).reshape([n * (h - 2) * (w - 2), 9 * c]), kernel)
    .reshape([n, h - 2, w - 2, -1]);
}

/** 2 × 2; an odd row and column at the end are left out. */
function pool(x) {
  const [n, h, w, c] = x.shape;
  const [halfH, halfW] = [h >> 1, w >> 1];
  return np.max(x.slice([], [0, 2 * halfH], [0, 2 * halfW], []).reshape([n, halfH, 2, halfW, 2, c]), [2, 4]);
}

function lossOf({ conv1, bias1, conv2, bias2, dense1, bias3, dense2, bias4 }, x, y) {
  const n = x.shape[0];
  let a = nn.relu(pool(conv(x, conv1).add(bias1)));
  a = nn.relu(pool(conv(a, conv2).add(bias2)));
  a = nn.relu(np.dot(a.reshape([n, 1600]), dense1).add(bias3));
  const logits = np.dot(a, dense2).add(bias4);
  return nn
    .logSoftmax(logits)
    .mul(nn.oneHot(y, 10))
    .sum()
    .mul(-1 / n);
}

/** Adam with Keras' defaults; t counts from 1. */
function update({ w, m, v }, g, t) {
  m = m.mul(0.9).add(g.ref.mul(0.1));
  v = v.mul(0.999).add(g.ref.mul(g).mul(0.001));
  const rate = np.sqrt(np.power(0.999, t.ref).mul(-1).add(1)).mul(0.001).div(np.power(0.9, t).mul(-1).add(1));
  w = w.sub(m.ref.mul(rate).div(np.sqrt(v.ref).add(1e-7)));
  return { w, m, v };
}

await compete(async (task) => {
  await init('wasm');
  defaultDevice('wasm');
  const shapes = {
    conv1: [9, 32],
    bias1: [32],
    conv2: [288, 64],
    bias2: [64],
    dense1: [1600, 128],
    bias3: [128],
    dense2: [128, 10],
    bias4: [10],
  };
  const names = Object.keys(shapes);
  const keys = Array.from(random.split(random.key(0), names.length));
  const start = (name, i) => {
    if (name.startsWith('bias')) return np.zeros(shapes[name]);
    const limit = Math.sqrt(6 / (shapes[name][0] + shapes[name][1]));
    return random.uniform(keys[i], shapes[name], { minval: -limit, maxval: limit });
  };
  let state = Object.fromEntries(
    names.map((name, i) => [name, { w: start(name, i), m: np.zeros(shapes[name]), v: np.zeros(shapes[name]) }]),
  );
  const trainStep = jit((state, t, x, y) => {
    const weights = Object.fromEntries(names.map((name) => [name, state[name].w.ref]));
    const [loss, gradients] = valueAndGrad(lossOf)(weights, x, y);
    return [loss, Object.fromEntries(names.map((name) => [name, update(state[name], gradients[name], t.ref)]))];
  });
  const { pixels, labels } = readExamples(task);
  const next = batches(pixels, labels, task.batchSize);
  let t = 0;
  const step = async () => {
    const { x, y } = next();
    const images = np.array(x.slice()).reshape([task.batchSize, 28, 28, 1]);
    const [loss, newState] = trainStep(state, np.array(++t), images, np.array(Int32Array.from(y), { dtype: np.int32 }));
    state = newState;
    await blockUntilReady(state);
    return loss.jsAsync();
  };
  return { ready: { loss: await step() }, round: () => trainFor(task.seconds, task.batchSize, step) };
});
