// How many images a second does a network train on? Adam; each contestant's loss must fall before it is timed.
import { inBuild } from '../benchFolder.js';
import { contest } from '../contest.js';
import type { TrainingReady, TrainingRound } from '../contestant.js';
import { setups, writeExamples, type NetworkName } from '../examples.js';
import { FUSED, KERAS, OURS, PYTORCH, PYTORCH_BF16, PYTORCH_COMPILED, TFJS_CPU, type Figure } from '../figures.js';
import { figuresOf, inKeras, inNode, inPyTorch, onEachNode, type Question } from './question.js';

const SECONDS = 2;

export async function training(network: NetworkName, question: Question): Promise<Figure[]> {
  const { rounds, peers, dataset, folder, log } = question;
  const task = { ...writeExamples(dataset.train, network, folder), seconds: SECONDS };
  const ours = inBuild('bench/contestants/wasmCnnTraining.js');
  const isReference = network === 'reference';
  const entries = [1, 2].flatMap((threads) => [
    ...onEachNode(peers, OURS, threads, ours, { ...task, numerics: 'exact' }),
    ...(peers.pythons.has(PYTORCH)
      ? [
          inPyTorch(peers, PYTORCH, threads, task),
          inPyTorch(peers, PYTORCH_COMPILED, threads, { ...task, compile: true }),
          ...(isReference ? [inPyTorch(peers, PYTORCH_BF16, threads, { ...task, bfloat16: true })] : []),
        ]
      : []),
    ...(peers.pythons.has(KERAS) ? [inKeras(peers, threads, task)] : []),
  ]);
  if (isReference) entries.push(...onEachNode(peers, FUSED, 1, ours, { ...task, numerics: 'fused' }));
  if (isReference && peers.versions.has('jax-js')) entries.push(inNode(peers, 'jax-js', 'jaxJs.js', task));
  if (isReference && peers.versions.has('TF.js')) {
    const cpu = { ...task, ...slowExamples(question), backend: 'cpu' };
    entries.push(
      inNode(peers, 'TF.js wasm', 'tfJs.js', { ...task, backend: 'wasm' }),
      inNode(peers, TFJS_CPU, 'tfJs.js', cpu),
    );
  }
  const outcomes = await contest<TrainingReady, TrainingRound>(entries, { rounds, refuse: refuseUnlearned, log });
  return figuresOf(
    `training, ${setups[network].title}`,
    'samples/s',
    outcomes,
    ({ samplesPerSecond }) => samplesPerSecond,
  );
}

/** The same four images again and again, for plain JavaScript, so that two steps show whether it learns. */
export function slowExamples({ dataset, folder }: Question): ReturnType<typeof writeExamples> {
  return writeExamples(dataset.train, 'reference', folder, { ...setups.reference, batchSize: 4, count: 4 });
}

export function refuseUnlearned(ready: TrainingReady, { loss }: TrainingRound): string | undefined {
  return loss < ready.loss ? undefined : `does not learn: its loss went from ${ready.loss} to ${loss}`;
}
