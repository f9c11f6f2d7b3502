// The identities that histories and checkpoints record, as the bytes whose SHA-256 they are: hosts hash in ways of their own.
import type { Dataset } from '../data/dataset.js';
import { encodeUtf8 } from '../base/utf8.js';
import type { Model } from '../model/model.js';

/** Train images, train labels, test images, test labels, validation images and labels, groups, of these what there is: elements only, no headers. */
export function datasetBytes({ train, test, validation, groups }: Dataset): readonly Uint8Array[] {
  const parts = [train, test, validation].flatMap((part) => (part ? [part.x.data, bytesOf(part.y)] : []));
  return groups ? [...parts, encodeUtf8(groups.join('\n'))] : parts;
}

/** The little-endian f32 of all parameters in layer order, kernel then bias. */
export function weightsBytes(model: Pick<Model, 'getWeights'>): readonly Uint8Array[] {
  return model.getWeights().map(({ data }) => bytesOf(data));
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** In hexadecimal. Null where the host has none: browsers give crypto.subtle to pages from https and localhost only. */
export async function sha256Of(parts: readonly Uint8Array[]): Promise<string | null> {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) return null;
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  const digest = new Uint8Array(await subtle.digest('SHA-256', all));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
