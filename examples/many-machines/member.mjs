// A member of a group that makes its steps together, driven over stdin and stdout: ray_data_parallel.py starts one on each machine. A message is
// its length as 4 bytes, JSON, and the bytes of the buffers whose lengths stand in the JSON.
//   node member.mjs alone      trains the same on one machine, and prints the SHA-256 of its weights
import { createHash } from 'node:crypto';
import { adam, layers, loadModel, sequential } from 'wasm-cnn';
import { builtinDigits } from 'wasm-cnn/data';
import { applySegments, epochOrder, segmentGradients } from 'wasm-cnn/parallel';

const [SEED, EPOCHS, SEGMENT, SEGMENTS] = [1, 2, 32, 4];
const { x, y } = builtinDigits({ trainCount: 5000, testCount: 10 }).train;

function make() {
  const model = sequential({
    inputShape: [28, 28, 1],
    seed: SEED,
    layers: [
      layers.conv2d({ filters: 16, kernelSize: 3, useBias: false }),
      layers.batchNormalization(),
      layers.activation({ activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
      layers.globalAveragePooling2d(),
      layers.dropout({ rate: 0.2 }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  const optimizer = adam({ learningRate: 0.005 });
  model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'], batchSize: SEGMENT });
  return model;
}

let model = make();

/** Where a step of an epoch begins in its order, and how many examples it has. */
function batchOf(step) {
  const steps = Math.ceil(y.length / (SEGMENT * SEGMENTS));
  const start = (step % steps) * SEGMENT * SEGMENTS;
  const order = epochOrder(y.length, SEED, Math.floor(step / steps), true);
  return { order, start, of: Math.min(SEGMENT * SEGMENTS, y.length - start), steps: EPOCHS * steps };
}

const answers = {
  /** What there is to do. */
  plan: () => ({ steps: batchOf(0).steps, segments: SEGMENTS }),
  /** The gradients of a segment of the model's next step; `empty` where the batch has no such segment. */
  async gradients({ segment }) {
    const { order, start, of } = batchOf(model.step);
    const from = segment * SEGMENT;
    if (from >= of) return { empty: true };
    const examples = order.subarray(start + from, start + Math.min(of, from + SEGMENT));
    const size = 28 * 28;
    const data = new Uint8Array(examples.length * size);
    for (const [i, example] of examples.entries())
      data.set(x.data.subarray(example * size, (example + 1) * size), i * size);
    const labels = Uint8Array.from(examples, (example) => y[example]);
    const inputs = { data, shape: [examples.length, 28, 28, 1] };
    const { gradients, statistics, ...rest } = await segmentGradients(model, inputs, labels, { from, of });
    const counts = statistics.map(({ count, sums }) => [count, sums.length]);
    return { ...rest, counts, buffers: [gradients, ...statistics.flatMap(({ sums }) => sums)] };
  },
  /** The step, with the sum that the driver has added up. */
  async apply({ counts, buffers: [gradients, ...sums], ...rest }) {
    const floats = new Float32Array(
      gradients.buffer.slice(gradients.byteOffset, gradients.byteOffset + gradients.length),
    );
    const doubles = sums.map((sum) => new Float64Array(sum.buffer.slice(sum.byteOffset, sum.byteOffset + sum.length)));
    const statistics = counts.map(([count, layers]) => ({ count, sums: doubles.splice(0, layers) }));
    const logs = await applySegments(model, { ...rest, gradients: floats, statistics });
    return { logs, step: model.step };
  },
  save: () => ({ buffers: [model.save()] }),
  load: ({ buffers: [bytes] }) => {
    model = loadModel(bytes).model;
    return { step: model.step };
  },
  sha256: () => ({ sha256: weightsSha256() }),
};

function weightsSha256() {
  const hash = createHash('sha256');
  for (const { data } of model.getWeights()) hash.update(data);
  return hash.digest('hex');
}

function send({ buffers = [], ...rest }) {
  const bytes = buffers.map((each) => Buffer.from(each.buffer, each.byteOffset, each.byteLength));
  const json = Buffer.from(JSON.stringify({ ...rest, lengths: bytes.map(({ length }) => length) }));
  const head = Buffer.alloc(4);
  head.writeUInt32LE(json.length);
  process.stdout.write(Buffer.concat([head, json, ...bytes]));
}

async function* messages() {
  let read = Buffer.alloc(0);
  for await (const chunk of process.stdin) {
    read = Buffer.concat([read, chunk]);
    for (;;) {
      if (read.length < 4 || read.length < 4 + read.readUInt32LE()) break;
      let at = 4 + read.readUInt32LE();
      const { lengths, ...message } = JSON.parse(read.subarray(4, at).toString());
      if (read.length < at + lengths.reduce((sum, length) => sum + length, 0)) break;
      const buffers = lengths.map((length) => read.subarray(at, (at += length)));
      read = read.subarray(at);
      yield { ...message, buffers };
    }
  }
}

if (process.argv[2] === 'alone') {
  await model.fit(x, y, { epochs: EPOCHS, gradientAccumulationSteps: SEGMENTS, seed: SEED, verbose: 0 });
  console.log(weightsSha256());
} else for await (const { ask, ...more } of messages()) send(await answers[ask](more));
