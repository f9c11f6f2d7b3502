// State dicts of models of one's own: how each kind of layer lies there, the order of a flattened image, and what is refused.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  readSafetensors,
  writeSafetensors,
  writeStored,
  type NamedTensor,
  type StoredTensor,
} from '../../../src/formats/safetensors.js';
import { loadTorch, loadTorchWeights, saveTorch, saveTorchProgram } from '../../../src/formats/torch/index.js';
import { cloneModel, input, layers, model, networks, sequential, type Model } from '../../../src/index.js';
import { refuses, refusesAtOnce } from '../../node/refuses.js';

const stateDictOf = (made: Model, names?: Record<string, string>): ReadonlyMap<string, NamedTensor> =>
  readSafetensors(saveTorch(made, names && { names }), 'it').tensors;

/** Element by element: x [a, b, …] of row-major data. */
const at = ({ data, shape }: { data: ArrayLike<number>; shape: readonly number[] }, ...index: number[]): number =>
  data[index.reduce((sum, each, axis) => sum * shape[axis]! + each, 0)]!;

const bits = (made: Model): string[] => made.getWeights().map(({ data }) => Buffer.from(data.buffer).toString('hex'));

test('kernels: [kh, kw, in, out] lies as [out, in, kh, kw], depthwise ones and transposed ones in their own way', () => {
  const made = sequential({
    inputShape: [6, 7, 3],
    layers: [
      layers.conv2d({ filters: 4, kernelSize: [2, 3], name: 'c' }),
      layers.depthwiseConv2d({ kernelSize: [3, 2], depthMultiplier: 2, name: 'd' }),
      layers.conv2dTranspose({ filters: 5, kernelSize: [2, 3], name: 't' }),
      layers.separableConv2d({ filters: 6, kernelSize: 2, name: 's' }),
      layers.prelu({ sharedAxes: [1, 2], name: 'p' }),
    ],
  });
  const found = stateDictOf(made);
  const own = new Map(made.getWeights().map((tensor, i) => [made.parameters[i]!.name, tensor]));
  assert.equal(
    [...found].map(([name, { shape }]) => `${name} ${shape.join()}`),
    [
      ...['c.weight 4,3,2,3', 'c.bias 4', 'd.weight 8,1,3,2', 'd.bias 8', 't.weight 8,5,2,3', 't.bias 5'],
      ...['s.depthwise.weight 5,1,2,2', 's.pointwise.weight 6,5,1,1', 's.pointwise.bias 6', 'p.weight 6'],
    ],
  );
  for (let y = 0; y < 2; y++)
    for (let x = 0; x < 2; x++)
      for (let i = 0; i < 3; i++) {
        assert.is(at(found.get('c.weight')!, 3, i, y, x), at(own.get('c/kernel')!, y, x, i, 3));
        assert.is(at(found.get('d.weight')!, 2 * i + 1, 0, y, x), at(own.get('d/depthwiseKernel')!, y, x, i, 1));
        assert.is(at(found.get('t.weight')!, 7, i, y, x), at(own.get('t/kernel')!, y, x, i, 7));
      }
});

test('behind a flattened image, rows are in the order of [c, h, w]: of a dense layer, and of what stands between', () => {
  const [H, W, C] = [2, 3, 5];
  const made = sequential({
    inputShape: [H, W, C],
    layers: [
      layers.flatten(),
      layers.batchNormalization({ betaInitializer: 'randomNormal', name: 'n' }),
      layers.dropout({ rate: 0.5 }),
      layers.activation({ activation: 'relu' }),
      layers.dense({ units: 4, biasInitializer: 'randomNormal', name: 'a' }),
      layers.dense({ units: 2, name: 'b' }),
    ],
  });
  const found = stateDictOf(made);
  const own = new Map(made.getWeights().map((tensor, i) => [made.parameters[i]!.name, tensor]));
  for (let h = 0; h < H; h++)
    for (let w = 0; w < W; w++)
      for (let c = 0; c < C; c++) {
        const [ours, theirs] = [(h * W + w) * C + c, (c * H + h) * W + w];
        assert.is(at(found.get('n.bias')!, theirs), at(own.get('n/beta')!, ours));
        assert.is(at(found.get('a.weight')!, 3, theirs), at(own.get('a/kernel')!, ours, 3));
      }
  assert.equal(found.get('a.bias')!.data, own.get('a/bias')!.data);
  assert.is(at(found.get('b.weight')!, 1, 2), at(own.get('b/kernel')!, 2, 1));
});

test("a round trip is bit-identical, under names of one's own", async () => {
  const made = networks.reference({ inputShape: [16, 14, 3], classes: 4, seed: 3 });
  const names = { conv2d: 'features.0', conv2d_1: 'features.3', dense: 'classifier.0', dense_1: 'classifier.2' };
  const again = networks.reference({ inputShape: [16, 14, 3], classes: 4, seed: 4 });
  assert.not.equal(bits(again), bits(made));
  assert.equal(await loadTorchWeights(again, saveTorch(made, { names }), { names }), []);
  assert.equal(bits(again), bits(made));
});

test('a last layer of other classes keeps its first weights, and says so', async () => {
  const options = { inputShape: [32, 32, 3], alpha: 0.5 };
  const file = saveTorch(networks.mobileNetV2({ ...options, classes: 6, seed: 5 }), { names: 'timm/mobilenetv2_050' });
  const given = { architecture: 'timm/mobilenetv2_050', inputShape: [32, 32, 3], classes: 3 } as const;
  await refuses(
    loadTorch(file, given),
    'the state dict: classifier.weight is [6, 1280] and must be [3, 1280], classifier.bias is [6] and must be [3]; it is a state dict of another model, or give skipMismatch: true to leave such layers as they are',
  );
  const { model: loaded, notes } = await loadTorch(file, { ...given, skipMismatch: true });
  assert.equal(notes, ["predictions keeps its first weights, as the file's have another shape"]);
  assert.equal(loaded.outputShape, [3]);
  const { model: features, notes: left } = await loadTorch(file, {
    architecture: 'timm/mobilenetv2_050',
    inputShape: [32, 32, 3],
    includeTop: false,
    pooling: 'avg',
  });
  assert.equal(left, ['classifier.weight, classifier.bias were left out, as the model has no such layers']);
  assert.equal(features.outputShape, [1280]);
  // The body is the file's.
  const body = (of: Model): string[] => bits(of).slice(0, 50);
  assert.equal(body(features), body(loaded));
});

test('kernels as float16 and int8: a half and a quarter of the bytes, and as near as they can be', async () => {
  const made = sequential({
    inputShape: [9, 9, 3],
    layers: [
      layers.conv2d({ filters: 16, kernelSize: 3 }),
      layers.conv2dTranspose({ filters: 8, kernelSize: 3 }),
      layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 }),
      layers.batchNormalization(),
      layers.flatten(),
      layers.dense({ units: 40 }),
    ],
  });
  const own = made.getWeights();
  const whole = saveTorch(made).length;
  for (const [weights, bytes, tolerance] of [
    ['float16', 0.5, 2 ** -11],
    ['int8', 0.25, 0.5 / 127],
  ] as const) {
    const file = saveTorch(made, { weights });
    assert.ok(file.length < whole * bytes + 4000, `${file.length} of ${whole} bytes`);
    const again = cloneModel(made, { seed: 9 });
    assert.equal(await loadTorchWeights(again, file), []);
    for (const [i, { data, shape }] of again.getWeights().entries()) {
      const { name } = made.parameters[i]!;
      // int8: of the largest value of its channel, here of the tensor.
      const largest = Math.max(...own[i]!.data.map(Math.abs));
      const worst = Math.max(
        ...data.map((value, j) => {
          const exact = own[i]!.data[j]!;
          return Math.abs(value - exact) / (weights === 'float16' ? Math.max(Math.abs(exact), 2 ** -14) : largest);
        }),
      );
      assert.ok(shape.length === 1 ? worst === 0 || data.every((v, j) => v === own[i]!.data[j]) : worst > 0, name);
      assert.ok(worst <= tolerance * 1.001 || shape.length === 1, `${name}: ${weights} is off by ${worst}`);
    }
  }
  refusesAtOnce(
    () => saveTorch(made, { weights: 'int4' as never }),
    'saveTorch\'s weights must be float32, float16, int8, got "int4"',
  );
  const large = sequential({ inputShape: [1], layers: [layers.dense({ units: 1, name: 'd' })] });
  large.setWeights([
    { data: Float32Array.of(70000), shape: [1, 1] },
    { data: Float32Array.of(0), shape: [1] },
  ]);
  refusesAtOnce(
    () => saveTorch(large, { weights: 'float16' }),
    'd.weight holds numbers beyond 65504, which float16 has not; keep float32',
  );
});

test('int8 has a scale for each output channel: a small channel beside a large one keeps its precision', async () => {
  const made = sequential({ inputShape: [2], layers: [layers.dense({ units: 2, useBias: false, name: 'd' })] });
  made.setWeights([{ data: Float32Array.of(100, 0.003, -50, 0.002), shape: [2, 2] }]);
  const { tensors } = readSafetensors(saveTorch(made, { weights: 'int8' }), 'it', {
    F32: { size: 4, read: ({ buffer }) => new Float32Array(buffer) },
    I8: { size: 1, read: ({ buffer }) => Float32Array.from(new Int8Array(buffer)) },
  });
  assert.equal([...tensors.get('d.weight')!.data], [127, -64, 127, 85]);
  assert.equal(tensors.get('d.weight.scale')!.shape, [2, 1]);
  await loadTorchWeights(made, saveTorch(made, { weights: 'int8' }));
  assert.ok(Math.abs(made.getWeights()[0]!.data[3]! - 0.002) < 0.003 / 254);
});

test('one sentence lists everything that is missing, superfluous or of another shape', async () => {
  const made = networks.reference({ inputShape: [12, 10, 3], classes: 4 });
  const tensors = new Map(stateDictOf(made));
  tensors.delete('conv2d.bias');
  tensors.set('extra.weight', { shape: [1], data: Float32Array.of(1) });
  tensors.set('dense.bias', { shape: [2], data: Float32Array.of(1, 2) });
  const before = bits(made);
  await refuses(
    loadTorchWeights(made, writeSafetensors({ tensors, metadata: new Map() }), { name: 'x.safetensors' }),
    'x.safetensors: it lacks conv2d.bias; the model has no place for extra.weight; dense.bias is [2] and must be [128]; it is a state dict of another model',
  );
  assert.equal(bits(made), before);
});

test('names that fit no layer, lack one, or are given twice', () => {
  const made = networks.reference();
  const all = { conv2d: 'a', conv2d_1: 'b', dense: 'c', dense_1: 'd' };
  refusesAtOnce(
    () => saveTorch(made, { names: { ...all, conv2D_1: 'x' } }),
    "saveTorch: the model has no layer 'conv2D_1' (did you mean 'conv2d_1'?), which names has",
  );
  refusesAtOnce(
    () => saveTorch(made, { names: { conv2d: 'a' } }),
    'saveTorch: names has no prefix for conv2d_1, dense, dense_1; give one for each layer with weights',
  );
  refusesAtOnce(
    () => saveTorch(made, { names: { ...all, dense: 'a' } }),
    'saveTorch: names has the prefix a for two layers; each has its own',
  );
  refusesAtOnce(
    () => saveTorch(made, { names: 'torchvision/resnet18' }),
    'saveTorch: torchvision/resnet18 has no layers conv2d, conv2d_1, dense, dense_1; give names as an object from the names of the layers to prefixes',
  );
  refusesAtOnce(
    () => saveTorch(made, { names: 'torchvision/resnet19' as never }),
    "there is no architecture 'torchvision/resnet19' (did you mean 'torchvision/resnet18'?); there is torchvision/mobilenet_v2, torchvision/resnet18, torchvision/resnet50, timm/mobilenetv2_050, timm/mobilenetv2_100, timm/mobilenetv2_140, timm/resnet18, timm/resnet50, timm/efficientnet_lite0, timm/tf_efficientnet_lite0, lukemelas/efficientnet-lite0",
  );
});

test('train.py needs a loss: a model that is not compiled is refused', () => {
  const made = sequential({ inputShape: [3], layers: [layers.dense({ units: 2 })] });
  refusesAtOnce(
    () => saveTorchProgram(made),
    'saveTorchProgram: the model is not compiled, and train.py needs its loss; call compile({ optimizer, loss, metrics })',
  );
});

test('a flattened image in a place where its order cannot be followed', () => {
  const x = input({ shape: [2, 2, 3] });
  const flat = layers.flatten().apply(x);
  const joined = layers.concatenate({ name: 'joined' }).apply([flat, flat]);
  const made = model({ inputs: x, outputs: layers.dense({ units: 2 }).apply(joined) });
  refusesAtOnce(
    () => saveTorch(made),
    'saveTorch: joined takes the elements of a flattened image, which PyTorch has in another order; put a dense layer between',
  );
});

test('pickles are not run: the sentence has the line that converts them', async () => {
  const zip = Uint8Array.from([0x50, 0x4b, 3, 4, ...new Uint8Array(26), ...Buffer.from('archive/data.pkl')]);
  const legacy = Uint8Array.from([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e]);
  const sentence =
    'the state dict: it is a pickle of torch.save(), a program, which is not run here; make a safetensors file of it with python3 node_modules/wasm-cnn/src/formats/torch/convert.py model.pth model.safetensors';
  for (const bytes of [zip, legacy, zip.buffer])
    await refuses(loadTorch(bytes, { architecture: 'torchvision/resnet18' }), sentence);
  await refuses(loadTorch(new Blob([zip]), { architecture: 'torchvision/resnet18' }), sentence);
});

test('names of a file are printable in notes, and a scale is of floats', async () => {
  const made = sequential({ inputShape: [3], layers: [layers.dense({ units: 2, name: 'd' })] });
  const sound = readSafetensors(saveTorch(made), 'it').tensors;
  const stored = new Map<string, StoredTensor>([...sound].map(([name, tensor]) => [name, { dtype: 'F32', ...tensor }]));
  const counter = { dtype: 'I64', shape: [], data: BigInt64Array.of(1n) };
  const [note] = await loadTorchWeights(made, writeStored(new Map([...stored, ['\u001b[2J', counter]]), new Map()));
  assert.is(note, '\\u001b[2J hold integers, and were left out');
  const int8 = (shape: readonly number[]) => ({
    dtype: 'I8',
    shape,
    data: new Int8Array(shape.reduce((a, b) => a * b, 1)).fill(2),
  });
  const scaled = new Map([...stored, ['d.weight', int8([2, 3])], ['d.weight.scale', int8([2, 1])]]);
  await refuses(
    loadTorchWeights(made, writeStored(scaled, new Map())),
    'the state dict: it lacks d.weight; it is a state dict of another model',
  );
});

test.run();
