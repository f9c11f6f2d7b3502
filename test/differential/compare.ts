// One network here and in PyTorch: probabilities, losses, every gradient, and the weights after two steps of Adam.
import { adam, layers, sequential, type Labels, type Sequential, type Tensor } from '../../src/index.js';
import { RandomStream } from '../../src/base/random.js';
import { sizeOf } from '../../src/base/shape.js';
import { dropoutMask } from '../model/networks.js';
import type { Network } from './network.js';
import { encode, type Answer, type PyTorch, type Question } from './pytorch.js';

/** f32 moves what a layer gets by some 1e-6 of its root mean square: nearer to a ReLU kink or a pool tie a gradient may go another way. */
const MARGIN = 1e-5;
/** So often another batch is drawn. */
const BATCHES = 8;

/**
 * How far a tensor may be from PyTorch's f64: so many times what PyTorch's own f32 is away from it, which knows how much the network at hand
 * makes of a rounding; and what a rounding here and there comes to where that was lucky, relative to the largest element. A forgotten
 * element, a wrong index or a wrong sign is off by 1e-3 and more.
 */
const TIMES_FLOAT32 = 16;
const floors = { probabilities: 2e-6, gradients: 1e-5 } as const;
/** A loss is the logarithm of a sum: it has its rounding in absolute terms, too. */
const LOSS_FLOOR = 2e-6;
/** Adam is given our own gradients, so that only its own roundings are left: some ten a step, relative to its largest change, and one of the weight, taken twice. */
const CHANGE_FLOOR = 4e-6;
const WEIGHT_FLOOR = 2 ** -23;

/** The worst distance from PyTorch, each as a part of what is allowed. */
export type Distances = Record<'probabilities' | 'loss' | 'gradients' | 'weights', number>;

export interface Comparison {
  readonly distances: Distances;
  /** Every batch had a decision on its edge, so gradients were not compared. */
  readonly onTheEdge: boolean;
}

interface Batch {
  readonly x: Tensor;
  readonly y: Labels;
  readonly targets: Float32Array;
}

/** Throws at a tensor that is not PyTorch's. */
export async function compare(network: Network, pytorch: PyTorch): Promise<Comparison> {
  for (let attempt = 0; ; attempt++) {
    const batch = makeBatch(network, attempt);
    const model = makeModel(network);
    const weights = [model.getWeights()];
    const question = questionOf(network, model, batch);
    const probabilities = (await model.predict(batch.x)).data;
    const loss = (await model.evaluate(batch.x, batch.y)).loss!;
    const gradients: Float32Array[][] = [];
    const losses: number[] = [];
    for (let step = 1; step <= 2; step++) {
      gradients.push((await model.gradients(batch.x, batch.y)).map(({ data }) => data));
      losses.push((await model.trainOnBatch(batch.x, batch.y)).loss!);
      weights.push(model.getWeights());
    }
    const answer = await pytorch.ask({ ...question, gradients: gradients.map((step) => step.map(encode)) });

    const onTheEdge = !(answer.margin >= MARGIN);
    if (onTheEdge && attempt < BATCHES - 1) continue;
    const names = [
      'probabilities',
      'loss',
      'loss of the step',
      ...model.parameters.map(({ name }) => `gradient of ${name}`),
    ];
    const ours = [probabilities, [loss], [losses[0]!], ...gradients[0]!];
    const parts = ours.map((tensor, i) => (onTheEdge && i >= 3 ? 0 : partOfLimit(names[i]!, tensor, answer, i)));
    const changes = model.parameters.map(({ name }, i) =>
      partOfChange(
        `${name} after two steps`,
        weights.map((all) => all[i]!.data),
        answer.weights[i]!,
      ),
    );
    return {
      onTheEdge,
      distances: {
        probabilities: parts[0]!,
        loss: Math.max(parts[1]!, parts[2]!),
        gradients: Math.max(0, ...parts.slice(3)),
        weights: Math.max(0, ...changes),
      },
    };
  }
}

function makeModel({ inputShape, seed, layers: calls, adam: options, batchSize, numerics }: Network): Sequential {
  const model = sequential({
    inputShape,
    seed,
    layers: calls.map(({ call, options: layerOptions }) => layers[call](layerOptions as never)),
  });
  const random = new RandomStream(seed, 4);
  // No bias stays at 0.
  model.setWeights(
    model
      .getWeights()
      .map(({ data, shape }) => ({ shape, data: shape.length > 1 ? data : data.map(() => random.between(-0.3, 0.3)) })),
  );
  model.compile({ optimizer: adam(options), loss: 'categoricalCrossentropy', batchSize, numerics });
  return model;
}

function makeBatch({ inputShape, classes, n, seed, pixels, labels }: Network, attempt: number): Batch {
  const random = new RandomStream(seed, 5, attempt);
  const shape = [n, ...inputShape];
  const count = sizeOf(shape);
  const byte = (): number => (pixels === 'bytes' || random.below(4) === 0 ? random.below(256) : 0);
  const data =
    pixels === 'floats'
      ? Float32Array.from({ length: count }, () => random.between(-1, 1))
      : Uint8Array.from({ length: count }, byte);
  const indices = Uint8Array.from({ length: n }, () => random.below(classes));
  const targets = new Float32Array(n * classes);
  for (const [i, label] of indices.entries()) {
    if (labels !== 'probabilities') targets[i * classes + label] = 1;
    // Sixteenths, so that each row is exactly 1.
    else for (let part = 0; part < 16; part++) targets[i * classes + random.below(classes)]! += 1 / 16;
  }
  return { x: { data, shape }, y: labels === 'indices' ? indices : { data: targets, shape: [n, classes] }, targets };
}

function questionOf(
  { inputShape, n, adam: options }: Network,
  model: Sequential,
  { x, targets }: Batch,
): Omit<Question, 'gradients'> {
  return {
    inputShape,
    layers: model.layers.map(({ layer }) => ({ className: layer.className, config: layer.getConfig() })),
    weights: model.getWeights().map(({ data, shape }) => ({ shape, data: encode(data) })),
    x: encode(x.data as Uint8Array | Float32Array),
    bytes: x.data instanceof Uint8Array,
    targets: encode(targets),
    masks: model.layers.flatMap(({ layer }, index) =>
      layer.className === 'Dropout' ? [encode(Uint8Array.from(dropoutMask(model, index, n, 1)))] : [],
    ),
    adam: options,
  };
}

function partOfLimit(what: string, actual: ArrayLike<number>, { tensors, float32Errors }: Answer, i: number): number {
  const expected = tensors[i]!;
  const floor =
    i === 0
      ? floors.probabilities * largest(expected)
      : i < 3
        ? LOSS_FLOOR * (1 + largest(expected))
        : floors.gradients * largest(expected);
  return part(what, actual, expected, floor + TIMES_FLOAT32 * float32Errors[i]!);
}

/** `path`: the weights before the first step, and after each. */
function partOfChange(what: string, path: readonly Float32Array[], expected: Float64Array): number {
  let limit = 0;
  for (const [step, after] of path.entries()) {
    const before = path[step - 1];
    if (before)
      limit += CHANGE_FLOOR * largest(after.map((value, i) => value - before[i]!)) + WEIGHT_FLOOR * largest(after);
  }
  return part(what, path.at(-1)!, expected, limit);
}

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}

/** The worst difference as a part of the limit. */
function part(what: string, actual: ArrayLike<number>, expected: Float64Array, limit: number): number {
  if (actual.length !== expected.length)
    throw new Error(`${what}: ${actual.length} elements, PyTorch has ${expected.length}`);
  let worst = 0;
  let at = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (difference <= worst) continue;
    [worst, at] = [difference, i];
    if (Number.isNaN(difference)) break;
  }
  if (worst <= limit) return worst === 0 ? 0 : worst / limit;
  throw new Error(
    `${what}: element ${at} is ${actual[at]}, PyTorch has ${expected[at]}; they may differ by ${limit.toExponential(1)}`,
  );
}
