// Tells a picture's ink from its ground: which of the two is lighter, the ground's unevenness, its noise.
import { opening, soften } from './filters.js';
import { crop, type GrayPicture } from './picture.js';
import { ranked } from './ranked.js';

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

/** In steps. `radius`: strokes twice as wide are still taken for ink. `lightGround` is found out unless told. */
export function* liftInk(picture: GrayPicture, radius: number, lightGround?: boolean): Generator<undefined, LiftedInk> {
  const { width, height } = picture;
  const flat = subtractSlope(Math.max(width, height) > SOFTEN_FROM ? soften(picture) : picture);
  yield;
  const light = lightGround ?? hasLightGround(flat.values);
  if (light) for (let i = 0; i < flat.values.length; i++) flat.values[i] = -flat.values[i]!;

  // Opening: only what is wider than the window survives both steps, and no stroke is. What survives is ground.
  const reach = Math.max(1, Math.round(radius));
  const ground = yield* opening(flat.values, width, height, reach);
  yield;
  const ink = new Uint8Array(width * height);
  let lowest = Infinity,
    highest = -Infinity;
  for (let i = 0; i < ink.length; i++) {
    ink[i] = Math.min(255, Math.round(flat.values[i]! - ground[i]!));
    if (ground[i]! < lowest) lowest = ground[i]!;
    if (ground[i]! > highest) highest = ground[i]!;
  }
  const floor = noiseLevel(ink);
  const strong = ranked(ink, ink.length - Math.max(Math.min(4, ink.length), Math.floor(ink.length / 5000)))[0]!;
  return { ink, width, height, light, uneven: flat.slope + (highest - lowest) > 16, floor, strong };
}

/** The picture less a plane through its border; `slope` is the plane's rise over the picture. The border comes to lie around 0. */
function subtractSlope({ gray, width, height }: GrayPicture): { values: Float32Array; slope: number } {
  const strip = Math.max(1, Math.round(Math.min(width, height) / 32));
  const middleOf = (left: number, top: number, right: number, bottom: number) => {
    const part = crop({ gray, width, height }, { left, top, right, bottom }).gray;
    return ranked(part, part.length >> 1)[0]!;
  };
  const west = middleOf(0, 0, strip, height),
    east = middleOf(width - strip, 0, width, height);
  const north = middleOf(0, 0, width, strip),
    south = middleOf(0, height - strip, width, height);
  const middle = (west + east + north + south) / 4;
  const values = new Float32Array(gray.length);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      values[at] =
        gray[at]! - middle - (east - west) * ((x + 0.5) / width - 0.5) - (south - north) * ((y + 0.5) / height - 0.5);
    }
  }
  return { values, slope: Math.abs(east - west) + Math.abs(south - north) };
}

/** The border, around 0, is ground: the farther extreme is ink. */
function hasLightGround(values: Float32Array): boolean {
  const few = Math.floor(values.length / 1000);
  const [low, high] = ranked(values, few, values.length - 1 - few) as [number, number];
  return -low > high;
}

/** What noise alone reaches. More than half of a picture may be ink, hardly three quarters: the lowest quarter tells the ground's noise. */
export function noiseLevel(ink: Uint8Array | Float32Array): number {
  const [low, quarter] = ranked(ink, Math.floor(0.05 * (ink.length - 1)), Math.floor(0.25 * (ink.length - 1))) as [
    number,
    number,
  ];
  return quarter + 5 * (quarter - low);
}
