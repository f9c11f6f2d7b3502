// A gray picture, and the two ways to make a smaller one of it.

/** A gray picture: 0 is black, 255 white. */
export interface GrayPicture {
  /** 0 black … 255 white, row by row. */
  readonly gray: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A rectangle of pixels; right and bottom lie outside. */
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The longer side of a box or a picture. */
export function longerSide(box: Box): number {
  return Math.max(box.right - box.left, box.bottom - box.top);
}

/** The smallest box around what is not black. */
export function boxOf(gray: Float32Array | Uint8Array, width: number, height: number): Box | null {
  const box: Box = { left: width, top: height, right: 0, bottom: 0 };
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (!(gray[i]! > 0)) continue;
      if (x < box.left) box.left = x;
      if (x >= box.right) box.right = x + 1;
      if (y < box.top) box.top = y;
      box.bottom = y + 1;
    }
  }
  return box.right > 0 ? box : null;
}

export function crop({ gray, width }: GrayPicture, { left, top, right, bottom }: Box): GrayPicture {
  const cropped = new Uint8Array((right - left) * (bottom - top));
  for (let y = top; y < bottom; y++)
    cropped.set(gray.subarray(y * width + left, y * width + right), (y - top) * (right - left));
  return { gray: cropped, width: right - left, height: bottom - top };
}

/** Averages square blocks, the smallest that bring the longer side to `side` or less; what does not fill a block is left out. */
export function reduce(picture: GrayPicture, side: number): GrayPicture {
  const steps = reducing(picture, side, { left: 0, top: 0, right: picture.width, bottom: picture.height });
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Pixels that are averaged between two steps. */
const STEP_PIXELS = 1_000_000;

/** `reduce` of a part of the picture, in steps. */
export function* reducing(picture: GrayPicture, side: number, part: Box): Generator<undefined, GrayPicture> {
  const partWidth = part.right - part.left,
    partHeight = part.bottom - part.top;
  const block = Math.ceil(Math.max(partWidth, partHeight) / side);
  if (block === 1) return partWidth === picture.width && partHeight === picture.height ? picture : crop(picture, part);
  const width = Math.max(1, Math.floor(partWidth / block)),
    height = Math.max(1, Math.floor(partHeight / block));
  const across = Math.min(block, partWidth),
    down = Math.min(block, partHeight);
  const gray = new Uint8Array(width * height);
  for (let y = 0, done = 0; y < height; y++) {
    reduceRow(picture, part.left, part.top + y * block, block, across, down, gray.subarray(y * width, (y + 1) * width));
    done += partWidth * down;
    if (done < STEP_PIXELS) continue;
    done = 0;
    yield;
  }
  return { gray, width, height };
}

/** Blocks from the pixel at `left`, `top` on, `block` apart, each `across` × `down` pixels. */
function reduceRow(
  { gray, width }: GrayPicture,
  left: number,
  top: number,
  block: number,
  across: number,
  down: number,
  to: Uint8Array,
): void {
  for (let x = 0; x < to.length; x++) {
    let sum = 0;
    for (let dy = 0; dy < down; dy++) {
      const row = (top + dy) * width + left + x * block;
      for (let dx = 0; dx < across; dx++) sum += gray[row + dx]!;
    }
    to[x] = Math.round(sum / (across * down));
  }
}
