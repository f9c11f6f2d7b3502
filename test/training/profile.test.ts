// Profiles: every op and pass has a row, and the work of a call is what a person counts by hand.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { costOf } from '../../src/compiler/costs.js';
import { layers, sequential } from '../../src/index.js';
import { networks } from '../../src/networks/index.js';
import { formatProfile, profile } from '../../src/training/profile.js';

const nothing = new Float32Array(0);
const call = (kernel: Parameters<typeof costOf>[0]['kernel'], ...args: number[]) =>
  ({ kernel, args, op: '', pass: 'forward' }) as const;

test('the work of a matrix product, a convolution and a step of Adam', () => {
  assert.equal(costOf(call('gemm', 0, 0, 0, 0, 2, 3, 4, 3, 4, 1, 0), nothing), { flops: 48, bytes: 4 * (8 + 12 + 6) });
  // Two examples [5, 5, 2] → [3, 3, 7] with 3 × 3: 9 positions, 18 products each.
  const { flops, bytes } = costOf(
    call('conv2dForward', 0, 0, 0, 0, 0, 2, 5, 5, 2, 3, 3, 7, 3, 3, 1, 1, 0, 0, 1),
    nothing,
  );
  assert.is(flops, 2 * 2 * 9 * 7 * 18);
  assert.is(bytes, 4 * (2 * (50 + 63) + 18 * 7));
  assert.is(costOf(call('adamStep', 0, 0, 0, 0, 0, 10), nothing).flops, 130);
  // Winograd: 36 products for 16 positions with stride 1; 289 for 49 with stride 2; once forward and twice backward with dx.
  assert.is(
    costOf(call('winogradConv2dForward', 0, 0, 0, 0, 0, 0, 0, 0, 1, 6, 6, 32, 4, 4, 64, 1, 1, 0, 0, 1), nothing).flops,
    2 * 36 * 32 * 64,
  );
  assert.is(
    costOf(
      call('winogradConv2dBackward', 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 14, 14, 32, 7, 7, 64, 2, 2, 0, 0),
      nothing,
    ).flops,
    2 * 2 * 289 * 32 * 64,
  );
});

test('a sparse gradient is as much work as there are winners', () => {
  // y [1, 1, 2, 4] at byte 32: three of eight passed ReLU; K = 9 · 4.
  const memory = new Float32Array(16);
  memory.set([0, 2, 0, 0.5, 0, 0, 9, 0], 8);
  const args = [0, 0, 0, 0, 32, 0, 0, 0, 0, 0, 0, 1, 4, 6, 4, 1, 2, 4, 3, 3];
  assert.is(costOf(call('conv2dPoolBackward', ...args), memory).flops, 2 * 3 * 36);
  args[0] = 64;
  assert.is(costOf(call('conv2dPoolBackward', ...args), memory).flops, 2 * 2 * 3 * 36);
});

test('a profile has a row for each op and pass, with work and time', async () => {
  const model = sequential({
    inputShape: [6, 6, 1],
    layers: [
      layers.conv2d({ filters: 3, kernelSize: 3, activation: 'relu' }),
      layers.flatten(),
      layers.dense({ units: 4, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 8 });
  const before = model.getWeights();
  const rows = profile(model, { data: new Float32Array(8 * 36).fill(0.5), shape: [8, 6, 6, 1] }, new Uint8Array(8), 3);
  const names = rows.map(({ op, pass }) => `${op}, ${pass}`);
  for (const name of [
    'conv2d+relu of conv2d, forward',
    'conv2d+relu of conv2d, backward',
    'conv2d+relu of conv2d, gradient',
    'dense of dense, repack',
    'softmax+categoricalCrossentropy of dense, loss',
    'Adam, update',
  ])
    assert.ok(names.includes(name), name);
  assert.is(new Set(names).size, names.length);
  assert.is(rows.find(({ op, pass }) => op.startsWith('conv2d') && pass === 'forward')!.flops, 2 * 16 * 9 * 3);
  assert.ok(rows.every(({ microseconds, bytes }) => microseconds >= 0 && bytes > 0));
  assert.is(model.step, 0, 'nothing is learned');
  assert.equal(model.getWeights(), before);
  const table = formatProfile(rows);
  assert.match(table, /GFLOP\/s/);
  assert.match(table, /A step takes [\d.]+ µs an example: \d+ examples\/s on one thread/);
});

test('the named networks are those in common benchmarks', () => {
  assert.equal(
    Object.entries(networks).map(([name, make]) => [name, make().countParams()]),
    [
      ['reference', 225034],
      ['classic', 1199882],
      ['strided', 320 + 9248 + 18496 + 36928 + 31370],
      // PyTorch counts 272,474, 3,504,872 … weights; each moving mean and variance is another one here.
      ['resnet20', 272474 + 1568],
      ['mobileNetV2', 3504872 + 34112],
      ['efficientNetLite0', 4652008 + 42016],
      ['resNet18', 11689512 + 9600],
      ['resNet50', 25557032 + 53120],
    ],
  );
});

test.run();
