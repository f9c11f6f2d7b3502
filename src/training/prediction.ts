// Predicts in batches: what a compiled model, one that only predicts, and wasm-cnn/predict have in common.
import { copyExamples } from './batches.js';
import { check, WasmCnnError } from '../base/errors.js';
import { sizeOf, type Shape } from '../base/shape.js';
import { isBytes, type Tensor } from '../base/tensor.js';
import { predictProgram, type ProgramOptions } from '../compiler/program.js';
import type { Engine } from '../engine/engine.js';

/** Shape of one example of each input and output, in the model's order. */
export interface Signature {
  readonly inputs: readonly { readonly name: string; readonly shape: Shape }[];
  readonly outputs: readonly { readonly name: string; readonly shape: Shape }[];
}

/** Sentence on finite inputs without finite outputs. */
export const OVERFLOW =
  'the weights are not finite, or too large for these inputs; go back to an earlier model, or scale x as in training';

/** Puts examples order[start …], or start … without an order, into the engine's memory. */
export function fillInputs(
  { plan, inputs }: Engine,
  xs: readonly Tensor[],
  order: Uint32Array | null,
  start: number,
  count: number,
): ProgramOptions {
  const pixels = xs.map(({ data }) => isBytes(data));
  for (const [i, { data }] of xs.entries()) {
    const { bytes, floats } = inputs[i]!;
    copyExamples(pixels[i] ? bytes : floats, data, plan.inputs[i]!.size, order, start, count);
  }
  return { count, pixels };
}

/** [count, …outputShape] of each output. */
export async function predict(
  engine: Engine,
  { outputs: shapes }: Signature,
  xs: readonly Tensor[],
  count: number,
  yieldToEventLoop: () => Promise<void> | undefined,
): Promise<Tensor<Float32Array>[]> {
  const { plan } = engine;
  const outputs = shapes.map(({ shape }) => outputOf(count, shape));
  for (let start = 0; start < count; start += plan.batchSize) {
    const options = fillInputs(engine, xs, null, start, Math.min(plan.batchSize, count - start));
    engine.predict(`predict ${options.count} ${options.pixels}`, (worker) => predictProgram(plan, options, worker));
    for (const [i, { size }] of plan.outputs.entries())
      outputs[i]!.data.set(engine.outputs[i]!.subarray(0, options.count * size), start * size);
    await yieldToEventLoop();
  }
  return outputs;
}

/** The one output, or all of them. Throws where one is not finite. */
export function checkedOutputs(outputs: readonly Tensor<Float32Array>[], count: number): unknown {
  for (const { data } of outputs) {
    const bad = data.findIndex((value) => !Number.isFinite(value));
    check(
      bad < 0,
      () => `predict's output for example ${Math.floor((bad * count) / data.length)} is ${data[bad]}; ${OVERFLOW}`,
    );
  }
  return outputs.length === 1 ? outputs[0] : outputs;
}

/** Room for one output of all examples, which no plan has counted. */
export function outputOf(count: number, shape: Shape): Tensor<Float32Array> {
  const size = sizeOf(shape);
  try {
    return { data: new Float32Array(count * size), shape: [count, ...shape] };
  } catch (error) {
    throw new WasmCnnError(
      `predict's outputs are ${count} × ${size} numbers, which take ${4 * count * size} bytes, more than this host gives; predict fewer examples at a time`,
      { cause: error },
    );
  }
}
