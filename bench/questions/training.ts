// How many images a second does a network train on? Batches of 128, Adam; each contestant's loss must fall before it is timed.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inBench, inBuild } from '../benchFolder.js';
import { contest, type Entry } from '../contest.js';
import type { TrainingReady, TrainingRound, TrainingTask } from '../contestant.js';
import { FUSED, OURS, TFJS_CPU, type Figure } from '../figures.js';
import { figuresOf, inNode, inPyTorch, type Question } from './question.js';

const BATCH = 128;
const SECONDS = 2;
const SLOW_BATCH = 4;

export async function training(network: TrainingTask['network'], question: Question): Promise<Figure[]> {
  const { rounds, peers, log } = question;
  const task = { network, batchSize: BATCH, seconds: SECONDS, ...writeExamples(question, 60_000, BATCH) };
  const ours = inBuild('bench/contestants/wasmCnnTraining.js');
  const entries: Entry[] = [1, 2].map((threads) =>
    inNode(OURS, threads, ours, { ...task, threads, numerics: 'exact' }),
  );
  if (network === 'reference') entries.push(inNode(FUSED, 1, ours, { ...task, threads: 1, numerics: 'fused' }));
  if (peers.versions.has('PyTorch')) entries.push(...[1, 2].map((threads) => inPyTorch(peers, threads, task)));
  if (network === 'reference' && peers.versions.has('jax-js'))
    entries.push(inNode('jax-js', 1, inBench('contestants/jaxJs.js'), task));
  if (network === 'reference' && peers.versions.has('TF.js')) {
    // The same four images again and again, so that two steps show whether it learns.
    const slow = { ...task, batchSize: SLOW_BATCH, ...writeExamples(question, SLOW_BATCH, SLOW_BATCH) };
    const file = inBench('contestants/tfJs.js');
    entries.push(
      inNode('TF.js wasm', 1, file, { ...task, backend: 'wasm' }),
      inNode(TFJS_CPU, 1, file, { ...slow, backend: 'cpu' }),
    );
  }
  const refuse = (ready: TrainingReady, { loss }: TrainingRound): string | undefined =>
    loss < ready.loss ? undefined : `does not learn: its loss went from ${ready.loss} to ${loss}`;
  const outcomes = await contest<TrainingReady, TrainingRound>(entries, { rounds, refuse, log });
  return figuresOf(`training, ${network} network`, 'samples/s', outcomes, ({ samplesPerSecond }) => samplesPerSecond);
}

/** At most that many training examples, whole batches only, as files of plain bytes. */
function writeExamples(
  { dataset, folder }: Question,
  most: number,
  batchSize: number,
): Pick<TrainingTask, 'images' | 'labels'> {
  const { x, y } = dataset.train;
  const count = Math.floor(Math.min(most, y.length) / batchSize) * batchSize;
  const [images, labels] = [join(folder, `${count}-images`), join(folder, `${count}-labels`)];
  writeFileSync(images, x.data.subarray(0, 784 * count));
  writeFileSync(labels, y.subarray(0, count));
  return { images, labels };
}
