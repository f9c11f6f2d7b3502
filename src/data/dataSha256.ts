// The identity of training data, by which a resumed fit checks that it continues with the same.
import type { Labels } from '../training/labels.js';
import { kindOf } from '../base/options.js';
import type { Tensor } from '../base/tensor.js';

/** Bytes that are hashed at a time: the host copies what it hashes. */
const PIECE = 1 << 22;
/** Pieces under way at once: hosts hash in threads of their own. */
const AT_ONCE = 2;

/**
 * SHA-256 over the SHA-256 of every 4 MiB of each x, each y (as f64, whatever they came as) and the examples' weights, in hexadecimal. Null where the host
 * has none: browsers give crypto.subtle to pages from https and localhost only.
 *
 * @example
 * ```js
 * import { dataSha256 } from 'wasm-cnn/data';
 *
 * const x = { data: Uint8Array.of(0, 255), shape: [2, 1] };
 * (await dataSha256([[x, [0, 1]]]))?.length; // 64
 * ```
 */
export async function dataSha256(
  examples: readonly (readonly [
    x: Tensor | readonly Tensor[],
    y: Labels | readonly Labels[],
    weights?: readonly Float32Array[] | undefined,
  ])[],
): Promise<string | null> {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) return null;
  const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> =>
    new Uint8Array(await subtle.digest('SHA-256', bytes));
  const pieces: (() => Uint8Array<ArrayBuffer>)[] = [];
  for (const [x, y, weights = []] of examples) {
    const inputs = [x].flat().map(({ data }) => data);
    const several = Array.isArray(y) && typeof y[0] === 'object';
    const labels = (several ? (y as readonly Labels[]) : [y as Labels]).map((each) =>
      Float64Array.from('data' in each ? each.data : each),
    );
    for (const { buffer, byteOffset, byteLength } of [...inputs, ...labels, ...weights]) {
      const bytes = new Uint8Array(buffer, byteOffset, byteLength);
      for (let at = 0; at < byteLength; at += PIECE) pieces.push(() => hashable(bytes.subarray(at, at + PIECE)));
    }
  }
  const digests: number[] = [];
  for (let i = 0; i < pieces.length; i += AT_ONCE) {
    const made = await Promise.all(pieces.slice(i, i + AT_ONCE).map((piece) => sha256(piece())));
    digests.push(...made.flatMap((digest) => [...digest]));
  }
  return Array.from(await sha256(Uint8Array.from(digests)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A copy where they are in memory that threads share or that can grow: hosts hash neither. */
function hashable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes as { buffer: ArrayBufferLike & { readonly resizable?: boolean } };
  const plain = kindOf(buffer) === 'ArrayBuffer' && !buffer.resizable;
  return (plain ? bytes : bytes.slice()) as Uint8Array<ArrayBuffer>;
}
