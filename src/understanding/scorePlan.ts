// What a class score depends on: the gradient of one class' score by what a layer makes, or by the input, as prediction has it.
//
// A training plan gives gradients of weights alone. So a weight is put where the gradient is wanted: a probe, which adds a tensor of zeros
// and passes on what it gets. Its gradient is that of the value. Layers are as they predict: nothing is dropped, normalization takes its
// moving statistics, and no other weight has a gradient.
import { check } from '../base/errors.js';
import { describe } from '../base/options.js';
import { formatShape, sizeOf, type Shape } from '../base/shape.js';
import type { Tensor } from '../base/tensor.js';
import { lowerModel } from '../compiler/lower.js';
import type { ActivationNode } from '../compiler/ops/activation.js';
import { chain, type Lowering, type Op } from '../compiler/ops/op.js';
import { makePlan } from '../compiler/plan.js';
import { predictProgram } from '../compiler/program.js';
import { gradientsProgram } from '../compiler/trainingProgram.js';
import type { Engine } from '../engine/engine.js';
import {
  GraphBuilder,
  GraphView,
  type Graph,
  type Node,
  type NodeLowering,
  type NodeSpec,
  type Value,
} from '../graph/graph.js';
import { placeVariables, type Variable } from '../graph/variable.js';
import { signatureOf } from '../model/topology.js';
import { fillInputs, OVERFLOW } from '../training/prediction.js';
import { engineFor, type InspectedModel } from './inspectedModel.js';

/** y = x + 0; one example a batch, so that the weight's gradient is dy. */
const lowerProbe: Lowering = (node): Op => {
  const size = sizeOf(node.output.shape);
  return {
    name: 'probe',
    ...chain(node),
    memory: {},
    backwardReads: { inputs: false, outputs: false },
    gradients: 'shards',
    forward: (kernels, { x, y }) => kernels.copy(y, x, size),
    backward(kernels, { dx, dy, gradients }) {
      kernels.copy(gradients[0]!, dy, size);
      if (dx && dx !== dy) kernels.copy(dx, dy, size);
    },
  };
};

/** The sum of scores · target, whose gradient is the target; nothing reads the sum itself. */
const lowerScore: Lowering = (node): Op => {
  const size = sizeOf(node.inputs[0]!.shape);
  return {
    name: 'score',
    ...chain(node),
    memory: {},
    backwardReads: { inputs: true, outputs: false },
    forward() {},
    loss() {},
    backward: (kernels, { inputs: [, target], dx }, n) => dx && kernels.copy(dx, target!, n * size),
  };
};

/** Has what draws random numbers, whose nodes have the number of their call, do what it does outside training. */
class PredictingBuilder extends GraphBuilder {
  override add<N extends Node>(spec: NodeSpec<N>): Value {
    if (!('index' in spec)) return super.add(spec);
    const lowerings = spec.lowerings.map(
      (lower): NodeLowering =>
        (node, { graph }) =>
          lower(node, new GraphView(graph, false)),
    );
    return super.add({ ...spec, lowerings });
  }
}

/** What ends a classifier and is left out of its scores: a softmax's gradient mixes in those of all other classes, and vanishes where it is sure. */
const PROBABILITIES = ['softmax', 'logSoftmax', 'sigmoid'];

export interface Score {
  /** Gradient of the class' score by the probed value. */
  readonly gradient: Float32Array;
  /** The probed value itself. */
  readonly value: Float32Array;
  readonly classIndex: number;
}

/** Throws unless the model has one input, and one output with a score for each class. */
export function checkClassifier(model: InspectedModel, who: string): void {
  const { topology } = model;
  const { inputs, outputs } = signatureOf(topology);
  const format = (list: readonly { readonly shape: Shape }[]): string =>
    list.map(({ shape }) => formatShape(shape)).join(', ');
  check(
    inputs.length === 1 && outputs.length === 1 && outputs[0]!.shape.length === 1,
    () => `${who} needs a classifier of one input and one output [classes], got ${format(inputs)} → ${format(outputs)}`,
  );
}

/** Throws unless it is undefined or the number of a class. */
export function checkClassIndex(classIndex: unknown, classes: number, who: string): void {
  check(
    classIndex === undefined || (Number.isSafeInteger(classIndex) && inRange(classIndex as number, classes)),
    () => `${who}'s classIndex must be a whole number from 0 to ${classes - 1}, got ${describe(classIndex)}`,
  );
}

const inRange = (index: number, count: number): boolean => index >= 0 && index < count;

/** Plans the model for one example at a time, with a probe behind the first call of layer `probed`, or behind the input for null. */
export class ScorePlan {
  readonly valueShape: Shape;
  readonly classes: number;
  readonly #engine: Engine;
  readonly #who: string;
  readonly #probe: Variable;
  /** One output and a sigmoid: its score is class 1's, and class 0's with the other sign. */
  readonly #binary: boolean;
  /** Above it the one output means class 1. */
  readonly #threshold: number;

  constructor(model: InspectedModel, probed: number | null, who = 'the score') {
    this.#who = who;
    const { inputs, layers, calls, outputs } = model.topology;
    const builder = new PredictingBuilder();
    const shapes = inputs.map(({ shape }) => shape);
    for (const call of calls) {
      const { layer, name } = layers[call.layer]!;
      shapes.push(
        layer.outputShape(
          call.inputs.map((input) => shapes[input]!),
          name,
        ),
      );
    }
    const place = probed === null ? 0 : inputs.length + calls.findIndex(({ layer }) => layer === probed);
    const shape = shapes[place]!;
    const frozen = layers.map(({ name, specs }) => ({ layer: name, trainable: false, specs }));
    const placed = placeVariables([
      ...frozen,
      { layer: 'gradient', trainable: true, specs: [{ name: 'probe', shape, initializer: 'zeros' }] },
    ]);
    const own = placed.slice(0, -1);
    this.#probe = placed.at(-1)![0]!;
    this.valueShape = shape;

    const values: Value[] = [];
    let value: Value | null = null;
    const push = (made: Value): void => {
      if (values.length !== place) return void values.push(made);
      value = builder.add({
        ...{ kind: 'probe', layer: 'probe', lowerings: [lowerProbe] },
        ...{ inputs: [made], output: shape, variables: [this.#probe] },
      });
      values.push(value);
    };
    const graphInputs = inputs.map((input) => builder.value(input.shape));
    for (const input of graphInputs) push(input);
    for (const [index, call] of calls.entries()) {
      const { layer, name } = layers[call.layer]!;
      const given = call.inputs.map((input) => values[input]!);
      push(layer.build(builder, given, { name, index, variables: own[call.layer]! }));
    }
    const output = values[outputs[0]!.tensor]!;
    const maker = builder.maker(output) as ActivationNode | null;
    const scores = maker?.kind === 'activation' && PROBABILITIES.includes(maker.function) ? maker.inputs[0]! : output;
    this.#binary = sizeOf(output.shape) === 1;
    check(
      !this.#binary || scores !== output || model.compiled?.outputs[0]?.loss.targets === 'binary',
      `${who} needs a classifier, got a model of one number without a sigmoid; end it with activation: 'sigmoid', or with a unit for each class`,
    );
    this.#threshold = scores === output ? 0 : 0.5;
    this.classes = this.#binary ? 2 : sizeOf(output.shape);
    const target = builder.value(scores.shape);
    const loss = builder.add({
      ...{ kind: 'score', layer: 'score', lowerings: [lowerScore] },
      ...{ inputs: [scores, target], output: [], variables: [] },
    });
    const graph: Graph = {
      inputs: graphInputs,
      outputs: [output, value!],
      losses: [{ prediction: scores, target, loss, weight: 1, output: 0 }],
      penalties: [],
      variables: placed.flat(),
      nodes: builder.nodes,
    };
    const plan = makePlan(graph, lowerModel(graph, true), { batchSize: 1, slots: [], threads: 1 });
    this.#engine = engineFor(model, plan, own.flat());
  }

  /** The score of one example; `classIndex`: undefined for the predicted class. */
  of(xs: readonly Tensor<Float32Array>[], example: number, classIndex?: number): Score {
    const engine = this.#engine;
    const { plan } = engine;
    const options = fillInputs(engine, xs, null, example, 1);
    if (classIndex === undefined) {
      engine.predict('predict', (worker) => predictProgram(plan, options, worker));
      const output = engine.outputs[0]!;
      classIndex = this.#binary
        ? Number(output[0]! > this.#threshold)
        : output.indexOf(output.reduce((a, b) => Math.max(a, b)));
      fillInputs(engine, xs, null, example, 1);
    }
    const { targets } = engine.losses[0]!;
    targets.fill(0);
    targets[this.#binary ? 0 : classIndex] = this.#binary && classIndex === 0 ? -1 : 1;
    engine.run('gradients', (worker) => gradientsProgram(plan, options, worker));
    const bad = engine.outputs[0]!.find((value) => !Number.isFinite(value));
    check(bad === undefined, () => `${this.#who}'s model makes ${bad} of example ${example}; ${OVERFLOW}`);
    const { offset, size } = this.#probe;
    return {
      gradient: engine.gradients.slice(offset, offset + size),
      value: engine.outputs[1]!.slice(),
      classIndex,
    };
  }
}
