// How fast does a trained reference network predict, one image at a time and 1000 at once? All have the same weights and must give the same probabilities.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { referenceNetwork } from '../../src/networks/reference.js';
import { saveModelFile } from '../../src/node/files/modelFile.js';
import { sliceExamples } from '../../src/base/tensor.js';
import { inBuild } from '../benchFolder.js';
import { contest } from '../contest.js';
import type { InferenceReady, InferenceRound } from '../contestant.js';
import { OURS, PYTORCH, type Figure } from '../figures.js';
import { figuresOf, inNode, inPyTorch, onEachNode, type Question } from './question.js';

const SECONDS = 1;
/** Between probabilities; sums in another order differ by 1e-6 or so, a wrong layer by far more. */
const TOLERANCE = 1e-4;

export async function inference(question: Question): Promise<Figure[]> {
  const { rounds, peers, dataset, folder, log } = question;
  const { x, y } = dataset.train;
  const model = referenceNetwork({ seed: 1 });
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 128 });
  await model.fit(sliceExamples(x, 0, 12_800), y.subarray(0, 12_800), { verbose: 0 });
  const task = { model: join(folder, 'model.safetensors'), images: join(folder, '1000-images'), seconds: SECONDS };
  await saveModelFile(model, task.model, { includeOptimizer: false });
  const shown = sliceExamples(dataset.test.x, 0, 1000);
  writeFileSync(task.images, shown.data as Uint8Array);
  const expected = (await model.predict(shown)).data;

  const entries = onEachNode(peers, OURS, 1, inBuild('bench/contestants/wasmCnnInference.js'), task);
  for (const runtime of ['onnxruntime-node', 'onnxruntime-web'])
    if (peers.versions.has(runtime)) entries.push(inNode(peers, runtime, 'onnxruntime.js', { ...task, runtime }));
  if (peers.pythons.has(PYTORCH)) entries.push(inPyTorch(peers, PYTORCH, 1, task));
  const refuse = ({ probabilities }: InferenceReady): string | undefined => {
    const given = new Float32Array(Uint8Array.from(Buffer.from(probabilities, 'base64')).buffer);
    const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - given[i]!)), 0);
    return worst <= TOLERANCE ? undefined : `its probabilities are not wasm-cnn's: they differ by ${worst}`;
  };
  const outcomes = await contest<InferenceReady, InferenceRound>(entries, { rounds, refuse, log });
  return [
    ...figuresOf('inference, one image', 'ms', outcomes, ({ milliseconds }) => milliseconds),
    ...figuresOf('inference, 1000 images', 'samples/s', outcomes, ({ samplesPerSecond }) => samplesPerSecond),
  ];
}
