// Model → the bytes of a .safetensors file: weights, optimizer state and counters as tensors and metadata, the architecture as JSON.
// While fit is under way the file is a checkpoint: it holds where fit is, too.
//
//   tensors    conv2d/kernel, conv2d/bias, …          and with the optimizer  conv2d/kernel/m, conv2d/kernel/v, …
//              batchNormalization/movingMean, …  statistics, which have neither
//              callback:earlyStopping/weights, …      Float32Arrays in the state of a callback
//   metadata   format   'wasm-cnn 1', or 'wasm-cnn 2' of a model whose layers are no chain
//              model    { name, inputShape, seed, layers: [{ className, name, config }], inputRange: { low, high, mean } }
//                       no chain: { name, inputs: [{ name, shape }], seed, layers, calls: [{ layer, inputs }], outputs: [{ name, tensor }] }
//              compile  { optimizer, loss, metrics: [metric, …], step, batchSize }, each { className, config }     where it was compiled
//              fit      a FitState, its callbacks' states as exactJson.ts writes them             where fit is under way
//              facts    whatever the caller adds, see exactJson.ts
//              checksum see checksum.ts
import { check, WasmCnnError } from '../base/errors.js';
import type { FitState } from '../training/fitState.js';
import type { OwnBytes } from '../base/hostTypes.js';
import type { InputRange } from '../training/inputScale.js';
import { deserializeLayer } from '../layers/deserialize.js';
import type { Layer } from '../layers/layer.js';
import type { Variable } from '../graph/variable.js';
import { describe, isPlain, kindOf } from '../base/options.js';
import { deserializeLoss, type SavedLoss } from '../losses/index.js';
import { deserializeMetric, type SavedMetric } from '../metrics/index.js';
import { makeOptimizer } from '../optimizers/index.js';
import { writeSafetensors, type NamedTensor } from './safetensors.js';
import type { Shape } from '../base/shape.js';
import type { Tensor } from '../base/tensor.js';
import { isChain, type Topology } from '../model/topology.js';
import type { Compiled } from '../training/trainer.js';
import { CHECKSUM, checksumOf } from './checksum.js';
import { toExactJson } from './exactJson.js';

/** In the metadata; a reader of another one refuses. */
export const CHAIN_FORMAT = 'wasm-cnn 1';
export const GRAPH_FORMAT = 'wasm-cnn 2';

/** What a file keeps of a model. */
export interface Savable {
  readonly name: string;
  readonly topology: Topology;
  readonly seed: number;
  readonly layers: readonly { readonly layer: Layer; readonly name: string }[];
  readonly parameters: readonly Variable[];
  readonly compiled: Compiled | null;
  readonly plan: { readonly batchSize: number } | null;
  readonly step: number;
  readonly optimizerSlots: ReadonlyMap<string, Float32Array>;
  readonly fitState: (() => FitState) | null;
  readonly inputScale: { readonly trained: InputRange | null };
  getWeights(): readonly Tensor<Float32Array>[];
}

export interface SaveOptions {
  /** Default true: training can go on from the file as if it had never stopped; while fit is under way, with fit's `resume`. */
  readonly includeOptimizer?: boolean;
  /** Anything that JSON holds, kept with the model; also NaN, Infinity, -0, undefined and typed arrays. Anything else is refused. */
  readonly facts?: unknown;
}

export interface ModelConfig {
  readonly name: string;
  /** A chain has this, any other model the next three, as {@link Topology} has them. */
  readonly inputShape?: Shape;
  readonly inputs?: Topology['inputs'];
  readonly calls?: Topology['calls'];
  readonly outputs?: Topology['outputs'];
  readonly seed: number;
  readonly layers: readonly { className: string; name: string; config: object }[];
  /** Of a model that was trained. */
  readonly inputRange?: InputRange;
}

export interface CompileConfig {
  readonly optimizer: { className: string; config: object };
  /** Of a model of several outputs one each, null for one without. */
  readonly loss: SavedLoss | readonly (SavedLoss | null)[];
  readonly lossWeights?: readonly number[];
  readonly metrics: readonly SavedMetric[] | readonly (readonly SavedMetric[])[];
  readonly step: number;
  readonly batchSize: number;
}

/** The model as the bytes of a .safetensors file. */
export function saveModel(model: Savable, { includeOptimizer = true, facts }: SaveOptions = {}): OwnBytes {
  const { parameters, compiled } = model;
  const tensors = new Map<string, NamedTensor>();
  for (const [i, tensor] of model.getWeights().entries()) tensors.set(parameters[i]!.name, tensor);
  const { inputs, calls, outputs } = model.topology;
  const chain = isChain(model.topology);
  const config: ModelConfig = {
    name: model.name,
    ...(chain ? { inputShape: inputs[0]!.shape } : { inputs, calls, outputs }),
    seed: model.seed,
    layers: model.layers.map(({ layer, name }) => ({ className: layer.className, name, config: layer.getConfig() })),
    ...(model.inputScale.trained && { inputRange: model.inputScale.trained }),
  };
  for (const { className, name, config: options } of config.layers)
    checkKnown(`the layer '${name}'`, '', () => deserializeLayer(className, asRead(options)));
  const metadata = new Map([
    ['format', chain ? CHAIN_FORMAT : GRAPH_FORMAT],
    ['model', JSON.stringify(config)],
  ]);
  if (compiled && includeOptimizer) {
    for (const [slot, values] of model.optimizerSlots) {
      for (const weight of parameters.filter(({ role }) => role === 'weight'))
        tensors.set(`${weight.name}/${slot}`, { shape: weight.shape, data: view(values, weight) });
    }
    const { optimizer } = compiled;
    const losses = compiled.outputs.map((output) => output && configOf(output.loss));
    const metrics = compiled.outputs.map((output) => output?.metrics.map(configOf) ?? []);
    const compile: CompileConfig = {
      optimizer: configOf(optimizer),
      ...(losses.length === 1
        ? { loss: losses[0]!, metrics: metrics[0]! }
        : { loss: losses, lossWeights: compiled.outputs.map((output) => output?.weight ?? 0), metrics }),
      step: model.step,
      batchSize: model.plan!.batchSize,
    };
    checkKnown('its optimizer', ', or save it with includeOptimizer: false', () =>
      makeOptimizer(compile.optimizer.className, asRead(compile.optimizer.config)),
    );
    checkKnown('its loss', ', or save it with includeOptimizer: false', () =>
      losses.map((loss) => loss && deserializeLoss(asRead(loss))),
    );
    checkKnown('its metrics', ', or save it with includeOptimizer: false', () =>
      metrics.flat().map((metric) => deserializeMetric(asRead(metric))),
    );
    metadata.set('compile', JSON.stringify(compile));
    if (model.fitState) metadata.set('fit', JSON.stringify(takeTensors(model.fitState(), tensors)));
  }
  if (facts !== undefined) metadata.set('facts', JSON.stringify(toExactJson(facts, 'facts')));
  for (const [name, { data }] of tensors)
    check(
      data.every(Number.isFinite),
      () =>
        `the model cannot be saved: ${name} holds NaN or infinite numbers${whereIs(model)}; go back to an earlier file, and lower the learning rate or check the data`,
    );
  metadata.set(CHECKSUM, checksumOf({ tensors, metadata }));
  return writeSafetensors({ tensors, metadata });
}

/** What a user made may well train; but a file that nothing reads is no file. */
function checkKnown(what: string, instead: string, make: () => unknown): void {
  try {
    make();
  } catch (error) {
    throw new WasmCnnError(
      `the model cannot be saved: loadModel() could not make ${what} again (${(error as Error).message}); use what wasm-cnn has${instead}`,
    );
  }
}

const asRead = <T>(config: T): T => JSON.parse(JSON.stringify(config)) as T;

const configOf = (made: { readonly className: string; getConfig(): object }) => ({
  className: made.className,
  config: made.getConfig(),
});

/** ' after epoch 2, step 118 (learning rate 0.5)', as far as it is known: the step that made the numbers. */
function whereIs({ fitState, compiled, step }: Savable): string {
  if (!compiled || step === 0) return '';
  const rate = `learning rate ${compiled.optimizer.schedule.at(step)}`;
  if (!fitState) return ` after step ${step} (${rate})`;
  const { epoch, seen, batchSize, count } = fitState();
  // At the end of an epoch the next one stands there, with nothing seen.
  const [number, examples] = seen === 0 ? [epoch, count] : [epoch + 1, seen];
  return ` after epoch ${number}, step ${Math.ceil(examples / batchSize)} (${rate})`;
}

/** In a file, a Float32Array of a callback's state: 'callback:name/key', which no layer's weights can be called. */
export const CALLBACK = /^callback:([^/]*)\/(.*)$/s;

/** Moves the Float32Arrays in the callbacks' states to the tensors; what is left is JSON. */
function takeTensors(state: FitState, tensors: Map<string, NamedTensor>): FitState {
  const callbacks = Object.entries(state.callbacks).map(([name, values]) => {
    check(
      isPlain(values),
      () =>
        `the model cannot be saved: the state of the callback '${name}' is ${describe(values)}, a plain object is needed; keep that in one`,
    );
    const isTensor = ([, data]: [string, unknown]): boolean =>
      kindOf(data) === 'Float32Array' && (data as Float32Array).every(Number.isFinite);
    const entries = Object.entries(values);
    for (const [key, data] of entries.filter(isTensor))
      tensors.set(`callback:${name}/${key}`, { shape: [(data as Float32Array).length], data: data as Float32Array });
    return [name, toExactJson(Object.fromEntries(entries.filter((entry) => !isTensor(entry))), `${name}.state`)];
  });
  return { ...state, callbacks: Object.fromEntries(callbacks) };
}

function view(values: Float32Array, { offset, size }: Variable): Float32Array {
  return values.subarray(offset, offset + size);
}
