// Pretrained networks say what PyTorch says (test/golden/pretrained.json), where `npm run weights` has put their files into this user's cache folder.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodePredictions, networks, preprocessInput } from '../../../src/index.js';
import { userCacheFolder } from '../../../src/node/files/userCache.js';
import { refusesAtOnce } from '../refuses.js';

const SIDE = 224;
const golden = JSON.parse(
  readFileSync(new URL('../../../../test/golden/pretrained.json', import.meta.url), 'utf8'),
) as Record<'mobileNetV2' | 'efficientNetLite0', readonly number[]>;
/** float16 rounds kernels by up to 2^-11. */
const LIMITS = { '': 1e-4, '-float16': 2e-2 };

/** As recordPretrained.py makes it. */
function picture() {
  const data = new Uint8Array(SIDE * SIDE * 3);
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++)
      for (let c = 0; c < 3; c++) data[(y * SIDE + x) * 3 + c] = ((x + 2 * y) >> (c + 1)) ^ ((3 * x - y) >> 2);
  return { data, shape: [1, SIDE, SIDE, 3] };
}

for (const network of ['mobileNetV2', 'efficientNetLite0'] as const)
  for (const [type, limit] of Object.entries(LIMITS)) {
    const path = join(userCacheFolder(), 'wasm-cnn', 'weights', `${network}${type}.safetensors`);
    const isThere = existsSync(path);
    if (!isThere)
      console.log(`${network}${type} is skipped: there is no ${path}; npm run weights -- ${network} brings it`);
    (isThere ? test : test.skip)(
      `${network}${type}: probabilities of all classes within ${limit} of PyTorch's`,
      async () => {
        const weights = readFileSync(path);
        const predictions = await networks[network]({ weights }).predict(preprocessInput(picture(), network));
        const expected = golden[network];
        const worst = Math.max(...predictions.data.map((p, i) => Math.abs(p - expected[i]!)));
        assert.ok(worst <= limit, `off by ${worst}`);
        const [first] = decodePredictions(predictions, { top: 3 });
        const order = expected.map((_, i) => i).sort((a, b) => expected[b]! - expected[a]!);
        if (type === '')
          assert.equal(
            first!.map(({ index, name }) => [index, name]),
            order.slice(0, 3).map((index) => [index, undefined]),
          );
        const fewer = networks[network]({ weights, classes: 4, inputShape: [64, 64, 3] });
        assert.equal(fewer.outputShape, [4]);
        assert.equal(fewer.getWeights()[0], networks[network]({ weights }).getWeights()[0]);
        if (network === 'mobileNetV2')
          assert.throws(
            () => networks.mobileNetV2({ weights, alpha: 0.5 }),
            /^mobileNetV2's weights are those of another network: Conv1, bn_Conv1, .* do not fit; check its options, such as alpha$/,
          );
      },
    );
  }

test('preprocessInput: each network in its way, bytes or floats', () => {
  const bytes = { data: Uint8Array.of(0, 127, 255, 51, 102, 204), shape: [1, 1, 2, 3] };
  const close = (values: ArrayLike<number>, expected: readonly number[]): void =>
    expected.forEach((each, i) => assert.ok(Math.abs(values[i]! - each) < 1e-6, `${values[i]} ${each}`));
  for (const x of [bytes, { ...bytes, data: Float32Array.from(bytes.data) }]) {
    const { data, shape } = preprocessInput(x, 'mobileNetV2');
    assert.equal(shape, bytes.shape);
    close(data, [-0.485 / 0.229, (127 / 255 - 0.456) / 0.224, (1 - 0.406) / 0.225, (0.2 - 0.485) / 0.229]);
    close(preprocessInput(x, 'efficientNetLite0').data, [-127 / 128, 0, 1, -76 / 128]);
    close(preprocessInput(x, { mean: [0, 0.5, 1], std: [1, 2, 4] }).data, [0, (127 / 255 - 0.5) / 2, 0, 0.2]);
  }
  refusesAtOnce(
    () => preprocessInput({ data: new Uint8Array(4), shape: [1, 2, 2, 1] }, 'resNet18'),
    'preprocessInput needs a mean for each of the 1 channels of x [1, 2, 2, 1], got [0.485, 0.456, 0.406]',
  );
  refusesAtOnce(
    () => preprocessInput(bytes, 'resnet18' as never),
    "there is no network 'resnet18' (did you mean 'resNet18'?); there is mobileNetV2, resNet18, resNet50, efficientNetLite0",
  );
});

test('decodePredictions: the most probable first, of equals the first one', () => {
  const predictions = { data: Float32Array.of(0.1, 0.6, 0.3, 0.25, 0.25, 0.5), shape: [2, 3] };
  assert.equal(decodePredictions(predictions, { top: 2, classNames: ['a', 'b', 'c'] }), [
    [
      { index: 1, name: 'b', probability: Math.fround(0.6) },
      { index: 2, name: 'c', probability: Math.fround(0.3) },
    ],
    [
      { index: 2, name: 'c', probability: 0.5 },
      { index: 0, name: 'a', probability: 0.25 },
    ],
  ]);
  assert.is(decodePredictions(predictions)[0]!.length, 3);
  refusesAtOnce(
    () => decodePredictions(predictions, { classNames: ['a'] }),
    'decodePredictions needs 3 classNames, got 1',
  );
});

test.run();
