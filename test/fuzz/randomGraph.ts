// A random model from decisions: layers of all kinds on each other's outputs, merges, values with several readers, layers applied twice.
import {
  input,
  layers,
  model,
  WasmCnnError,
  type Functional,
  type Shape,
  type SymbolicTensor,
} from '../../src/index.js';
import { sameShape, sizeOf } from '../../src/base/shape.js';
import type { Decisions } from './decisions.js';

/** Values of one example: larger ones only take longer. */
const LARGEST = 400;
const MOST_STEPS = 12;
const activations = ['linear', 'relu', 'sigmoid', 'tanh', 'softmax'] as const;
const rates = [0.2, 0.5, 0.8];

type Make = (decisions: Decisions, shape: Shape) => layers.Layer;

const activation = (d: Decisions) => d.pick(activations);
const pair = (d: Decisions, most: number): [number, number] => [1 + d.below(most), 1 + d.below(most)];
const window = (d: Decisions) => ({ strides: pair(d, 3), padding: d.pick(['valid', 'same'] as const) });

/** Layers of one input, for images and for anything. */
const ofImages: readonly Make[] = [
  (d) =>
    layers.conv2d({
      ...{ filters: d.pick([1, 3, 4, 8, 10]), kernelSize: pair(d, 4), ...window(d) },
      ...{ activation: activation(d), useBias: d.below(4) > 0 },
    }),
  (d) => layers.conv2d({ filters: d.pick([8, 12]), kernelSize: 3, padding: 'same', activation: 'relu' }),
  (d) => layers.maxPooling2d({ poolSize: pair(d, 3), ...window(d) }),
  () => layers.maxPooling2d(),
  (d) => layers.averagePooling2d({ poolSize: pair(d, 4), ...window(d) }),
  (d) => layers.globalAveragePooling2d({ keepDims: d.below(2) === 1 }),
  (d) => layers.globalMaxPooling2d({ keepDims: d.below(2) === 1 }),
  (d) => layers.spatialDropout2d({ rate: d.pick(rates) }),
  (d) => layers.zeroPadding2d({ padding: [pair(d, 3).map((size) => size - 1) as [number, number], pair(d, 2)] }),
  (d) => layers.cropping2d({ cropping: pair(d, 2) }),
  (d) => layers.upSampling2d({ size: pair(d, 3), interpolation: d.pick(['nearest', 'bilinear'] as const) }),
  (d) => layers.centerCrop({ height: 1 + d.below(6), width: 1 + d.below(6) }),
  (d) =>
    layers.resizing({
      ...{ height: 1 + d.below(7), width: 1 + d.below(7), cropToAspectRatio: d.below(2) === 1 },
      interpolation: d.pick(['nearest', 'bilinear'] as const),
    }),
];
const ofAnything: readonly Make[] = [
  (d) => layers.activation({ activation: activation(d) }),
  (d) => layers.dropout({ rate: d.pick(rates) }),
  (d) => layers.gaussianNoise({ stddev: 0.1 * d.below(3) }),
  (d) => layers.rescaling({ scale: d.pick([-1.5, 0.5, 2]), offset: d.pick([0, 0.3]) }),
  () => layers.normalization({ mean: 0.2, variance: 0.6 }),
  () => layers.batchNormalization(),
  () => layers.layerNormalization(),
  () => layers.leakyReLU(),
  () => layers.flatten(),
  (d, shape) => layers.permute({ dims: shuffled(d, shape.length) }),
  (d, shape) => layers.reshape({ targetShape: d.pick([[-1], [1, 1, -1], [-1, shape.at(-1)!], [...shape].reverse()]) }),
];
const ofVectors: readonly Make[] = [
  (d) => layers.dense({ units: d.pick([1, 3, 5, 16, 17]), activation: activation(d), useBias: d.below(4) > 0 }),
];
const merges = ['add', 'subtract', 'multiply', 'average', 'maximum', 'minimum'] as const;

function shuffled(d: Decisions, length: number): number[] {
  const left = Array.from({ length }, (_, i) => i + 1);
  return left.map(() => 0).map(() => left.splice(d.below(left.length), 1)[0]!);
}

/** What an attempt makes; null where it does not fit, or is too large. */
function attempt(make: () => SymbolicTensor): SymbolicTensor | null {
  try {
    const made = make();
    return sizeOf(made.shape) <= LARGEST ? made : null;
  } catch (error) {
    if (error instanceof WasmCnnError) return null;
    throw error;
  }
}

export function randomGraph(d: Decisions): Functional {
  const image = (): Shape => [1 + d.below(8), 1 + d.below(8), d.pick([1, 2, 3, 8])];
  const inputs = Array.from({ length: 1 + d.below(2) }, () =>
    input({ shape: d.below(4) > 0 ? image() : [1 + d.below(20)] }),
  );
  const values = [...inputs];
  /** With the shapes that their weights fit. */
  const made: { layer: layers.Layer; shape: Shape }[] = [];
  /** The newer ones more often. */
  const someValue = (): SymbolicTensor => values.at(-1 - Math.min(d.below(values.length), d.below(values.length)))!;

  const steps = 1 + d.below(MOST_STEPS);
  for (let step = 0; step < steps; step++) {
    const x = someValue();
    const kind = d.below(16);
    const y = attempt(() => {
      if (kind < 4) {
        const others = Array.from({ length: 1 + d.below(3) }, someValue);
        return layers[d.pick(merges)]().apply([x, ...others]);
      }
      if (kind === 4) return layers.concatenate({ axis: d.pick([-1, 1, 2]) }).apply([x, someValue()]);
      const again = made.filter(({ shape }) => sameShape(shape, x.shape));
      if (kind === 5 && again.length > 0) return d.pick(again).layer.apply(x);
      const fitting = [
        ...ofAnything,
        ...(x.shape.length === 3 ? [...ofImages, ...ofImages] : []),
        ...(x.shape.length === 1 ? [...ofVectors, ...ofVectors, ...ofVectors] : []),
      ];
      const layer = d.pick(fitting)(d, x.shape);
      layer.trainable = d.below(8) > 0;
      const output = layer.apply(x);
      made.push({ layer, shape: x.shape });
      return output;
    });
    if (y) values.push(y);
  }
  const outputs = Array.from({ length: 1 + d.below(2) }, (_, i) => (i === 0 ? values.at(-1)! : someValue()));
  return model({ inputs, outputs: [...new Set(outputs)], seed: d.below(1000) });
}
