// An optimizer's state as TF.js keeps it: the number of steps, then a slot of all weights after another, in the order of its trained weights.
import { sameShape } from '../../base/shape.js';
import type { CompileConfig, ModelArchive } from '../archive.js';
import { allVariables, firstSlots, type KerasLayer } from '../kerasConfig/index.js';
import type { NamedTensor } from '../safetensors.js';
import type { Weight } from './manifest.js';

/** Our slots in TF.js' order, and how it calls them. */
const SLOTS: Readonly<Record<string, readonly (readonly [ours: string, theirs: string])[]>> = {
  Adam: [
    ['m', 'm'],
    ['v', 'v'],
  ],
  SGD: [['momentum', 'momentum']],
  RMSprop: [
    ['v', 'rms'],
    ['momentum', 'momentum'],
    ['averageGradient', 'mg'],
  ],
  Adagrad: [['accumulator', 'accumulator']],
};

/** What TF.js keeps is that many times ours: its momentum adds gradients up, Keras' and ours the steps that they make. */
function factorOf({ className, config }: CompileConfig['optimizer']): number {
  const { learningRate } = config as { learningRate?: unknown };
  return className === 'SGD' && typeof learningRate === 'number' ? -1 / learningRate : 1;
}

export interface NamedWeight extends NamedTensor {
  readonly name: string;
  readonly dtype?: 'int32';
}

/** Slots and steps of a file's optimizer; first ones where it has none, or those of weights that were frozen. */
export function readState(
  weights: readonly Weight[],
  optimizer: CompileConfig['optimizer'],
  layers: readonly KerasLayer[],
  tensors: ModelArchive['tensors'],
  notes: Set<string>,
): { readonly slots: ReadonlyMap<string, NamedTensor>; readonly step: number } {
  const slots = firstSlots(optimizer, layers, tensors);
  const first = { slots: new Map(slots), step: 0 };
  if (weights.length === 0) return first;
  const trained = allVariables(layers).flatMap(({ target, trained: learned, trainable }) =>
    target !== null && learned && trainable ? [target] : [],
  );
  const [steps] = weights[0]!.shape.length === 0 ? weights : [];
  const values = weights.slice(steps ? 1 : 0);
  const known = SLOTS[optimizer.className] ?? [];
  const factor = factorOf(optimizer);
  // TF.js keeps RMSprop's momentum even where it is 0.
  const kept = values.length / trained.length;
  for (const [i, { shape, data }] of values.entries()) {
    const [slot] = known[Math.floor(i / trained.length)] ?? [];
    const target = trained[i % trained.length]!;
    const isGood =
      Number.isInteger(kept) &&
      kept <= known.length &&
      tensors.get(target) !== undefined &&
      sameShape(tensors.get(target)!.shape, shape);
    if (!isGood || !data.every(Number.isFinite)) {
      notes.add("the optimizer's state is left out: it does not fit the weights that are trained");
      return first;
    }
    const name = `${target}/${slot!}`;
    if (slots.has(name)) slots.set(name, { shape, data: data.map((value) => value / factor) });
  }
  const step = steps?.data[0] ?? 0;
  return { slots, step: Number.isSafeInteger(step) && step >= 0 ? step : 0 };
}

/** What TF.js sets its optimizer to. */
export function writeState(
  { optimizer, step }: CompileConfig,
  layers: readonly KerasLayer[],
  tensors: ModelArchive['tensors'],
): NamedWeight[] {
  const { className, config } = optimizer;
  const trained = allVariables(layers).filter(
    ({ target, trained: learned, trainable }) => target !== null && learned && trainable,
  );
  const { centered } = config as { centered?: boolean };
  const known = (SLOTS[className] ?? []).filter(([ours]) => ours !== 'averageGradient' || centered);
  const factor = factorOf(optimizer);
  const hasSlots = className !== 'SGD' || (config as { momentum?: number }).momentum !== 0;
  const slots = (hasSlots ? known : []).flatMap(([ours, theirs]) =>
    trained.map(({ target, name, path }): NamedWeight => {
      const weight = tensors.get(target!)!;
      const { data } = tensors.get(`${target!}/${ours}`) ?? { data: new Float32Array(weight.data.length) };
      return {
        name: `${path.join('/')}/${name}/${theirs}`,
        shape: weight.shape,
        data: data.map((value) => value * factor),
      };
    }),
  );
  return [{ name: 'iter', shape: [], data: Float32Array.of(step), dtype: 'int32' }, ...slots];
}
