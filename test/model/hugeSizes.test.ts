// Sizes that 32 bits do not hold, and memories that their half does not: one sentence, or the same bits as everywhere.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inOrder } from '../../src/training/batches.js';
import { Engine } from '../../src/engine/engine.js';
import { layers, sequential, WasmCnnError, type Sequential, type Shape } from '../../src/index.js';
import { workers } from '../../src/node/threads/workers.js';
import type { Place } from '../../src/compiler/buffers.js';
import type { Plan, Port } from '../../src/compiler/plan.js';
import { signatureOf } from '../../src/model/topology.js';
import { Session } from '../../src/training/session.js';
import { networks, toModel } from './networks.js';
import { prepare, train } from '../../src/training/steps.js';
import { refusesAtOnce } from '../node/refuses.js';

const { conv2d, conv2dTranspose, dense, depthwiseConv2d, flatten, maxPooling2d } = layers;
const image: Shape = [9, 7, 2];

function compiled(inputShape: Shape, list: readonly layers.Layer[], batchSize = 2): Sequential {
  const model = sequential({
    inputShape,
    layers: [...list, ...(inputShape.length === 3 ? [flatten()] : []), dense({ units: 3, activation: 'softmax' })],
  });
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize });
  return model;
}

/** Each place where a size is asked for. */
const places: Record<string, (size: number) => unknown> = {
  "an image's height": (size) => compiled([size, 1, 1], []),
  "an image's channels": (size) => compiled([1, 1, size], []),
  features: (size) => compiled([size], []),
  units: (size) => compiled([4], [dense({ units: size })]),
  batchSize: (size) => compiled([4], [], size),
  threads: (size) =>
    sequential({ inputShape: [4], layers: [dense({ units: 3, activation: 'softmax' })] }).compile({
      optimizer: 'adam',
      loss: 'categoricalCrossentropy',
      workers: workers(size),
    }),
};
for (const padding of ['valid', 'same'] as const) {
  places[`filters, ${padding}`] = (size) => compiled(image, [conv2d({ filters: size, kernelSize: 1, padding })]);
  for (const pair of [
    (size: number) => size,
    (size: number) => [size, 1] as const,
    (size: number) => [1, size] as const,
  ]) {
    const which = `${JSON.stringify(pair(0))}, ${padding}`;
    places[`kernelSize ${which}`] = (size) =>
      compiled(image, [conv2d({ filters: 1, kernelSize: pair(size), padding })]);
    places[`conv2d's strides ${which}`] = (size) =>
      compiled(image, [conv2d({ filters: 1, kernelSize: 2, strides: pair(size), padding })]);
    places[`poolSize ${which}`] = (size) => compiled(image, [maxPooling2d({ poolSize: pair(size), padding })]);
    places[`maxPooling2d's strides ${which}`] = (size) =>
      compiled(image, [maxPooling2d({ strides: pair(size), padding })]);
  }
}

for (const convolution of [
  (more: object) => conv2d({ filters: 1, kernelSize: 2, ...more }),
  (more: object) => conv2d({ filters: 2, kernelSize: 2, groups: 2, ...more }),
  (more: object) => depthwiseConv2d({ kernelSize: 2, ...more }),
]) {
  const { kind } = convolution({});
  const name = `${kind}, ${Object.keys(places).length}`;
  places[`padding of ${name}`] = (size) => compiled(image, [convolution({ padding: size })]);
  places[`padding of ${name} with large strides`] = (size) =>
    compiled(image, [convolution({ padding: [[size, 0], 0], strides: 2 ** 29 })]); // prettier-ignore
  places[`dilationRate of ${name}`] = (size) => compiled(image, [convolution({ dilationRate: size, padding: 'same' })]);
  places[`groups of ${name}`] = (size) => compiled(image, [conv2d({ filters: 1, kernelSize: 1, groups: size })]);
}
places['depthMultiplier'] = (size) => compiled(image, [depthwiseConv2d({ kernelSize: 1, depthMultiplier: size })]);
places["conv2dTranspose's strides"] = (size) =>
  compiled(image, [conv2dTranspose({ filters: 1, kernelSize: 1, strides: size })]);
places["conv2dTranspose's kernelSize"] = (size) =>
  compiled(image, [conv2dTranspose({ filters: 1, kernelSize: size, padding: 'same' })]);

test('a size that does not fit 32 bits is refused with one sentence, wherever it is given', () => {
  for (const [what, make] of Object.entries(places))
    for (const size of [2 ** 31, 2 ** 32, 2 ** 32 + 2, 2 ** 53 - 1, 2 ** 53, 2 ** 64]) {
      try {
        make(size);
        assert.unreachable(`${what}: ${size} was taken`);
      } catch (error) {
        assert.instance(error, WasmCnnError, `${what}: ${size}: ${error}`);
        assert.match((error as Error).message, /^[^\n]{20,300}$/);
      }
    }
});

test('the sentence says the option, what came and what to do', () => {
  refusesAtOnce(
    () => conv2d({ filters: 1, kernelSize: 3, strides: 2 ** 32 + 2 }),
    "conv2d's strides must be less than 1073741824, as every image is, got 4294967298; make it smaller",
  );
  refusesAtOnce(
    () => maxPooling2d({ poolSize: [2, 2 ** 32 + 3] }),
    "maxPooling2d's poolSize must be less than 1073741824, as every image is, got [2,4294967299]; make it smaller",
  );
});

const x = {
  data: Float32Array.from({ length: 2 * 9 * 7 * 2 }, (_, i) => ((i * 37) % 29) / 29 - 0.4),
  shape: [2, ...image],
};

test('the largest strides and windows that are taken give what ordinary ones of the same meaning give', async () => {
  const most = 2 ** 30 - 1;
  const bitsOf = async (layer: layers.Layer): Promise<unknown> => {
    const model = compiled(image, [conv2d({ filters: 4, kernelSize: 1, activation: 'tanh' }), layer]);
    return [await model.predict(x), await model.gradients(x, [0, 2])];
  };
  for (const padding of ['valid', 'same'] as const) {
    const conv = (strides: layers.Conv2dOptions['strides']): layers.Layer =>
      conv2d({ filters: 3, kernelSize: 3, strides: strides!, padding });
    for (const [huge, large] of [
      [most, 50],
      [
        [most, 1],
        [50, 1],
      ],
      [
        [1, most],
        [1, 50],
      ],
    ] as const) {
      assert.equal(await bitsOf(conv(huge)), await bitsOf(conv(large)), `conv2d, strides ${huge}, ${padding}`);
      const pool = (strides: layers.MaxPooling2dOptions['strides']): layers.Layer =>
        maxPooling2d({ poolSize: 3, strides: strides!, padding });
      assert.equal(await bitsOf(pool(huge)), await bitsOf(pool(large)), `maxPooling2d, strides ${huge}, ${padding}`);
    }
  }
  // Convolutions that see one pixel at a time, whatever the size of their zeros or their dilation: of each window the tap in the image.
  for (const layer of [
    (dilationRate: number) => depthwiseConv2d({ kernelSize: 3, dilationRate, padding: 'same' }),
    (dilationRate: number) => depthwiseConv2d({ kernelSize: 3, dilationRate, strides: 2, padding: 'same' }),
  ])
    assert.equal(await bitsOf(layer(2 ** 29 - 1)), await bitsOf(layer(50)), 'depthwiseConv2d, dilated');
  const padded = (padding: number): layers.Layer => depthwiseConv2d({ kernelSize: 3, strides: padding, padding });
  assert.equal(await bitsOf(padded(most)), await bitsOf(padded(50)), 'depthwiseConv2d, padded');
  // Both reach over the whole image from everywhere.
  for (const strides of [1, 2, 5, most]) {
    const pool = (poolSize: number): layers.Layer => maxPooling2d({ poolSize, strides, padding: 'same' });
    assert.equal(await bitsOf(pool(most)), await bitsOf(pool(41)), `a window of ${most}, strides ${strides}`);
  }
});

/** The same plan so many bytes further up. */
function movedUp(plan: Plan, by: number): Plan {
  const up = (at: number): number => (at === 0 ? 0 : at + by);
  const place = (one: Place): Place => ({ ...one, at: up(one.at) });
  const port = <P extends Port>(one: P): P => ({ ...one, at: up(one.at) });
  const { control, params, gradients, shardGradients, scalars, scratch, stepKey } = plan;
  const addresses = Object.entries({ control, params, gradients, shardGradients, scalars, scratch, stepKey });
  return {
    ...plan,
    ...(Object.fromEntries(addresses.map(([name, at]) => [name, up(at)])) as unknown as Plan),
    slots: plan.slots.map(up),
    inputs: plan.inputs.map((input) => ({ ...port(input), bytesAt: up(input.bytesAt) })),
    outputs: plan.outputs.map(port),
    losses: plan.losses.map((loss) => ({ ...loss, targets: port(loss.targets), losses: up(loss.losses) })),
    ops: plan.ops.map((op) => ({
      ...op,
      inputs: op.inputs.map(place),
      outputs: op.outputs.map(place),
      dInputs: op.dInputs.map(place),
      dOutputs: op.dOutputs.map(place),
      addTo: op.addTo.map((one) => one && place(one)),
      variables: op.variables.map(up),
      gradients: op.gradients.map(up),
      shardGradients: op.shardGradients.map(up),
      memory: Object.fromEntries(Object.entries(op.memory).map(([name, one]) => [name, place(one)])),
    })),
    totalBytes: plan.totalBytes + by,
  };
}

test('every network trains bit-identically across 2 GiB and below 4 GiB', async () => {
  const { Memory } = WebAssembly;
  // One memory for all: its pages are the system's as soon as they are written.
  const memory = new Memory({ initial: 65535, maximum: 65535 });
  WebAssembly.Memory = function () {
    return memory;
  } as never;
  try {
    for (const network of networks) {
      const model = toModel(network, 1);
      const bytes = (plan: Plan): number => Math.ceil(plan.totalBytes / 64) * 64;
      model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 3 });
      const plain = model.training();
      const size = network.inputShape.reduce((product, each) => product * each, 1);
      const data = Float32Array.from({ length: 3 * size }, (_, i) => ((i * 37) % 29) / 29 - 0.4);
      const examples = prepare(plain, { data, shape: [3, ...network.inputShape] }, [0, 1, 2], 'test');
      const first = plain.engine.weights.slice();
      const trained = (plan: Plan): number[] => {
        const engine = new Engine(plan);
        new Uint8Array(memory.buffer, plan.control, plan.totalBytes - plan.control).fill(0);
        engine.weights.set(first);
        engine.repack();
        const session = new Session(engine, model.compiled, signatureOf(model.topology));
        for (let step = 0; step < 2; step++) train(session, examples, inOrder(3), 0, 3, {});
        return [...engine.weights, ...engine.outputs[0]!];
      };
      const { plan } = plain.engine;
      const half = Math.floor(bytes(plan) / 128) * 64;
      const expected = trained(plan);
      // Its middle at 2 GiB, and its end at the memory's.
      for (const by of [2 ** 31 - half, 2 ** 32 - 65536 - bytes(plan)])
        assert.equal(trained(movedUp(plan, by)), expected, `${network.name}, ${by} bytes up`);
    }
  } finally {
    WebAssembly.Memory = Memory;
  }
});

test.run();
