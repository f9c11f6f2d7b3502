// Our ONNX files, checked by onnx.checker and run by onnxruntime. Runs where a Python has both (PYTHON, or python3), and is skipped elsewhere.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../src/base/random.js';
import { WasmCnnError } from '../../src/base/errors.js';
import * as classes from '../../src/layers/classes.js';
import { saveOnnx } from '../../src/formats/onnx/index.js';
import { loadOnnx } from '../../src/formats/onnx/index.js';
import { WRITERS } from '../../src/formats/onnx/write/layers.js';
import type { Model } from '../../src/model/model.js';
import { Decisions } from '../fuzz/decisions.js';
import { randomGraph } from '../fuzz/randomGraph.js';
import { branches, chain, distance, examplesFor, predicted } from '../formats/onnx/networks.js';
import { hasOnnxruntime, NO_ONNXRUNTIME, withOnnxruntime } from '../formats/onnx/onnxruntime.js';

if (!hasOnnxruntime) console.log(`ONNX files are not run by onnxruntime: ${NO_ONNXRUNTIME}`);
const testWithPython = hasOnnxruntime ? test : test.skip;

for (const [name, make] of Object.entries({ chain, branches }))
  testWithPython(`${name}: onnxruntime predicts the same, in all formats of weights`, async () => {
    const model = make();
    const x = examplesFor(model, 4);
    const y = await predicted(model, x);
    await withOnnxruntime(async (run) => {
      for (const [weights, most] of [
        ['float32', 1e-5],
        ['float16', 2e-3],
        ['int8', 5e-2],
      ] as const) {
        const z = await run(saveOnnx(model, { weights }), x);
        for (const [i, each] of y.entries())
          assert.ok(distance(each, z[i]!) < most, `${weights}: ${distance(each, z[i]!)}`);
      }
    });
  });

/** Random weights, variances above 0. */
function setWeights(model: Model, random: RandomStream): void {
  model.setWeights(
    model.parameters.map(({ shape, size, minimum }) => ({
      shape,
      data: Float32Array.from({ length: size }, () =>
        minimum === 0 ? random.between(0.3, 1.5) : random.between(-0.7, 0.7),
      ),
    })),
  );
}

test('every layer has a counterpart', () => {
  assert.equal(Object.keys(WRITERS).sort(), Object.keys(classes).sort());
});

testWithPython(
  'random models of every layer: onnxruntime predicts the same, and so does what is loaded again',
  async () => {
    const seen = new Set<string>();
    let again = 0;
    await withOnnxruntime(async (run) => {
      for (let seed = 0; seed < 300; seed++) {
        const random = new RandomStream(seed);
        const { model } = randomGraph(new Decisions(Uint8Array.from({ length: 250 }, () => random.below(256))));
        setWeights(model, random);
        const x = examplesFor(model, 3);
        const y = await predicted(model, x).catch((error: unknown) => {
          // What computes nothing, or what is too large for floats.
          if (error instanceof WasmCnnError) return null;
          throw error;
        });
        if (!y) continue;
        for (const { layer } of model.topology.layers) seen.add(layer.className);
        const bytes = saveOnnx(model);
        const z = await run(bytes, x);
        for (const [i, each] of y.entries())
          assert.ok(distance(each, z[i]!) < 5e-5, `seed ${seed}: ${distance(each, z[i]!)}`);
        const loaded = await loadOnnx(bytes).catch((error: unknown) => {
          // A threshold of relu is written with Less and Where, which are no layers.
          if (error instanceof WasmCnnError && / Less \(/.test(error.message)) return null;
          throw error;
        });
        if (!loaded) continue;
        again++;
        const back = await predicted(loaded.model, x);
        for (const [i, each] of y.entries())
          assert.ok(distance(each, back[i]!) < 1e-5, `seed ${seed}: ${distance(each, back[i]!)}`);
      }
    });
    assert.equal([...seen].sort(), Object.keys(classes).sort());
    assert.ok(again > 250, `${again}`);
  },
);

test.run();
