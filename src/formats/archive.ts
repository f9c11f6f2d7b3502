// A model as plain data: what any file format holds of it, and what goes to another thread. Readers and writers of formats know nothing
// of models, and models nothing of formats.
import { check, WasmCnnError } from '../base/errors.js';
import type { Shape } from '../base/shape.js';
import type { SavedLoss } from '../losses/index.js';
import type { SavedMetric } from '../metrics/index.js';
import type { Topology } from '../model/topology.js';
import type { FitState } from '../training/fitState.js';
import type { InputRange } from '../training/inputScale.js';
import type { NamedTensor } from './safetensors.js';

export interface ModelConfig {
  readonly name: string;
  /** A chain has this, any other model the next three, as {@link Topology} has them. */
  readonly inputShape?: Shape;
  /** The input's name in a chain; absent where it is 'input'. */
  readonly inputName?: string;
  readonly inputs?: Topology['inputs'];
  readonly calls?: Topology['calls'];
  readonly outputs?: Topology['outputs'];
  readonly seed: number;
  readonly layers: readonly { className: string; name: string; config: object }[];
  /** Present if the model was trained. */
  readonly inputRange?: InputRange;
}

export interface CompileConfig {
  readonly optimizer: { className: string; config: object };
  /** For several outputs one each, null for one without. */
  readonly loss: SavedLoss | readonly (SavedLoss | null)[];
  readonly lossWeights?: readonly number[];
  readonly metrics: readonly SavedMetric[] | readonly (readonly SavedMetric[])[];
  readonly step: number;
  /** Epochs begun; left out where there are none. */
  readonly epochs?: number;
  readonly batchSize: number;
}

export interface ModelArchive {
  readonly model: ModelConfig;
  /** Variables by their names ('conv2d/kernel'), and what the optimizer keeps beside each weight ('conv2d/kernel/m'). */
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  /** Present if the model is compiled. */
  readonly compile: CompileConfig | undefined;
  /** While fit is under way. */
  readonly fit: FitState | undefined;
  /** What the caller adds: anything that exactJson.ts holds. */
  readonly facts: unknown;
}

/** The tensor of this name and shape, of finite numbers; throws one sentence otherwise. */
export function takeTensor(
  { tensors }: Pick<ModelArchive, 'tensors'>,
  name: string,
  shape: Shape,
  who: string,
): Float32Array {
  const tensor = tensors.get(name);
  check(tensor !== undefined, () => `${who}: the tensor '${name}' is missing; it is a file of another model`);
  check(
    JSON.stringify(tensor.shape) === JSON.stringify(shape),
    () =>
      `${who}: the tensor '${name}' has shape ${JSON.stringify(tensor.shape)}, the model needs ${JSON.stringify(shape)}; it is a file of another model`,
  );
  check(
    tensor.data.every(Number.isFinite),
    () => `${who}: the tensor '${name}' holds NaN or infinite numbers; take an earlier file`,
  );
  return tensor.data;
}

/** Runs `action`; what a wrong description makes fail becomes one sentence about the file. */
export function describing<T>(who: string, part: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { message, cause } = error as Error;
    throw new WasmCnnError(`${who}: its description ('${part}') does not make a model: ${message}`, { cause });
  }
}
