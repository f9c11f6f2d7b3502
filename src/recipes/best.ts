// The recipe of the highest accuracy: one network with batch normalization, random changes of the images, and a long run of AdamW.
// How it was chosen: docs/recipes.md and bench/recipes.md
import { check } from '../base/errors.js';
import { checkBoolean, checkOptions } from '../base/options.js';
import * as layers from '../layers/index.js';
import type { Conv2dOptions } from '../layers/conv2d.js';
import type { Layer } from '../layers/layer.js';
import { categoricalCrossentropy } from '../losses/index.js';
import type { Model } from '../model/model.js';
import { sequential, type Sequential } from '../model/sequential.js';
import { NETWORK_OPTIONS } from '../networks/options.js';
import { adamw } from '../optimizers/adamw.js';
import { cosineDecay } from '../schedules/cosineDecay.js';
import { usualOf, type Recipe, type RecipeForm } from './recipe.js';

const [USUAL_EPOCHS, MOST_EPOCHS] = [24, 200];
const BATCH = 64;
/** A small set takes more epochs to make this many. */
const LEAST_STEPS = 2000;
/** Share of the steps in which the learning rate rises. */
const WARM_UP = 0.15;

/** For images with a margin. */
const AVERAGED = {
  /** Share of the steps after which the learning rate stays … */
  steadyFrom: 0.5,
  /** … at this share of its highest. */
  steadyRate: 0.6,
  /** Share of the epochs after which the weights are averaged … */
  from: 0.6,
  /** … at about so many points. */
  points: 120,
} as const;

const normalize = (): Layer => layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5 });
const relu = (): Layer => layers.activation({ activation: 'relu' });
const dropout = (): Layer => layers.dropout({ rate: 0.3 });

type Window = Partial<Pick<Conv2dOptions, 'kernelSize' | 'padding'>>;

/** ReLU behind the normalization, as usual. */
function convolve(filters: number, { kernelSize = 3, padding = 'same' }: Window = {}): Layer[] {
  return [
    layers.conv2d({ filters, kernelSize, padding, kernelInitializer: 'heNormal', useBias: false }),
    normalize(),
    relu(),
  ];
}

/** The normalization behind the pool, where it has a quarter of the pixels: convolution, ReLU and pool are one op. */
function convolveAndPool(filters: number, { kernelSize = 3, padding = 'same' }: Window = {}): Layer[] {
  return [
    layers.conv2d({ filters, kernelSize, padding, kernelInitializer: 'heNormal', activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
    normalize(),
  ];
}

/** For images that fill their frame. Cropped by whole pixels: what lies between them would be blurred, and images that are tested are not. */
const cropStem = (height: number, width: number): readonly Layer[] => [
  layers.randomCrop({ height, width, padding: 1 }),
  ...convolveAndPool(32),
  ...convolve(64),
  ...convolveAndPool(64),
];

/** For images with a margin: what they show moves within it, and convolutions do without padding. */
const moveStem = (): readonly Layer[] => [
  layers.randomAffine({ rotation: 0.025, translation: 0.04, zoom: 0.15, shear: 0.15, fillMode: 'nearest' }),
  ...convolveAndPool(32, { kernelSize: 5, padding: 'valid' }),
  ...convolve(80, { padding: 'valid' }),
  ...convolveAndPool(80, { padding: 'valid' }),
];

/** A dense layer in front of the last. */
const readOut = (): readonly Layer[] => [
  ...[relu(), layers.flatten(), dropout()],
  layers.dense({ units: 256, kernelInitializer: 'heNormal', useBias: false }),
  ...[normalize(), relu()],
];

/** Whether its images have a margin. */
const isMoved = ({ layers: [first] }: Model): boolean => first!.layer.kind === 'randomAffine';

/** Three pools of 2 leave one pixel of as many; with convolutions that have no padding, of the second. */
const [LEAST_SIDE, LEAST_SIDE_WITH_MARGIN] = [8, 20];

/** Five convolutions, of which three end in a pool; for images with a margin a dense layer more. */
function bestNetwork(form: RecipeForm = {}): Sequential {
  checkOptions(form, [...NETWORK_OPTIONS, 'hasMargin'], 'the network of the recipe best');
  const { inputShape = [28, 28, 1], classes = 10, seed, hasMargin = false } = form;
  checkBoolean(hasMargin, 'hasMargin of the recipe best');
  const [height = 0, width = 0] = inputShape;
  const side = Math.min(height, width);
  check(
    side >= LEAST_SIDE,
    `the recipe best needs images of at least ${LEAST_SIDE} × ${LEAST_SIDE} pixels, got ${height} × ${width}; train them by another recipe`,
  );
  const moves = hasMargin && side >= LEAST_SIDE_WITH_MARGIN;
  return sequential({
    name: 'best',
    seed,
    inputShape,
    layers: [
      ...(moves ? moveStem() : cropStem(height, width)),
      ...convolve(128),
      ...convolveAndPool(128),
      ...(moves ? readOut() : [layers.flatten()]),
      dropout(),
      layers.dense({ units: classes, activation: 'softmax' }),
    ],
  });
}

export const best: Recipe = {
  summary: 'a network of its own, random changes of the images, many epochs',
  network: bestNetwork,
  learningRate: 0.006,
  usual: (_, count) => usualOf(count, { least: USUAL_EPOCHS, most: MOST_EPOCHS, steps: LEAST_STEPS, batch: BATCH }),
  compileOptions(peak, totalSteps, model, averages) {
    const warmupSteps = Math.floor(totalSteps * WARM_UP);
    const decay =
      averages && isMoved(model)
        ? { decaySteps: Math.ceil(totalSteps * AVERAGED.steadyFrom) - warmupSteps, alpha: AVERAGED.steadyRate }
        : { decaySteps: totalSteps - warmupSteps };
    return {
      optimizer: adamw({
        learningRate: cosineDecay({ initialLearningRate: peak / 25, warmupTarget: peak, warmupSteps, ...decay }),
        weightDecay: 0.02,
        excludeFromWeightDecay: ['bias', 'gamma', 'beta'],
      }),
      loss: categoricalCrossentropy({ labelSmoothing: 0.1 }),
    };
  },
  averaging(epochs, totalSteps, model) {
    if (!isMoved(model)) return null;
    const { from, points } = AVERAGED;
    const updateFreq = Math.max(1, Math.floor((totalSteps * (1 - from)) / points));
    return { startFromEpoch: Math.floor(epochs * from), updateFreq };
  },
};
