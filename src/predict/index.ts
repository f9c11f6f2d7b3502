// 'wasm-cnn/predict': loads a model that was saved, and predicts. The bits are those of the full library; what trains is not here.
// src/node/buildPredict.js makes build/predict/ of it.
// The kernels come first, as in src/index.ts.
/**
 * Loads a saved model and predicts, with the bits of the full library, and does nothing else: less than 40 KiB in a page.
 *
 * ```js
 * import { loadModel } from 'wasm-cnn/predict';
 * ```
 *
 * @module wasm-cnn/predict
 */
export {} from '../engine/modules/core.generated.js';
import { checkArguments, checkOptions } from '../base/options.js';
import { makeYield } from '../base/eventLoop.js';
import type { Shape } from '../base/shape.js';
import type { Tensor } from '../base/tensor.js';
import type { Classify } from '../data/classifier/classify.js';
import { lowerModel } from '../compiler/lower.js';
import { makePlan, predictingShard } from '../compiler/plan.js';
import { Engine } from '../engine/engine.js';
import { describing, takeTensor, type ModelConfig } from '../formats/archive.js';
import { readModelFile } from '../formats/modelFile.js';
import { bytesOfLater, isLater, modelBytes, type LaterBytes, type ModelBytes } from '../formats/modelBytes.js';
import type { ImageLike } from '../images/pictureOf.js';
import { checkWeights } from '../graph/weights.js';
import { makeLayer, type LayerClasses } from '../layers/makeLayer.js';
import * as usualClasses from '../layers/usualClasses.js';
import { classifyLater } from '../model/classifyLater.js';
import { checkLayers, connectBranches, connectChain } from '../model/connect.js';
import { buildGraph, signatureOf, type Topology } from '../model/topology.js';
import { variablesOf } from '../model/placedLayer.js';
import { trace } from '../model/trace.js';
import { InputScale } from '../training/inputScale.js';
import { inputsOf, type Inputs } from '../training/inputs.js';
import { checkedOutputs, predict } from '../training/prediction.js';

export type { Classify, ImageLike, Shape, Tensor, Inputs, ModelBytes, LaterBytes };
export type { Classification, Classifications, ClassifyOptions } from '../data/classifier/classify.js';
export { WasmCnnError } from '../base/errors.js';

/** Options of {@link loadModel}. */
export interface LoadOptions {
  /** What errors call the file; default 'the model file'. */
  readonly name?: string;
  /** Kernels of loadKernels() in place of those that are built in. */
  readonly wasm?: WebAssembly.Module;
}

/** A model that predicts. */
export interface Predictor {
  readonly name: string;
  /** Shape of one example; of the first one where there are several inputs, or outputs. */
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** Outputs [n, …outputShape], for any n; of a model of several outputs an array of them, predict<Tensor[]>(x). */
  predict<Outputs = Tensor<Float32Array>>(x: Inputs): Promise<Outputs>;
}

/** What {@link loadModel} returns. */
export interface LoadedModel {
  readonly model: Predictor;
  /** What was given to save(), or undefined. */
  readonly facts: unknown;
  /** Names and probabilities for an image, or several, that is prepared as the file says; docs/pictures.md. */
  readonly classify: Classify;
}

/** The classes that a model has; what the README's network does not have comes in a file of its own. */
async function classesFor(config: ModelConfig): Promise<LayerClasses> {
  const isUsual = ({ className }: { className: string }): boolean => Object.hasOwn(usualClasses, className);
  return config.layers.every(isUsual)
    ? usualClasses
    : { ...usualClasses, ...(await import('../layers/otherClasses.js')) };
}

/** Layers that act while training alone. */
function withoutRules(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !/(Regularizer|Constraint)$/.test(name)));
}

function topologyOf(config: ModelConfig, classes: LayerClasses): Topology {
  const connect = config.calls === undefined ? connectChain : connectBranches;
  const { inputs, outputs } = connect(config, ({ className, name, config: options }) =>
    makeLayer(classes, className, { ...withoutRules(options), name }),
  );
  return trace(inputs, outputs).topology;
}

/**
 * The model of a file that save() of wasm-cnn made, whatever its layers, with bit-identical predictions. Takes bytes, a Response, a Blob or a
 * File. Optimizer, loss and metrics, if the file has them, are not looked at.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 * import { loadModel } from 'wasm-cnn/predict';
 *
 * const bytes = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 3, activation: 'softmax' })] }).save();
 * const { model } = await loadModel(bytes);
 * const { shape } = await model.predict({ data: Float32Array.of(1, 2), shape: [1, 2] });
 * shape; // [1, 3]
 * ```
 */
export async function loadModel(given: ModelBytes | LaterBytes, options: LoadOptions = {}): Promise<LoadedModel> {
  checkOptions(options, ['name', 'wasm'], 'loadModel');
  const { name: who = 'the model file', wasm } = options;
  const bytes = modelBytes(isLater(given) ? await bytesOfLater(given, who) : given, who);
  const archive = readModelFile(bytes, who);
  const { model: config, facts } = archive;
  describing(who, 'model', () => checkLayers(config));
  const classes = await classesFor(config);
  const topology = describing(who, 'model', () => topologyOf(config, classes));
  const scale = new InputScale();
  describing(who, 'model', () => scale.restore(config.inputRange));
  const parameters = variablesOf(topology.layers).flat();
  const weights = parameters.map(({ name, shape }) => ({ data: takeTensor(archive, name, shape, who), shape }));
  checkWeights(weights, parameters, who);

  const graph = buildGraph(topology, []);
  const lowered = lowerModel(graph, false);
  const batchSize = predictingShard(lowered.predicting);
  const plan = makePlan(graph, lowered, { batchSize, slots: null, threads: 1 });
  scale.raw = plan.inputs[0]!.raw;
  const engine = new Engine(plan, { wasm });
  for (const [i, { offset }] of parameters.entries()) engine.weights.set(weights[i]!.data, offset);
  engine.repack();
  const signature = signatureOf(topology);
  const yieldToEventLoop = makeYield();
  const model: Predictor = {
    name: config.name,
    inputShape: [...topology.inputs[0]!.shape],
    outputShape: signature.outputs[0]!.shape,
    async predict<Outputs>(x: Inputs) {
      checkArguments(arguments, 1, 'predict', 'it has no options');
      const xs = inputsOf(x, signature.inputs, 'predict');
      scale.compare(xs, "predict's x");
      const count = xs[0]!.shape[0]!;
      return checkedOutputs(await predict(engine, signature, xs, count, yieldToEventLoop), count) as Outputs;
    },
  };
  return { model, facts, classify: classifyLater({ ...model, topology, inputScale: scale }, facts, who) };
}
