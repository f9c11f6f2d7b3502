// Small pictures for tests.
import { encode } from 'fast-png';
import type { Files } from '../layouts/memoryFolder.js';

/** A PNG of one color. */
export function pngOf(value: number, height = 4, width = 4, channels: 1 | 3 = 3): Uint8Array {
  const data = new Uint8Array(height * width * channels).fill(value);
  return encode({ data, width, height, channels, depth: 8 });
}

/** `count` PNGs, 0.png and so on, of values from `first` on. */
export function pngsOf(folder: string, count: number, first: number): Files {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`${folder}/${i}.png`, pngOf(first + i)]));
}
