// Foreground extraction: which of a picture's foreground and background is lighter, a white top-hat that removes an uneven background,
// and the noise that is left.
import { opening, soften } from './filters.js';
import { crop, type GrayPicture } from './picture.js';
import { ranked } from './ranked.js';

export interface Foreground {
  /** How far each pixel stands out from the background around it, 0 … 255. */
  readonly values: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Whether the background was lighter than the foreground. */
  readonly light: boolean;
  /** Whether the background's own gray varies visibly. */
  readonly uneven: boolean;
  /** What noise alone reaches; 0 where the background is clean. */
  readonly floor: number;
  /** What the strongest foreground reaches. */
  readonly strong: number;
}

/** Pictures larger than this are softened against noise; smaller ones have no pixel to spare. */
const SOFTEN_FROM = 112;

/** Extracts the foreground in steps. `radius`: strokes twice as wide are still foreground. `lightBackground` is detected unless given. */
export function* extractForeground(
  picture: GrayPicture,
  radius: number,
  lightBackground?: boolean,
): Generator<undefined, Foreground> {
  const { width, height } = picture;
  const flat = subtractSlope(Math.max(width, height) > SOFTEN_FROM ? soften(picture) : picture);
  yield;
  const light = lightBackground ?? hasLightBackground(flat.values);
  if (light) for (let i = 0; i < flat.values.length; i++) flat.values[i] = -flat.values[i]!;

  // White top-hat, values less their opening: only what is wider than the window survives an opening, and no stroke is.
  const reach = Math.max(1, Math.round(radius));
  const background = yield* opening(flat.values, width, height, reach);
  yield;
  const raised = new Uint8Array(width * height);
  let lowest = Infinity,
    highest = -Infinity;
  for (let i = 0; i < raised.length; i++) {
    raised[i] = Math.min(255, Math.round(flat.values[i]! - background[i]!));
    if (background[i]! < lowest) lowest = background[i]!;
    if (background[i]! > highest) highest = background[i]!;
  }
  const floor = noiseLevel(raised);
  const strong = ranked(
    raised,
    raised.length - Math.max(Math.min(4, raised.length), Math.floor(raised.length / 5000)),
  )[0]!;
  return { values: raised, width, height, light, uneven: flat.slope + (highest - lowest) > 16, floor, strong };
}

/** The picture less a plane through its border; `slope` is the plane's rise over the picture. The border comes to lie around 0. */
function subtractSlope({ gray, width, height }: GrayPicture): { values: Float32Array; slope: number } {
  // Wide enough for a cell's line along the edge to be the lesser part of it.
  const strip = Math.max(1, Math.round(Math.min(width, height) / 10));
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

/** The border, around 0, is background: the farther extreme is foreground. */
function hasLightBackground(values: Float32Array): boolean {
  const few = Math.floor(values.length / 1000);
  const [low, high] = ranked(values, few, values.length - 1 - few) as [number, number];
  return -low > high;
}

/** What noise alone reaches. More than half of a picture may be foreground, hardly three quarters: the lowest quarter tells the background's noise. */
export function noiseLevel(values: Uint8Array | Float32Array): number {
  const [low, quarter] = ranked(
    values,
    Math.floor(0.05 * (values.length - 1)),
    Math.floor(0.25 * (values.length - 1)),
  ) as [number, number];
  return quarter + 5 * (quarter - low);
}
