// The first frame of an animated WebP: libwebp decodes still ones, so it becomes a file of its own.
import { check } from '../base/errors.js';
import { applyOrientation, readOrientation, type Orientation } from './exif.js';
import { checkSize, type Limits } from './limits.js';
import type { Picture } from './picture.js';
import { HAS_ALPHA, uint24, webpChunks } from './webpHeader.js';

const ANIMATED = 2;
/** Place, size, duration and flags, before the chunks of a frame. */
const FRAME_HEADER = 16;

export interface Frame {
  /** The frame as a still WebP. */
  readonly file: Uint8Array;
  readonly left: number;
  readonly top: number;
  /** Size of the canvas. */
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
}

/** Null where the file is not animated. */
export function firstFrame(bytes: Uint8Array, limits: Limits): Frame | null {
  const { who } = limits;
  const chunks = webpChunks(bytes, who);
  const extended = chunks.get('VP8X');
  if (!extended || extended.length < 10 || (extended[0]! & ANIMATED) === 0) return null;
  const frame = chunks.get('ANMF');
  check(
    frame !== undefined && frame.length > FRAME_HEADER,
    `${who} is an animated WebP without a frame; save it again as WebP`,
  );
  const [width, height] = [1 + uint24(extended, 4), 1 + uint24(extended, 7)];
  checkSize(width, height, limits);
  const [left, top] = [2 * uint24(frame, 0), 2 * uint24(frame, 3)];
  const [frameWidth, frameHeight] = [1 + uint24(frame, 6), 1 + uint24(frame, 9)];
  check(
    left + frameWidth <= width && top + frameHeight <= height,
    `${who} is damaged: its first frame leaves its canvas of ${width} × ${height} pixels; save it again as WebP`,
  );
  const exif = chunks.get('EXIF');
  return {
    file: stillOf(frame, frame.subarray(FRAME_HEADER)),
    left,
    top,
    width,
    height,
    orientation: exif ? readOrientation(exif) : 1,
  };
}

/** An opacity in a chunk of its own needs a VP8X chunk before it. */
function stillOf(frame: Uint8Array, chunks: Uint8Array): Uint8Array {
  const hasAlpha = String.fromCharCode(...chunks.subarray(0, 4)) === 'ALPH';
  const start = hasAlpha ? 30 : 12;
  const file = new Uint8Array(start + chunks.length);
  const view = new DataView(file.buffer);
  const name = (at: number, text: string): void =>
    file.set(
      [...text].map((letter) => letter.charCodeAt(0)),
      at,
    );
  name(0, 'RIFF');
  view.setUint32(4, file.length - 8, true);
  name(8, 'WEBP');
  if (hasAlpha) {
    name(12, 'VP8X');
    view.setUint32(16, 10, true);
    file[20] = HAS_ALPHA;
    file.set(frame.subarray(6, 12), 24);
  }
  file.set(chunks, start);
  return file;
}

/** What the frame does not cover is clear. */
export function onCanvas(picture: Picture, { left, top, width, height, orientation }: Frame): Picture {
  const covers = picture.width === width && picture.height === height;
  if (covers) return applyOrientation(picture, orientation);
  const data = new Uint8Array(width * height * 4);
  const { channels } = picture;
  // A frame's header and its pixels may disagree about its size.
  const [columns, rows] = [Math.min(picture.width, width - left), Math.min(picture.height, height - top)];
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const from = (y * picture.width + x) * channels;
      const to = ((top + y) * width + left + x) * 4;
      for (let c = 0; c < 3; c++) data[to + c] = picture.data[from + c]!;
      data[to + 3] = channels === 4 ? picture.data[from + 3]! : 255;
    }
  return applyOrientation({ data, width, height, channels: 4 }, orientation);
}
