// How large a picture may be: checked on what its header says, before anything is decoded or allocated.
import { check } from '../base/errors.js';

/** Twice a phone's largest photograph. */
export const MAX_PIXELS = 100e6;

export interface Limits {
  /** What errors call the picture. */
  readonly who: string;
  readonly maxPixels: number;
}

export function checkSize(width: number, height: number, { who, maxPixels }: Limits): void {
  check(width > 0 && height > 0, () => `${who} says it is ${width} × ${height} pixels; save it again`);
  check(
    width * height <= maxPixels,
    () => `${who} is ${width} × ${height} pixels, more than the ${maxPixels} that are read; make it smaller`,
  );
}
