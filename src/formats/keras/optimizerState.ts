// What an optimizer keeps, in Keras' files: its variables in a row, which begin with iteration and learning rate.
import type { CompileConfig } from '../archive.js';
import type { Dataset } from '../hdf5/read.js';
import type { Hdf5Node } from '../hdf5/write.js';
import { allVariables, type KerasLayer } from '../kerasConfig/index.js';
import type { NamedTensor } from '../safetensors.js';

type Optimizer = CompileConfig['optimizer'];
type Tensors = ReadonlyMap<string, NamedTensor>;
interface Config {
  readonly amsgrad?: boolean;
  readonly momentum?: number;
  readonly centered?: boolean;
  readonly useEma?: boolean;
  readonly beta1?: number;
}

/** A slot: Keras 3's name, those of older versions, and ours. */
type Slot = readonly [ours: string, keras3: string, ...older: string[]];

const AVERAGE: Slot = ['average', 'average'];
const MOMENTUM: Slot = ['momentum', 'momentum'];
const MOMENTS: readonly Slot[] = [
  ['m', 'momentum', 'm'],
  ['v', 'velocity', 'v'],
];

/** Rows of slots in Keras' order; the slots of one row take turns, weight by weight. */
function rowsOf({ className, config }: Optimizer): readonly (readonly Slot[])[] {
  const { amsgrad, momentum = 0, centered } = config as Config;
  switch (className) {
    case 'Adam':
    case 'AdamW':
      return [MOMENTS, ...(amsgrad ? [[['vHat', 'velocity_hat', 'vhat'] as const]] : [])];
    case 'Nadam':
      return [MOMENTS];
    case 'SGD':
      return momentum > 0 ? [[MOMENTUM]] : [];
    case 'Lion':
      return [[MOMENTUM]];
    case 'RMSprop':
      return [
        [['v', 'velocity', 'rms']],
        ...(momentum > 0 ? [[MOMENTUM]] : []),
        ...(centered ? [[['averageGradient', 'average_gradient', 'mg'] as const]] : []),
      ];
    case 'Adagrad':
      return [[['accumulator', 'accumulator']]];
    default:
      return [
        [
          ['accumulatedGradient', 'accumulated_grad', 'accum_grad'],
          ['accumulatedChange', 'accumulated_delta_var', 'accum_var'],
        ],
      ];
  }
}

const allRows = (optimizer: Optimizer): readonly (readonly Slot[])[] => [
  ...((optimizer.config as Config).useEma ? [[AVERAGE]] : []),
  ...rowsOf(optimizer),
];

/** Names of the weights that are learned, in the order in which Keras has them. */
const learned = (layers: readonly KerasLayer[]): string[] =>
  allVariables(layers).flatMap(({ target, trained, trainable }) =>
    target !== null && trained && trainable ? [target] : [],
  );

export interface OptimizerState {
  readonly step: number;
  readonly slots: ReadonlyMap<string, Dataset>;
}

/** Places of each weight's state: 'dense/kernel/m'; null where the variables are not those of such an optimizer and such layers. */
export function findState(
  variables: readonly { readonly name?: string; readonly data: Dataset }[],
  optimizer: Optimizer,
  layers: readonly KerasLayer[],
): OptimizerState | null {
  const weights = learned(layers);
  const rows = allRows(optimizer);
  const slots = new Map<string, Dataset>();
  const isNamed = variables.every(({ name }) => name !== undefined);
  if (isNamed) {
    const seen = new Map<string, number>();
    for (const { name, data } of variables) {
      const slot = slotOf(name!, rows.flat());
      if (slot === undefined) continue;
      const count = seen.get(slot) ?? 0;
      seen.set(slot, count + 1);
      if (count < weights.length) slots.set(`${weights[count]!}/${slot}`, data);
    }
    if ([...seen.values()].some((count) => count !== weights.length)) return null;
  } else {
    const count = rows.flat().length * weights.length;
    // Keras 3 has iteration and learning rate; Nadam's product stands last.
    const begin = variables.length - count - (optimizer.className === 'Nadam' ? 1 : 0);
    if (begin === 1 || begin === 2)
      for (const [i, name] of namesOf(rows, weights).entries()) slots.set(name, variables[begin + i]!.data);
  }
  if (slots.size !== rows.flat().length * weights.length) return null;
  const [first] = variables;
  const step = first?.data.first();
  const isCount = first !== undefined && (first.name === undefined || /(^|\/)iter(ation)?(:0)?$/.test(first.name));
  return isCount && Number.isSafeInteger(step) && step! >= 0 ? { step: step!, slots } : null;
}

/** 'dense/kernel/m', …: our names in Keras' order. */
function namesOf(rows: readonly (readonly Slot[])[], weights: readonly string[]): string[] {
  return rows.flatMap((row) => weights.flatMap((weight) => row.map(([ours]) => `${weight}/${ours}`)));
}

/** 'adam/dense_kernel_velocity' in Keras 3, 'Adam/v/dense/kernel:0' from 2.11 on, 'Adam/dense/kernel/v:0' before. */
function slotOf(name: string, slots: readonly Slot[]): string | undefined {
  const parts = name.replace(/:\d+$/, '').split('/');
  const last = parts.at(-1)!;
  const by = (test: (keras: string) => boolean): Slot | undefined =>
    slots.find(([, ...names]) => names.some((keras) => test(keras)));
  const found =
    by((keras) => last === keras) ?? by((keras) => parts[1] === keras) ?? by((keras) => last.endsWith(`_${keras}`));
  return found?.[0];
}

/** Keras' variables of an optimizer, by the names that an .h5 has for them, in order. */
export function writeState(
  { optimizer, step }: CompileConfig,
  layers: readonly KerasLayer[],
  tensors: Tensors,
): Map<string, Hdf5Node> {
  const weights = learned(layers);
  const { learningRate, beta1 = 0.9 } = optimizer.config as Config & { learningRate?: unknown };
  const kind = optimizer.className.toLowerCase();
  const scalar = (value: number): Hdf5Node => ({ shape: [], data: Float32Array.of(value) });
  const nodes = new Map<string, Hdf5Node>([
    [`${kind}/iteration`, { shape: [], data: BigInt64Array.of(BigInt(step)) }],
    // Keras has none where there is a schedule.
    ...(typeof learningRate === 'number' ? [[`${kind}/learning_rate`, scalar(learningRate)] as const] : []),
  ]);
  for (const row of allRows(optimizer))
    for (const weight of weights)
      for (const [ours, keras] of row)
        nodes.set(`${kind}/${weight.replaceAll('/', '_')}_${keras}`, tensors.get(`${weight}/${ours}`)!);
  if (optimizer.className === 'Nadam') nodes.set(`${kind}/u_product`, scalar(productOf(step, beta1)));
  return nodes;
}

/** The product of the momenta of Nadam's steps so far. */
function productOf(step: number, beta1: number): number {
  let [product, decay] = [1, 1];
  for (let t = 1; t <= step && product > 0; t++) {
    decay *= 0.96;
    product *= beta1 * (1 - 0.5 * decay);
  }
  return product;
}
