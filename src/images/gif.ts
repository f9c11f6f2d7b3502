// GIF: the first frame, on its canvas (https://www.w3.org/Graphics/GIF/spec-gif89a.txt).
import { check } from '../base/errors.js';
import { checkSize, type Limits } from './limits.js';
import { decodeLzw } from './lzw.js';
import type { Picture } from './picture.js';

const IMAGE = 0x2c;
const EXTENSION = 0x21;
const GRAPHIC_CONTROL = 0xf9;

/** First interlaced row of each pass, and the distance to the next. */
const PASSES = [
  [0, 8],
  [4, 8],
  [2, 4],
  [1, 2],
] as const;

interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly interlaced: boolean;
  readonly palette: Uint8Array;
  /** The index of the clear color, or -1. */
  readonly clear: number;
  /** Palette indices, in the order of the file. */
  readonly indices: Uint8Array;
}

/** Takes bytes one after another, and refuses where none are left. */
class Reader {
  readonly #bytes: Uint8Array;
  readonly #who: string;
  at = 0;

  constructor(bytes: Uint8Array, who: string) {
    this.#bytes = bytes;
    this.#who = who;
  }

  take(count: number): Uint8Array {
    const { length } = this.#bytes;
    check(
      this.at + count <= length,
      () => `${this.#who} is cut off: its ${length} bytes end within the first frame of a GIF; copy it again`,
    );
    return this.#bytes.subarray(this.at, (this.at += count));
  }

  byte(): number {
    return this.take(1)[0]!;
  }

  uint16(): number {
    const [low, high] = this.take(2);
    return low! + high! * 256;
  }

  /** Blocks of up to 255 bytes, the last of which is empty. */
  blocks(): Uint8Array[] {
    const blocks: Uint8Array[] = [];
    for (;;) {
      const length = this.byte();
      if (length === 0) return blocks;
      blocks.push(this.take(length));
    }
  }
}

/** The canvas' size. */
export function gifSize(bytes: Uint8Array, limits: Limits): { readonly width: number; readonly height: number } {
  return readStart(new Reader(bytes, limits.who), limits);
}

export function decodeGif(bytes: Uint8Array, limits: Limits): Picture {
  const { who } = limits;
  const reader = new Reader(bytes, who);
  const { width, height, frame } = readStart(reader, limits);
  const { palette } = frame;
  check(palette !== undefined, `${who} has no palette for its first frame; save it again as GIF`);
  const minCodeSize = reader.byte();
  const indices = decodeLzw(minCodeSize, reader.blocks(), frame.width * frame.height, who);
  return paint({ ...frame, palette, indices }, width, height, who);
}

interface Start {
  /** The canvas' size. */
  readonly width: number;
  readonly height: number;
  readonly frame: Omit<Frame, 'palette' | 'indices'> & { readonly palette: Uint8Array | undefined };
}

/** Up to the codes of the first frame. */
function readStart(reader: Reader, limits: Limits): Start {
  const { who } = limits;
  reader.take(6);
  const screen = { width: reader.uint16(), height: reader.uint16() };
  const flags = reader.byte();
  reader.take(2);
  const globalPalette = flags & 128 ? reader.take(3 << ((flags & 7) + 1)) : undefined;
  let clear = -1;
  for (;;) {
    const kind = reader.byte();
    if (kind === IMAGE) break;
    check(
      kind === EXTENSION,
      `${who} is damaged: no block of a GIF starts at byte ${reader.at - 1}${kind === 0x3b ? ', it ends there without a picture' : ''}; copy it again`,
    );
    const label = reader.byte();
    const [control] = reader.blocks();
    if (label === GRAPHIC_CONTROL && control && control.length >= 4) clear = control[0]! & 1 ? control[3]! : -1;
  }
  const [left, top, frameWidth, frameHeight] = [reader.uint16(), reader.uint16(), reader.uint16(), reader.uint16()];
  checkSize(frameWidth, frameHeight, limits);
  const own = reader.byte();
  const palette = own & 128 ? reader.take(3 << ((own & 7) + 1)) : globalPalette;
  // As browsers do, which make the canvas larger for a frame that does not fit.
  const width = Math.max(screen.width, left + frameWidth);
  const height = Math.max(screen.height, top + frameHeight);
  checkSize(width, height, limits);
  const interlaced = (own & 64) !== 0;
  return { width, height, frame: { left, top, width: frameWidth, height: frameHeight, interlaced, palette, clear } };
}

/** RGBA where the frame has a clear color or does not cover the canvas, else RGB. */
function paint(frame: Frame, width: number, height: number, who: string): Picture {
  const { palette, clear, indices } = frame;
  const covers = frame.width === width && frame.height === height;
  const channels = covers && (clear < 0 || !indices.includes(clear)) ? 3 : 4;
  const data = new Uint8Array(width * height * channels);
  let at = 0;
  for (const [first, step] of frame.interlaced ? PASSES : [[0, 1] as const])
    for (let y = first; y < frame.height; y += step) {
      let to = ((frame.top + y) * width + frame.left) * channels;
      for (let x = 0; x < frame.width; x++, to += channels) {
        const index = indices[at++]!;
        check(
          3 * index < palette.length || index === clear,
          () => `${who} is damaged: it has color ${index} of a palette of ${palette.length / 3}; save it again as GIF`,
        );
        for (let c = 0; c < 3; c++) data[to + c] = palette[3 * index + c] ?? 0;
        if (channels === 4) data[to + 3] = index === clear ? 0 : 255;
      }
    }
  return { data, width, height, channels };
}
