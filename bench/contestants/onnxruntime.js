// onnxruntime-node and onnxruntime-web (its WebAssembly backend) in the inference question.
import { readFileSync } from 'node:fs';
import { compete } from '../../build/bench/contestant.js';
import { floatsOf, inferFor } from '../../build/bench/rounds.js';
import { onnxModel } from './onnxModel.js';

await compete(async ({ runtime, model, images, seconds }) => {
  const { InferenceSession, Tensor, env } = await import(runtime);
  env.wasm.numThreads = 1;
  const options =
    runtime === 'onnxruntime-web'
      ? { executionProviders: ['wasm'] }
      : { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential' };
  const session = await InferenceSession.create(await onnxModel(model), options);
  const pixels = floatsOf(readFileSync(images));
  const inputs = Object.fromEntries(
    [1, 1000].map((n) => [n, { x: new Tensor('float32', pixels.slice(0, 784 * n), [n, 1, 28, 28]) }]),
  );
  const { data } = (await session.run(inputs[1000])).probabilities;
  return {
    ready: { probabilities: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64') },
    round: () => inferFor(seconds, (count) => session.run(inputs[count])),
  };
});
