// Small fits that have between them each optimizer, schedule, rule, augmentation, kind of mixing and weight, and callbacks that set rates.
import type * as wasmCnn from '../../src/index.js';

export type FitParts = Pick<
  typeof wasmCnn,
  | 'constraints'
  | 'layers'
  | 'learningRateScheduler'
  | 'losses'
  | 'metrics'
  | 'optimizers'
  | 'reduceLROnPlateau'
  | 'regularizers'
  | 'schedules'
  | 'sequential'
  | 'swa'
>;

interface Fit {
  readonly model: wasmCnn.Sequential;
  readonly compile: wasmCnn.CompileOptions;
  readonly fit: wasmCnn.FitOptions;
}

/** For digits of [28, 28, 1]. */
export function makeFits(parts: FitParts): Fit[] {
  const { constraints, layers, losses, metrics, optimizers, regularizers, schedules, sequential } = parts;
  const shared = { weightDecay: 0.01, excludeFromWeightDecay: ['bias'] };
  const began = { initialLearningRate: 0.01 };
  const chosen = [
    optimizers.sgd({
      ...shared,
      momentum: 0.9,
      nesterov: true,
      clipnorm: 1,
      learningRate: schedules.cosineDecay({ ...began, decaySteps: 6 }),
    }),
    optimizers.rmsprop({
      centered: true,
      momentum: 0.5,
      clipvalue: 0.1,
      learningRate: schedules.exponentialDecay({ ...began, decaySteps: 5, decayRate: 0.9 }),
    }),
    optimizers.adam({
      amsgrad: true,
      globalClipnorm: 1,
      learningRate: schedules.oneCycle({ maxLearningRate: 0.01, totalSteps: 20 }),
    }),
    optimizers.adamw({
      useEma: true,
      emaOverwriteFrequency: 3,
      learningRate: schedules.warmup({
        schedule: schedules.polynomialDecay({ ...began, decaySteps: 9, power: 1.7 }),
        steps: 3,
      }),
    }),
    optimizers.nadam({
      learningRate: schedules.cosineDecayRestarts({ ...began, firstDecaySteps: 3, tMul: 1.5, mMul: 0.9 }),
    }),
    optimizers.adagrad({ learningRate: schedules.inverseTimeDecay({ ...began, decaySteps: 4, decayRate: 0.5 }) }),
    optimizers.adadelta({ learningRate: 1 }),
    optimizers.lion({ ...shared, learningRate: 0.001 }),
  ];
  const augmentations = [
    [layers.randomFlip(), layers.randomRotation({ factor: 0.1 })],
    [
      layers.randomTranslation({ heightFactor: 0.1, widthFactor: 0.1, fillMode: 'wrap' }),
      layers.randomZoom({ heightFactor: 0.2 }),
    ],
    [layers.randomShear({ xFactor: 0.2, interpolation: 'nearest' }), layers.randomErasing()],
    [
      layers.randomAffine({
        flip: 'horizontal',
        rotation: 0.1,
        translation: 0.1,
        zoom: 0.1,
        shear: 0.1,
        fillMode: 'constant',
      }),
    ],
    [layers.randomCrop({ height: 28, width: 28, padding: 2 }), layers.randomBrightness({ factor: 0.2 })],
    [layers.randomContrast({ factor: 0.3 })],
    [layers.randomElasticTransform()],
    [],
  ];
  const kernels = [
    constraints.maxNorm({ axis: [0, 1, 2] }),
    constraints.minMaxNorm({ rate: 0.5 }),
    constraints.unitNorm(),
    constraints.nonNeg(),
  ];
  const penalties = [regularizers.l1(), regularizers.l2(), regularizers.l1l2({ l1: 0.001, l2: 0.01 })];
  const fits: readonly wasmCnn.FitOptions[] = [
    { mixUp: 0.3, classWeight: { 3: 2, 4: 0.5 } },
    { cutMix: 1, gradientAccumulationSteps: 2 },
    { sampleWeight: Float32Array.from({ length: 40 }, (_, i) => (i % 4) / 3), validationSplit: 0.3 },
    { stepsPerEpoch: 2, callbacks: parts.swa({ startFromEpoch: 0 }) },
  ];
  const rates = [
    parts.reduceLROnPlateau({ monitor: 'loss', patience: 0, factor: 0.3, minDelta: 1 }),
    parts.learningRateScheduler((_, rate) => rate * 0.7),
  ];
  return chosen.map((optimizer, i) => ({
    model: sequential({
      inputShape: [28, 28, 1],
      seed: i,
      layers: [
        ...augmentations[i]!,
        layers.conv2d({
          filters: 5,
          kernelSize: 3,
          strides: 2,
          activation: 'relu',
          kernelRegularizer: penalties[i % 3]!,
          kernelConstraint: kernels[i % 4]!,
        }),
        layers.batchNormalization(),
        layers.maxPooling2d(),
        layers.flatten(),
        layers.dropout({ rate: 0.3 }),
        layers.dense({ units: 10, activation: 'softmax', activityRegularizer: penalties[(i + 1) % 3]! }),
      ],
    }),
    compile: {
      optimizer,
      loss:
        i % 2 === 0 ? losses.categoricalCrossentropy({ labelSmoothing: 0.1 }) : losses.categoricalFocalCrossentropy(),
      metrics: [
        'accuracy',
        metrics.auc(),
        metrics.f1Score({ average: 'macro' }),
        metrics.topKCategoricalAccuracy({ k: 3 }),
      ],
    },
    fit: { epochs: 2, ...fits[i % 4]!, ...(i > 5 && { callbacks: rates[i - 6]! }) },
  }));
}
