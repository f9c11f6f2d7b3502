// An image as hosts have it → its pixels: the bytes of a file, ImageData, a canvas, what a page shows, a tensor.
import { check, WasmCnnError } from '../base/errors.js';
import { describe, isRecord, kindOf } from '../base/options.js';
import { formatShape, sizeOf, type Shape } from '../base/shape.js';
import { bytesOfLater, isLater, type LaterBytes } from '../formats/modelBytes.js';
import { decodeImage } from './decode.js';
import type { Picture } from './picture.js';

type Pixels = Uint8Array | Uint8ClampedArray;

/** ImageData, or what decodeImage() gives: bytes [height, width, channels]. Without `channels` there are four, as in ImageData. */
export interface ImagePixels {
  readonly data: Pixels;
  readonly width: number;
  readonly height: number;
  readonly channels?: 1 | 3 | 4;
}

/** Bytes [height, width, channels]. */
export interface ImageTensor {
  readonly data: Pixels;
  readonly shape: Shape;
}

/** A canvas of a page, an OffscreenCanvas, or one in Node. */
export interface ImageCanvas {
  readonly width: number;
  readonly height: number;
  getContext(kind: '2d'): unknown;
}

/** An <img>, a <video>, an ImageBitmap: it is drawn onto a canvas, so its pixels are what this browser decodes and scales. */
export interface ImageDrawable {
  readonly width: number;
  readonly height: number;
}

/** Bytes of an image file (also a Blob, a File, a Response), or pixels. */
export type ImageLike =
  Uint8Array | ArrayBuffer | SharedArrayBuffer | LaterBytes | ImagePixels | ImageTensor | ImageCanvas | ImageDrawable;

const PIXELS = ['Uint8Array', 'Uint8ClampedArray'];
const NEEDED =
  'the bytes of an image file (a Uint8Array, an ArrayBuffer, a Blob), ImageData, a canvas, an <img>, { data, width, height, channels } or { data, shape }';

/** `who` names the image in errors. */
export async function pictureOf(given: ImageLike, who: string): Promise<Picture> {
  const kind = kindOf(given);
  if (['Uint8Array', 'ArrayBuffer', 'SharedArrayBuffer'].includes(kind))
    return decodeImage(given as Uint8Array, { who });
  check(isRecord(given), () => `${who}: ${NEEDED} is needed, got ${describe(given)}${insteadOf(given, kind)}`);
  if (isLater(given)) return decodeImage(await bytesOfLater(given, who), { who });
  if ('shape' in given) return fromTensor(given as unknown as ImageTensor, who);
  if ('data' in given) return fromPixels(given as unknown as ImagePixels, who);
  if (typeof given['getContext'] === 'function') return fromCanvas(given as unknown as ImageCanvas, who);
  return fromCanvas(drawn(given, who), who);
}

/** How to get an image out of what came. */
function insteadOf(given: unknown, kind: string): string {
  if (kind === 'String')
    return '; read a file first, e.g. with readFile(path) in Node or await fetch(address) on a page';
  if (kind === 'Uint8ClampedArray') return '; give the whole ImageData, which knows its width and height';
  if (ArrayBuffer.isView(given))
    return '; pixels are bytes of 0 to 255: what is scaled already goes to model.predict(), as { data, shape }';
  return '';
}

function checkPixels(data: unknown, who: string): void {
  const floats = kindOf(data).startsWith('Float');
  check(
    PIXELS.includes(kindOf(data)),
    () =>
      `${who} needs its pixels as bytes, a Uint8Array of 0 to 255, got ${describe(data)}${floats ? '; multiply values of 0 to 1 by 255 and round them, and give what is scaled in another way to model.predict()' : ''}`,
  );
}

function fromTensor({ data, shape }: ImageTensor, who: string): Picture {
  checkPixels(data, who);
  check(
    Array.isArray(shape) && shape.length === 3 && [1, 3, 4].includes(shape[2]!),
    () =>
      `${who} needs the shape [height, width, channels] with 1, 3 or 4 channels, got ${Array.isArray(shape) ? formatShape(shape) : describe(shape)}${Array.isArray(shape) && shape.length === 4 ? '; give several images as an array of them' : ''}`,
  );
  check(
    shape.every((size) => Number.isInteger(size) && size >= 1) && sizeOf(shape) === data.length,
    () => `${who} has the shape ${formatShape(shape)} and ${data.length} bytes of data; make them agree`,
  );
  const [height, width, channels] = shape as [number, number, 1 | 3 | 4];
  return { data: asBytes(data), width, height, channels };
}

function fromPixels({ data, width, height, channels = 4 }: ImagePixels, who: string): Picture {
  checkPixels(data, who);
  check(
    [1, 3, 4].includes(channels) && width >= 1 && height >= 1 && data.length === width * height * channels,
    () =>
      `${who} needs height × width × channels (1, 3 or 4; 4 unless given) bytes, got ${height} × ${width} × ${channels} and ${data.length} bytes`,
  );
  return { data: asBytes(data), width, height, channels };
}

/** A view of this realm and kind. */
function asBytes({ buffer, byteOffset, length }: Pixels): Picture['data'] {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, length);
}

interface Context {
  drawImage(image: unknown, x: number, y: number, width: number, height: number): void;
  getImageData(x: number, y: number, width: number, height: number): ImagePixels;
}

function fromCanvas(canvas: ImageCanvas, who: string): Picture {
  const { width, height } = canvas;
  check(
    width >= 1 && height >= 1,
    () => `${who}: the canvas is ${width} × ${height} pixels; give it a size and draw on it`,
  );
  const context = canvas.getContext('2d') as Context | null;
  check(
    context !== null,
    `${who}: the canvas has no 2d context, as it has one of another kind; draw it onto a canvas of its own with drawImage()`,
  );
  return fromPixels(
    refusing(who, () => context.getImageData(0, 0, width, height)),
    who,
  );
}

/** Browsers do not give the pixels of what came from another origin. */
function refusing<T>(who: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new WasmCnnError(
      `${who}: its pixels cannot be read (${(error as Error).message}); an image of another origin must be sent with CORS headers and loaded with crossOrigin = 'anonymous'`,
      { cause: error },
    );
  }
}

type OffscreenCanvas = new (width: number, height: number) => ImageCanvas;

/** The picture on a canvas, in its own size. */
function drawn(given: Record<string, unknown>, who: string): ImageCanvas {
  const [width, height] = [
    ['naturalWidth', 'videoWidth', 'displayWidth', 'width'],
    ['naturalHeight', 'videoHeight', 'displayHeight', 'height'],
  ].map((names) => given[names.find((name) => name in given) ?? '']);
  check(
    typeof width === 'number' && typeof height === 'number',
    () => `${who}: ${NEEDED} is needed, got ${describe(given)}`,
  );
  check(
    width >= 1 && height >= 1,
    () =>
      `${who}: ${describe(given)} of ${width} × ${height} pixels shows nothing yet; await its decode() or its event 'load' first`,
  );
  const { OffscreenCanvas } = globalThis as { OffscreenCanvas?: OffscreenCanvas };
  const canvas = OffscreenCanvas && new OffscreenCanvas(width, height);
  // Deno's has no 2d context.
  const context = (canvas?.getContext('2d') ?? null) as Context | null;
  check(
    context !== null,
    () => `${who}: this host has no canvas to draw ${describe(given)} on; give the bytes of its file`,
  );
  refusing(who, () => context.drawImage(given, 0, 0, width, height));
  return canvas!;
}
