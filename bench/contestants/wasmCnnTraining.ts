// wasm-cnn in the training question: fit(), as a user calls it.
import type { Numerics } from '../../src/engine/build.js';
import { enableFused } from '../../src/node/threads/fused.js';
import { enableWideVectors } from '../../src/node/threads/wideVectors.js';
import { workers } from '../../src/node/threads/workers.js';
import * as wasmCnn from '../../src/index.js';
import { compete, readExamples, type TrainingReady, type TrainingRound, type TrainingTask } from '../contestant.js';
import { prepareFit } from '../fitFor.js';

await compete<TrainingTask & { numerics: Numerics }, TrainingReady, TrainingRound>(async (task) => {
  const { threads, numerics } = task;
  enableWideVectors();
  if (numerics === 'fused') enableFused();
  return prepareFit(wasmCnn, task, readExamples(task), { workers: workers(threads), numerics });
});
