// What record.py recorded of Keras: files, and what they predict.
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';

export type Case = 'chain' | 'graph' | 'preprocessing' | 'shared';
export type Format = 'keras' | 'h5';

export interface Recorded {
  readonly keras: string;
  readonly h5: string;
  readonly inputs: readonly (readonly number[])[];
  readonly outputs: readonly (readonly number[])[];
}

export const recorded = Object.fromEntries(
  ['keras3', 'keras2'].map((name) => [
    name,
    JSON.parse(readFileSync(new URL(`../../../../test/formats/keras/${name}.json`, import.meta.url), 'utf8')),
  ]),
) as Record<'keras3' | 'keras2', Record<Case, Recorded> & { version: string }>;

export const fileOf = (given: Recorded, format: Format): Uint8Array =>
  new Uint8Array(inflateSync(Buffer.from(given[format], 'base64')));

/** As record.py makes them. */
export function numbers(shape: readonly number[], seed: number): Float32Array {
  const count = shape.reduce((product, size) => product * size, 1);
  return Float32Array.from({ length: count }, (_, i) => (((i * 37 + seed * 11) % 101) - 50) / 40);
}

export const SEEDS: Readonly<Record<Case, readonly number[]>> = {
  chain: [1],
  graph: [2, 4],
  preprocessing: [7],
  shared: [8],
};

export function inputsOf(name: Case, { inputs }: Recorded): { data: Float32Array; shape: readonly number[] }[] {
  return inputs.map((shape, i) => {
    const data = numbers(shape, SEEDS[name][i]!);
    return { shape, data: name === 'preprocessing' ? data.map(Math.abs) : data };
  });
}
