// Where imports go wrong, each by loops in f64: flattened images, padding, pools over it, softmax of two eras, constants of two meanings.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../../src/base/random.js';
import type { Tensor } from '../../../src/index.js';
import { refusesAtOnce } from '../../node/refuses.js';
import { floats, innerGraph, ints, mapped, type NodeLine } from './graphFile.js';

const random = new RandomStream(15);
const some = (...shape: number[]): Tensor<Float32Array> => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.between(-1, 1)),
});
const constant = (tensor: Tensor<Float32Array>) => floats(tensor.shape, tensor.data);

function near(found: Tensor<Float32Array>, expected: ArrayLike<number>, what = ''): void {
  assert.is(found.data.length, expected.length, what);
  for (let i = 0; i < expected.length; i++)
    assert.ok(
      Math.abs(found.data[i]! - expected[i]!) <= 1e-5 * Math.max(1, Math.abs(expected[i]!)),
      `${what} value ${i}: ${found.data[i]} for ${expected[i]}`,
    );
}

/** Dot products of each row of x with the rows of w [out, in]. */
function products(x: Tensor<Float32Array>, w: Tensor<Float32Array>): number[] {
  const [out, width] = w.shape as [number, number];
  const rows = x.data.length / width;
  return Array.from({ length: rows * out }, (_, i) => {
    let sum = 0;
    const row = Math.floor(i / out);
    for (let k = 0; k < width; k++) sum += x.data[row * width + k]! * w.data[(i % out) * width + k]!;
    return sum;
  });
}

const image = some(4, 2, 3, 5);
const weights = some(7, 30);

const FLATTENINGS: Readonly<Record<string, readonly NodeLine[]>> = {
  Flatten: [['Flatten', 'x', 'f', { axis: 1 }]],
  'Reshape [0, -1]': [
    ['Constant', '', 'shape', { value: ints(0, -1) }],
    ['Reshape', 'x shape', 'f'],
  ],
  'Reshape [-1, 30]': [
    ['Constant', '', 'shape', { value: ints(-1, 30) }],
    ['Reshape', 'x shape', 'f'],
  ],
  'Reshape twice': [
    ['Constant', '', 'shape1', { value: ints(0, 6, 5) }],
    ['Constant', '', 'shape2', { value: ints(0, -1) }],
    ['Reshape', 'x shape1', 'r'],
    ['Reshape', 'r shape2', 'f'],
  ],
  'of its Shape': [
    ['Shape', 'x', 's'],
    ['Constant', '', 'begin', { value: ints(0) }],
    ['Constant', '', 'end', { value: ints(1) }],
    ['Slice', 's begin end', 'n'],
    ['Constant', '', 'rest', { value: ints(-1) }],
    ['Concat', 'n rest', 'shape', { axis: 0 }],
    ['Reshape', 'x shape', 'f'],
  ],
  'Gather of its Shape': [
    ['Shape', 'x', 's'],
    ['Constant', '', 'zero', { value: { ...ints(0), dims: [] } }],
    ['Gather', 's zero', 'n'],
    ['Constant', '', 'axes', { value: ints(0) }],
    ['Unsqueeze', 'n axes', 'n1'],
    ['Constant', '', 'rest', { value: ints(-1) }],
    ['Concat', 'n1 rest', 'shape', { axis: 0 }],
    ['Reshape', 'x shape', 'f'],
  ],
};

for (const [name, nodes] of Object.entries(FLATTENINGS)) {
  const file = (more: readonly NodeLine[]) => ({
    inputs: { x: [4, 2, 3, 5] },
    outputs: ['y'],
    nodes: [...nodes, ...more],
    constants: { w: constant(weights), wt: floats([30, 7], transposedOf(weights)), scale: floats([30], ramp(30)) },
  });
  test(`flattened by ${name}, a dense layer sees channels first`, async () => {
    for (const more of [[['Gemm', 'f w', 'y', { transB: 1 }]], [['MatMul', 'f wt', 'y']]] as const) {
      const { model, run } = mapped(file(more));
      near((await run(image))[0]!, products(image, weights));
      assert.equal(
        model.layers.map(({ layer }) => layer.className),
        ['Flatten', 'Dense'],
      );
    }
  });
  test(`flattened by ${name}, so do vectors between, and the output`, async () => {
    const { run } = mapped(
      file([
        ['Mul', 'f scale', 'm'],
        ['Dropout', 'm', 'd'],
        ['Relu', 'd', 'positive'],
        ['Gemm', 'positive w', 'y', { transB: 1 }],
      ]),
    );
    const scaled = { ...image, data: image.data.map((value, i) => Math.max(0, value * ramp(30)[i % 30]!)) };
    near((await run(image))[0]!, products(scaled, weights));
    const flat = mapped({ ...file([]), outputs: ['f'] });
    near((await flat.run(image))[0]!, image.data);
  });
}

function transposedOf({ data, shape }: Tensor<Float32Array>): Float32Array {
  const [rows, columns] = shape as [number, number];
  return Float32Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!);
}

const ramp = (n: number): number[] => Array.from({ length: n }, (_, i) => (i + 1) / n);

test('a normalization of a flattened image keeps each vector with its value', async () => {
  const [gamma, beta, mean] = [some(30), some(30), some(30)];
  const variance = floats([30], ramp(30));
  const { run } = mapped({
    inputs: { x: [4, 2, 3, 5] },
    outputs: ['y'],
    nodes: [
      ['Flatten', 'x', 'f'],
      ['BatchNormalization', 'f g b m v', 'n', { epsilon: { float: 0.25 } }],
      ['Gemm', 'n w', 'y', { transB: 1 }],
    ],
    constants: { g: constant(gamma), b: constant(beta), m: constant(mean), v: variance, w: constant(weights) },
  });
  const normalized = {
    ...image,
    data: image.data.map((value, i) => {
      const c = i % 30;
      return (gamma.data[c]! * (value - mean.data[c]!)) / Math.sqrt(ramp(30)[c]! + 0.25) + beta.data[c]!;
    }),
  };
  near((await run(image))[0]!, products(normalized, weights));
});

/** A convolution by its definition. x [n, c, h, w], w [f, c / groups, kh, kw]. */
function convolution(
  x: Tensor<Float32Array>,
  w: Tensor<Float32Array>,
  { stride = 1, before, out, groups = 1 }: { stride?: number; before: number[]; out: number[]; groups?: number },
): number[] {
  const [n, c, height, width] = x.shape as [number, number, number, number];
  const [filters, perGroup, kh, kw] = w.shape as [number, number, number, number];
  const result: number[] = [];
  for (let i = 0; i < n; i++)
    for (let f = 0; f < filters; f++)
      for (let oy = 0; oy < out[0]!; oy++)
        for (let ox = 0; ox < out[1]!; ox++) {
          let sum = 0;
          for (let k = 0; k < perGroup; k++)
            for (let ky = 0; ky < kh; ky++)
              for (let kx = 0; kx < kw; kx++) {
                const [y, xx] = [oy * stride + ky - before[0]!, ox * stride + kx - before[1]!];
                if (y < 0 || xx < 0 || y >= height || xx >= width) continue;
                const channel = Math.floor(f / (filters / groups)) * perGroup + k;
                sum +=
                  x.data[((i * c + channel) * height + y) * width + xx]! *
                  w.data[((f * perGroup + k) * kh + ky) * kw + kx]!;
              }
          result.push(sum);
        }
  return result;
}

for (const size of [6, 7])
  for (const [attributes, before] of [
    [{ auto_pad: 'SAME_UPPER' }, size === 6 ? 0 : 1],
    [{ auto_pad: 'SAME_LOWER' }, 1],
    [{ pads: [1, 1, 1, 1] }, 1],
    [{ pads: [0, 0, 1, 1] }, 0],
  ] as const)
    test(`stride 2 over ${size} pixels with ${JSON.stringify(attributes)}`, async () => {
      const [x, w] = [some(2, 3, size, size), some(4, 3, 3, 3)];
      const out =
        'pads' in attributes
          ? Math.floor((size + attributes.pads[0] + attributes.pads[2] - 3) / 2) + 1
          : Math.ceil(size / 2);
      const { run } = mapped({
        inputs: { x: [2, 3, size, size] },
        outputs: ['y'],
        nodes: [['Conv', 'x w', 'y', { ...attributes, strides: [2, 2] }]],
        constants: { w: constant(w) },
      });
      near((await run(x))[0]!, convolution(x, w, { stride: 2, before: [before, before], out: [out, out] }));
    });

test('groups and depth multipliers keep the order of their channels', async () => {
  for (const [groups, channels, filters] of [
    [2, 4, 6],
    [3, 3, 6],
  ] as const) {
    const [x, w] = [some(2, channels, 5, 4), some(filters, channels / groups, 2, 3)];
    const { run } = mapped({
      inputs: { x: [2, channels, 5, 4] },
      outputs: ['y'],
      nodes: [['Conv', 'x w', 'y', { group: groups }]],
      constants: { w: constant(w) },
    });
    near((await run(x))[0]!, convolution(x, w, { before: [0, 0], out: [4, 2], groups }));
  }
});

for (const counts of [0, 1])
  for (const op of ['AveragePool', 'MaxPool'])
    test(`${op} over padding${op === 'AveragePool' ? `, count_include_pad ${counts}` : ' of values below 0'}`, async () => {
      const x = { shape: [1, 2, 4, 5], data: some(40).data.map((value) => value - 2) };
      const { run } = mapped({
        inputs: { x: [1, 2, 4, 5] },
        outputs: ['y'],
        nodes: [
          [
            op,
            'x',
            'y',
            {
              kernel_shape: [3, 3],
              strides: [2, 2],
              pads: [1, 1, 1, 1],
              ...(op === 'AveragePool' && { count_include_pad: counts }),
            },
          ],
        ],
      });
      const expected: number[] = [];
      for (let c = 0; c < 2; c++)
        for (let oy = 0; oy < 2; oy++)
          for (let ox = 0; ox < 3; ox++) {
            const seen: number[] = [];
            for (let y = 2 * oy - 1; y < 2 * oy + 2; y++)
              for (let xx = 2 * ox - 1; xx < 2 * ox + 2; xx++)
                if (y >= 0 && xx >= 0 && y < 4 && xx < 5) seen.push(x.data[(c * 4 + y) * 5 + xx]!);
            const sum = seen.reduce((a, b) => a + b, 0);
            expected.push(op === 'MaxPool' ? Math.max(...seen) : sum / (counts ? 9 : seen.length));
          }
      near((await run(x))[0]!, expected);
    });

test('softmax before opset 13 is over all axes from one on, and since then over one', async () => {
  const x = some(2, 3, 2, 2);
  const y = async (opset: number, attributes: Record<string, number>): Promise<Tensor<Float32Array>> =>
    (
      await mapped({
        opset,
        inputs: { x: [2, 3, 2, 2] },
        outputs: ['y'],
        nodes: [['Softmax', 'x', 'y', attributes]],
      }).run(x)
    )[0]!;
  const over = (groupOf: (i: number) => number): number[] => {
    const sums = new Map<number, number>();
    x.data.forEach((value, i) => sums.set(groupOf(i), (sums.get(groupOf(i)) ?? 0) + Math.exp(value)));
    return Array.from(x.data, (value, i) => Math.exp(value) / sums.get(groupOf(i))!);
  };
  const channels = over((i) => Math.floor(i / 12) * 4 + (i % 4));
  near(
    await y(11, {}),
    over((i) => Math.floor(i / 12)),
  );
  near(
    await y(11, { axis: 3 }),
    over((i) => Math.floor(i / 2)),
  );
  near(
    await y(13, {}),
    over((i) => Math.floor(i / 2)),
  );
  near(await y(13, { axis: 1 }), channels);
});

test("slopes and sigmoids mean what ONNX's defaults say", async () => {
  const x = { shape: [1, 5], data: Float32Array.of(-4, -1, 0, 1, 4) };
  const y = async (op: string, attributes: NodeLine[3] = {}): Promise<Tensor<Float32Array>> =>
    (await mapped({ inputs: { x: [1, 5] }, outputs: ['y'], nodes: [[op, 'x', 'y', attributes]] }).run(x))[0]!;
  near(await y('LeakyRelu'), [-0.04, -0.01, 0, 1, 4]);
  near(await y('LeakyRelu', { alpha: { float: 0.3 } }), [-1.2, -0.3, 0, 1, 4]);
  near(await y('HardSigmoid'), [0, 0.3, 0.5, 0.7, 1]);
  near(await y('HardSigmoid', { alpha: { float: Math.fround(1 / 6) } }), [0, 1 / 3, 0.5, 2 / 3, 1]);
});

const names = (classes: readonly NodeLine[], constants = {}): string[] =>
  mapped({ inputs: { x: [1, 2, 3, 4] }, outputs: ['y'], nodes: classes, constants }).model.layers.map(({ layer }) => {
    const { activation } = layer.getConfig();
    return layer.className === 'Activation' ? String(activation) : layer.className;
  });

test('activations that are written out in steps become one layer', () => {
  const numbers = { three: floats([], [3]), six: floats([], [6]), zero: floats([], [0]), half: floats([], [0.5]) };
  const more = { ...numbers, root: floats([], [Math.SQRT2]), one: floats([], [1]) };
  const clipped: NodeLine[] = [
    ['Add', 'x three', 'a'],
    ['Clip', 'a zero six', 'c'],
  ];
  assert.equal(names([...clipped, ['Mul', 'x c', 'm'], ['Div', 'm six', 'y']], more), ['hardSilu']);
  assert.equal(names([...clipped, ['Div', 'c six', 's'], ['Mul', 's x', 'y']], more), ['hardSilu']);
  assert.equal(names([...clipped, ['Div', 'c six', 'y']], more), ['hardSigmoid']);
  assert.equal(
    names([
      ['Sigmoid', 'x', 's'],
      ['Mul', 'x s', 'y'],
    ]),
    ['silu'],
  );
  assert.equal(
    names([
      ['Softplus', 'x', 's'],
      ['Tanh', 's', 't'],
      ['Mul', 't x', 'y'],
    ]),
    ['mish'],
  );
  const erf: NodeLine[] = [
    ['Div', 'x root', 'd'],
    ['Erf', 'd', 'e'],
    ['Add', 'e one', 'p'],
  ];
  assert.equal(names([...erf, ['Mul', 'x p', 'm'], ['Mul', 'm half', 'y']], more), ['gelu']);
  assert.equal(names([...erf, ['Mul', 'x half', 'h'], ['Mul', 'h p', 'y']], more), ['gelu']);
  assert.equal(names([...erf, ['Mul', 'p half', 'h'], ['Mul', 'h x', 'y']], more), ['gelu']);
});

test('scaling and shifting in two steps are one layer, and leave training alone before anything else', async () => {
  const constants = {
    m: floats([2, 1, 1], [0.5, -1]),
    s: floats([2, 1, 1], [2, 4]),
    two: floats([], [2]),
    w: constant(some(3, 2, 1, 1)),
  };
  const lines: NodeLine[] = [
    ['Sub', 'x m', 'd'],
    ['Div', 'd s', 'n'],
    ['Mul', 'n two', 't'],
    ['Add', 't two', 'r'],
    ['Conv', 'r w', 'y'],
  ];
  assert.equal(names(lines, constants), ['Normalization', 'Rescaling', 'Conv2D']);
  const x = some(1, 2, 3, 4);
  const { run } = mapped({ inputs: { x: [1, 2, 3, 4] }, outputs: ['r'], nodes: lines.slice(0, 4), constants });
  near(
    (await run(x))[0]!,
    Array.from(x.data, (value, i) => (2 * (value - [0.5, -1][Math.floor(i / 12)]!)) / [2, 4][Math.floor(i / 12)]! + 2),
  );
});

test('an added constant becomes the bias of the layer before, unless others read it', async () => {
  const constants = { w: constant(some(3, 2, 1, 1)), b: floats([1, 3, 1, 1], [1, 2, 3]) };
  const conv: NodeLine = ['Conv', 'x w', 'c'];
  assert.equal(names([conv, ['Add', 'c b', 'y']], constants), ['Conv2D']);
  const shared: NodeLine[] = [conv, ['Add', 'c b', 'a'], ['Relu', 'c', 'r'], ['Add', 'a r', 'y']];
  assert.equal(names(shared, constants), ['Conv2D', 'DepthwiseConv2D', 'ReLU', 'Add']);
});

test('a layer that is called twice has its weights once', () => {
  const { model } = mapped({
    inputs: { a: [1, 2, 3, 4], b: [1, 2, 3, 4] },
    outputs: ['y'],
    nodes: [
      ['Conv', 'a w', 'ca'],
      ['Add', 'ca bias', 'sa'],
      ['Conv', 'b w', 'cb'],
      ['Add', 'cb bias', 'sb'],
      ['Concat', 'sa sb', 'y', { axis: 1 }],
    ],
    constants: { w: constant(some(3, 2, 2, 2)), bias: floats([3, 1, 1], [1, 2, 3]) },
  });
  assert.equal(
    model.layers.map(({ layer }) => layer.className),
    ['Conv2D', 'Concatenate'],
  );
  assert.is(model.countParams(), 27);
});

test('a Loop over constants is run, with what it reads around it', async () => {
  const x = some(2, 3);
  const constants = {
    ...{ three: { ...ints(3), dims: [] }, one: { ...ints(1), dims: [] }, w: constant(some(3, 3)) },
    start: floats([3, 3], Array<number>(9).fill(0.5)),
  };
  // start + w, then twice minus w.
  const branches: NodeLine = [
    'Loop',
    'three - start',
    'sum',
    {
      body: innerGraph(
        'i go before',
        [
          ['Less', 'i one', 'isFirst'],
          ['Where', 'isFirst w minus', 'term'],
          ['Add', 'before term', 'after'],
          ['Identity', 'go', 'goes'],
        ],
        'goes after',
      ),
    },
  ];
  const { run } = mapped({
    inputs: { x: [2, 3] },
    outputs: ['y'],
    nodes: [['Neg', 'w', 'minus'], branches, ['MatMul', 'x sum', 'y']],
    constants,
  });
  const sum = transposedOf({ shape: [3, 3], data: Float32Array.from(constants.w.floats, (value) => 0.5 - value) });
  near((await run(x))[0]!, products(x, { shape: [3, 3], data: sum }));
});

test('a file for one example may leave its axis out for a while', async () => {
  const one = some(1, 2, 3, 5);
  const { run } = mapped({
    inputs: { x: [1, 2, 3, 5] },
    outputs: ['y'],
    nodes: [
      ['Constant', '', 'all', { value: ints(-1) }],
      ['Reshape', 'x all', 'flat'],
      ['Constant', '', 'axes', { value: ints(0) }],
      ['Unsqueeze', 'flat axes', 'back'],
      ['Gemm', 'back w', 'y', { transB: 1 }],
    ],
    constants: { w: constant(weights) },
  });
  near((await run(one))[0]!, products(one, weights));
  refusesAtOnce(
    () =>
      mapped({
        inputs: { x: [1, 2, 3, 5] },
        outputs: ['y'],
        nodes: [
          ['Constant', '', 'all', { value: ints(-1) }],
          ['Reshape', 'x all', 'flat'],
          ['Softmax', 'flat', 'y'],
        ],
      }),
    "the file: 1 of its nodes has no counterpart here: Softmax ('Softmax_2'): a value whose axis of examples was merged into another; export it without",
  );
});

test('two outputs, one of them on the way to the other', async () => {
  const x = some(2, 3, 4, 4);
  const { run } = mapped({
    inputs: { x: [2, 3, 4, 4] },
    outputs: ['mean', 'r'],
    nodes: [
      ['Relu', 'x', 'r'],
      ['GlobalAveragePool', 'r', 'g'],
      ['Flatten', 'g', 'mean'],
      ['Loop', 'x', 'dead'],
    ],
  });
  const [mean, relu] = await run(x);
  const positive = x.data.map((value) => Math.max(0, value));
  near(relu!, positive);
  near(
    mean!,
    Array.from({ length: 6 }, (_, i) => positive.slice(16 * i, 16 * i + 16).reduce((a, b) => a + b, 0) / 16),
  );
});

test('a transposed input is an image with its channels last', async () => {
  const x = some(2, 3, 5, 2);
  const { run, model, notes } = mapped({
    inputs: { x: [null, 3, 5, 2] },
    outputs: ['y'],
    nodes: [
      ['Transpose', 'x', 't', { perm: [0, 3, 1, 2] }],
      ['Relu', 't', 'r'],
      ['Transpose', 'r', 'b', { perm: [0, 2, 3, 1] }],
      ['Flatten', 'b', 'f'],
      ['Gemm', 'f w', 'y', { transB: 1 }],
    ],
    constants: { w: constant(weights) },
  });
  near((await run(x))[0]!, products({ ...x, data: x.data.map((value) => Math.max(0, value)) }, weights));
  assert.equal(model.topology.inputs[0]!.shape, [3, 5, 2]);
  assert.equal(notes, []);
});

test('everything refused is listed at once', () => {
  refusesAtOnce(
    () =>
      mapped({
        inputs: { x: [1, 2, 3, 4] },
        outputs: ['y'],
        nodes: [
          ['LRN', 'x', 'a', { size: 3 }],
          ['Relu', 'a', 'b'],
          ['LRN', 'b', 'c', { size: 3 }],
          ['MaxPool', 'x', 'd', { kernel_shape: [2, 2], sparkle: 1 }],
          ['Transpose', 'd', 'e', { perm: [1, 0, 2, 3] }],
          ['Add', 'c e', 'y'],
        ],
      }),
    "the file: 3 of its nodes have no counterpart here: LRN ('LRN_0' and 1 more): there is no counterpart of this operator; MaxPool ('MaxPool_3'): the attribute sparkle; export it without",
  );
  const relu = { inputs: { x: [1, null, 3, 4] }, outputs: ['y'], nodes: [['Relu', 'x', 'y']] } as const;
  refusesAtOnce(
    () => mapped(relu),
    "the file: its input 'x' has open sizes, [1, ?, 3, 4]; give loadOnnx inputShape, that of one example as [height, width, channels]",
  );
  refusesAtOnce(
    () => mapped(relu, { inputShape: [3, 5, 2] }),
    "the file: inputShape [3, 5, 2] does not fit its input 'x', [1, ?, 3, 4]; give one example's sizes as [height, width, channels]",
  );
  assert.equal(mapped(relu, { inputShape: [3, 4, 2] }).model.topology.inputs[0]!.shape, [3, 4, 2]);
  refusesAtOnce(
    () => mapped({ ...relu, opset: 99 }),
    "the file: it needs version 99 of ONNX's operators (opset), this version reads 6 to 25; export it with an older opset",
  );
});

test('weights in another file are read from it, and never from outside its folder', async () => {
  const file = (location: string) => ({
    inputs: { x: [1, 2] },
    outputs: ['y'],
    nodes: [['Gemm', 'x w', 'y']] as const,
    constants: {
      w: {
        ...floats([2, 1], []),
        external: new Map([
          ['location', location],
          ['offset', '4'],
          ['length', '8'],
        ]),
      },
    },
  });
  const bytes = new Uint8Array(Float32Array.of(9, 2, 3, 9).buffer);
  const external = (location: string) => (location === 'w.bin' ? bytes : undefined);
  const [y] = await mapped(file('w.bin'), { external }).run({ shape: [1, 2], data: Float32Array.of(1, 10) });
  near(y!, [32]);
  for (const location of ['../w.bin', '/w.bin', 'C:\\w.bin', 'a/../../w.bin'])
    refusesAtOnce(
      () => mapped(file(location), { external: () => bytes }),
      `the file: the tensor 'w' lies in '${location}', outside of the file's folder; files that reach elsewhere are not read`,
    );
  refusesAtOnce(
    () => mapped(file('other.bin'), { external }),
    "the file: the tensor 'w' lies in another file, 'other.bin'; give loadOnnx its bytes as externalData",
  );
  refusesAtOnce(
    () => mapped(file('w.bin'), { external: () => bytes.subarray(0, 8) }),
    "the file: the tensor 'w' has bytes 4 to 12 of 'w.bin', which has 8; it is another file's, or damaged",
  );
});

test.run();
