// Segments of a batch: wherever they are computed, the step is bit-identical to fit() with as many gradientAccumulationSteps on one machine.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { adam, layers, loadModel, optimizers, regularizers, sequential, type Model } from '../../src/index.js';
import { builtinDigits, type Examples } from '../../src/data/index.js';
import { workers } from '../../src/node/index.js';
import {
  addSegments,
  applySegments,
  epochOrder,
  segmentGradients,
  sumSegments,
  type Segment,
} from '../../src/parallel/index.js';
import { refuses, refusesAtOnce } from '../node/refuses.js';

const { train } = builtinDigits({ trainCount: 72, testCount: 10 });
/** Seven segments in the last batch of an epoch, eight in the others. */
const [SIZE, SEGMENTS, SEED, EPOCHS] = [4, 4, 5, 2];

function make(more: object = {}): Model {
  const model = sequential({
    inputShape: [28, 28, 1],
    seed: SEED,
    layers: [
      layers.randomFlip({ mode: 'horizontal' }),
      layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, useBias: false }),
      layers.batchNormalization(),
      layers.activation({ activation: 'relu' }),
      layers.conv2d({ filters: 5, kernelSize: 3, strides: 2, kernelRegularizer: regularizers.l2({ l2: 0.01 }) }),
      layers.batchNormalization({ momentum: 0.9 }),
      layers.flatten(),
      layers.dropout({ rate: 0.4 }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  model.compile({
    optimizer: adam({ learningRate: 0.01 }),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
    batchSize: SIZE,
    ...more,
  });
  return model;
}

function take({ x, y }: Examples, order: Uint32Array): Examples {
  const size = 28 * 28;
  const data = new Uint8Array(order.length * size);
  for (const [i, example] of order.entries()) data.set(x.data.subarray(example * size, (example + 1) * size), i * size);
  return { x: { data, shape: [order.length, 28, 28, 1] }, y: Uint8Array.from(order, (example) => y[example]!) };
}

const bitsOf = (model: Model): readonly Uint32Array[] =>
  model.getWeights().map(({ data }) => new Uint32Array(Float32Array.from(data).buffer));

/** So many members make the steps together; `fails` names the member that is lost before a step, and comes back from another one's bytes. */
async function trainTogether(
  count: number,
  fails: (step: number) => number | null = () => null,
  more: object[] = [],
): Promise<Model[]> {
  const members = Array.from({ length: count }, (_, i) => make(more[i]));
  const total = train.y.length;
  let step = 0;
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const order = epochOrder(total, SEED, epoch, true);
    for (let start = 0; start < total; start += SIZE * SEGMENTS, step++) {
      const lost = fails(step);
      if (lost !== null) members[lost] = loadModel(members[(lost + 1) % count]!.save()).model;
      const of = Math.min(SIZE * SEGMENTS, total - start);
      const parts: Segment[] = [];
      for (let from = 0, segment = 0; from < of; from += SIZE, segment++) {
        const { x, y } = take(train, order.subarray(start + from, start + Math.min(of, from + SIZE)));
        parts.push(structuredClone(await segmentGradients(members[segment % count]!, x, y, { from, of })));
      }
      const logs = [];
      for (const member of members) logs.push(await applySegments(member, sumSegments(parts)));
      for (const log of logs) assert.equal(log, logs[0]);
    }
  }
  return members;
}

test('1, 2 and 4 members, on threads or not, one of them lost every few steps: bit-identical to one fit', async () => {
  const whole = make();
  await whole.fit(train.x, train.y, { epochs: EPOCHS, gradientAccumulationSteps: SEGMENTS, seed: SEED });
  const expected = bitsOf(whole);
  const threads = [{}, { workers: workers(2) }, {}, { workers: workers(3) }];
  for (const members of [
    await trainTogether(1),
    await trainTogether(2, () => null, threads),
    await trainTogether(4, (step) => (step % 3 === 2 ? step % 4 : null), threads),
  ])
    for (const member of members) {
      assert.equal(bitsOf(member), expected);
      assert.is(member.step, whole.step);
    }
});

test('the last batch of an epoch has fewer segments, and a number that is not a power of two makes a tree, too', async () => {
  for (const segments of [3, 5, 7]) {
    const whole = make({ optimizer: optimizers.sgd({ learningRate: 0.05 }) });
    const examples = take(
      train,
      Uint32Array.from({ length: SIZE * segments - 1 }, (_, i) => i),
    );
    await whole.fit(examples.x, examples.y, { shuffle: false, gradientAccumulationSteps: segments });
    const member = make({ optimizer: optimizers.sgd({ learningRate: 0.05 }) });
    const of = examples.y.length;
    const parts: Segment[] = [];
    for (let from = 0; from < of; from += SIZE) {
      const { x, y } = take(
        examples,
        Uint32Array.from({ length: Math.min(SIZE, of - from) }, (_, i) => from + i),
      );
      parts.push(await segmentGradients(member, x, y, { from, of }));
    }
    await applySegments(member, sumSegments(parts));
    assert.equal(bitsOf(member), bitsOf(whole));
  }
});

test('partial sums by recursive doubling are the tree', async () => {
  const model = make();
  const parts: Segment[] = [];
  for (let from = 0; from < 16; from += 4) {
    const { x, y } = take(train, Uint32Array.of(from, from + 1, from + 2, from + 3));
    parts.push(await segmentGradients(model, x, y, { from, of: 16 }));
  }
  const [a, b, c, d] = parts as [Segment, Segment, Segment, Segment];
  assert.equal(addSegments(addSegments(a, b), addSegments(c, d)), sumSegments(parts));
  assert.not.equal(addSegments(addSegments(addSegments(a, b), c), d).gradients, sumSegments(parts).gradients);
});

test('segments that do not fit are refused in a sentence, and nothing is learned', async () => {
  const model = make();
  const { x, y } = take(train, Uint32Array.of(0, 1, 2, 3));
  const part = (from: number, of = 8): Promise<Segment> => segmentGradients(model, x, y, { from, of });
  const [first, second] = [await part(0), await part(4)];
  const before = bitsOf(model);
  await refuses(part(6), 'segmentGradients got examples 6 to 9 of a batch of 8');
  await refuses(
    applySegments(model, first),
    'applySegments needs the sum of a whole batch, got examples 0 to 3 of 8 of step 1',
  );
  refusesAtOnce(
    () => addSegments(second, first),
    'segments are added to the next one of their step, got examples 4 to 7 of 8 of step 1 and examples 0 to 3 of 8 of step 1',
  );
  assert.equal(bitsOf(model), before);
  const sum = sumSegments([first, second]);
  model.trainable = false;
  await refuses(
    applySegments(model, sum),
    'applySegments would change nothing: no layer with weights has trainable = true',
  );
  model.trainable = true;
  await applySegments(model, sum);
  await refuses(
    applySegments(model, sum),
    "applySegments got a sum of step 1, and the model's next step is 2; it comes too late",
  );
  const large = take(train, Uint32Array.of(0, 1, 2, 3, 4));
  await refuses(
    segmentGradients(model, large.x, large.y, { from: 0, of: 8 }),
    'segmentGradients got 5 examples, more than the 4 that compile() planned for; give a segment at a time',
  );
});

test.run();
