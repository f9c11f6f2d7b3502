// A random network with all that decides what one batch does to it: layers with every option, sizes around lanes and tiles, data, optimizer.
// Made of decisions, of which zeros are the simplest, so that fast-check makes a network that fails as small as it can be.
import type { AdamOptions, Numerics } from '../../src/index.js';
import type { Decisions } from '../fuzz/decisions.js';

/** layers[call](options) */
export interface LayerCall {
  readonly call: 'conv2d' | 'maxPooling2d' | 'dense' | 'activation' | 'dropout' | 'flatten';
  readonly options: Readonly<Record<string, unknown>>;
}

export interface Network {
  readonly inputShape: readonly number[];
  readonly layers: readonly LayerCall[];
  readonly classes: number;
  /** Seed of initial weights, dropout, and the examples. */
  readonly seed: number;
  readonly adam: AdamOptions;
  readonly numerics: Numerics;
  /** Examples in the batch, and examples that memory is planned for. */
  readonly n: number;
  readonly batchSize: number;
  readonly pixels: 'floats' | 'bytes' | 'bytes, most of them 0';
  readonly labels: 'indices' | 'one-hot' | 'probabilities';
}

type Shape = readonly number[];

/** Values that all layers may make of the batch: with more, nearly every batch would have a kink or a tie (compare.ts). */
const MOST_VALUES = 30_000;
/** And of one example, and multiplications of a layer: so that a network takes milliseconds. */
const MOST_VALUES_EACH = 15_000;
const MOST_PRODUCTS_EACH = 2_000_000;
const channelCounts = [1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 20, 24, 32, 33] as const;
const unitCounts = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 100] as const;
const classCounts = [2, 3, 4, 5, 7, 8, 9, 10, 17] as const;
const activations = ['linear', 'relu', 'sigmoid', 'tanh', 'softmax'] as const;
const sizeOf = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);

class Builder {
  readonly layers: LayerCall[] = [];
  shape: Shape;
  /** Values of one example in all layers. */
  values = 0;
  readonly #decisions: Decisions;

  constructor(decisions: Decisions, inputShape: Shape) {
    this.#decisions = decisions;
    this.shape = inputShape;
  }

  /** Leaves the layer out where it would cost too much. */
  #add(call: LayerCall['call'], options: LayerCall['options'], shape: Shape, productsEach = 1): void {
    const size = sizeOf(shape);
    if (this.values + size > MOST_VALUES_EACH || size * productsEach > MOST_PRODUCTS_EACH) return;
    this.values += size;
    this.layers.push({ call, options });
    this.shape = shape;
  }

  #pair(most: number): number | [number, number] {
    const height = 1 + this.#decisions.below(most);
    return this.#decisions.rarely(2) ? [height, 1 + this.#decisions.below(most)] : height;
  }

  #windows(
    size: number | [number, number],
    strides: number | [number, number],
    wanted: 'valid' | 'same',
  ): { padding: 'valid' | 'same'; out: [number, number] } {
    const [image, sizes, steps] = [this.shape.slice(0, 2), [size].flat(), [strides].flat()];
    const [window, step] = [
      [sizes[0]!, sizes.at(-1)!],
      [steps[0]!, steps.at(-1)!],
    ];
    const padding = image.every((length, axis) => window[axis]! <= length) ? wanted : 'same';
    const out = image.map((length, axis) =>
      padding === 'same' ? Math.ceil(length / step[axis]!) : Math.floor((length - window[axis]!) / step[axis]!) + 1,
    );
    return { padding, out: out as [number, number] };
  }

  conv2d(activation: string = this.#decisions.pick(activations), usual = this.#decisions.rarely(2)): void {
    const decisions = this.#decisions;
    const filters = decisions.pick(channelCounts);
    const kernelSize = usual ? 3 : this.#pair(7);
    const strides = usual ? 1 + decisions.below(2) : decisions.rarely(2) ? this.#pair(4) : 1;
    const { padding, out } = this.#windows(kernelSize, strides, decisions.pick(['valid', 'same']));
    const kernelInitializer = decisions.pick(['glorotUniform', 'heUniform']);
    const options = {
      filters,
      kernelSize,
      strides,
      padding,
      activation,
      useBias: !decisions.rarely(4),
      kernelInitializer,
    };
    this.#add(
      'conv2d',
      options,
      [...out, filters],
      sizeOf([kernelSize, kernelSize].flat().slice(0, 2)) * this.shape[2]!,
    );
  }

  maxPooling2d(usual = this.#decisions.rarely(2)): void {
    const poolSize = usual ? 2 : this.#pair(4);
    const strides = !usual && this.#decisions.rarely(2) ? this.#pair(3) : poolSize;
    const { padding, out } = this.#windows(poolSize, strides, this.#decisions.pick(['valid', 'same']));
    this.#add('maxPooling2d', { poolSize, strides, padding }, [...out, this.shape[2]!]);
  }

  /** What ops take in as one: 3 × 3, ReLU, halved. */
  block(): void {
    this.conv2d('relu', true);
    if (this.#decisions.rarely(8)) this.dropout();
    this.maxPooling2d(true);
  }

  dense(): void {
    const units = this.#decisions.pick(unitCounts);
    const options = {
      units,
      activation: this.#decisions.pick(activations),
      useBias: !this.#decisions.rarely(4),
      kernelInitializer: this.#decisions.pick(['glorotUniform', 'heUniform']),
    };
    this.#add('dense', options, [units], this.shape[0]!);
  }

  activation(): void {
    this.#add('activation', { activation: this.#decisions.pick(activations) }, this.shape);
  }

  dropout(): void {
    this.#add('dropout', { rate: this.#decisions.pick([0, 0.25, 0.5, 0.1, 0.9]) }, this.shape);
  }

  flatten(): void {
    // Never left out: dense needs it, and it moves nothing.
    this.layers.push({ call: 'flatten', options: {} });
    this.shape = [sizeOf(this.shape)];
  }

  any(): void {
    const image = ['activation', 'conv2d', 'block', 'conv2d', 'maxPooling2d', 'dropout', 'block', 'conv2d'] as const;
    const row = ['activation', 'dense', 'dense', 'dropout', 'flatten'] as const;
    this[
      this.shape.length === 3
        ? this.#decisions.pick(image)
        : this.shape.length === 1
          ? this.#decisions.pick(row)
          : this.#decisions.pick(['activation', 'dropout'] as const)
    ]();
  }

  /** [classes] and softmax: mostly by a dense layer, by flatten where that gives as many. */
  end(): number {
    if (this.shape.length > 1) this.flatten();
    if (this.#decisions.rarely(3)) this.dropout();
    for (let more = this.#decisions.below(3); more > 0; more--) this.any();
    const classes = this.#decisions.pick(classCounts);
    const learns = this.layers.some(({ call }) => call === 'conv2d' || call === 'dense');
    if (learns && this.shape[0]! > 1 && this.shape[0]! <= 40 && this.#decisions.rarely(6)) {
      this.layers.push({ call: 'activation', options: { activation: 'softmax' } });
      return this.shape[0]!;
    }
    const apart = this.#decisions.rarely(3);
    this.layers.push({
      call: 'dense',
      options: { units: classes, activation: apart ? 'linear' : 'softmax', useBias: !this.#decisions.rarely(5) },
    });
    if (apart) this.layers.push({ call: 'activation', options: { activation: 'softmax' } });
    return classes;
  }
}

export function networkOf(decisions: Decisions): Network {
  const seed = decisions.below(65536);
  const wanted = 1 + decisions.below(decisions.pick([4, 1, 17, 41]));
  const inputShape = inputShapeOf(decisions);
  const builder = new Builder(decisions, inputShape);
  for (let more = decisions.below(8); more > 0; more--) builder.any();
  const classes = builder.end();
  const n = Math.max(1, Math.min(wanted, Math.floor(MOST_VALUES / Math.max(1, builder.values))));
  return {
    inputShape,
    layers: builder.layers,
    classes,
    seed,
    n,
    batchSize: decisions.pick([n, 32, 1 + decisions.below(41)]),
    numerics: decisions.pick(['exact', 'exact', 'exact', 'fused']),
    pixels: decisions.pick(['floats', 'bytes', 'floats', 'bytes, most of them 0']),
    labels: decisions.pick(['indices', 'one-hot', 'probabilities']),
    adam: {
      learningRate: decisions.pick([0.001, 0.1, 1e-5, 1]),
      beta1: decisions.pick([0.9, 0.5, 0, 0.99]),
      beta2: decisions.pick([0.999, 0.9, 0, 0.5]),
      epsilon: decisions.pick([1e-7, 1e-8, 1e-3]),
    },
  };
}

function inputShapeOf(decisions: Decisions): Shape {
  const side = (): number => 1 + decisions.below(decisions.pick([8, 12, 20, 29]));
  switch (decisions.pick(['row', 'image', 'image', 'image', 'image', 'image', 'image', 'other'])) {
    case 'row':
      return [decisions.pick(unitCounts)];
    case 'image':
      return [side(), side(), decisions.pick([1, 1, 2, 3, 4, 8, 5, 12, 16])];
    default:
      return decisions.pick([
        [5, 7],
        [2, 3, 2, 4],
      ]);
  }
}

/** As somebody would write it. */
export function asCode({ inputShape, layers, seed, adam, n, batchSize, numerics, pixels, labels }: Network): string {
  const code = (value: object): string =>
    JSON.stringify(value)
      .replaceAll(/"(\w+)":/g, ' $1: ')
      .replaceAll('"', "'")
      .replaceAll(',', ', ')
      .replaceAll('  ', ' ')
      .replaceAll('}', ' }')
      .replace('{ }', '');
  return [
    `sequential({ inputShape: [${inputShape.join(', ')}], seed: ${seed}, layers: [`,
    ...layers.map(({ call, options }) => `  layers.${call}(${code(options)}),`),
    `] }).compile({ optimizer: adam(${code(adam)}), loss: 'categoricalCrossentropy', batchSize: ${batchSize}, numerics: '${numerics}' });`,
    `// ${n} ${n === 1 ? 'example' : 'examples'} of ${pixels}, labels as ${labels}`,
  ].join('\n');
}
