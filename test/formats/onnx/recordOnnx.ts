// Records what onnxruntime makes of our files: PYTHON=… node build/test/formats/onnx/recordOnnx.js
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { saveOnnx } from '../../../src/formats/onnx/index.js';
import { branches, chain, examplesFor } from './networks.js';
import { withOnnxruntime } from './onnxruntime.js';

const path = fileURLToPath(new URL('../../../../test/formats/onnx/recorded.json', import.meta.url));
const recorded: Record<string, unknown> = {};
await withOnnxruntime(async (run) => {
  for (const [name, make] of Object.entries({ chain, branches })) {
    const model = make();
    const bytes = saveOnnx(model);
    const outputs = await run(bytes, examplesFor(model, 2));
    recorded[name] = {
      sha256: createHash('sha256').update(bytes).digest('hex'),
      outputs: outputs.map(({ shape, data }) => ({
        shape,
        data: Array.from(data, (value) => Number(value.toPrecision(8))),
      })),
    };
  }
});
writeFileSync(path, `${JSON.stringify(recorded)}\n`);
