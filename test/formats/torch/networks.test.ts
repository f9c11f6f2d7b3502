// State dicts of torchvision and timm: each name and shape is theirs, and networks with weights of theirs predict as theirs do. What PyTorch says is
// recorded in test/golden/torchNetworks.json.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { makeKey, randomBits } from '../../../src/base/random.js';
import { sizeOf, type Shape } from '../../../src/base/shape.js';
import { encodeUtf8 } from '../../../src/base/utf8.js';
import { crc32 } from '../../../src/formats/checksum.js';
import { writeSafetensors, type NamedTensor } from '../../../src/formats/safetensors.js';
import { architectures, type Architecture, type ArchitectureName } from '../../../src/formats/torch/names.js';
import { placesOf } from '../../../src/formats/torch/stateDict.js';
import { loadTorch, saveTorch } from '../../../src/formats/torch/index.js';
import { networks } from '../../../src/index.js';
import { modelConfigOf } from '../../../src/model/pack.js';
import { makeNoise, streams } from '../../golden/inputs.js';

interface Recorded {
  readonly tensors: number;
  readonly gain: number;
  readonly names: string;
  readonly probabilities: readonly number[];
}

const SEED = 7;
const golden = JSON.parse(
  readFileSync(new URL('../../../../test/golden/torchNetworks.json', import.meta.url), 'utf8'),
) as { classes: number; side: number; networks: Record<ArchitectureName, Recorded> };
const { classes, side } = golden;
/** The worst that was seen is 4e-6, of MobileNetV2. */
const LIMIT = 2e-5;

/** As recordTorchNetworks.py makes it. */
function makeTensor(name: string, shape: Shape, gain: number): NamedTensor {
  const key = makeKey(SEED, streams.weights, crc32(encodeUtf8(name)));
  const limit = Math.sqrt(gain / sizeOf(shape.slice(1)));
  const isAround1 = /(weight|running_var)$/.test(name);
  const scale = (s: number): number => (shape.length > 1 ? s * limit : isAround1 ? 1 + s / 4 : s / 10);
  const data = new Float32Array(sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = scale(2 * ((randomBits(key, i) >>> 8) / 16777216) - 1);
  return { shape, data };
}

/** Names and shapes of its state dict, and no values. */
function tensorsOf(architecture: ArchitectureName): ReadonlyMap<string, Shape> {
  const { network, options }: Architecture = architectures[architecture];
  const model = networks[network]({ ...options, inputShape: [side, side, 3], classes });
  const described = {
    archive: { model: modelConfigOf(model) },
    layers: model.layers,
    variables: model.parameters,
  };
  return new Map(placesOf(described, architecture, 'it').map(({ tensor, shape }) => [tensor, shape]));
}

for (const [name, { tensors, gain, names, probabilities }] of Object.entries(golden.networks)) {
  const architecture = name as ArchitectureName;
  test(`${name}: names and shapes`, () => {
    const found = tensorsOf(architecture);
    assert.is(found.size, tensors);
    const lines = [...found].map(([tensor, shape]) => `${tensor} ${shape.join()}\n`).sort();
    assert.is(createHash('sha256').update(lines.join('')).digest('hex'), names);
  });

  // timm's ResNets are torchvision's.
  if (name.startsWith('timm/resnet')) continue;
  test(`${name}: predictions, and the file again bit for bit`, async () => {
    const made = new Map(
      [...tensorsOf(architecture)].map(([tensor, shape]) => [tensor, makeTensor(tensor, shape, gain)]),
    );
    const file = writeSafetensors({ tensors: made, metadata: new Map([['format', 'pt']]) });
    const { model, notes } = await loadTorch(file, { architecture, inputShape: [side, side, 3] });
    assert.equal([notes, model.outputShape], [[], [classes]]);
    const pixels = { data: makeNoise(SEED, [0, 1], [side, side, 3]), shape: [2, side, side, 3] };
    const { data } = await model.predict(pixels);
    const worst = Math.max(...data.map((probability, i) => Math.abs(probability - probabilities[i]!)));
    assert.ok(worst <= LIMIT, `off by ${worst}`);
    assert.ok(Math.max(...probabilities) < 0.999999, 'no probability says all');
    const again = saveTorch(model, { names: architecture });
    assert.ok(Buffer.compare(again, file) === 0, 'the same bytes');
  });
}

test('the numbers of weights are those that torchvision and timm count', () => {
  const counts = (['mobileNetV2', 'efficientNetLite0', 'resNet18', 'resNet50'] as const).map((name) => {
    const weights = networks[name]().parameters.filter(({ role }) => role === 'weight');
    return weights.reduce((sum, { size }) => sum + size, 0);
  });
  assert.equal(counts, [3504872, 4652008, 11689512, 25557032]);
});

test.run();
