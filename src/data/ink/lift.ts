// Tells a picture's ink from its ground: which of the two is lighter, the ground's unevenness, its noise.
import type { GrayPicture } from './picture.js';

export interface LiftedInk {
  /** How far each pixel stands out from the ground around it, 0 … 255. */
  readonly ink: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Whether the ground was lighter than the ink. */
  readonly light: boolean;
  /** Whether the ground's own grey varies visibly. */
  readonly uneven: boolean;
  /** What noise alone reaches; 0 where the ground is clean. */
  readonly floor: number;
  /** What the strongest ink reaches. */
  readonly strong: number;
}

/** Pictures larger than this are softened against noise; smaller ones have no pixel to spare. */
const SOFTEN_FROM = 112;

/** `radius`: strokes twice as wide are still taken for ink. `lightGround` is found out unless told. */
export function liftInk(picture: GrayPicture, radius: number, lightGround?: boolean): LiftedInk {
  const { width, height } = picture;
  const flat = subtractSlope(Math.max(width, height) > SOFTEN_FROM ? soften(picture) : picture);
  const light = lightGround ?? hasLightGround(flat.values);
  if (light) flat.values.forEach((value, i) => { flat.values[i] = -value; });

  // Opening: only what is wider than the window survives both steps, and no stroke is. What survives is ground.
  const reach = Math.max(1, Math.round(radius));
  const ground = slide2d(slide2d(flat.values, width, height, reach, Math.min), width, height, reach, Math.max);
  const ink = new Uint8Array(width * height);
  let lowest = Infinity, highest = -Infinity;
  for (let i = 0; i < ink.length; i++) {
    ink[i] = Math.min(255, Math.round(flat.values[i]! - ground[i]!));
    lowest = Math.min(lowest, ground[i]!);
    highest = Math.max(highest, ground[i]!);
  }
  const levels = Float32Array.from(ink).sort();
  const at = (share: number) => levels[Math.floor(share * (levels.length - 1))]!;
  // More than half of a picture may be ink, hardly three quarters: the lowest quarter of the values tells the ground's noise.
  const floor = at(0.25) + 5 * (at(0.25) - at(0.05));
  const strong = levels[levels.length - Math.max(Math.min(4, levels.length), Math.floor(levels.length / 5000))]!;
  return { ink, width, height, light, uneven: flat.slope + (highest - lowest) > 16, floor, strong };
}

/** Binomial 3 × 3 averages. */
function soften({ gray, width, height }: GrayPicture): GrayPicture {
  const soft = new Uint8Array(gray.length);
  for (let y = 0, at = 0; y < height; y++) {
    const above = Math.max(0, y - 1) * width, here = y * width, below = Math.min(height - 1, y + 1) * width;
    for (let x = 0; x < width; x++, at++) {
      const left = Math.max(0, x - 1), right = Math.min(width - 1, x + 1);
      const column = (i: number) => gray[above + i]! + 2 * gray[here + i]! + gray[below + i]!;
      soft[at] = Math.round((column(left) + 2 * column(x) + column(right)) / 16);
    }
  }
  return { gray: soft, width, height };
}

/** The picture less a plane through its border; `slope` is the plane's rise over the picture. The border comes to lie around 0. */
function subtractSlope({ gray, width, height }: GrayPicture): { values: Float32Array; slope: number } {
  const strip = Math.max(1, Math.round(Math.min(width, height) / 32));
  const middleOf = (left: number, top: number, right: number, bottom: number) => {
    const values: number[] = [];
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) values.push(gray[y * width + x]!);
    return values.sort((a, b) => a - b)[values.length >> 1]!;
  };
  const west = middleOf(0, 0, strip, height), east = middleOf(width - strip, 0, width, height);
  const north = middleOf(0, 0, width, strip), south = middleOf(0, height - strip, width, height);
  const middle = (west + east + north + south) / 4;
  const values = new Float32Array(gray.length);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      values[at] = gray[at]! - middle - (east - west) * ((x + 0.5) / width - 0.5) - (south - north) * ((y + 0.5) / height - 0.5);
    }
  }
  return { values, slope: Math.abs(east - west) + Math.abs(south - north) };
}

/** The border, around 0, is ground: the farther extreme is ink. */
function hasLightGround(values: Float32Array): boolean {
  const sorted = values.slice().sort();
  const few = Math.floor(sorted.length / 1000);
  return -sorted[few]! > sorted[sorted.length - 1 - few]!;
}

type Pick = (a: number, b: number) => number;

/** The least (pick = Math.min) or greatest value within `radius` on both axes; windows end at the picture's edge. */
function slide2d(values: Float32Array, width: number, height: number, radius: number, pick: Pick): Float32Array {
  const rows = new Float32Array(values.length), both = new Float32Array(values.length);
  for (let y = 0; y < height; y++) slide(values, rows, y * width, 1, width, radius, pick);
  for (let x = 0; x < width; x++) slide(rows, both, x, width, height, radius, pick);
  return both;
}

/** One line of `count` values, `step` apart. Runs within blocks of one window's length, forth and back, meet in every window (van Herk, 1992). */
function slide(from: Float32Array, to: Float32Array, start: number, step: number, count: number, radius: number, pick: Pick): void {
  const block = 2 * radius + 1;
  const forth = new Float32Array(count), back = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const value = from[start + i * step]!;
    forth[i] = i % block === 0 ? value : pick(forth[i - 1]!, value);
  }
  for (let i = count - 1; i >= 0; i--) {
    const value = from[start + i * step]!;
    back[i] = i === count - 1 || (i + 1) % block === 0 ? value : pick(back[i + 1]!, value);
  }
  for (let i = 0; i < count; i++) {
    const first = Math.max(0, i - radius), last = Math.min(count - 1, i + radius);
    const inOneBlock = Math.floor(first / block) === Math.floor(last / block);
    to[start + i * step] = !inOneBlock ? pick(back[first]!, forth[last]!) : first % block === 0 ? forth[last]! : back[first]!;
  }
}
