// A picture in memory, as every decoder here makes it and everything else takes it.
import type { OwnBytes } from '../base/hostTypes.js';

/** 8-bit pixels, row-major [height, width, channels]: gray, RGB or RGBA (not premultiplied). */
export interface Picture {
  readonly data: OwnBytes;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
}

/** Rec. 601 luma in 256ths; 0 … 255. */
export function lumaOf(red: number, green: number, blue: number): number {
  return (77 * red + 150 * green + 29 * blue + 128) >> 8;
}

/** A value of 0 … 255 with the given opacity over a background. */
export function over(background: number, value: number, alpha: number): number {
  return ((value * alpha + background * (255 - alpha) + 127) / 255) | 0;
}

/** A copy with the channels that a picture has: its red for gray, without its opacity for RGB. */
export function fromRgba(rgba: Uint8Array, width: number, height: number, channels: 1 | 3 | 4): Picture {
  const data = new Uint8Array(width * height * channels);
  if (channels === 4) data.set(rgba.subarray(0, data.length));
  else if (channels === 1) for (let i = 0; i < data.length; i++) data[i] = rgba[4 * i]!;
  else {
    const done = fourAtOnce(rgba, data);
    for (let from = 4 * done, to = 3 * done; to < data.length; from += 4, to += 3) {
      data[to] = rgba[from]!;
      data[to + 1] = rgba[from + 1]!;
      data[to + 2] = rgba[from + 2]!;
    }
  }
  return { data, width, height, channels };
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** Whether RGBA can be read as 32 bits a pixel, red in the lowest. */
export function isPackable(rgba: Uint8Array): boolean {
  return IS_LITTLE_ENDIAN && rgba.byteOffset % 4 === 0;
}

/** Most of the pixels, as 16 bytes that become 12. Returns how many. */
function fourAtOnce(rgba: Uint8Array, data: OwnBytes): number {
  const pixels = data.length / 3;
  if (!isPackable(rgba)) return 0;
  const from = new Uint32Array(rgba.buffer, rgba.byteOffset, pixels - (pixels % 4));
  const to = new Uint32Array(data.buffer, 0, (from.length / 4) * 3);
  for (let i = 0, at = 0; i < from.length; i += 4, at += 3) {
    const b = from[i + 1]!;
    const c = from[i + 2]!;
    to[at] = (from[i]! & 0xffffff) | (b << 24);
    to[at + 1] = ((b >>> 8) & 0xffff) | (c << 16);
    to[at + 2] = ((c >>> 16) & 0xff) | (from[i + 3]! << 8);
  }
  return from.length;
}
