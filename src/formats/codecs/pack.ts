// Packs a zip archive. inlinePackages.js puts the package in here.
import { zipSync } from 'fflate';

/** Stored, in this order, all with the first date that the format has: the same contents give the same bytes. */
export function packStored(contents: Record<string, Uint8Array>): Uint8Array {
  return zipSync(contents, { level: 0, mtime: '1980-01-01T00:00:00' });
}
