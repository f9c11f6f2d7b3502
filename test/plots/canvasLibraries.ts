// The canvas libraries that pictures are tested on, and a canvas that remembers the texts written on it.
import { decode } from 'fast-png';
import { openCanvas, type CanvasLibrary } from '../../src/node/images/canvas.js';
import type { CreateCanvas, PlotCanvas } from '../../src/plots/style.js';

/** @napi-rs/canvas, and node-canvas where it works; says so where it does not. */
export async function canvasLibraries(): Promise<CanvasLibrary[]> {
  const napi = await openCanvas('napi');
  try {
    return [napi, await openCanvas('canvas')];
  } catch (error) {
    console.log(`note: pictures are tested on @napi-rs/canvas alone: ${(error as Error).message}`);
    return [napi];
  }
}

/** `createCanvas` whose contexts add to `texts` what is written. */
export function remembering(createCanvas: CreateCanvas, texts: string[]): CreateCanvas {
  return (width, height) => {
    const canvas = createCanvas(width, height);
    const ctx = canvas.getContext('2d')!;
    const fillText = ctx.fillText.bind(ctx);
    ctx.fillText = (text, x, y) => {
      texts.push(text);
      fillText(text, x, y);
    };
    canvas.getContext = () => ctx;
    return canvas;
  };
}

/** A picture's pixels, back from its PNG. */
export function pixelsOf({ toPng }: CanvasLibrary, canvas: PlotCanvas) {
  const { data, width, height, channels } = decode(toPng(canvas));
  const at = (x: number, y: number) =>
    Array.from(data.subarray((y * width + x) * channels, (y * width + x) * channels + 3));
  const numberOf = (color: string) => parseInt(color.slice(1), 16);
  const numbers = new Int32Array(width * height).map(
    (_, i) => (data[i * channels]! << 16) | (data[i * channels + 1]! << 8) | data[i * channels + 2]!,
  );
  /** How many pixels are of just this color, "#rrggbb". */
  const count = (color: string) => numbers.filter((number) => number === numberOf(color)).length;
  /** At how many places a rectangle of just this color fits: 1 where there is one of exactly this size. */
  const places = (color: string, blockWidth: number, blockHeight: number) => {
    const wanted = numberOf(color);
    let n = 0;
    for (let y = 0; y + blockHeight <= height; y++) {
      for (let x = 0; x + blockWidth <= width; x++) {
        let fits = true;
        for (let dy = 0; fits && dy < blockHeight; dy++)
          for (let dx = 0; fits && dx < blockWidth; dx++) fits = numbers[(y + dy) * width + x + dx] === wanted;
        if (fits) n++;
      }
    }
    return n;
  };
  return { width, height, at, count, places };
}
