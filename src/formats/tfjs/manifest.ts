// The list of weights of a model.json, and the bytes that it describes → named tensors.
import { check, WasmCnnError } from '../../base/errors.js';
import { isRecord } from '../../base/options.js';
import { LARGEST, sizeOf, type Shape } from '../../base/shape.js';
import type { NamedTensor } from '../safetensors.js';
import { BYTES, decode, type Quantization } from './quantization.js';

/** A weight as a manifest has it. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: string;
  /** 'optimizer' for what is no weight of the model. */
  readonly group?: string;
  readonly quantization?: Quantization;
}

/** Weights whose bytes lie one behind another in these files, which together are one. */
export interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly WeightSpec[];
}

export interface Weight extends NamedTensor {
  readonly name: string;
  readonly isOptimizers: boolean;
}

const MOST = 100_000;

/** The groups of a weightsManifest; throws one sentence where it is none. */
export function readManifest(given: unknown, who: string): readonly WeightGroup[] {
  check(Array.isArray(given), () => `${who}: its weightsManifest is no list of weights and their files`);
  return given.map((group: unknown) => {
    check(
      isRecord(group) && Array.isArray(group.paths) && group.paths.every((path) => typeof path === 'string'),
      () => `${who}: its weightsManifest has a group without paths of files`,
    );
    return { paths: group.paths as string[], weights: readSpecs(group.weights, who) };
  });
}

export function readSpecs(given: unknown, who: string): readonly WeightSpec[] {
  check(Array.isArray(given) && given.length <= MOST, () => `${who}: its weightsManifest has a group without weights`);
  return given.map((spec: unknown) => readSpec(spec, who));
}

function readSpec(given: unknown, who: string): WeightSpec {
  check(
    isRecord(given) && typeof given.name === 'string',
    () => `${who}: its weightsManifest has a weight without a name`,
  );
  const { name, shape, dtype, quantization, group } = given;
  check(
    Array.isArray(shape) && shape.length <= 16 && shape.every((size) => Number.isSafeInteger(size) && size >= 0),
    () => `${who}: its weight '${name as string}' has no shape of whole numbers`,
  );
  check(
    (shape as number[]).reduce((product, size) => Math.min(product * size, LARGEST), 1) < LARGEST,
    () => `${who}: its weight '${name as string}' has more values than WebAssembly's memory holds`,
  );
  check(
    typeof dtype === 'string' && ['float32', 'int32', 'bool'].includes(dtype),
    () =>
      `${who}: its weight '${name as string}' is of the type ${JSON.stringify(dtype)}, and float32, int32 and bool are read`,
  );
  return {
    name: name as string,
    shape: shape as number[],
    dtype,
    ...(typeof group === 'string' && { group }),
    ...(quantization !== undefined &&
      quantization !== null && { quantization: readQuantization(quantization, name as string, dtype, who) }),
  };
}

function readQuantization(given: unknown, name: string, type: string, who: string): Quantization {
  const { dtype, scale, min } = isRecord(given) ? given : {};
  const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
  check(
    (dtype === 'float16' && type === 'float32') ||
      ((dtype === 'uint8' || dtype === 'uint16') && isNumber(scale) && isNumber(min)),
    () =>
      `${who}: the quantization of its weight '${name}' is none that is known: float16 of float32, or uint8 and uint16 with scale and min`,
  );
  return {
    dtype: dtype as Quantization['dtype'],
    ...(dtype !== 'float16' && { scale: scale as number, min: min as number }),
  };
}

const bytesOf = ({ shape, dtype, quantization }: WeightSpec): number =>
  sizeOf(shape) * BYTES[quantization?.dtype ?? dtype]!;

/** The weights of one group, in their order. */
export function decodeGroup(weights: readonly WeightSpec[], bytes: Uint8Array, who: string): Weight[] {
  const needed = weights.reduce((sum, spec) => sum + bytesOf(spec), 0);
  check(
    bytes.length === needed,
    () =>
      `${who}: its weights take ${needed} bytes, and its files hold ${bytes.length}; ${bytes.length < needed ? 'they are cut off, or one is missing' : 'they are those of another model'}`,
  );
  let at = 0;
  return weights.map((spec) => {
    const { name, shape, dtype, quantization, group } = spec;
    try {
      const data = decode(bytes, at, sizeOf(shape), dtype, quantization);
      at += bytesOf(spec);
      return { name, shape, data, isOptimizers: group === 'optimizer' };
    } catch (error) {
      throw new WasmCnnError(
        `${who}: needs ${4 * sizeOf(shape)} bytes of memory for '${name}', which this machine refuses; close other programs`,
        {
          cause: error,
        },
      );
    }
  });
}
