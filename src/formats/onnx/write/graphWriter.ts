// The graph of an ONNX file while it is made: nodes, constants, and each of our tensors as the nodes want it.
import { sizeOf, type Shape } from '../../../base/shape.js';
import type { NamedTensor } from '../../safetensors.js';
import type { AttributeValue, NodeOut, TensorOut } from './encode.js';
import { toFloat16s } from '../../float16.js';
import { toInt8 } from '../../int8.js';
import type { WeightType } from '../../quantization.js';

/** A tensor of ours, by the names of values that hold it: as it is, and images with their channels first. */
export interface Written {
  readonly shape: Shape;
  plain?: string;
  image?: string;
}

export interface LayerOut {
  readonly className: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Its weights by their names without the layer's. */
  readonly weights: ReadonlyMap<string, NamedTensor>;
}

const TO_FIRST = [0, 3, 1, 2];
const TO_LAST = [0, 2, 3, 1];

export class GraphWriter {
  readonly nodes: NodeOut[] = [];
  readonly initializers: TensorOut[] = [];
  readonly #weights: WeightType;
  readonly #names = new Set<string>();
  readonly #constants = new Map<string, string>();
  /** The layer at hand, which nodes are called after. */
  layer = '';

  constructor(weights: WeightType) {
    this.#weights = weights;
  }

  /** The name, or with a number where it is taken. */
  free(name: string): string {
    let free = name;
    for (let i = 1; this.#names.has(free); i++) free = `${name}_${i}`;
    this.#names.add(free);
    return free;
  }

  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, AttributeValue>> = {}): string {
    const name = this.free(`${this.layer}/${op}`);
    this.nodes.push({ name, op, inputs, outputs: [name], attributes });
    return name;
  }

  #initializer(name: string, dims: Shape, type: TensorOut['type'], raw: Uint8Array): string {
    const own = this.free(name);
    this.initializers.push({ name: own, dims, type, raw });
    return own;
  }

  /** Whole numbers, as shapes are; equal ones once. */
  ints(values: readonly number[], dims: Shape = [values.length]): string {
    const key = JSON.stringify([values, dims]);
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const raw = new Uint8Array(8 * values.length);
    const view = new DataView(raw.buffer);
    for (const [i, value] of values.entries()) view.setBigInt64(8 * i, BigInt(value), true);
    const name = this.#initializer(`shape/${values.join('x')}`, dims, 7, raw);
    this.#constants.set(key, name);
    return name;
  }

  floats(name: string, dims: Shape, data: ArrayLike<number>): string {
    return this.#initializer(name, dims, 1, new Uint8Array(Float32Array.from(data).buffer));
  }

  /** One number for all. */
  scalar(value: number): string {
    const key = `scalar ${value}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.floats(`number/${value}`, [], [value]);
    this.#constants.set(key, name);
    return name;
  }

  /** A layer's weight, in the file once however often the layer is called. `axis`: of its output channels, for a kernel. */
  weight(name: string, dims: Shape, make: () => Float32Array, axis: number | null = null): string {
    const known = this.#constants.get(`weight ${name}`);
    if (known !== undefined) return known;
    const made = this.#weight(name, dims, make(), axis);
    this.#constants.set(`weight ${name}`, made);
    return made;
  }

  #weight(name: string, dims: Shape, data: Float32Array, axis: number | null): string {
    if (axis === null || this.#weights === 'float32' || sizeOf(dims) === 0) return this.floats(name, dims, data);
    if (this.#weights === 'float16') {
      const halves = new Uint8Array(toFloat16s(data, `saveOnnx: ${name}`).buffer);
      return this.node('Cast', [this.#initializer(`${name}/float16`, dims, 10, halves)], { to: 1 });
    }
    const { values, scales } = toInt8(data, dims, axis);
    const whole = this.#initializer(`${name}/int8`, dims, 3, new Uint8Array(values.buffer));
    return this.node('DequantizeLinear', [whole, this.floats(`${name}/scale`, [scales.length], scales)], { axis });
  }

  /** The value as our shape has it. */
  plain(written: Written): string {
    written.plain ??= this.node('Transpose', [written.image!], { perm: TO_LAST });
    return written.plain;
  }

  /** An image [n, channels, height, width]. */
  image(written: Written): string {
    written.image ??= this.node('Transpose', [written.plain!], { perm: TO_FIRST });
    return written.image;
  }

  /** What is there already, and how to note down a result that lies alike. */
  either(written: Written): { name: string; as: (name: string, shape?: Shape) => Written } {
    const { shape } = written;
    return written.image === undefined
      ? { name: written.plain!, as: (name, own = shape) => ({ shape: own, plain: name }) }
      : { name: written.image, as: (name, own = shape) => ({ shape: own, image: name }) };
  }

  /** The same operation on each number. */
  each(
    op: string,
    x: Written,
    attributes: Readonly<Record<string, AttributeValue>> = {},
    ...more: readonly string[]
  ): Written {
    const { name, as } = this.either(x);
    return as(this.node(op, [name, ...more], attributes));
  }
}
