// Models of TF.js that others wrote, and what they predict: converted.json by recordConverter.py, saved.json by recordTfjs.ts.
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import type { Tensor } from '../../../src/base/tensor.js';

interface Recorded {
  readonly files: Readonly<Record<string, string>>;
  readonly outputs: readonly number[];
}

export const RECORDED_SHAPE = [7, 6, 3] as const;

/** Two examples, as both recorders make them. */
export function recordedInput(): Tensor<Float32Array> {
  const shape = [2, ...RECORDED_SHAPE];
  const data = Float32Array.from({ length: 2 * 7 * 6 * 3 }, (_, i) => (((i * 37 + 11) % 101) - 50) / 40);
  return { data, shape };
}

export function recordedBy(name: 'converted' | 'saved'): Readonly<Record<string, Recorded>> {
  const path = new URL(`../../../../test/formats/tfjs/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { cases: Record<string, Recorded> }).cases;
}

export const filesOf = ({ files }: Recorded): Record<string, Uint8Array> =>
  Object.fromEntries(
    Object.entries(files).map(([name, text]) => [name, new Uint8Array(inflateSync(Buffer.from(text, 'base64')))]),
  );
