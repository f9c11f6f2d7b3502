// The recipe of a run unless told otherwise: any network, a few epochs, Adam.
import { adam } from '../optimizers/index.js';
import { linearDecay } from '../schedules/index.js';
import { usualOf, type Recipe } from './recipe.js';

/** Digits of MNIST's kind, which two epochs teach. */
const QUICK = ['mnist', 'builtin-digits'];
const [QUICK_EPOCHS, USUAL_EPOCHS, MOST_EPOCHS] = [2, 5, 50];
const BATCH = 128;
/** A network needs about so many to learn anything. */
const LEAST_STEPS = 400;
/** Share of the steps in which the learning rate rises. */
const WARM_UP = 0.1;

export const quick: Recipe = {
  summary: 'any network, a few epochs',
  network: null,
  learningRate: 0.007,
  usual: (dataset, count) =>
    QUICK.includes(dataset)
      ? { epochs: QUICK_EPOCHS, batchSize: BATCH }
      : usualOf(count, { least: USUAL_EPOCHS, most: MOST_EPOCHS, steps: LEAST_STEPS, batch: BATCH }),
  compileOptions: (peak, totalSteps) => ({
    optimizer: adam({
      learningRate: linearDecay({ peak, totalSteps, warmupSteps: Math.floor(totalSteps * WARM_UP) }),
    }),
    loss: 'categoricalCrossentropy',
  }),
};
