// A model → plain data, which a file holds.
import { check, WasmCnnError } from '../base/errors.js';
import type { Tensor } from '../base/tensor.js';
import type { CompileConfig, ModelArchive, ModelConfig } from '../formats/archive.js';
import type { NamedTensor } from '../formats/safetensors.js';
import { weightsOf, type Variable } from '../graph/variable.js';
import type { Layer } from '../layers/layer.js';
import type { Loss } from '../losses/index.js';
import type { Metric } from '../metrics/index.js';
import { makeOptimizer } from '../optimizers/makeOptimizer.js';
import type { FitState } from '../training/fitState.js';
import type { InputRange } from '../training/inputScale.js';
import type { Compiled } from '../training/session.js';
import { isChain, type Topology } from './topology.js';

/** What a file keeps of a model. */
export interface Savable {
  readonly name: string;
  readonly topology: Topology;
  readonly seed: number;
  readonly layers: readonly { readonly layer: Layer; readonly name: string }[];
  readonly parameters: readonly Variable[];
  readonly compiled: Compiled | null;
  readonly step: number;
  readonly epochsBegun: number;
  /** Learning rate of step t, from 1. */
  rateOf(t: number): number;
  readonly optimizerSlots: ReadonlyMap<string, Float32Array>;
  readonly fitState: (() => FitState) | null;
  readonly inputScale: { readonly trained: InputRange | null };
  getWeights(): readonly Tensor<Float32Array>[];
}

/** Options of `model.save`. */
export interface SaveOptions {
  /** Default true: training can continue from the file as if uninterrupted; while fit is running, with fit's `resume`. */
  readonly includeOptimizer?: boolean;
  /** Anything that JSON holds, kept with the model; also NaN, Infinity, -0, undefined and typed arrays. Anything else is refused. */
  readonly facts?: unknown;
}

/** Its layers and how they are joined, without weights. */
export function modelConfigOf({
  name,
  topology,
  seed,
  layers,
}: Pick<Savable, 'name' | 'topology' | 'seed' | 'layers'>): ModelConfig {
  const { inputs, calls, outputs } = topology;
  return {
    name,
    ...(isChain(topology) && outputs[0]!.name === 'output'
      ? { inputShape: inputs[0]!.shape, ...(inputs[0]!.name !== 'input' && { inputName: inputs[0]!.name }) }
      : { inputs, calls, outputs }),
    seed,
    layers: layers.map((each) => ({
      className: each.layer.className,
      name: each.name,
      config: each.layer.getConfig(),
    })),
  };
}

/** The model as plain data; throws one sentence where loadModel() could not make it again. */
export function pack(model: Savable, { includeOptimizer = true, facts }: SaveOptions = {}): ModelArchive {
  const { parameters, compiled } = model;
  const tensors = new Map<string, NamedTensor>();
  for (const [i, tensor] of model.getWeights().entries()) tensors.set(parameters[i]!.name, tensor);
  const config = { ...modelConfigOf(model), ...(model.inputScale.trained && { inputRange: model.inputScale.trained }) };
  for (const { layer, name } of model.layers)
    checkKnown(`the layer '${name}'`, '', () => {
      const { className, make } = layer;
      const again = make?.(asRead(layer.getConfig()) as never);
      check(again?.className === className, () => `there is no layer '${className}'`);
    });
  let compile: CompileConfig | undefined;
  if (compiled && includeOptimizer) {
    for (const [slot, values] of model.optimizerSlots) {
      for (const weight of weightsOf(parameters))
        tensors.set(`${weight.name}/${slot}`, { shape: weight.shape, data: view(values, weight) });
    }
    const { className } = compiled.optimizer;
    const options = { ...compiled.optimizer.getConfig() };
    // One that is no schedule is what it was set to since.
    if (typeof options.learningRate === 'number') options.learningRate = model.rateOf(model.step + 1);
    const losses = compiled.outputs.map((output) => output && configOf(output.loss));
    const metrics = compiled.outputs.map((output) => output?.metrics.map(configOf) ?? []);
    compile = {
      optimizer: { className, config: options },
      ...(losses.length === 1
        ? { loss: losses[0]!, metrics: metrics[0]! }
        : { loss: losses, lossWeights: compiled.outputs.map((output) => output?.weight ?? 0), metrics }),
      step: model.step,
      ...(model.epochsBegun > 0 && { epochs: model.epochsBegun }),
      batchSize: compiled.batchSize,
    };
    checkKnown('its optimizer', ', or save it with includeOptimizer: false', () =>
      makeOptimizer(className, asRead(options)),
    );
    checkKnown('its loss', ', or save it with includeOptimizer: false', () =>
      compiled.outputs.forEach((output) => output && checkAgain('loss', output.loss)),
    );
    checkKnown('its metrics', ', or save it with includeOptimizer: false', () =>
      compiled.outputs.forEach((output) => output?.metrics.forEach((metric) => checkAgain('metric', metric))),
    );
  }
  for (const [name, { data }] of tensors)
    check(
      data.every(Number.isFinite),
      () =>
        `the model cannot be saved: ${name} holds NaN or infinite numbers${whereIs(model)}; go back to an earlier file, and lower the learning rate or check the data`,
    );
  return { model: config, tensors, compile, fit: compile && model.fitState?.(), facts };
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

function checkAgain(what: string, made: Loss | Metric): void {
  const again = made.make?.(asRead(made.getConfig()) as never);
  check(again?.className === made.className, () => `there is no ${what} '${made.className}'`);
}

const asRead = <T>(config: T): T => JSON.parse(JSON.stringify(config)) as T;

const configOf = (made: { readonly className: string; getConfig(): object }) => ({
  className: made.className,
  config: made.getConfig(),
});

/** ' after epoch 2, step 118 (learning rate 0.5)', as far as it is known: the step that made the numbers. */
function whereIs(model: Savable): string {
  const { fitState, compiled, step } = model;
  if (!compiled || step === 0) return '';
  const rate = `learning rate ${model.rateOf(step)}`;
  if (!fitState) return ` after step ${step} (${rate})`;
  const { epoch, seen, batchSize, gradientAccumulationSteps, count } = fitState();
  // At the end of an epoch the next one stands there, with nothing seen.
  const [number, examples] = seen === 0 ? [epoch, count] : [epoch + 1, seen];
  return ` after epoch ${number}, step ${Math.ceil(examples / (batchSize * gradientAccumulationSteps))} (${rate})`;
}

function view(values: Float32Array, { offset, size }: Variable): Float32Array {
  return values.subarray(offset, offset + size);
}
