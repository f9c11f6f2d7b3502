// wasm-cnn in the inference question: predict(), on floats as the others get.
import { readFileSync } from 'node:fs';
import { loadModelFile } from '../../src/node/files/modelFile.js';
import { enableWideVectors } from '../../src/node/threads/wideVectors.js';
import { compete, type InferenceReady, type InferenceRound, type InferenceTask } from '../contestant.js';
import { floatsOf, inferFor } from '../rounds.js';

await compete<InferenceTask, InferenceReady, InferenceRound>(async (task) => {
  enableWideVectors();
  const { model } = await loadModelFile(task.model);
  const pixels = floatsOf(readFileSync(task.images));
  const x = (n: number) => ({ data: pixels.subarray(0, 784 * n), shape: [n, 28, 28, 1] });
  const inputs = { 1: x(1), 1000: x(1000) };
  const { data } = await model.predict(inputs[1000]);
  return {
    ready: { probabilities: Buffer.from(data.buffer).toString('base64') },
    round: () => inferFor(task.seconds, (count) => model.predict(inputs[count])),
  };
});
