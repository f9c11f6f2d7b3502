// TensorFlow.js on its CPU backend, the oracle of its format: where npm ci --prefix test/tfjs installed it.
import { createRequire } from 'node:module';
import * as assert from 'uvu/assert';
import type { Tensor } from '../../../src/base/tensor.js';
import type { TfjsFiles } from '../../../src/formats/tfjs/index.js';
import type { Model } from '../../../src/model/model.js';

/** As much of it as tests use. */
export interface TfTensor {
  readonly shape: number[];
  dataSync(): Float32Array;
}
export interface TfModel {
  readonly layers: readonly { setWeights(weights: readonly TfTensor[]): void }[];
  predict(x: TfTensor | readonly TfTensor[]): TfTensor | TfTensor[];
  fit(x: TfTensor, y: TfTensor, options: object): Promise<{ history: { loss: number[] } }>;
  compile(options: object): void;
  getWeights(): TfTensor[];
  setWeights(weights: readonly TfTensor[]): void;
  save(handler: object, options?: object): Promise<unknown>;
}
type Make = (options?: object) => { apply(input: unknown): never };
interface Tf {
  tensor(values: ArrayLike<number>, shape: readonly number[]): TfTensor;
  setBackend(name: string): Promise<boolean>;
  io: { fromMemory(artifacts: object): object };
  layers: Readonly<Record<string, Make>>;
  train: Readonly<Record<string, (...options: number[]) => object>>;
  sequential(options: object): TfModel;
  model(options: object): TfModel;
  input(options: object): never;
  loadLayersModel(handler: object): Promise<TfModel>;
}

function load(): Tf | null {
  const packages = createRequire(new URL('../../../../test/tfjs/package.json', import.meta.url));
  // It has advice for those who run it in Node.
  const { warn } = console;
  try {
    console.warn = () => undefined;
    const core = packages('@tensorflow/tfjs-core') as object;
    packages('@tensorflow/tfjs-backend-cpu');
    return { ...core, ...(packages('@tensorflow/tfjs-layers') as object) } as Tf;
  } catch {
    return null;
  } finally {
    console.warn = warn;
  }
}

/** Null where it is not installed. */
export const tf = load();

/** What TF.js loads of our files. */
export function loadedByTfjs(files: TfjsFiles): Promise<TfModel> {
  const { modelTopology, trainingConfig, format, weightsManifest } = JSON.parse(
    new TextDecoder().decode(files['model.json']),
  ) as {
    weightsManifest: [{ weights: unknown }];
  } & Record<string, unknown>;
  const weightData = files['model.weights.bin'].buffer;
  return tf!.loadLayersModel(
    tf!.io.fromMemory({ modelTopology, trainingConfig, format, weightSpecs: weightsManifest[0].weights, weightData }),
  );
}

/** What TF.js' own save() gives its handlers. */
export async function savedByTfjs(model: TfModel, options?: object): Promise<{ modelTopology: unknown }> {
  let saved: { modelTopology: unknown } | undefined;
  await model.save({ save: (artifacts: typeof saved) => ((saved = artifacts), Promise.resolve({})) }, options);
  // As it would have come out of a file.
  const { weightData, ...json } = saved as unknown as { weightData: ArrayBuffer };
  return { ...(JSON.parse(JSON.stringify(json)) as { modelTopology: unknown }), ...{ weightData } };
}

/** Numbers between -1 and 1 without a pattern; the same each time. */
export function numbers(count: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2147483648 - 1;
  });
}

/** An input of so many examples. */
export function examples(shape: readonly number[], count = 3, seed = 1): Tensor<Float32Array> {
  return { data: numbers(count * shape.reduce((a, b) => a * b, 1), seed), shape: [count, ...shape] };
}

export const toTf = ({ data, shape }: Tensor): TfTensor => tf!.tensor(data as Float32Array, shape);

export function predictedByTfjs(model: TfModel, ...inputs: readonly Tensor[]): Float32Array[] {
  const tensors = inputs.map(toTf);
  const outputs = model.predict(tensors.length === 1 ? tensors[0]! : tensors);
  return (Array.isArray(outputs) ? outputs : [outputs]).map((output) => output.dataSync());
}

export async function predicted(model: Model, ...inputs: readonly Tensor[]): Promise<Float32Array[]> {
  const outputs = (await model.predict(
    (inputs.length === 1 ? inputs[0] : inputs) as never,
  )) as unknown as Tensor<Float32Array>;
  return (Array.isArray(outputs) ? (outputs as Tensor<Float32Array>[]) : [outputs]).map(({ data }) => data);
}

/** The same within 1e-5 of the largest. */
export function assertSame(ours: readonly Float32Array[], theirs: readonly Float32Array[], what = ''): void {
  assert.is(ours.length, theirs.length, what);
  for (const [i, values] of ours.entries()) {
    const other = theirs[i]!;
    assert.is(values.length, other.length, what);
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    const apart = values.reduce((most, value, j) => Math.max(most, Math.abs(value - other[j]!)), 0);
    assert.ok(apart <= 1e-5 * largest, `${what}: ${apart} apart, the largest is ${largest}`);
  }
}

/** Gives all weights other values: of a variance, positive ones. */
export function scramble(model: Model, seed = 7): void {
  const { parameters } = model;
  model.setWeights(
    model.getWeights().map(({ data, shape }, i) => ({
      shape,
      data: numbers(data.length, seed + i).map((value) =>
        /ariance$/.test(parameters[i]!.name) ? Math.abs(value) + 0.5 : value / 2,
      ),
    })),
  );
}
