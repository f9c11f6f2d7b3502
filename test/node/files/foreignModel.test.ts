// A state dict of PyTorch, as the commands read it: for pictures as they come, scaled as its architecture's were.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { networks, preprocessInput } from '../../../src/index.js';
import { saveTorch } from '../../../src/formats/torch/index.js';
import { loadForeignModel } from '../../../src/node/files/foreignModel.js';
import { temporaryFolder } from '../temporaryFolder.js';

const small = { inputShape: [32, 32, 3], classes: 3, seed: 4 };
const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const { mobileNetV2, efficientNetLite0 } = networks;
/** The scales of timm 1.0's get_pretrained_cfg(), and of EfficientNet-Lite's authors. */
const cases = [
  ['timm/mobilenetv2_050', mobileNetV2({ ...small, alpha: 0.5 }), imagenet],
  ['timm/efficientnet_lite0', efficientNetLite0({ ...small, variant: 'pytorch' }), imagenet],
  ['timm/tf_efficientnet_lite0', efficientNetLite0(small), { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }],
  [
    'lukemelas/efficientnet-lite0',
    efficientNetLite0(small),
    { mean: Array(3).fill(127 / 255), std: Array(3).fill(128 / 255) },
  ],
] as const;

for (const [architecture, network, scale] of cases)
  test(`${architecture}: bytes give what its scaled pictures give`, async () => {
    const path = join(temporaryFolder(), 'weights.safetensors');
    writeFileSync(path, saveTorch(network, { names: architecture }));
    const { model, notes, format } = (await loadForeignModel(path, { architecture, imageSize: [32, 32] }))!;
    assert.equal([format, notes], ['PyTorch', [`pixels are normalized first, as ${architecture} takes them`]]);
    const x = {
      data: Uint8Array.from({ length: 2 * 32 * 32 * 3 }, (_, i) => (i * 89 + (i >> 4)) % 256),
      shape: [2, 32, 32, 3],
    };
    const [own, expected] = [await model.predict(x), await network.predict(preprocessInput(x, scale))];
    for (const [i, value] of own.data.entries())
      assert.ok(Math.abs(value - expected.data[i]!) < 1e-5, `${value} ${expected.data[i]}`);
    // Fresh weights hardly tell pictures apart: the numbers themselves are looked at, too.
    const valuesOf = (name: string) =>
      Array.from(model.getWeights()[model.parameters.findIndex((each) => each.name === `normalization/${name}`)]!.data);
    assert.equal(
      valuesOf('mean'),
      scale.mean.map((each) => Math.fround(255 * each)),
    );
    assert.equal(
      valuesOf('variance'),
      scale.std.map((each) => Math.fround((255 * each) ** 2)),
    );
  });

test.run();
