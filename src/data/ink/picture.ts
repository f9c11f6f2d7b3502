// A grey picture, and the two ways to make a smaller one of it.

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

export function crop({ gray, width }: GrayPicture, { left, top, right, bottom }: Box): GrayPicture {
  const cropped = new Uint8Array((right - left) * (bottom - top));
  for (let y = top; y < bottom; y++) cropped.set(gray.subarray(y * width + left, y * width + right), (y - top) * (right - left));
  return { gray: cropped, width: right - left, height: bottom - top };
}

/** Averages square blocks, the smallest that bring the longer side to `side` or less; what does not fill a block is left out. */
export function reduce(picture: GrayPicture, side: number): GrayPicture {
  const block = Math.ceil(Math.max(picture.width, picture.height) / side);
  if (block === 1) return picture;
  const width = Math.max(1, Math.floor(picture.width / block)), height = Math.max(1, Math.floor(picture.height / block));
  const across = Math.min(block, picture.width), down = Math.min(block, picture.height);
  const gray = new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      let sum = 0;
      for (let dy = 0; dy < down; dy++) {
        const row = (y * block + dy) * picture.width + x * block;
        for (let dx = 0; dx < across; dx++) sum += picture.gray[row + dx]!;
      }
      gray[at] = Math.round(sum / (across * down));
    }
  }
  return { gray, width, height };
}
