// SHA-256 by the host.

/**
 * In hexadecimal. Null where the host has none: browsers give crypto.subtle to pages from https and localhost only.
 *
 * @example
 * ```js
 * import { sha256Of } from 'wasm-cnn/recipes';
 *
 * await sha256Of([Uint8Array.of(1, 2), Uint8Array.of(3)]); // '039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81'
 * ```
 */
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
