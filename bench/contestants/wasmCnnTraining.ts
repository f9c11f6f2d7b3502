// wasm-cnn in the training question: fit(), as a user calls it.
import { readFileSync } from 'node:fs';
import type { Numerics } from '../../src/engine/build.js';
import { networks } from '../../src/networks/index.js';
import { enableFused } from '../../src/node/threads/fused.js';
import { workers } from '../../src/node/threads/workers.js';
import type { Logs } from '../../src/training/session.js';
import { compete, type TrainingReady, type TrainingRound, type TrainingTask } from '../contestant.js';

await compete<TrainingTask & { numerics: Numerics }, TrainingReady, TrainingRound>(
  async ({ network, threads, numerics, batchSize, seconds, images, labels }) => {
    if (numerics === 'fused') enableFused();
    const y = readFileSync(labels);
    const x = { data: readFileSync(images), shape: [y.length, 28, 28, 1] };
    const model = networks[network]();
    model.compile({
      optimizer: 'adam',
      loss: 'categoricalCrossentropy',
      batchSize,
      workers: workers(threads),
      numerics,
    });
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
      // As many epochs as fit in, in another order each round.
      await model.fit(x, y, { epochs: 1e6, seed: rounds++, callbacks: { onBatchEnd } });
      return { samplesPerSecond: (steps * batchSize) / elapsed, loss };
    };
    const firstStep = await train(0);
    return { ready: { loss: firstStep.loss }, round: () => train(seconds) };
  },
);
