// The recipe of the highest accuracy: one network with batch normalization, random changes of the images, and a long run of AdamW.
// How it was chosen: docs/recipes.md
import { check } from '../base/errors.js';
import * as layers from '../layers/index.js';
import type { Layer } from '../layers/layer.js';
import { categoricalCrossentropy } from '../losses/index.js';
import { sequential, type Sequential } from '../model/sequential.js';
import type { NetworkOptions } from '../networks/options.js';
import { adamw } from '../optimizers/adamw.js';
import { cosineDecay } from '../schedules/cosineDecay.js';
import { usualOf, type Recipe } from './recipe.js';

const [USUAL_EPOCHS, MOST_EPOCHS] = [20, 200];
/** A small set takes more epochs to make this many. */
const LEAST_STEPS = 2000;
/** Share of the steps in which the learning rate rises. */
const WARM_UP = 0.15;

const same = { kernelSize: 3, padding: 'same', kernelInitializer: 'heNormal' } as const;
const normalize = (): Layer => layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5 });

/** ReLU behind the normalization, as usual. */
function convolve(filters: number): Layer[] {
  return [layers.conv2d({ filters, ...same, useBias: false }), normalize(), layers.activation({ activation: 'relu' })];
}

/** The normalization behind the pool, where it has a quarter of the pixels: convolution, ReLU and pool are one op. */
function convolveAndPool(filters: number): Layer[] {
  return [layers.conv2d({ filters, ...same, activation: 'relu' }), layers.maxPooling2d({ poolSize: 2 }), normalize()];
}

/** Three pools of 2 leave one pixel of as many. */
const LEAST_SIDE = 8;

/** Five convolutions, of which three end in a pool. */
function bestNetwork({ inputShape = [28, 28, 1], classes = 10, seed }: NetworkOptions = {}): Sequential {
  const [height = 0, width = 0] = inputShape;
  check(
    height >= LEAST_SIDE && width >= LEAST_SIDE,
    `the recipe best needs images of at least ${LEAST_SIDE} × ${LEAST_SIDE} pixels, got ${height} × ${width}; train them by another recipe`,
  );
  return sequential({
    name: 'best',
    seed,
    inputShape,
    layers: [
      // By whole pixels: what lies between them would be blurred, and images that are tested are not.
      layers.randomCrop({ height, width, padding: 1 }),
      ...convolveAndPool(32),
      ...convolve(64),
      ...convolveAndPool(64),
      ...convolve(128),
      ...convolveAndPool(128),
      layers.flatten(),
      layers.dropout({ rate: 0.2 }),
      layers.dense({ units: classes, activation: 'softmax' }),
    ],
  });
}

export const best: Recipe = {
  summary: 'a network of its own, random changes of the images, many epochs',
  network: bestNetwork,
  learningRate: 0.004,
  usual: (_, count) => usualOf(count, { least: USUAL_EPOCHS, most: MOST_EPOCHS, steps: LEAST_STEPS }),
  compileOptions(peak, totalSteps) {
    const warmupSteps = Math.floor(totalSteps * WARM_UP);
    return {
      optimizer: adamw({
        learningRate: cosineDecay({
          initialLearningRate: peak / 25,
          warmupTarget: peak,
          warmupSteps,
          decaySteps: totalSteps - warmupSteps,
        }),
        weightDecay: 0.02,
        excludeFromWeightDecay: ['bias', 'gamma', 'beta'],
      }),
      loss: categoricalCrossentropy({ labelSmoothing: 0.1 }),
    };
  },
};
