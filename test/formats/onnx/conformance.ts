// What becomes of each test of the onnx package: it passes, or it is refused in a sentence. Anything else is an error.
import { isError } from '../../../src/base/options.js';
import { WasmCnnError } from '../../../src/base/errors.js';
import { sizeOf } from '../../../src/base/shape.js';
import { OPS } from '../../../src/formats/onnx/ops/index.js';
import type { OnnxModel, TensorProto } from '../../../src/formats/onnx/proto.js';
import type { Moved } from '../../../src/formats/onnx/graphInputs.js';
import { mapOnnx } from '../../../src/formats/onnx/read.js';
import type { Tensor } from '../../../src/base/tensor.js';
import type { Model } from '../../../src/model/model.js';
import { unpack } from '../../../src/model/unpack.js';
import { valuesOf, type OnnxTest } from './wheel.js';

export interface Outcome {
  readonly name: string;
  /** Operators in it. */
  readonly ops: readonly string[];
  /** Why it is refused; null where it passes. */
  readonly refusal: string | null;
}

/** Node tests pass weights as inputs, which an importer wants as constants: from which input on. */
const WEIGHTS: Readonly<Record<string, number>> = {
  Conv: 1,
  ConvTranspose: 1,
  BatchNormalization: 1,
  LayerNormalization: 1,
  MatMul: 1,
  PRelu: 1,
  Clip: 1,
  Dropout: 1,
  Pad: 1,
  Resize: 1,
  Upsample: 1,
  Expand: 1,
};

/** Tests of one mapped operator (of Cast all is about types) whose inputs are float32, or whole numbers and truth values that are constants. */
export function isMeant({ model }: OnnxTest): boolean {
  const [node] = model.nodes;
  const [first] = model.inputs;
  return (
    model.nodes.length === 1 &&
    Object.hasOwn(OPS, node!.op) &&
    node!.op !== 'Cast' &&
    node!.domain === '' &&
    first?.type === 1 &&
    model.inputs.every(({ type }) => [1, 7, 9].includes(type))
  );
}

function isConstant(model: OnnxModel, i: number): boolean {
  const [node] = model.nodes;
  const [input, first] = [model.inputs[i]!, model.inputs[0]!];
  if (i === 0) return false;
  if (input.type !== 1) return true;
  // B is the weights, C a bias unless it has a row for each example.
  if (node!.op === 'Gemm') return i === 1 || !(input.shape!.length === 2 && input.shape![0]! > 1);
  if (Object.hasOwn(WEIGHTS, node!.op)) return i >= WEIGHTS[node!.op]!;
  return /^(Add|Sub|Mul|Div|Pow)$/.test(node!.op) && input.shape!.length !== first.shape!.length;
}

/** Weights of a node test as initializers. */
function withWeights({ model, inputs }: OnnxTest): { model: OnnxModel; live: readonly TensorProto[] } {
  const initializers = new Map(model.initializers);
  const own = model.inputs.filter(({ name }) => !initializers.has(name));
  const isFixed = own.map((_, i) => model.nodes.length === 1 && isConstant({ ...model, inputs: own }, i));
  for (const [i, { name }] of own.entries()) if (isFixed[i]) initializers.set(name, inputs[i]!);
  return {
    model: { ...model, initializers, inputs: own.filter((_, i) => !isFixed[i]) },
    live: inputs.filter((_, i) => !isFixed[i]),
  };
}

/** [n, c, h, w] → [n, h, w, c], or back. */
export function transposed(values: ArrayLike<number>, dims: readonly number[], toLast: boolean): Float32Array {
  const [n, c, h, w] = dims as [number, number, number, number];
  const to = new Float32Array(values.length);
  let i = 0;
  for (let image = 0; image < n; image++)
    for (let channel = 0; channel < c; channel++)
      for (let pixel = 0; pixel < h * w; pixel++, i++) {
        const last = (image * h * w + pixel) * c + channel;
        if (toLast) to[last] = values[i]!;
        else to[i] = values[last]!;
      }
  return to;
}

/** The suite writes their results with four digits. */
const ROUNDED = ['test_averagepool_2d_ceil_last_window_starts_on_pad'];

/** A hundred times closer than the suite asks for. */
export const isNear = (a: number, b: number): boolean =>
  Object.is(a, b) || Math.abs(a - b) <= 1e-6 + 1e-5 * Math.abs(b);

/** What is made of a test that passes, its examples, and what it predicts for them. */
export interface Passed {
  readonly name: string;
  readonly model: Model;
  readonly x: readonly Tensor[];
  readonly y: readonly Tensor[];
}

/** Throws where the test neither passes nor is refused. */
export async function runTest(test: OnnxTest, then?: (passed: Passed) => Promise<void>): Promise<Outcome> {
  const ops = [...new Set(test.model.nodes.map(({ op }) => op))];
  const { model: file, live } = withWeights(test);
  try {
    const { archive, inputs, outputs } = mapOnnx(file, test.name);
    const model = unpack(archive, test.name, {});
    const x = live.map((tensor, i) => exampleOf(tensor, inputs[i]!));
    const y = await model.predict((x.length === 1 ? x[0] : x) as never);
    const made = Array.isArray(y) ? y : [y];
    for (const [i, expected] of test.outputs.entries()) compare(test.name, made[i], expected, outputs[i]!);
    await then?.({ name: test.name, model, x, y: made });
    return { name: test.name, ops, refusal: null };
  } catch (error) {
    if (!isError(error) || !(error instanceof WasmCnnError)) throw error;
    return { name: test.name, ops, refusal: error.message.replace(`${test.name}: `, '') };
  }
}

function exampleOf(tensor: TensorProto, moved: Moved) {
  const values = valuesOf(tensor);
  const [n, c, h, w] = tensor.dims;
  return moved === 'channelsLast'
    ? { data: transposed(values, tensor.dims, true), shape: [n!, h!, w!, c!] }
    : { data: Float32Array.from(values), shape: tensor.dims.length === 1 ? [n!, 1] : [...tensor.dims] };
}

function compare(
  name: string,
  made: { data: ArrayLike<number>; shape: readonly number[] },
  expected: TensorProto,
  moved: Moved,
): void {
  const theirs = valuesOf(expected);
  if (sizeOf(made.shape) !== theirs.length)
    throw new Error(`${name}: [${made.shape.join()}] for [${expected.dims.join()}]`);
  const ours = moved === 'channelsLast' ? transposed(made.data, expected.dims, false) : made.data;
  const last = ROUNDED.includes(name) ? 1e-4 : 0;
  for (let i = 0; i < theirs.length; i++)
    if (!isNear(ours[i]!, theirs[i]!) && !(Math.abs(ours[i]! - theirs[i]!) <= last))
      throw new Error(`${name}: value ${i} is ${ours[i]}, not ${theirs[i]}`);
}
