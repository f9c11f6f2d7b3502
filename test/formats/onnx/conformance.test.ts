// The onnx package's own tests: each passes or is refused, as docs/formats.md lists them. Runs where there is its wheel, and is skipped elsewhere.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Tensor } from '../../../src/base/tensor.js';
import { saveOnnx } from '../../../src/formats/onnx/index.js';
import { readOnnxModel } from '../../../src/formats/onnx/proto.js';
import { failing, mapOnnx } from '../../../src/formats/onnx/read.js';
import { unpack } from '../../../src/model/unpack.js';
import { isMeant, isNear, runTest, transposed, type Passed } from './conformance.js';
import { conformance, sectionIn, sectionOf } from './conformanceTable.js';
import { hasOnnxruntime, withOnnxruntime, type RunOnnx } from './onnxruntime.js';
import { NO_WHEEL, readTests, wheel } from './wheel.js';

if (wheel === undefined) console.log(`ONNX's own tests skipped: ${NO_WHEEL}`);
// ONNX's tests have numbers up to 10,000, and predict warns that networks learn badly from those.
console.warn = () => {};
const testWithWheel = wheel === undefined ? test.skip : test;

testWithWheel('every test of ONNX passes or is refused, as docs/formats.md has it', async () => {
  const page = readFileSync(new URL('../../../../docs/formats.md', import.meta.url), 'utf8');
  assert.is(sectionIn(page), sectionOf(await conformance()));
});

testWithWheel(
  'what passes goes out and in again with the same values, and onnx and onnxruntime take it, where there are these',
  async () => {
    const wrong: string[] = [];
    let count = 0;
    const compare = (what: string, found: readonly Tensor[], expected: readonly Tensor[]): void => {
      const fits = found.every(({ data }, i) => {
        const theirs = expected[i]!.data;
        return data.length === theirs.length && data.every((value: number, j: number) => isNear(value, theirs[j]!));
      });
      if (!fits || found.length !== expected.length) wrong.push(what);
    };
    const sent =
      (run: RunOnnx | null) =>
      async ({ name, model, x, y }: Passed) => {
        count++;
        for (const dataFormat of ['channelsLast', 'channelsFirst'] as const)
          try {
            const bytes = saveOnnx(model, { dataFormat });
            const { archive, outputs } = mapOnnx(readOnnxModel(bytes, failing(name)), name);
            const again = [await unpack(archive, name, {}).predict((x.length === 1 ? x[0] : x) as never)].flat();
            // Where an image's axes lie at the end is not always known: then it comes as it is in the file.
            const found = again.map(({ data, shape }, i) => {
              const isFirst = dataFormat === 'channelsFirst' && shape.length === 4 && outputs[i] === 'asInFile';
              return { data: isFirst ? transposed(data, shape, true) : data, shape };
            });
            compare(`${name}, ${dataFormat}, imported`, found, y);
            if (run && dataFormat === 'channelsLast') compare(`${name}, run by onnxruntime`, await run(bytes, x), y);
          } catch (error) {
            wrong.push(`${name}, ${dataFormat}: ${(error as Error).message}`);
          }
      };
    const all = async (run: RunOnnx | null): Promise<void> => {
      for (const [suite, tests] of readTests(['node', 'pytorch-converted']))
        for (const each of tests) if (suite !== 'node' || isMeant(each)) await runTest(each, sent(run));
    };
    if (hasOnnxruntime) await withOnnxruntime(all);
    else await all(null);
    assert.equal(wrong, []);
    assert.ok(count > 300, String(count));
  },
);

test.run();
