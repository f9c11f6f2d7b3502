// Writes PNG. inlinePackages.js puts the package in here.
import { encode } from 'fast-png';

/** A PNG of RGBA pixels. */
export function encodePng(data: Uint8ClampedArray, width: number, height: number): Uint8Array {
  return encode({ width, height, data: new Uint8Array(data.buffer), channels: 4, depth: 8 });
}
