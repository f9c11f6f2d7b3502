// What a user does wrong gets one sentence, word for word.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  cloneModel,
  adam,
  constraints,
  earlyStopping,
  findLearningRate,
  initializers,
  layers,
  linearDecay,
  losses,
  metrics,
  networks,
  regularizers,
  sequential,
  WasmCnnError,
  type Labels,
  type Sequential,
  type Shape,
  type Tensor,
} from '../../src/index.js';
import { restoreOptimizer } from '../../src/model/restoreOptimizer.js';
import { weightsHash } from './toy.js';

const { activation, conv2d, conv2dTranspose, dense, depthwiseConv2d, dropout, flatten, maxPooling2d, separableConv2d } =
  layers;
const x: Tensor = { data: new Float32Array(8).fill(0.5), shape: [2, 4] };
const y = [0, 1];
const head = (units = 3) => dense({ units, activation: 'softmax' });
const small = (): Sequential => sequential({ inputShape: [4], layers: [head()] });

function compiled(options: object = {}): Sequential {
  const model = small();
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', ...options });
  return model;
}

function frozen(): Sequential {
  const model = compiled();
  model.trainable = false;
  return model;
}

/** A model with this input and these layers. */
const stack =
  (inputShape: Shape | undefined, ...list: layers.Layer[]) =>
  () =>
    sequential({ ...(inputShape && { inputShape }), layers: list });
/** A model that ends so, compiled; and fit on labels. */
const ending =
  (end: 'linear' | 'sigmoid' | 'softmax', units: number, loss: string | losses.Loss, asked: readonly string[] = []) =>
  () => {
    const model = sequential({ inputShape: [4], layers: [dense({ units, activation: end })] });
    model.compile({ optimizer: 'adam', loss, metrics: asked });
    return model;
  };
const stackEndingIn = (activation: 'relu' | 'tanh' | 'logSoftmax', loss: string) => () =>
  sequential({ inputShape: [4], layers: [dense({ units: 3, activation })] }).compile({ optimizer: 'adam', loss });
const training = (end: 'linear' | 'sigmoid' | 'softmax', units: number, loss: string, labels: Labels) => () =>
  ending(end, units, loss)().fit(x, labels);
const fit =
  (given: object, labels: unknown = y, options: object = {}) =>
  () =>
    compiled().fit(given as Tensor, labels as Labels, options);
const floats = (shape: readonly number[], ...values: number[]): Tensor => ({
  data: Float32Array.from(values.length ? values : { length: shape.reduce((a, b) => a * b) }, (value) => value ?? 0),
  shape,
});
/** What TypeScript would not let pass, but JavaScript does. */
const any = (value: unknown): never => value as never;

const rules =
  (options: object, shape: Shape = [4]) =>
  () =>
    stack(shape, dense({ units: 3, ...options }), activation({ activation: 'softmax' }))();
const weighted = (options: object) => () => compiled().fit(x, y, options);

/** What is done, in words, then the doing and the sentence. */
const sentences: readonly [string, () => unknown, string | RegExp][] = [
  // Regularizers, constraints, and weights of examples.
  [
    'a regularizer that does not exist',
    rules({ kernelRegularizer: 'L3' }),
    "dense's kernelRegularizer must be one of 'l1', 'l2', 'l1l2', or what a function of regularizers makes, got \"L3\"; did you mean 'l1'?",
  ],
  [
    'a number as a regularizer',
    rules({ activityRegularizer: 0.01 }),
    "dense's activityRegularizer must be one of 'l1', 'l2', 'l1l2', or what a function of regularizers makes, got 0.01",
  ],
  [
    'a constraint as a regularizer',
    rules({ biasRegularizer: constraints.nonNeg() }),
    /^dense's biasRegularizer must be one of 'l1', 'l2', 'l1l2', or what a function of regularizers makes, got "NonNeg"; did you mean/,
  ],
  [
    'a regularizer of weights that a layer does not have',
    () => flatten(any({ kernelRegularizer: 'l2' })),
    "flatten has no option 'kernelRegularizer'; it has name, inputShape, trainable, activityRegularizer",
  ],
  ['an option of another regularizer', () => regularizers.l2(any({ l1: 1 })), "l2 has no option 'l1'; it has l2"],
  [
    'a penalty below 0',
    () => regularizers.l1l2({ l1: -0.1 }),
    "l1l2's l1 must be a number of at least 0 that an f32 holds, got -0.1",
  ],
  [
    'an infinite penalty',
    () => regularizers.l1({ l1: 1e40 }),
    "l1's l1 must be a number of at least 0 that an f32 holds, got 1e+40",
  ],
  [
    'a constraint that does not exist',
    rules({ kernelConstraint: 'max' }),
    "dense's kernelConstraint must be one of 'maxNorm', 'minMaxNorm', 'unitNorm', 'nonNeg', or what a function of constraints makes, got \"max\"; did you mean 'maxNorm'?",
  ],
  [
    'an axis that a weight does not have',
    rules({ kernelConstraint: constraints.maxNorm({ axis: [0, 2] }) }),
    "dense's kernelConstraint takes norms along axis 0, 2, and the weight [4, 3] has axes 0 to 1; name each at most once",
  ],
  [
    'an axis that is no number',
    () => constraints.maxNorm({ axis: any('0') }),
    'maxNorm\'s axis must be a whole number, or an array of them as [0, 1, 2], got "0"',
  ],
  [
    'bounds of a norm the wrong way round',
    () => constraints.minMaxNorm({ minValue: 3, maxValue: 2 }),
    "minMaxNorm's minValue must be at most its maxValue, got 3 and 2",
  ],
  [
    'a rate above 1',
    () => constraints.minMaxNorm({ rate: 1.5 }),
    "minMaxNorm's rate must be a number from 0 to 1, got 1.5",
  ],
  [
    'a weight of a class that does not exist',
    weighted({ classWeight: { 0: 1, 3: 2 } }),
    "fit's classWeight has '3', which is no class; classes are 0 to 2",
  ],
  [
    'a class by its name where the data have none',
    weighted({ classWeight: { cat: 2 } }),
    "fit's classWeight has 'cat', which is no class; classes are 0 to 2",
  ],
  [
    'a negative weight of a class',
    weighted({ classWeight: { 1: -2 } }),
    "fit's classWeight of 1 must be a number of at least 0, got -2",
  ],
  [
    'weights of classes as an array',
    weighted({ classWeight: [1, 2, 3] }),
    "fit's classWeight must be an object such as { 0: 1, 1: 5 }, got an array",
  ],
  [
    'no weight for any class there is',
    weighted({ classWeight: { 0: 0, 1: 0 } }),
    "fit's classWeight adds up to 0 over all examples; give some of them more",
  ],
  [
    'weights of classes for a loss of values',
    () => ending('linear', 1, 'mse')().fit(x, [1, 2], { classWeight: { 0: 2 } }),
    "fit's classWeight is for a loss of one class an example, and the targets of meanSquaredError are [n, 1] values; use sampleWeight, one weight an example",
  ],
  [
    'weights of classes and of examples',
    weighted({ classWeight: { 0: 2 }, sampleWeight: [1, 1] }),
    'fit has classWeight and sampleWeight; give one of them, with their products as sampleWeight',
  ],
  [
    'too few weights of examples',
    weighted({ sampleWeight: [1] }),
    'fit has 2 examples but a sampleWeight of 1; give one number an example',
  ],
  [
    'weights of examples as a matrix',
    weighted({ sampleWeight: floats([1, 2], 1, 1) }),
    'fit has 2 examples but a sampleWeight of [1, 2]; give one number an example',
  ],
  [
    'a negative weight of an example',
    weighted({ sampleWeight: [1, -1] }),
    "fit's sampleWeight of example 1 must be a number of at least 0, got -1",
  ],
  [
    'a weight of an example that is no number',
    weighted({ sampleWeight: Float32Array.of(NaN, 1) }),
    "fit's sampleWeight of example 0 must be a number of at least 0, got NaN",
  ],
  [
    'weights of examples of 0 each',
    weighted({ sampleWeight: [0, 0] }),
    "fit's sampleWeight adds up to 0 over all examples; give some of them more",
  ],
  [
    'a number as weights of examples',
    weighted({ sampleWeight: 3 }),
    "fit's sampleWeight must be an array of a number an example, got 3",
  ],
  [
    'weights of examples by an output that does not exist',
    weighted({ sampleWeight: { other: [1, 1] } }),
    'fit needs sampleWeight for output, got other',
  ],
  [
    'weights of examples beside a generator',
    () => compiled().fit(() => [[x, y] as const], { sampleWeight: [1, 1] }),
    "fit's sampleWeight is for arrays; let a generator give batches [x, y, sampleWeight]",
  ],
  [
    'negative weights of the validation',
    weighted({ validationData: [x, y, [1, -1]] }),
    "fit's validationData's sampleWeight of example 1 must be a number of at least 0, got -1",
  ],
  [
    'weights of an evaluation of 0 each',
    () => compiled().evaluate(x, y, { sampleWeight: [0, 0] }),
    "evaluate's sampleWeight adds up to 0 over all examples; give some of them more",
  ],

  // Layers that do not fit their input, or one another.
  [
    'a convolution on a flat input',
    stack([10], conv2d({ filters: 2, kernelSize: 3 })),
    /^conv2d needs input \[height, width, channels\], got \[10\]/,
  ],
  [
    'a pool on a flat input',
    stack([10], maxPooling2d()),
    /^maxPooling2d needs input \[height, width, channels\], got \[10\]/,
  ],
  [
    'dense on an image',
    stack([7, 7, 64], head()),
    'dense needs input [features], got [7, 7, 64]; put flatten() before it',
  ],
  [
    'a kernel larger than the image',
    stack([3, 5, 1], conv2d({ filters: 2, kernelSize: 4 })),
    "conv2d needs an image of at least 4 × 4, got 3 × 5; use a smaller window, padding: 'same', or fewer layers before it",
  ],
  [
    'a pool larger than what is left',
    stack([5, 5, 1], conv2d({ filters: 2, kernelSize: 3, name: 'first' }), maxPooling2d({ poolSize: [1, 4] })),
    "maxPooling2d needs an image of at least 1 × 4, got 3 × 3; use a smaller window, padding: 'same', or fewer layers before it",
  ],
  [
    'no input shape',
    stack(undefined, head()),
    'the model has no input shape; give the first layer inputShape, e.g. [28, 28, 1]',
  ],
  [
    'an empty axis',
    stack([0], head()),
    'the input shape must be an array of whole numbers above 0, fewer than 1073741824 values in all, got [0]',
  ],
  [
    'a fraction of an axis',
    stack([2.5], head()),
    'the input shape must be an array of whole numbers above 0, fewer than 1073741824 values in all, got [2.5]',
  ],
  [
    'two layers of one name',
    stack([3], dense({ units: 2, name: 'a' }), dense({ units: 2, name: 'a' })),
    "the model already has a layer 'a'; make another one",
  ],
  [
    'a name with a slash',
    stack([3], dense({ units: 2, name: 'a/b' })),
    'a layer\'s name is made of up to 200 letters, digits, _ . and -, got "a/b"',
  ],
  ['a layer after compile', () => compiled().add(head()), 'layers are added before compile() and predict()'],
  [
    'more parameters than memory',
    stack([2 ** 20], dense({ units: 2 ** 20 })),
    "dense brings the model to 1099512676352 parameters, more than WebAssembly's memory holds; make it smaller",
  ],

  // Options of layers and of the model.
  [
    'an unknown option of conv2d',
    () => conv2d({ filters: 2, kernel: 3 } as never),
    "conv2d has no option 'kernel' (did you mean 'kernelSize'?); it has filters, groups, kernelInitializer, kernelSize, strides, padding, dilationRate, activation, useBias, biasInitializer, name, inputShape, trainable, kernelRegularizer, biasRegularizer, kernelConstraint, biasConstraint, activityRegularizer",
  ],
  [
    'an unknown option of dense',
    () => dense({ units: 2, bias: true } as never),
    "dense has no option 'bias'; it has units, activation, useBias, kernelInitializer, biasInitializer, name, inputShape, trainable, kernelRegularizer, biasRegularizer, kernelConstraint, biasConstraint, activityRegularizer",
  ],
  [
    'an unknown option of maxPooling2d',
    () => maxPooling2d({ size: 2 } as never),
    "maxPooling2d has no option 'size'; it has poolSize, strides, padding, name, inputShape, trainable, activityRegularizer",
  ],
  [
    'an unknown option of dropout',
    () => dropout({ rate: 0.5, seed: 1 } as never),
    "dropout has no option 'seed'; it has rate, name, inputShape, trainable, activityRegularizer",
  ],
  [
    'an unknown option of sequential',
    () => sequential({ shape: [3] } as never),
    "sequential has no option 'shape'; it has layers, name, inputShape, seed",
  ],
  [
    'no filters',
    () => conv2d({ filters: 0, kernelSize: 3 }),
    "conv2d's filters must be a whole number of at least 1, got 0",
  ],
  [
    'a kernel of three axes',
    () => conv2d({ filters: 1, kernelSize: any([3, 3, 3]) }),
    "conv2d's kernelSize must be a number or [height, width], got [3,3,3]",
  ],
  [
    'half a stride',
    () => conv2d({ filters: 1, kernelSize: 3, strides: [1, 0.5] }),
    "conv2d's strides must be a whole number of at least 1, got 0.5",
  ],
  [
    'unknown padding',
    () => conv2d({ filters: 1, kernelSize: 3, padding: any('full') }),
    "conv2d's padding must be 'valid', 'same', a number, [vertical, horizontal] or [[top, bottom], [left, right]], got \"full\"",
  ],
  [
    'a padding of four numbers',
    () => depthwiseConv2d({ kernelSize: 3, padding: any([1, 1, 1, 1]) }),
    "depthwiseConv2d's padding must be 'valid', 'same', a number, [vertical, horizontal] or [[top, bottom], [left, right]], got [1,1,1,1]",
  ],
  [
    'a padding of three numbers on one axis',
    () => conv2d({ filters: 1, kernelSize: 3, padding: any([1, [1, 2, 3]]) }),
    "conv2d's padding must be 'valid', 'same', a number, [vertical, horizontal] or [[top, bottom], [left, right]], got [1,[1,2,3]]",
  ],
  [
    'a negative padding',
    () => separableConv2d({ filters: 1, kernelSize: 3, padding: [1, -1] }),
    "separableConv2d's padding must be a whole number of at least 0, got -1",
  ],
  [
    'a pool with a padding in numbers',
    () => maxPooling2d({ padding: any(1) }),
    "maxPooling2d's padding must be 'valid' or 'same', got 1",
  ],
  [
    'groups that do not divide the filters',
    stack([5, 5, 4], conv2d({ filters: 6, kernelSize: 3, groups: 4 })),
    "conv2d needs groups that divide its filters and its input's channels, got 4 groups for 6 filters and 4 channels",
  ],
  [
    'groups that do not divide the channels',
    stack([5, 5, 4], conv2d({ filters: 6, kernelSize: 3, groups: 3, name: 'third' })),
    "third needs groups that divide its filters and its input's channels, got 3 groups for 6 filters and 4 channels",
  ],
  [
    'a dilated kernel that is larger than the image',
    stack([5, 5, 1], depthwiseConv2d({ kernelSize: 3, dilationRate: 3 })),
    "depthwiseConv2d needs an image of at least 7 × 7, got 5 × 5; use a smaller window, padding: 'same', or fewer layers before it",
  ],
  [
    'a kernel that dilation makes too large',
    () => conv2d({ filters: 1, kernelSize: 3, dilationRate: [1, 2 ** 29] }),
    "conv2d's kernel of 3 × 3 is too large with a dilationRate of 1 × 536870912",
  ],
  [
    'no outputs of a channel',
    () => depthwiseConv2d({ kernelSize: 3, depthMultiplier: 0 }),
    "depthwiseConv2d's depthMultiplier must be a whole number of at least 1, got 0",
  ],
  [
    'a separable convolution on a flat input',
    stack([10], separableConv2d({ filters: 2, kernelSize: 3 })),
    /^separableConv2d needs input \[height, width, channels\], got \[10\]/,
  ],
  [
    'an outputPadding as large as the strides',
    () => conv2dTranspose({ filters: 1, kernelSize: 3, strides: [2, 3], outputPadding: [1, 3] }),
    "conv2dTranspose's outputPadding must be less than its strides, got 1 × 3 with strides of 2 × 3",
  ],
  [
    'an outputPadding that no image has',
    stack([4, 4, 1], conv2dTranspose({ filters: 1, kernelSize: 2, strides: 2, padding: 'same', outputPadding: 0 })),
    'conv2dTranspose finds no image for input [4, 4, 1]: a convolution of [6, 6, 1] gives 3 × 3; use another outputPadding',
  ],
  [
    'a dilated transposed convolution',
    () => conv2dTranspose({ filters: 1, kernelSize: 2, dilationRate: 2 } as never),
    "conv2dTranspose has no option 'dilationRate'; it has filters, kernelSize, strides, padding, outputPadding, activation, useBias, kernelInitializer, biasInitializer, name, inputShape, trainable, kernelRegularizer, biasRegularizer, kernelConstraint, biasConstraint, activityRegularizer",
  ],
  ['units of a wrong kind', () => dense({ units: -5 }), "dense's units must be a whole number of at least 1, got -5"],
  [
    'an unknown activation',
    () => dense({ units: 1, activation: any('gelu2') }),
    "dense has no activation 'gelu2' (did you mean 'gelu'?); there is linear, relu, sigmoid, tanh, softmax, elu, exponential, gelu, geluApproximate, hardSigmoid, hardSilu, hardSwish, leakyRelu, logSoftmax, mish, relu6, selu, silu, softplus, softsign, swish",
  ],
  [
    'an unknown activation layer',
    () => activation({ activation: any('toString') }),
    "activation has no activation 'toString'; there is linear, relu, sigmoid, tanh, softmax, elu, exponential, gelu, geluApproximate, hardSigmoid, hardSilu, hardSwish, leakyRelu, logSoftmax, mish, relu6, selu, silu, softplus, softsign, swish",
  ],
  [
    'a relu without values',
    () => layers.relu({ maxValue: 1, threshold: 1 }),
    "relu's maxValue must be null or a number above its threshold, 1, got 1",
  ],
  [
    'a negative slope',
    () => layers.leakyReLU({ negativeSlope: -0.1 }),
    "leakyReLU's negativeSlope must be a number of at least 0, got -0.1",
  ],
  [
    'an alpha of elu that is none',
    () => layers.elu({ alpha: NaN }),
    "elu's alpha must be a number of at least 0, got NaN",
  ],
  [
    'shared axes that are none',
    () => layers.prelu({ sharedAxes: [0] }),
    "prelu's sharedAxes must be an array of axes from 1 on, e.g. [1, 2], got [0]",
  ],
  [
    'a shared axis that the input has not',
    stack([3], layers.prelu({ sharedAxes: [1, 2] })),
    'prelu shares axes [1, 2], and its input [3] has 1',
  ],
  [
    'an unknown option of an initializer',
    () => initializers.heNormal({ stddev: 1 } as never),
    "heNormal has no option 'stddev'; it has seed",
  ],
  [
    'a mode of varianceScaling that is none',
    () => initializers.varianceScaling({ mode: any('fan_in') }),
    "varianceScaling's mode must be 'fanIn', 'fanOut' or 'fanAvg', got \"fan_in\"",
  ],
  [
    'a seed that is none',
    () => initializers.orthogonal({ seed: 0.5 }),
    "orthogonal's seed must be a whole number of at least 0, got 0.5",
  ],
  [
    'a constant that is none',
    () => initializers.constant({ value: Infinity }),
    "constant's value must be a finite number, got Infinity",
  ],
  [
    'an initializer of a file that there is not',
    () => dense({ units: 1, kernelInitializer: { className: 'toString', config: {} } }),
    "dense has no initializer 'toString'; there is glorotUniform, glorotNormal, heUniform, heNormal, lecunUniform, lecunNormal, varianceScaling, orthogonal, randomNormal, truncatedNormal, randomUniform, constant, identity, zeros, ones",
  ],
  [
    'an orthogonal bias',
    () => stack([3], dense({ units: 2, biasInitializer: 'orthogonal' }))().getWeights(),
    'orthogonal is for weights of two axes and more, got [2]; use another initializer there',
  ],
  [
    'an unknown initializer',
    () => dense({ units: 1, kernelInitializer: any('toString') }),
    "dense has no initializer 'toString'; there is glorotUniform, glorotNormal, heUniform, heNormal, lecunUniform, lecunNormal, varianceScaling, orthogonal, randomNormal, truncatedNormal, randomUniform, constant, identity, zeros, ones",
  ],
  [
    'another axis than the last',
    stack([6, 6, 3], layers.batchNormalization({ axis: 1 })),
    'batchNormalization needs axis -1, the last one, got 1; arrays are [n, height, width, channels] here',
  ],
  [
    'another axis than the last, of layer normalization',
    stack([6, 6, 3], layers.layerNormalization({ axis: 2, name: 'norm' })),
    'norm needs axis -1, the last one, got 2; arrays are [n, height, width, channels] here',
  ],
  [
    'an axis that is none',
    () => layers.batchNormalization({ axis: any([-1]) }),
    "batchNormalization's axis must be -1, the last one, got an array",
  ],
  [
    'a momentum of 1.5',
    () => layers.batchNormalization({ momentum: 1.5 }),
    "batchNormalization's momentum must be a number from 0 to 1, got 1.5",
  ],
  [
    'an epsilon of 0',
    () => layers.layerNormalization({ epsilon: 0 }),
    "layerNormalization's epsilon must be a number above 0, got 0",
  ],
  [
    'center as a word',
    () => layers.batchNormalization({ center: any('yes') }),
    'batchNormalization\'s center must be true or false, got "yes"',
  ],
  [
    'an unknown option of batch normalization',
    () => layers.batchNormalization({ moving_mean: 1 } as object),
    "batchNormalization has no option 'moving_mean'; it has axis, momentum, epsilon, center, scale, betaInitializer, gammaInitializer, movingMeanInitializer, movingVarianceInitializer, name, inputShape, trainable, betaRegularizer, gammaRegularizer, betaConstraint, gammaConstraint, activityRegularizer",
  ],
  ['a dropout rate of 1', () => dropout({ rate: 1 }), "dropout's rate must lie in [0, 1), got 1"],
  [
    'a pool of 0',
    () => maxPooling2d({ poolSize: 0 }),
    "maxPooling2d's poolSize must be a whole number of at least 1, got 0",
  ],
  ['a negative seed', () => sequential({ seed: -1 }), 'seed must be a whole number of at least 0, got -1'],

  // compile.
  [
    'compile without layers',
    () => sequential({ inputShape: [3] }).compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' }),
    'the model has no layers; add some before compile() and predict()',
  ],
  [
    'predict without layers',
    () => sequential({ inputShape: [3] }).predict(floats([1, 3])),
    'the model has no layers; add some before compile() and predict()',
  ],
  [
    'an unknown loss',
    () => compiled({ loss: 'hinge' }),
    "there is no loss 'hinge'; there is categoricalCrossentropy, sparseCategoricalCrossentropy, binaryCrossentropy, meanSquaredError, meanAbsoluteError, huber, kullbackLeiblerDivergence, categoricalFocalCrossentropy, binaryFocalCrossentropy; in a bundle write others as losses.huber()",
  ],
  [
    'an unknown optimizer',
    () => compiled({ optimizer: 'sgdm' }),
    "there is no optimizer 'sgdm' (did you mean 'sgd'?); there is adadelta, adagrad, adam, adamw, lion, nadam, rmsprop, sgd; in a bundle write others as adam()",
  ],
  [
    'an unknown metric',
    () => compiled({ metrics: ['hinge'] }),
    "there is no metric 'hinge'; there is accuracy, acc, categoricalAccuracy, sparseCategoricalAccuracy, binaryAccuracy, meanSquaredError, meanAbsoluteError, mse, MSE, mae, MAE, precision, recall, auc, f1Score, meanIoU, topKCategoricalAccuracy, sparseTopKCategoricalAccuracy; in a bundle write others as metrics.precision()",
  ],
  [
    'a loss named like an object’s own method',
    () => compiled({ loss: 'toString' }),
    "there is no loss 'toString'; there is categoricalCrossentropy, sparseCategoricalCrossentropy, binaryCrossentropy, meanSquaredError, meanAbsoluteError, huber, kullbackLeiblerDivergence, categoricalFocalCrossentropy, binaryFocalCrossentropy; in a bundle write others as losses.huber()",
  ],
  ['a batch of none', () => compiled({ batchSize: 0 }), 'batchSize must be a whole number of at least 1, got 0'],
  [
    'a cross-entropy of what ends in no activation',
    ending('linear', 3, 'categoricalCrossentropy'),
    "categoricalCrossentropy needs probabilities, got dense, which ends in no activation; end it with activation: 'softmax', or use losses.categoricalCrossentropy({ fromLogits: true })",
  ],
  [
    'a binary cross-entropy of what ends in no activation',
    ending('linear', 1, 'bce'),
    "binaryCrossentropy needs probabilities, got dense, which ends in no activation; end it with activation: 'sigmoid', or use losses.binaryCrossentropy({ fromLogits: true })",
  ],
  [
    'softmax before a loss that has it',
    ending('softmax', 3, losses.categoricalCrossentropy({ fromLogits: true })),
    'categoricalCrossentropy with fromLogits needs the outputs before softmax, got dense, which ends in it; leave out one of the two',
  ],
  [
    'sigmoid before a loss that has it',
    ending('sigmoid', 2, losses.binaryFocalCrossentropy({ fromLogits: true })),
    'binaryFocalCrossentropy with fromLogits needs the outputs before sigmoid, got dense, which ends in it; leave out one of the two',
  ],
  [
    'a loss that is none',
    ending('linear', 1, any(5)),
    "compile needs a loss, 'categoricalCrossentropy' or losses.huber({ delta: 1 }), got 5",
  ],
  [
    'a metric that is none',
    () => compiled({ metrics: [5] }),
    "a metric is 'accuracy', metrics.precision() or a function, got 5",
  ],
  [
    'an unknown option of a loss',
    () => losses.huber({ d: 1 } as never),
    "huber has no option 'd' (did you mean 'delta'?); it has delta",
  ],
  ['a delta of 0', () => losses.huber({ delta: 0 }), "huber's delta must be a number above 0, got 0"],
  [
    'labels smoothed away',
    () => losses.categoricalCrossentropy({ labelSmoothing: 1 }),
    "categoricalCrossentropy's labelSmoothing must lie in [0, 1), got 1",
  ],
  [
    'fromLogits that is no boolean',
    () => losses.binaryCrossentropy({ fromLogits: any('no') }),
    'binaryCrossentropy\'s fromLogits must be true or false, got "no"',
  ],
  [
    'a negative gamma',
    () => losses.categoricalFocalCrossentropy({ gamma: -1 }),
    "categoricalFocalCrossentropy's gamma must be a number of at least 0, got -1",
  ],
  [
    'accuracy of numbers',
    ending('linear', 1, 'mse', ['accuracy']),
    "the metric 'accuracy' counts right classes, and meanSquaredError on [n, 1] has none; use meanAbsoluteError",
  ],
  [
    'classes of answers to yes or no',
    ending('sigmoid', 4, 'bce', ['categoricalAccuracy']),
    "the metric 'categoricalAccuracy' counts right classes, and binaryCrossentropy on [n, 4] has none; use binaryAccuracy",
  ],
  [
    'answers to yes or no of classes',
    ending('softmax', 4, 'categoricalCrossentropy', ['binaryAccuracy']),
    "the metric 'binaryAccuracy' judges answers to yes or no, and categoricalCrossentropy on [n, 4] has classes; use accuracy",
  ],
  [
    'the best five of four',
    ending('softmax', 4, 'categoricalCrossentropy', ['topKCategoricalAccuracy']),
    "the metric 'topKCategoricalAccuracy' with k 5 is always 1 for 4 classes; give it a smaller k",
  ],
  [
    'a metric called loss',
    () => metrics.accuracy({ name: 'loss' }),
    "accuracy's name must not be 'loss' or begin with 'val_', got 'loss'",
  ],
  [
    'two metrics of one name',
    () => compiled({ metrics: ['mse', metrics.meanAbsoluteError({ name: 'mse' })] }),
    "compile's metrics name one twice: mse, mse; leave one out",
  ],
  [
    'more memory than WebAssembly has',
    () => compiled({ batchSize: 2 ** 28 }),
    /^the model needs \d{11} bytes, WebAssembly has 4294901760; make the batch smaller \(largest: dense of dense: dyPanels 17179869184, input 4294967296, /,
  ],
  [
    'fit before compile',
    () => small().fit(x, y),
    'the model is not compiled; call compile({ optimizer, loss, metrics }) first',
  ],
  [
    'evaluate before compile',
    () => small().evaluate(x, y),
    'the model is not compiled; call compile({ optimizer, loss, metrics }) first',
  ],
  [
    'trainOnBatch before compile',
    () => small().trainOnBatch(x, y),
    'the model is not compiled; call compile({ optimizer, loss, metrics }) first',
  ],

  // The optimizer and its schedule.
  ['a negative learning rate', () => adam({ learningRate: -1 }), 'the learning rate must be a number above 0, got -1'],
  ['a learning rate of NaN', () => adam({ learningRate: NaN }), 'the learning rate must be a number above 0, got NaN'],
  ['beta1 of 1', () => adam({ beta1: 1 }), "adam's beta1 must lie in [0, 1), got 1"],
  ['epsilon of 0', () => adam({ epsilon: 0 }), "adam's epsilon must lie between 1e-45 and 1, got 0"],
  [
    'warm-up to the end',
    () => linearDecay({ peak: 0.1, totalSteps: 3, warmupSteps: 3 }),
    "linearDecay's warmupSteps must be below totalSteps = 3, got 3",
  ],
  [
    'decay to above the peak',
    () => linearDecay({ peak: 0.1, totalSteps: 3, end: 0.2 }),
    "linearDecay's end must lie between 0 and peak = 0.1, got 0.2",
  ],

  // x.
  ['examples of a wrong shape', fit(floats([2, 5])), 'fit needs x [n, 4], got [2, 5]'],
  [
    'one example without the axis of examples',
    () => small().predict(floats([4])),
    'predict needs x [n, 4], got [4]; write [1, 4]',
  ],
  [
    'data with labels as one argument',
    () => compiled().fit({ x, y } as unknown as Tensor, undefined as unknown as Labels),
    'fit takes x and y as two arguments; give data.x, data.y',
  ],
  [
    'labels as text',
    fit(x, ['0', '1']),
    'fit: label "0" of example 0 is no class of this model; classes are 0 to 2, as numbers: Number(label), or classNames.indexOf(label)',
  ],
  [
    'an abbreviation',
    () => adam({ lr: 0.01 } as object),
    "adam has no option 'lr' (did you mean 'learningRate'?); it has learningRate, beta1, beta2, epsilon, amsgrad, weightDecay, excludeFromWeightDecay, clipnorm, clipvalue, globalClipnorm, useEma, emaMomentum, emaOverwriteFrequency",
  ],
  [
    'a softmax of one unit for yes or no',
    ending('softmax', 1, 'binaryCrossentropy'),
    "binaryCrossentropy needs probabilities, got dense, which ends in 'softmax' of one unit; end it with activation: 'sigmoid', or use losses.binaryCrossentropy({ fromLogits: true })",
  ],
  [
    'data longer than its shape',
    fit({ data: new Float32Array(9), shape: [2, 4] }),
    "fit's x has shape [2, 4] = 8 elements but 9 in its data; make them agree",
  ],
  [
    'data shorter than its shape, in predict',
    () => small().predict({ data: new Uint8Array(7), shape: [2, 4] }),
    "predict's x has shape [2, 4] = 8 elements but 7 in its data; make them agree",
  ],
  [
    'a fraction of an example',
    fit({ data: new Float32Array(6), shape: [1.5, 4] }),
    "fit's x needs a shape of whole numbers, got [1.5,4]",
  ],
  ['no example', fit(floats([0, 4]), []), 'fit needs at least one example, got none'],
  [
    'no example to evaluate',
    () => compiled().evaluate({ data: new Uint8Array(0), shape: [0, 4] }, []),
    'evaluate needs at least one example, got none',
  ],

  // Labels.
  [
    'label 10 of 10 classes',
    async () => {
      const model = sequential({ inputShape: [4], layers: [head(10)] });
      model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
      await model.fit(x, [9, 10]);
    },
    'fit: label 10 of example 1 is no class of this model; classes are 0 to 9',
  ],
  ['label -1', fit(x, [-1, 0]), 'fit: label -1 of example 0 is no class of this model; classes are 0 to 2'],
  ['label 1.5', fit(x, [0, 1.5]), 'fit: label 1.5 of example 1 is no class of this model; classes are 0 to 2'],
  [
    'label NaN',
    fit(x, Float32Array.of(NaN, 0)),
    'fit: label NaN of example 0 is no class of this model; classes are 0 to 2',
  ],
  [
    'a BigInt for a label',
    fit(x, any(BigInt64Array.of(0n, 1n))),
    'fit: label 0n of example 0 is no class of this model; classes are 0 to 2, as numbers: Number(label), or classNames.indexOf(label)',
  ],
  [
    'an epsilon that is 0 in f32',
    () => adam({ epsilon: 1e-46 }),
    "adam's epsilon must lie between 1e-45 and 1, got 1e-46",
  ],
  [
    'a schedule that goes below 0',
    () => compiled({ optimizer: adam({ learningRate: { at: () => -1, getConfig: () => 1 } }) }).fit(x, y),
    'the learning rate of step 1 must be a number of at least 0, its schedule gives -1',
  ],
  ['a label too many', fit(x, [0, 1, 2]), 'fit has 2 examples but 3 labels; give one label per example'],
  [
    'a row of labels too many',
    () => compiled().evaluate(x, floats([3, 3])),
    'evaluate has 2 examples but 3 labels; give one label per example',
  ],
  ['rows of too many classes', fit(x, floats([2, 4])), 'fit needs labels [n] or [n, 3], got [2, 4]'],
  [
    'a probability of 2',
    fit(x, floats([2, 3], 0, 1, 0, 0, 2, 0)),
    'fit: label row 1 holds 2; probabilities lie between 0 and 1',
  ],
  [
    'a probability of NaN',
    fit(x, floats([2, 3], 0, NaN, 0, 0, 1, 0)),
    'fit: label row 0 holds NaN; probabilities lie between 0 and 1',
  ],
  [
    'one-hot rows without their shape',
    fit(x, [0, 1, 0, 1, 0, 0]),
    'fit has 2 examples but 6 labels; give one label per example, or one-hot rows as { data, shape: [2, 3] }',
  ],
  [
    'one-hot rows as arrays',
    fit(
      x,
      any([
        [0, 1, 0],
        [1, 0, 0],
      ]),
    ),
    'fit: label an array of example 0 is no class of this model; classes are 0 to 2, and one-hot rows are { data, shape: [n, classes] }',
  ],
  [
    'a softmax of one class',
    () => {
      const model = sequential({ inputShape: [4], layers: [head(1)] });
      model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
    },
    "categoricalCrossentropy needs at least 2 classes, got dense with one unit; give yes or no two units, or one unit with activation: 'sigmoid' and binaryCrossentropy",
  ],
  [
    'a row of zeros',
    fit(x, floats([2, 3], 0, 0, 1, 0, 0, 0)),
    'fit: label row 1 adds up to 0, a row of probabilities to 1; divide each row by its sum, and leave out examples that have no label',
  ],
  [
    'a row with two labels',
    fit(x, floats([2, 3], 0, 1, 1, 1, 0, 0)),
    'fit: label row 0 adds up to 2, a row of probabilities to 1; divide each row by its sum, and leave out examples that have no label',
  ],
  [
    'a row of halves',
    () => compiled().gradients(x, floats([2, 3], 0.5, 0, 0, 1, 0, 0)),
    'gradients: label row 0 adds up to 0.5, a row of probabilities to 1; divide each row by its sum, and leave out examples that have no label',
  ],
  [
    'rows shorter than their shape',
    fit(x, { data: new Float32Array(5), shape: [2, 3] }),
    "fit's y has shape [2, 3] = 6 elements but 5 in its data; make them agree",
  ],
  [
    'class indices where a loss wants numbers',
    training('softmax', 3, 'mse', y),
    'fit needs y as a tensor { data, shape: [2, 3] } of numbers for meanSquaredError, got 2 numbers without a shape; class indices are for a loss of classes, e.g. categoricalCrossentropy',
  ],
  [
    'numbers of another shape',
    training('linear', 3, 'mse', floats([2, 2])),
    'fit needs y [n, 3] of numbers for meanSquaredError, got [2, 2]; class indices are for a loss of classes, e.g. categoricalCrossentropy',
  ],
  [
    'a number too many',
    training('linear', 1, 'mse', [0, 1, 2]),
    'fit has 2 examples but 3 targets; give one target an example',
  ],
  [
    'a target that is NaN',
    training('linear', 1, 'huber', [0, NaN]),
    'fit: target NaN of example 1 is no finite number; leave such examples out',
  ],
  [
    'a target beyond f32',
    training('linear', 1, 'huber', [0, 1e39]),
    'fit: target 1e+39 of example 1 is no finite number; leave such examples out',
  ],
  [
    'a target that is neither yes nor no',
    training('sigmoid', 1, 'bce', [1, 2]),
    'fit: target 2 of example 1 is none of binaryCrossentropy; it must lie between 0 and 1',
  ],
  [
    'text for numbers',
    training('linear', 1, 'mse', any('01')),
    'fit needs y as a tensor [n, 1] of numbers for meanSquaredError, got "01"',
  ],
  [
    'bytes for the pixels that an autoencoder makes',
    async () => {
      const model = sequential({ inputShape: [2, 2, 1], layers: [conv2d({ filters: 1, kernelSize: 1 })] });
      model.compile({ optimizer: 'adam', loss: 'mse' });
      const bytes = { data: new Uint8Array(8).fill(200), shape: [2, 2, 2, 1] };
      await model.fit(bytes, bytes);
    },
    'fit needs y of meanSquaredError as a Float32Array, got bytes, which x takes as value / 255; divide them by 255 where they are pixels',
  ],
  [
    'class indices for an image of classes, without a shape',
    async () => {
      const model = sequential({
        inputShape: [2, 2, 1],
        layers: [conv2d({ filters: 3, kernelSize: 1, activation: 'softmax' })],
      });
      model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
      await model.fit(floats([2, 2, 2, 1]), [0, 1]);
    },
    'fit has 2 examples but 2 labels; give a tensor [n, 2, 2] of class indices',
  ],
  [
    'a wrong label to validate with',
    fit(x, y, { validationData: [x, [0, 3]] }),
    "fit's validationData: label 3 of example 1 is no class of this model; classes are 0 to 2",
  ],

  // Options of fit.
  [
    'an unknown option of fit',
    fit(x, y, { batch_size: 2 }),
    "fit has no option 'batch_size' (did you mean 'batchSize'?); it has epochs, initialEpoch, batchSize, shuffle, mixUp, cutMix, seed, classWeight, sampleWeight, validationData, validationSplit, validationSplitMode, validationFreq, stepsPerEpoch, gradientAccumulationSteps, verbose, callbacks, signal, resume, dataSha256",
  ],
  ['no epochs', fit(x, y, { epochs: 0 }), 'epochs must be a whole number of at least 1, got 0'],
  ['epochs as text', fit(x, y, { epochs: '3' as never }), 'epochs must be a whole number of at least 1, got "3"'],
  ['half a batch', fit(x, y, { batchSize: 1.5 }), 'batchSize must be a whole number of at least 1, got 1.5'],
  ['a negative seed of fit', fit(x, y, { seed: -3 }), 'seed must be a whole number of at least 0, got -3'],

  // Weights.
  ['too few weights', () => small().setWeights([]), 'setWeights needs 2 tensors, got 0'],
  [
    'weights of a wrong shape',
    () => small().setWeights([floats([3, 4]), floats([3])]),
    'setWeights needs dense/kernel [4, 3], got [3, 4]',
  ],
  [
    'weights shorter than their shape',
    () => small().setWeights([floats([4, 3]), { data: new Float32Array(2), shape: [3] }]),
    'setWeights: dense/bias has shape [3] = 3 elements but 2 in its data; make them agree',
  ],

  // Arguments that are not read.
  [
    'an address for save',
    () => compiled().save(any('localstorage://m')),
    'save() takes no address, got "localstorage://m"; it gives bytes, which saveModelFile(model, path) of wasm-cnn/node writes',
  ],
  [
    'a misspelled option of save',
    () => compiled().save({ includeOptimiser: false } as never),
    "save has no option 'includeOptimiser' (did you mean 'includeOptimizer'?); it has includeOptimizer, facts",
  ],
  [
    'an option of save of a wrong kind',
    () => compiled().save({ includeOptimizer: 'no' } as never),
    'save\'s includeOptimizer must be true or false, got "no"',
  ],
  [
    'a misspelled option of evaluate',
    () => compiled().evaluate(x, y, any({ batch_size: 2 })),
    "evaluate has no option 'batch_size' (did you mean 'batchSize'?); it has batchSize, sampleWeight, verbose",
  ],
  [
    'a number of evaluate that is none',
    () => compiled().evaluate(x, y, { batchSize: 0 }),
    "evaluate's batchSize must be a whole number of at least 1, got 0",
  ],
  [
    'a verbosity that there is not',
    () => compiled().evaluate(x, y, { verbose: any('yes') }),
    "evaluate's verbose must be 'auto', 0, 1 or 2, got \"yes\"",
  ],
  [
    'a fourth argument of evaluate',
    () => Reflect.apply(compiled().evaluate, compiled(), [x, y, {}, {}]),
    'evaluate takes 3 arguments, got 4; options come last',
  ],
  [
    'options of predict',
    () => Reflect.apply(compiled().predict, small(), [x, { batchSize: 2 }]),
    'predict takes one argument, got 2; any size of batches gives the same bits',
  ],
  [
    'a fourth argument of fit',
    () => Reflect.apply(compiled().fit, compiled(), [x, y, {}, {}]),
    'fit takes 3 arguments, got 4; options come last',
  ],
  [
    'options of trainOnBatch',
    () => compiled().trainOnBatch(x, y, any({ batchSize: 2 })),
    "trainOnBatch has no option 'batchSize'; it has sampleWeight, classWeight",
  ],
  [
    'weights in the place of the options of trainOnBatch, as in Keras',
    () => compiled().trainOnBatch(x, y, any([1, 1])),
    'trainOnBatch needs an object of options, got an array; it has sampleWeight, classWeight',
  ],
  [
    'both weights of trainOnBatch',
    () => compiled().trainOnBatch(x, y, { sampleWeight: [1, 1], classWeight: { 0: 2 } }),
    'trainOnBatch has classWeight and sampleWeight; give one of them, with their products as sampleWeight',
  ],
  [
    'a weight too few of trainOnBatch',
    () => compiled().trainOnBatch(x, y, { sampleWeight: [1] }),
    'trainOnBatch has 2 examples but a sampleWeight of 1; give one number an example',
  ],
  [
    'four arguments of testOnBatch',
    () => Reflect.apply(compiled().testOnBatch, compiled(), [x, y, {}, {}]),
    'testOnBatch takes 3 arguments, got 4; options come last',
  ],
  [
    'options of predictOnBatch',
    () => Reflect.apply(compiled().predictOnBatch, compiled(), [x, {}]),
    'predictOnBatch takes one argument, got 2; it has no options',
  ],
  [
    'options of gradients',
    () => compiled().gradients(x, y, any({ classWeights: {} })),
    "gradients has no option 'classWeights' (did you mean 'classWeight'?); it has sampleWeight, classWeight",
  ],
  [
    'a Map of class weights',
    fit(x, y, { classWeight: new Map([[0, 2]]) }),
    "fit's classWeight must be an object such as { 0: 1, 1: 5 }, got a Map",
  ],
  [
    'a Map of options',
    () => compiled().fit(x, y, any(new Map([['epochs', 3]]))),
    /^fit needs an object of options, got a Map; it has epochs, /,
  ],
  [
    'options that were not awaited',
    () => adam(any(Promise.resolve({}))),
    /^adam needs an object of options, got a Promise \(put await before it\); it has learningRate, /,
  ],
  [
    'images that were not awaited',
    fit(Promise.resolve(x)),
    "fit's x must be { data, shape } with a typed array, got a Promise (put await before it)",
  ],
  [
    'examples and labels in one',
    fit({ x, y }, { epochs: 1 }),
    "the model has no input 'x'; there is input; write fit(train.x, train.y)",
  ],
  [
    'a fit with every layer frozen',
    () => frozen().fit(x, y),
    'fit would change nothing: no layer with weights has trainable = true',
  ],
  [
    'a batch with every layer frozen',
    () => frozen().trainOnBatch(x, y),
    'trainOnBatch would change nothing: no layer with weights has trainable = true',
  ],
  [
    'gradients for a model with every layer frozen',
    () => frozen().applyGradients([floats([4, 3], 1), floats([3], 1)]),
    'applyGradients would change nothing: no layer with weights has trainable = true',
  ],
  [
    'a learning rate for a model with every layer frozen',
    () => findLearningRate(frozen(), x, y),
    'findLearningRate would change nothing: no layer with weights has trainable = true',
  ],
  [
    'a text as trainable',
    () => (small().getLayer('dense').trainable = any('false')),
    'trainable of dense must be true or false, got "false"',
  ],
  [
    'the name of weights',
    () => networks.mobileNetV2({ weights: any('imagenet') }),
    `mobileNetV2's weights must be the bytes of a file, got "imagenet"; npx wasm-cnn weights mobileNetV2 --out FILE makes it, and await readFile(FILE) or (await fetch(FILE)).arrayBuffer() gives its bytes`,
  ],
  [
    'an option that a network does not have',
    () => networks.classic(any({ clases: 3 })),
    "classic has no option 'clases' (did you mean 'classes'?); it has inputShape, classes, seed",
  ],
  [
    'the name of weights that no command makes',
    () => networks.resNet18({ weights: any('imagenet') }),
    `resNet18's weights must be the bytes of a file, got "imagenet"; loadTorch() of wasm-cnn/formats/torch reads those of torchvision, and await readFile(FILE) or (await fetch(FILE)).arrayBuffer() gives its bytes`,
  ],
  [
    'a layer twice in a stack',
    () => {
      const layer = layers.dense({ units: 3 });
      return sequential({ inputShape: [3], layers: [layer, layer] });
    },
    "the model already has a layer 'dense'; make another one",
  ],
  [
    'a metric without its brackets',
    () => compiled({ metrics: [metrics.accuracy as never] }),
    'a metric function needs brackets: metrics.accuracy()',
  ],
  [
    'a callback that is awaited too late',
    fit(x, y, { callbacks: [Promise.resolve({ onEpochEnd() {} }) as never] }),
    "fit's callbacks must be objects with onTrainBegin, onEpochBegin, onBatchEnd, onEpochEnd, onTrainEnd, onSavePoint, got a Promise (put await before it)",
  ],
  [
    'a monitor that no epoch logs',
    fit(x, y, { epochs: 3, validationFreq: 4, validationData: [x, y], callbacks: earlyStopping() }),
    "earlyStopping monitors 'val_loss', and an epoch has loss; give fit validationData, and a validationFreq up to its epochs",
  ],
  [
    'a monitor of a metric that the model was not compiled with',
    fit(x, y, { validationData: [x, y], callbacks: earlyStopping({ monitor: 'val_acc' }) }),
    "earlyStopping monitors 'val_acc', and an epoch has loss, val_loss; compile() the model with that metric",
  ],
  [
    'a callback that cannot be called',
    fit(x, y, { callbacks: { onEpochEnd: 3 as never } }),
    "a callback's onEpochEnd must be a function, got 3",
  ],
  [
    'no model to clone',
    () => cloneModel(undefined as never),
    'cloneModel needs a model first, as sequential(), model() or loadModel(bytes).model give it, got undefined',
  ],
  [
    "a callback with Keras' spelling",
    fit(x, y, { callbacks: { on_epoch_end() {} } }),
    "fit has no callback 'on_epoch_end' (did you mean 'onEpochEnd'?); it has onTrainBegin, onEpochBegin, onBatchEnd, onEpochEnd, onTrainEnd, onSavePoint",
  ],
  [
    'a callback of no class with a wrong name',
    fit(x, y, { callbacks: Object.assign(Object.create(null) as object, { onBatchEnded() {} }) }),
    "fit has no callback 'onBatchEnded' (did you mean 'onBatchEnd'?); it has onTrainBegin, onEpochBegin, onBatchEnd, onEpochEnd, onTrainEnd, onSavePoint",
  ],
  [
    'a callback of a class with a wrong name',
    fit(x, y, {
      callbacks: new (class {
        onEpochEnded() {}
      })(),
    }),
    "fit has no callback 'onEpochEnded' (did you mean 'onEpochEnd'?); it has onTrainBegin, onEpochBegin, onBatchEnd, onEpochEnd, onTrainEnd, onSavePoint",
  ],
  [
    'an object whose constructor has no text for its name',
    fit(x, y, { epochs: { constructor: { name: Object.create(null) as unknown } } }),
    'epochs must be a whole number of at least 1, got an object',
  ],
  [
    'a class whose name is no text',
    fit(x, y, {
      epochs: class {
        static name = Object.create(null) as string;
      },
    }),
    'epochs must be a whole number of at least 1, got the function',
  ],
  [
    "logNames of an object's own",
    fit(x, y, { callbacks: { logNames: ['score', 'constructor'] } }),
    'a callback\'s logNames must be an array of the names that it adds to the logs, got ["score","constructor"]',
  ],
  [
    'validation data that are no data',
    fit(x, y, { validationData: 0 }),
    "fit's validationData must be [x, y], [x, y, sampleWeight], a source or a generator, got 0",
  ],
  ['a SHA-256 in an array', fit(x, y, { dataSha256: ['0'.repeat(64)] }), "fit's dataSha256 is no SHA-256 of 64 digits"],
  [
    'a learning rate that f32 does not hold',
    () => adam({ learningRate: 1e39 }),
    'the learning rate must be a number above 0 and below 3.4e38, got 1e+39',
  ],
  [
    'a learning rate in an array',
    () => adam({ learningRate: any([0.1]) }),
    'the learning rate must be a number above 0, a schedule or a function of the step, got an array',
  ],
  [
    'a weight decay that f32 does not hold',
    () => adam({ weightDecay: 1e39 }),
    "adam's weightDecay must be at least 0, or null, got 1e+39",
  ],
  [
    'a limit of gradients that is 0 in f32',
    () => adam({ clipvalue: 1e-50 }),
    "adam's clipvalue must be a number above 0, or null, got 1e-50",
  ],
  [
    'a rate of a schedule that f32 does not hold',
    () => compiled({ optimizer: adam({ learningRate: (step) => (step === 0 ? 1 : 1e39) }), batchSize: 1 }).fit(x, y),
    'the learning rate of step 2 must be a number of at least 0, its schedule gives 1e+39',
  ],
  [
    'an epsilon that is 0 in f32',
    () => layers.batchNormalization({ epsilon: 1e-50 }),
    "batchNormalization's epsilon must be a number above 0, got 1e-50",
  ],
  [
    'an alpha that f32 does not hold',
    () => losses.categoricalFocalCrossentropy({ alpha: 1e39 }),
    "categoricalFocalCrossentropy's alpha must be a number of at least 0, got 1e+39",
  ],
  [
    'a BigInt for a name',
    stack([4], dense({ units: 3, name: any(1n) })),
    "a layer's name is made of up to 200 letters, digits, _ . and -, got 1n",
  ],
  ['BigInts for a shape', stack([any(4n)], head()), /^the input shape must be an array .* got \[4n\]$/],
  [
    'BigInts for a kernel',
    () => conv2d({ filters: 1, kernelSize: any([3n]) }),
    "conv2d's kernelSize must be a number or [height, width], got [3n]",
  ],
  [
    'a ReLU before the cross-entropy',
    stackEndingIn('relu', 'categoricalCrossentropy'),
    "categoricalCrossentropy needs probabilities, got dense, which ends in 'relu'; end it with activation: 'softmax', or use losses.categoricalCrossentropy({ fromLogits: true })",
  ],
  [
    'log-probabilities before the cross-entropy',
    stackEndingIn('logSoftmax', 'sparseCategoricalCrossentropy'),
    "sparseCategoricalCrossentropy needs probabilities, got dense, which ends in 'logSoftmax'; end it with activation: 'softmax', or use losses.sparseCategoricalCrossentropy({ fromLogits: true })",
  ],
  [
    'tanh before the binary cross-entropy',
    stackEndingIn('tanh', 'binaryCrossentropy'),
    "binaryCrossentropy needs probabilities, got dense, which ends in 'tanh'; end it with activation: 'sigmoid', or use losses.binaryCrossentropy({ fromLogits: true })",
  ],
  [
    'two layers at once',
    () => Reflect.apply(small().add, small(), [head(), head()]),
    'add takes one argument, got 2; call it for each layer',
  ],
  [
    'a width for summary',
    () => compiled().summary(any(80)),
    'summary needs a function that prints, got 80; leave it out for console.log',
  ],

  // Numbers that are none.
  [
    'NaN to predict',
    () => compiled().predict(floats([3, 4], ...Array(5).fill(0), NaN, 0, 0, 0, 0, 0, 0)),
    "predict's x holds NaN in example 1; leave such examples out, or replace the value",
  ],
  [
    'infinity to evaluate',
    () => compiled().evaluate(floats([2, 4], 0, 0, 0, 0, 0, 0, 0, -Infinity), y),
    "evaluate's x holds -Infinity in example 1; leave such examples out, or replace the value",
  ],
  [
    'weights that are NaN',
    () =>
      small().setWeights(
        small()
          .getWeights()
          .map(({ data, shape }) => ({ data: data.fill(NaN, 1, 2), shape })),
      ),
    'setWeights: dense/kernel holds NaN at 1; go back to weights from before they became so',
  ],
  [
    'a variance below 0',
    () => {
      const model = sequential({ inputShape: [2], layers: [layers.batchNormalization()] });
      return model.setWeights([1, 0, 0, -1].map((value) => floats([2], 1, value)));
    },
    'setWeights needs values of at least 0 in batchNormalization/movingVariance, got -1 at 1',
  ],
  [
    'an optimizer that is NaN',
    () => restoreOptimizer(compiled(), 1, new Map([...compiled().optimizerSlots].map(([n, d]) => [n, d.fill(NaN)]))),
    "the optimizer's m holds NaN or infinite numbers",
  ],
  [
    'a number for workers',
    () => compiled({ workers: 3 }),
    "compile's workers must be what workers() of wasm-cnn/node or wasm-cnn/browser gives, got 3; write workers(3) for 3 threads, or leave it out for one",
  ],
  [
    'NaN to validate with',
    fit(x, y, { validationData: [floats([1, 4], 0, NaN, 0, 0), [0]] }),
    "fit's validationData holds NaN in example 0; leave such examples out, or replace the value",
  ],
  [
    'NaN to step on',
    () => compiled().trainOnBatch(floats([1, 4], 0, NaN, 0, 0), [0]),
    "trainOnBatch's x holds NaN in example 0; leave such examples out, or replace the value",
  ],
  [
    'weights that are too large to predict',
    () => {
      const model = compiled();
      model.setWeights([floats([4, 3], ...Array(12).fill(3e38)), floats([3])]);
      return model.predict(x);
    },
    "predict's output for example 0 is NaN; the weights are not finite, or too large for these inputs; go back to an earlier model, or scale x as in training",
  ],
  [
    'weights that are too large to be evaluated',
    () => {
      const model = compiled();
      model.setWeights([floats([4, 3], ...Array(12).fill(3e38)), floats([3])]);
      return model.evaluate(x, y);
    },
    "evaluate's loss is NaN; the weights are not finite, or too large for these inputs; go back to an earlier model, or scale x as in training",
  ],

  // What only training shows.
  [
    'NaN in the input',
    fit({ data: new Float32Array(8).fill(NaN), shape: [2, 4] }),
    "fit's x holds NaN in example 0; leave such examples out, or replace the value",
  ],
];

/** The error that the work ends with, now or later. */
async function errorOf(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  return undefined;
}

for (const [what, work, sentence] of sentences) {
  test(what, async () => {
    const error = await errorOf(work);
    assert.instance(error, WasmCnnError, `expected a refusal, got ${String(error)}`);
    const { message } = error as Error;
    if (typeof sentence === 'string') assert.is(message, sentence);
    else assert.match(message, sentence);
  });
}

test('a learning rate far too large: training stops with a sentence when the loss becomes NaN', async () => {
  const model = sequential({
    inputShape: [4],
    seed: 1,
    layers: [dense({ units: 8, activation: 'relu' }), dense({ units: 8, activation: 'relu' }), head()],
  });
  model.compile({ optimizer: adam({ learningRate: 1e20 }), loss: 'categoricalCrossentropy', batchSize: 2 });
  const values = Array.from({ length: 40 }, (_, i) => Math.abs(((i * 7) % 11) - 5) / 5);
  let epochsBegun = 0;
  const error = await errorOf(() =>
    model.fit(floats([10, 4], ...values), [0, 1, 2, 0, 1, 2, 0, 1, 2, 0], {
      epochs: 50,
      callbacks: {
        onEpochBegin: () => {
          epochsBegun++;
        },
      },
    }),
  );
  assert.instance(error, WasmCnnError);
  assert.match(
    (error as Error).message,
    new RegExp(
      `^loss is (NaN|Infinity) in epoch ${epochsBegun}, step [1-5] \\(learning rate 100000000000000000000\\); lower it or check the data$`,
    ),
  );
});

test('a column of class indices, and label rows that miss a sum of 1 by rounding, are taken', async () => {
  await compiled().fit(x, { data: Int32Array.of(2, 0), shape: [2, 1] });
  await compiled().fit(x, floats([2, 3], 0.333, 0.333, 0.333, 0.1, 0.2, 0.7));
});

test('a refused setWeights changes nothing', async () => {
  const model = compiled();
  const before = weightsHash(model);
  await errorOf(() => model.setWeights([floats([4, 3]), floats([4])]));
  assert.is(weightsHash(model), before);
});

test('a refused compile leaves the model as it was', async () => {
  const model = stack([4], dense({ units: 3 }))();
  await errorOf(() => model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' }));
  assert.is(
    ((await errorOf(() => model.fit(x, y))) as Error)?.message,
    'the model is not compiled; call compile({ optimizer, loss, metrics }) first',
  );
  assert.equal((await model.predict(x)).shape, [2, 3]);

  const mended = stack([4], dense({ units: 3 }))();
  await errorOf(() => mended.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' }));
  mended.add(activation({ activation: 'softmax' }));
  mended.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  await mended.fit(x, y);

  const again = compiled();
  const { compiled: before } = again;
  await errorOf(() => again.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 0 }));
  assert.is(again.compiled, before);
});

test('a model without weights predicts', async () => {
  const pooled = await stack([2, 2, 1], maxPooling2d())().predict(floats([1, 2, 2, 1], 3, 7, 5, 1));
  assert.equal(pooled, floats([1, 1, 1, 1], 7));
  const flat = await stack([1, 2, 1], flatten())().predict(floats([2, 1, 2, 1], 1, 2, 3, 4));
  assert.equal(flat, floats([2, 2], 1, 2, 3, 4));
});

test('a model without weights has a loss, and nothing to learn', async () => {
  const model = stack([3], activation({ activation: 'softmax' }))();
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  const { loss } = await model.evaluate(floats([1, 3], 0, 0, 0), [1]);
  assert.ok(Math.abs(loss! - Math.log(3)) <= 1e-7);
  await model.fit(floats([1, 3], 0, 0, 0), [1]);
});

test('a misspelt property of a layer of a model is none', () => {
  const layer = small().getLayer('dense') as unknown as { trainabel: boolean };
  assert.throws(() => (layer.trainabel = false), /trainabel/);
});

test.run();
