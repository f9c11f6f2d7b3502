// What a picture is like, upright, before it is decoded.
import type { Orientation } from './exif.js';

export interface PictureHeader {
  readonly width: number;
  readonly height: number;
  /** Whether it has one channel. */
  readonly isGray: boolean;
}

type Size = Pick<PictureHeader, 'width' | 'height'>;

/** The size of a stored picture once its orientation is applied. */
export function upright({ width, height }: Size, isGray: boolean, orientation: Orientation): PictureHeader {
  return orientation >= 5 ? { width: height, height: width, isGray } : { width, height, isGray };
}
