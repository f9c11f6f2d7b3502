// Activations, some of them in steps, as ONNX had no operator for them in opset 17.
import type { GraphWriter, Written } from './graphWriter.js';

const SIMPLE: Readonly<Record<string, string>> = {
  relu: 'Relu',
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
  elu: 'Elu',
  exponential: 'Exp',
  hardSilu: 'HardSwish',
  hardSwish: 'HardSwish',
  selu: 'Selu',
  softplus: 'Softplus',
  softsign: 'Softsign',
};

type Step = (graph: GraphWriter, x: string) => string;

const silu: Step = (graph, x) => graph.node('Mul', [x, graph.node('Sigmoid', [x])]);
const half: Step = (graph, x) => graph.node('Mul', [x, graph.scalar(0.5)]);
const onePlus: Step = (graph, x) => graph.node('Add', [x, graph.scalar(1)]);

const STEPS: Readonly<Record<string, Step>> = {
  relu6: (graph, x) => graph.node('Clip', [x, graph.scalar(0), graph.scalar(6)]),
  leakyRelu: (graph, x) => graph.node('LeakyRelu', [x], { alpha: { float: 0.2 } }),
  hardSigmoid: (graph, x) => graph.node('HardSigmoid', [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }),
  silu,
  swish: silu,
  mish: (graph, x) => graph.node('Mul', [x, graph.node('Tanh', [graph.node('Softplus', [x])])]),
  gelu: (graph, x) => {
    const erf = graph.node('Erf', [graph.node('Div', [x, graph.scalar(1.4142135623730951)])]);
    return half(graph, graph.node('Mul', [x, onePlus(graph, erf)]));
  },
  geluApproximate: (graph, x) => {
    const cube = graph.node('Mul', [x, graph.node('Mul', [x, x])]);
    const sum = graph.node('Add', [x, graph.node('Mul', [cube, graph.scalar(0.044715)])]);
    const tanh = graph.node('Tanh', [graph.node('Mul', [sum, graph.scalar(0.7978845608028654)])]);
    return half(graph, graph.node('Mul', [x, onePlus(graph, tanh)]));
  },
};

export function writeActivation(graph: GraphWriter, activation: string, x: Written): Written {
  if (activation === 'linear') return x;
  if (activation === 'softmax' || activation === 'logSoftmax') {
    const op = activation === 'softmax' ? 'Softmax' : 'LogSoftmax';
    // Over our last axis: of an image the channels.
    return graph.each(op, x, { axis: x.image === undefined ? -1 : 1 });
  }
  if (Object.hasOwn(SIMPLE, activation)) return graph.each(SIMPLE[activation]!, x);
  const { name, as } = graph.either(x);
  return as(STEPS[activation]!(graph, name));
}

/** maxValue from there on, x from the threshold, negativeSlope · (x - threshold) below. */
export function writeRelu(
  graph: GraphWriter,
  x: Written,
  {
    maxValue = null,
    negativeSlope = 0,
    threshold = 0,
  }: { maxValue?: number | null; negativeSlope?: number; threshold?: number },
): Written {
  if (threshold === 0 && negativeSlope === 0)
    return maxValue === null
      ? graph.each('Relu', x)
      : graph.each('Clip', x, {}, graph.scalar(0), graph.scalar(maxValue));
  const { name, as } = graph.either(x);
  let y: string;
  if (threshold === 0) y = graph.node('LeakyRelu', [name], { alpha: { float: negativeSlope } });
  else {
    const isBelow = graph.node('Less', [name, graph.scalar(threshold)]);
    const below = graph.node('Mul', [graph.node('Sub', [name, graph.scalar(threshold)]), graph.scalar(negativeSlope)]);
    y = graph.node('Where', [isBelow, below, name]);
  }
  return as(maxValue === null ? y : graph.node('Min', [y, graph.scalar(maxValue)]));
}
