// A person's drawing as a gray picture.
import type { OwnBytes } from '../base/hostTypes.js';
import type { GrayPicture } from '../data/digitImage/picture.js';
import { lumaOf, over, type Picture } from './picture.js';

/**
 * Luma over white; over black where white swallows the whole drawing, as with white ink on nothing.
 *
 * @example
 * ```js
 * import { drawingOf } from 'wasm-cnn/images';
 *
 * drawingOf({ data: Uint8Array.of(0, 128, 255), width: 3, height: 1, channels: 1 }); // { width: 3, height: 1 }
 * ```
 */
export function drawingOf({ data, width, height, channels }: Picture): GrayPicture {
  const pixels = width * height;
  const luma = (at: number): number =>
    channels === 1 ? data[at]! : lumaOf(data[channels * at]!, data[channels * at + 1]!, data[channels * at + 2]!);
  const on = (background: number): OwnBytes => {
    const laid = new Uint8Array(pixels);
    for (let i = 0; i < pixels; i++) laid[i] = channels === 4 ? over(background, luma(i), data[4 * i + 3]!) : luma(i);
    return laid;
  };
  const onWhite = on(255);
  return { gray: channels === 4 && onWhite.every((value) => value > 250) ? on(0) : onWhite, width, height };
}
