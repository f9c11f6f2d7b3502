// wasm-cnn's rounds of the training question, in Node and on a page.
import type * as wasmCnn from '../src/index.js';
import type { Logs } from '../src/training/session.js';
import type { Prepared, TrainingReady, TrainingRound, TrainingTask } from './contestant.js';
import type { NetworkName } from './examples.js';

type Engine = Pick<typeof wasmCnn, 'networks'>;

function makeNetwork({ networks }: Engine, name: NetworkName, inputShape: TrainingTask['shape']): wasmCnn.Model {
  return name === 'mobileNetV2'
    ? networks.mobileNetV2({ inputShape, alpha: 0.35, classes: 10, dropout: 0 })
    : networks[name]({ inputShape });
}

/** fit() as a user calls it: as many epochs as fit into the time, in another order each round. */
export async function prepareFit(
  engine: Engine,
  { network, shape, batchSize, seconds }: TrainingTask,
  { pixels, labels }: { pixels: Uint8Array; labels: Uint8Array },
  options: Pick<wasmCnn.CompileOptions, 'workers' | 'numerics'>,
): Promise<Prepared<TrainingReady, TrainingRound>> {
  const x = { data: pixels, shape: [labels.length, ...shape] };
  const model = makeNetwork(engine, network, shape);
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize, ...options });
  let rounds = 0;
  const train = async (time: number): Promise<TrainingRound> => {
    const began = performance.now();
    let steps = 0;
    let elapsed = 0;
    let loss = NaN;
    const onBatchEnd = (_: number, logs: Logs): void => {
      steps++;
      elapsed = (performance.now() - began) / 1000;
      loss = logs.loss!;
      model.stopTraining = elapsed >= time;
    };
    await model.fit(x, labels, { epochs: 1e6, verbose: 0, seed: rounds++, callbacks: { onBatchEnd } });
    return { samplesPerSecond: (steps * batchSize) / elapsed, loss };
  };
  const { loss } = await train(0);
  return { ready: { loss }, round: () => train(seconds) };
}
