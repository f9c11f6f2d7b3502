// Regularizers and constraints on the weights and outputs of layers of every kind.
import { constraints, layers, regularizers } from '../../../src/index.js';
import { conv, dense, flatten, graphNetwork, network, of, pool, relu, same } from '../network.js';

const { l1, l2, l1l2 } = regularizers;

export const weightRuleNetworks = [
  network(
    'penalties on kernels and biases of dense layers',
    [9],
    of(() => layers.dense({ units: 7, kernelRegularizer: 'l2', biasRegularizer: l1({ l1: 0.05 }) })),
    relu,
    of(() => layers.dense({ units: 6, kernelRegularizer: l1l2({ l1: 0.02, l2: 0.1 }), activation: 'tanh' })),
    dense(4),
  ),
  network(
    'penalties on convolutions and their outputs, constraints',
    [9, 8, 3],
    of(() =>
      layers.conv2d({
        ...{ filters: 8, kernelSize: 3, activation: 'relu', kernelRegularizer: l2({ l2: 0.03 }) },
        ...{ activityRegularizer: l2({ l2: 0.01 }), kernelConstraint: constraints.maxNorm({ axis: [0, 1, 2] }) },
      }),
    ),
    pool(2),
    of(() =>
      layers.separableConv2d({
        ...{ filters: 5, kernelSize: 2, depthwiseRegularizer: 'l1', pointwiseRegularizer: 'l1l2', activation: 'tanh' },
        ...{ depthwiseConstraint: 'nonNeg', pointwiseConstraint: constraints.unitNorm({ axis: -2 }), ...same },
      }),
    ),
    of(() => layers.depthwiseConv2d({ kernelSize: 2, depthwiseRegularizer: l1(), activityRegularizer: 'l1' })),
    flatten,
    dense(4),
  ),
  network(
    'penalties on normalization, prelu and what is frozen',
    [6, 5, 2],
    conv(6, [2, 2], { useBias: false }),
    of(() => layers.batchNormalization({ momentum: 0.6, gammaRegularizer: l2({ l2: 0.2 }), betaRegularizer: 'l1' })),
    of(() =>
      layers.prelu({ alphaRegularizer: l2({ l2: 0.5 }), alphaConstraint: constraints.minMaxNorm({ rate: 0.5 }) }),
    ),
    flatten,
    of(() => layers.dense({ units: 7, trainable: false, kernelRegularizer: l2(), activityRegularizer: 'l2' })),
    of(() => layers.layerNormalization({ betaRegularizer: 'l2', gammaConstraint: 'nonNeg' })),
    dense(4),
  ),
  graphNetwork('an output that is penalized and read twice, by a layer that is called twice', [6, 6, 3], 4, (x) => {
    const shared = layers.conv2d({
      ...{ filters: 3, kernelSize: 3, activation: 'tanh', activityRegularizer: l2({ l2: 0.02 }), ...same },
      ...{ kernelRegularizer: l2({ l2: 0.04 }), kernelConstraint: 'maxNorm' },
    });
    const first = shared.apply(x);
    return layers.add({ activityRegularizer: 'l1' }).apply([first, shared.apply(first)]);
  }),
];
