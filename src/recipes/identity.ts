// The identities that histories and checkpoints record, as the bytes whose SHA-256 they are: hosts hash in ways of their own.
export { sha256Of } from '../base/sha256.js';
import type { Dataset } from '../data/dataset.js';
import { encodeUtf8 } from '../base/utf8.js';
import type { Model } from '../model/model.js';

/**
 * Train images, train labels, test images, test labels, validation images and labels, groups, of these what there is: elements only, no headers.
 *
 * @example
 * ```js
 * import { builtinDigits } from 'wasm-cnn/data';
 * import { datasetBytes, sha256Of } from 'wasm-cnn/recipes';
 *
 * const digits = builtinDigits({ trainCount: 120, testCount: 20, seed: 1 });
 * (await sha256Of(datasetBytes(digits)))?.length; // 64
 * ```
 */
export function datasetBytes({ train, test, validation, groups }: Dataset): readonly Uint8Array[] {
  const parts = [train, test, validation].flatMap((part) => (part ? [part.x.data, bytesOf(part.y)] : []));
  return groups ? [...parts, encodeUtf8(groups.join('\n'))] : parts;
}

/**
 * The little-endian f32 of all parameters in layer order, kernel then bias.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 * import { sha256Of, weightsBytes } from 'wasm-cnn/recipes';
 *
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 3 })] });
 * await sha256Of(weightsBytes(model)); // '3607e1f907b1b5ac326e1920699e12748603f8768857a78ee100a67428620f8e'
 * ```
 */
export function weightsBytes(model: Pick<Model, 'getWeights'>): readonly Uint8Array[] {
  return model.getWeights().map(({ data }) => bytesOf(data));
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
