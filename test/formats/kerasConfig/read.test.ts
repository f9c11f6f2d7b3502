// Keras' descriptions in all their dresses, and what has no counterpart.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { allVariables, readKerasConfig, writeKerasConfig } from '../../../src/formats/kerasConfig/index.js';
import { refusesAtOnce } from '../../node/refuses.js';

const who = 'the file';
const conv = { name: 'c', filters: 2, kernel_size: [3, 3], activation: 'relu' };
const dense = { name: 'd', units: 4, activation: 'softmax' };
const list = (shape: object) => [
  { class_name: 'Conv2D', config: { ...shape, ...conv } },
  { class_name: 'Flatten', config: { name: 'f' } },
  { class_name: 'Dense', config: dense },
];
const keras2 = { batch_input_shape: [null, 5, 4, 3] };

function functional(version: 2 | 3, activation: unknown = 'relu'): object {
  const node = (...tensors: [string, number][]): unknown =>
    version === 2
      ? [tensors.map(([name, call]) => [name, call, 0, {}])]
      : [
          {
            args: [
              ...[
                tensors.map(([name, call]) => ({
                  class_name: '__keras_tensor__',
                  config: { shape: [null, 5, 4, 3], dtype: 'float32', keras_history: [name, call, 0] },
                })),
              ].map((all) => (all.length === 1 ? all[0] : all)),
            ],
            kwargs: { training: null },
          },
        ];
  const input = version === 2 ? keras2 : { batch_shape: [null, 5, 4, 3] };
  const shared = [...(node(['in', 0]) as object[]), ...(node(['c', 0]) as object[])];
  return {
    class_name: version === 2 ? 'Model' : 'Functional',
    config: {
      name: 'net',
      layers: [
        { class_name: 'InputLayer', name: 'in', config: { ...input, name: 'in' }, inbound_nodes: [] },
        // Behind what it needs in the graph, before it in the list.
        { class_name: 'Add', name: 'a', config: { name: 'a' }, inbound_nodes: node(['c', 1], ['c', 0]) },
        {
          class_name: 'Conv2D',
          name: 'c',
          config: { ...conv, filters: 3, padding: 'same', activation },
          inbound_nodes: shared,
        },
      ],
      input_layers: version === 2 ? [['in', 0, 0]] : ['in', 0, 0],
      output_layers: version === 2 ? [['a', 0, 0]] : ['a', 0, 0],
    },
  };
}

test('a chain: as an object, as the bare array, of Keras 3, within model_config', () => {
  const expected = readKerasConfig(
    { class_name: 'Sequential', config: { name: 'model', layers: list(keras2) } },
    who,
  ).model;
  assert.equal(expected.inputShape, [5, 4, 3]);
  assert.equal(
    expected.layers.map(({ className, name }) => [className, name]),
    [
      ['Conv2D', 'c'],
      ['Flatten', 'f'],
      ['Dense', 'd'],
    ],
  );
  assert.equal(expected.layers[0]!.config, { filters: 2, kernelSize: [3, 3], activation: 'relu' });
  const input = { class_name: 'InputLayer', config: { batch_shape: [null, 5, 4, 3], name: 'in' } };
  for (const dressed of [
    { class_name: 'Sequential', config: list(keras2) },
    {
      keras_version: '2.2.4',
      model_config: { class_name: 'Sequential', config: { name: 'model', layers: list(keras2) } },
    },
    { class_name: 'Sequential', config: { name: 'model', layers: [input, ...list({})] } },
    { class_name: 'Sequential', config: { name: 'model', layers: list({}), build_input_shape: [null, 5, 4, 3] } },
  ])
    assert.equal(readKerasConfig(dressed, who).model, expected);
});

test('keys of Keras 1 are those of Keras 2', () => {
  const { model } = readKerasConfig(
    {
      class_name: 'Sequential',
      keras_version: '1.2.2',
      config: [
        {
          class_name: 'Convolution2D',
          config: {
            ...keras2,
            name: 'c',
            nb_filter: 2,
            nb_row: 3,
            nb_col: 2,
            border_mode: 'same',
            subsample: [2, 1],
            activation: 'relu',
            bias: false,
            dim_ordering: 'tf',
            W_regularizer: null,
            init: 'glorot_uniform',
          },
        },
        { class_name: 'Dropout', config: { name: 'p', p: 0.25 } },
        { class_name: 'Flatten', config: { name: 'f' } },
        { class_name: 'Dense', config: { name: 'd', output_dim: 3, input_dim: null, activation: 'linear' } },
      ],
    },
    who,
  );
  assert.equal(
    model.layers.map(({ config }) => config),
    [
      {
        filters: 2,
        kernelSize: [3, 2],
        strides: [2, 1],
        padding: 'same',
        activation: 'relu',
        useBias: false,
        kernelInitializer: 'glorotUniform',
      },
      { rate: 0.25 },
      {},
      { units: 3, activation: 'linear' },
    ],
  );
});

test('a shared layer and a layer that is listed before what it takes, in both forms of calls', () => {
  for (const version of [2, 3] as const) {
    const { model } = readKerasConfig(functional(version), who);
    assert.equal(
      model.layers.map(({ name }) => name),
      ['c', 'a'],
    );
    assert.equal(model.calls, [
      { layer: 0, inputs: [0] },
      { layer: 0, inputs: [1] },
      { layer: 1, inputs: [2, 1] },
    ]);
    assert.equal(
      model.outputs!.map(({ tensor }) => tensor),
      [3],
    );
  }
});

test("hard_sigmoid is that of the file's version", () => {
  const kinds = (topology: object, kerasVersion?: string) =>
    readKerasConfig(topology, who, { kerasVersion }).model.layers.map(
      ({ className, config }) => [className, config] as const,
    );
  const own = (list: ReturnType<typeof kinds>, i: number) => (list[i]![1] as { activation: string }).activation;
  assert.is(own(kinds(functional(3, 'hard_sigmoid')), 0), 'hardSigmoid');
  assert.is(own(kinds(functional(2, 'hard_sigmoid'), '3.0.0'), 0), 'hardSigmoid');
  const old = kinds(functional(2, 'hard_sigmoid'), '2.15.0');
  assert.equal(
    old.map(([className]) => className),
    ['Conv2D', 'Rescaling', 'Activation', 'Add'],
  );
  assert.is(own(old, 0), 'linear');
  assert.equal(old[1]![1], { scale: 1.2, offset: 0 });
});

test('an activation as an object: a function, or a layer behind it', () => {
  const layersOf = (activation: unknown) =>
    readKerasConfig(functional(3, activation), who).model.layers.map(({ className, config }) => ({
      className,
      ...config,
    })) as { className: string; activation?: string; negativeSlope?: number }[];
  for (const given of [
    { class_name: 'function', config: 'relu6' },
    { class_name: 'relu6', config: 'relu6' },
    { module: 'builtins', class_name: 'function', config: 'relu6', registered_name: 'function' },
    { class_name: 'Activation', config: { name: 'x', activation: 'relu6' } },
  ])
    assert.is(layersOf(given)[0]!.activation, 'relu6');
  const [first, behind] = layersOf({ class_name: 'LeakyReLU', config: { name: 'leaky', alpha: 0.1 } });
  assert.is(first!.activation, 'linear');
  assert.equal(behind, { className: 'LeakyReLU', negativeSlope: 0.1 });
});

const chain = (...layers: object[]) => ({
  class_name: 'Sequential',
  config: {
    name: 's',
    layers: [{ class_name: 'InputLayer', config: { batch_input_shape: [null, 5, 4, 3] } }, ...layers],
  },
});
const only = (className: string, config: object, module?: string) =>
  chain({ class_name: className, ...(module && { module }), config: { name: 'x', ...config } });

test('options with different names in each version: LeakyReLU, BatchNormalization, ReLU, Rescaling', () => {
  const first = (topology: object): unknown =>
    readKerasConfig(topology, who).model.layers.map(({ className, config }) => ({ className, ...config }))[0];
  assert.equal(first(only('LeakyReLU', { alpha: 0.2 })), { className: 'LeakyReLU', negativeSlope: 0.2 });
  assert.equal(first(only('LeakyReLU', { negative_slope: 0.2 })), { className: 'LeakyReLU', negativeSlope: 0.2 });
  assert.equal(
    first(only('BatchNormalizationV1', { axis: [3], epsilon: 1e-5, momentum: 0.9, fused: true, renorm: false })),
    { className: 'BatchNormalization', axis: 3, epsilon: 1e-5, momentum: 0.9 },
  );
  assert.equal(
    first(
      only('ReLU', {
        max_value: { class_name: '__numpy__', config: { value: 6, dtype: 'float32' } },
        negative_slope: 0,
        threshold: 0,
      }),
    ),
    { className: 'ReLU', maxValue: 6, negativeSlope: 0, threshold: 0 },
  );
  assert.equal(
    first(
      only('Rescaling', {
        scale: { class_name: '__numpy__', config: { value: [2, 4, 8], dtype: 'float32' } },
        offset: 1,
      }),
    ),
    { className: 'Normalization', mean: [-0.5, -0.25, -0.125], variance: [0.25, 0.0625, 0.015625] },
  );
  assert.equal(first(only('Normalization', { axis: [-1], mean: [1, 2, 3], variance: [4, 5, 6] })), {
    className: 'Normalization',
    mean: [1, 2, 3],
    variance: [4, 5, 6],
  });
  assert.equal(first(only('Normalization', { axis: null, mean: 2, variance: 4 })), {
    className: 'Rescaling',
    scale: 0.5,
    offset: -1,
  });
  assert.equal(first(only('RandomFlip', { mode: 'horizontal_and_vertical', seed: 3 })), {
    className: 'RandomFlip',
    mode: 'horizontalAndVertical',
  });
  assert.equal(first(only('Flatten', { data_format: 'channels_first' })), { className: 'Permute', dims: [2, 3, 1] });
});

test('layers that affect only training are left out with a sentence', () => {
  const { model, notes } = readKerasConfig(
    chain(
      { class_name: 'AlphaDropout', config: { name: 'a', rate: 0.5 } },
      { class_name: 'RandomHue', config: { name: 'h', factor: 0.1 } },
      { class_name: 'Dropout', config: { name: 'branch', rate: 0.1, noise_shape: [null, 1, 1, 1] } },
      {
        class_name: 'Dense',
        config: { ...dense, kernel_regularizer: { class_name: 'OrthogonalRegularizer', config: {} } },
      },
    ),
    who,
  );
  assert.equal(
    model.layers.map(({ name }) => name),
    ['d'],
  );
  assert.equal(notes, [
    'a (AlphaDropout) is left out; it changes training alone',
    'h (RandomHue) is left out; it changes training alone',
    'branch (Dropout) is left out; it changes training alone',
    'd: its regularizer OrthogonalRegularizer is left out; it changes training alone',
  ]);
});

test('everything without a counterpart is listed at once, by name', () => {
  refusesAtOnce(
    () =>
      readKerasConfig(
        chain(
          { class_name: 'LSTM', config: { name: 'memory', units: 3 } },
          { class_name: 'Conv2D', config: { ...conv, data_format: 'channels_first' } },
          { class_name: 'Dense', config: { ...dense, lora_rank: 4 } },
          { class_name: 'Activation', config: { name: 'act', activation: 'sparsemax' } },
        ),
        who,
      ),
    'the file: wasm-cnn has no counterpart of 4 of its layers: memory (LSTM), c (Conv2D: data_format "channels_first"), d (Dense: lora_rank 4), act (Activation: the activation "sparsemax"); leave them out of the model, or build it of layers of docs/layers.md',
  );
});

/** `op` of the input, as Keras 3 and TensorFlow write it. */
function operation(given: object): object {
  const end = [['op', 0, 0]];
  return {
    class_name: 'Functional',
    config: {
      name: 'net',
      layers: [
        { class_name: 'InputLayer', name: 'in', config: { ...keras2, name: 'in' }, inbound_nodes: [] },
        { name: 'op', config: { name: 'op' }, ...given },
      ],
      input_layers: [['in', 0, 0]],
      output_layers: end,
    },
  };
}
const tensor = {
  class_name: '__keras_tensor__',
  config: { shape: [null, 5, 4, 3], dtype: 'float32', keras_history: ['in', 0, 0] },
};
const lambda = (name: string, node: unknown): object =>
  operation({
    class_name: 'TFOpLambda',
    config: { name: 'op', trainable: true, function: name },
    inbound_nodes: [node],
  });

test('operations without a layer: with a number, and activations', () => {
  const made = (topology: object) =>
    readKerasConfig(topology, who).model.layers.map(({ className, config }) => ({ className, ...config }));
  const ops = (className: string, args: unknown[], more: object = {}) =>
    made(
      operation({
        module: 'keras.src.ops.numpy',
        class_name: className,
        inbound_nodes: [{ args, kwargs: {} }],
        ...more,
      }),
    );
  assert.equal(ops('Multiply', [tensor, 2]), [{ className: 'Rescaling', scale: 2, offset: 0 }]);
  assert.equal(ops('Subtract', [2, tensor]), [{ className: 'Rescaling', scale: -1, offset: 2 }]);
  assert.equal(ops('TrueDivide', [tensor, 4]), [{ className: 'Rescaling', scale: 0.25, offset: 0 }]);
  assert.equal(ops('Add', [tensor, tensor]), [{ className: 'Add' }]);
  assert.equal(ops('Relu6', [tensor]), [{ className: 'Activation', activation: 'relu6' }]);
  assert.equal(ops('Mean', [tensor], { config: { name: 'op', axis: [1, 2], keepdims: true } }), [
    { className: 'GlobalAveragePooling2D', keepDims: true },
  ]);
  // A legacy .h5 has no module.
  assert.equal(made(operation({ class_name: 'Multiply', inbound_nodes: [{ args: [tensor, 2], kwargs: {} }] })), [
    { className: 'Rescaling', scale: 2, offset: 0 },
  ]);
  assert.equal(made(lambda('math.add', ['in', 0, 0, { y: 3, name: null }])), [
    { className: 'Rescaling', scale: 1, offset: 3 },
  ]);
  assert.equal(made(lambda('math.truediv', ['in', 0, 0, { y: 127.5 }])), [
    { className: 'Rescaling', scale: 1 / 127.5, offset: 0 },
  ]);
  assert.equal(made(lambda('math.subtract', ['_CONSTANT_VALUE', -1, 1, { y: ['in', 0, 0] }])), [
    { className: 'Rescaling', scale: -1, offset: 1 },
  ]);
  assert.equal(made(lambda('math.multiply', ['in', 0, 0, { y: ['in', 0, 0] }])), [{ className: 'Multiply' }]);
  refusesAtOnce(
    () => made(lambda('linalg.matmul', ['in', 0, 0, { b: 3 }])),
    'the file: wasm-cnn has no counterpart of its layer op (TFOpLambda: the operation "linalg.matmul"); leave it out of the model, or build it of layers of docs/layers.md',
  );
});

test('a nested model that is called with training=False: names of both, frozen batch normalization, no dropout', () => {
  const inner = {
    class_name: 'Functional',
    config: {
      name: 'base',
      layers: [
        { class_name: 'InputLayer', name: 'i', config: { batch_shape: [null, 5, 4, 3], name: 'i' }, inbound_nodes: [] },
        { class_name: 'BatchNormalization', name: 'bn', config: { name: 'bn' }, inbound_nodes: [[['i', 0, 0, {}]]] },
        {
          class_name: 'Dropout',
          name: 'drop',
          config: { name: 'drop', rate: 0.5 },
          inbound_nodes: [[['bn', 0, 0, {}]]],
        },
      ],
      input_layers: [['i', 0, 0]],
      output_layers: [['drop', 0, 0]],
    },
  };
  const outer = (first: number, training: boolean | null) => ({
    class_name: 'Functional',
    config: {
      name: 'outer',
      layers: [
        {
          class_name: 'InputLayer',
          name: 'in',
          config: { batch_shape: [null, 5, 4, 3], name: 'in' },
          inbound_nodes: [],
        },
        { ...inner, name: 'base', inbound_nodes: [[['in', 0, 0, { training }]]] },
        { class_name: 'Flatten', name: 'f', config: { name: 'f' }, inbound_nodes: [[['base', first, 0, {}]]] },
      ],
      input_layers: [['in', 0, 0]],
      output_layers: [['f', 0, 0]],
    },
  });
  // Keras counts a nested model's calls from 1, others from 0.
  for (const first of [0, 1]) {
    const { model, layers } = readKerasConfig(outer(first, null), who);
    assert.equal(
      model.layers.map(({ name }) => name),
      ['base.bn', 'base.drop', 'f'],
    );
    assert.equal(allVariables(layers).map(({ path, name, target }) => [path.join('/'), name, target])[0], [
      'base/bn',
      'gamma',
      'base.bn/gamma',
    ]);
  }
  const { model, notes } = readKerasConfig(outer(1, false), who);
  assert.equal(
    model.layers.map(({ name, config }) => [name, config]),
    [
      ['base.bn', { trainable: false }],
      ['f', {}],
    ],
  );
  assert.equal(notes, [
    'base.bn is called with training=False: it is frozen here, its gamma and beta too (trainable: false)',
  ]);
  const frozen = (name: string, from: string): object => ({
    ...{ class_name: 'BatchNormalization', name, config: { name } },
    inbound_nodes: [[[from, 0, 0, { training: false }]]],
  });
  const input = {
    class_name: 'InputLayer',
    name: 'in',
    config: { batch_shape: [null, 3], name: 'in' },
    inbound_nodes: [],
  };
  const names = ['a', 'b', 'c', 'd', 'e'];
  const config = {
    layers: [input, ...names.map((name, i) => frozen(name, names[i - 1] ?? 'in'))],
    ...{ name: 'many', input_layers: [['in', 0, 0]], output_layers: [['e', 0, 0]] },
  };
  assert.equal(readKerasConfig({ class_name: 'Functional', config }, who).notes, [
    '5 layers are called with training=False: they are frozen here, their gamma and beta too (trainable: false): a, b, c and 2 more',
  ]);
});

test('sizes that a file leaves open are taken from the options, or requested', () => {
  const open = { class_name: 'Sequential', config: list({ batch_input_shape: [null, null, null, 3] }) };
  refusesAtOnce(
    () => readKerasConfig(open, who),
    'the file: its input takes any size ([any, any, 3]), and a model here has one; give it with the option inputShape, e.g. [128, 128, 3]',
  );
  assert.equal(readKerasConfig(open, who, { inputShape: [6, 5, 3] }).model.inputShape, [6, 5, 3]);
  refusesAtOnce(
    () => readKerasConfig(open, who, { inputShape: [6, 5, 1] }),
    'the file: the option inputShape [6, 5, 1] does not fit its input, [any, any, 3]',
  );
});

test('anything but a description is refused', () => {
  const cases: [unknown, string][] = [
    [7, 'the file: its model is no JSON object with class_name and config'],
    [
      { class_name: 'MyModel', config: {} },
      "the file: its model is of the class 'MyModel', and Sequential and Functional are what a description makes again; save it as one of them, e.g. with the layers in a keras.Sequential",
    ],
    [
      { class_name: 'Sequential', config: [7] },
      'the file: layer 0 of its model is no object with class_name and config',
    ],
    [
      chain({ class_name: 'Dense', config: dense }, { class_name: 'Dense', config: dense }),
      "the file: its model has two layers 'd'",
    ],
    [
      { class_name: 'Sequential', config: list({}) },
      'the file: its description has no shape of the input; give it with the option inputShape, e.g. [28, 28, 1]',
    ],
  ];
  for (const [given, sentence] of cases) refusesAtOnce(() => readKerasConfig(given, who), sentence);
  const lost = functional(2) as { config: { output_layers: unknown } };
  lost.config.output_layers = [['nobody', 0, 0]];
  refusesAtOnce(() => readKerasConfig(lost, who), "the file: its output 'nobody' is made by no layer; it is damaged");
});

test('both written versions can be read again', () => {
  for (const version of ['keras3', 'tfjs'] as const) {
    for (const topology of [functional(3), { class_name: 'Sequential', config: list(keras2) }]) {
      const { model } = readKerasConfig(topology, who);
      const written = writeKerasConfig(model, version, who);
      const again = readKerasConfig(JSON.parse(JSON.stringify(written.topology)), who).model;
      assert.equal(
        again.layers.map(({ className, name }) => [className, name]).sort(),
        model.layers.map(({ className, name }) => [className, name]).sort(),
      );
      assert.equal(again.calls?.length, model.calls?.length);
    }
  }
});

test('another precision than float32 is noted, in all dresses of a policy, and what of a Normalization has no counterpart is named', () => {
  const chain = (config: object): object => ({
    class_name: 'Sequential',
    config: {
      name: 'm',
      layers: [{ class_name: 'Dense', config: { batch_shape: [null, 3], name: 'd', units: 2, ...config } }],
    },
  });
  const named = (class_name: string, name: string): object => ({ class_name, config: { name } });
  for (const [dtype, name] of [
    ['float64', 'float64'],
    [named('DTypePolicy', 'mixed_bfloat16'), 'mixed_bfloat16'],
    [named('Policy', 'mixed_float16'), 'mixed_float16'],
  ])
    assert.equal(readKerasConfig(chain({ dtype }), who).notes, [
      `it computes in ${String(name)} there, and in float32 here`,
    ]);
  for (const dtype of ['float32', undefined, null, named('DTypePolicy', 'float32')])
    assert.equal(readKerasConfig(chain({ dtype }), who).notes, []);
  const config = { batch_shape: [null, 3], name: 'n', mean: 1, variance: 4, invert: true };
  refusesAtOnce(
    () =>
      readKerasConfig({ class_name: 'Sequential', config: { layers: [{ class_name: 'Normalization', config }] } }, who),
    'the file: wasm-cnn has no counterpart of its layer n (Normalization: invert); leave it out of the model, or build it of layers of docs/layers.md',
  );
});

test.run();
