// Opens a canvas library for pictures: node-canvas where it works, else @napi-rs/canvas.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { check, WasmCnnError } from '../../base/errors.js';
import { FONT_FAMILY, type CreateCanvas, type PlotCanvas } from '../../plots/style.js';

/** Which library draws. */
export interface CanvasLibrary {
  readonly name: 'canvas' | '@napi-rs/canvas';
  readonly createCanvas: CreateCanvas;
  /** The picture as the bytes of a PNG file. */
  toPng(canvas: PlotCanvas): Uint8Array;
}

/** What both libraries' canvases can do beyond a page's. */
interface EncodingCanvas extends PlotCanvas {
  toBuffer(type: 'image/png'): Uint8Array;
}

interface NodeCanvas {
  createCanvas: CreateCanvas;
  registerFont(path: string, face: { family: string; weight?: string }): void;
}

const fontFiles = { normal: 'DejaVuSans.ttf', bold: 'DejaVuSans-Bold.ttf' } as const;
/** A bundle of CommonJS knows no address of its own. */
const fontPath = (weight: keyof typeof fontFiles) =>
  createRequire(import.meta.url || join(process.cwd(), 'bundle.js')).resolve(
    `dejavu-fonts-ttf/ttf/${fontFiles[weight]}`,
  );

/**
 * The environment variable WASM_CNN_CANVAS = canvas | napi takes one library and no other.
 *
 * @example
 * ```ts
 * import { openCanvas } from 'wasm-cnn/node';
 *
 * const canvas = await openCanvas();
 * ```
 */
export async function openCanvas(wanted = process.env['WASM_CNN_CANVAS'] ?? ''): Promise<CanvasLibrary> {
  check(
    ['', 'canvas', 'napi'].includes(wanted),
    `WASM_CNN_CANVAS must be canvas or napi, got ${JSON.stringify(wanted)}; unset it to take what works`,
  );
  if (wanted !== 'napi') {
    try {
      return await openNodeCanvas();
    } catch (error) {
      if (wanted === 'canvas')
        throw new WasmCnnError(
          `WASM_CNN_CANVAS asks for node-canvas, which does not load (${firstLine(error)}); reinstall the package canvas or unset the variable`,
        );
    }
  }
  try {
    return await openNapiCanvas();
  } catch (error) {
    throw withoutPackages(error);
  }
}

/** What an error that a package's import has thrown comes to: all that pictures need, at once. */
export function withoutPackages(error: unknown): WasmCnnError {
  const [, missing] = /Cannot find (?:package|module) '([^']+)'/.exec(firstLine(error)) ?? [];
  const why = missing === undefined ? `one does not load (${firstLine(error)})` : `${missing} is not installed`;
  return new WasmCnnError(
    `pictures need the packages @napi-rs/canvas, dejavu-fonts-ttf and chart.js, and ${why}; run npm install @napi-rs/canvas dejavu-fonts-ttf chart.js`,
  );
}

/** Either may be missing: no compiler and no bundler shall look for them. */
const optional: Record<'canvas' | 'napi', string> = { canvas: 'canvas', napi: '@napi-rs/canvas' };

async function openNodeCanvas(): Promise<CanvasLibrary> {
  const { default: library } = (await import(optional.canvas)) as { default: NodeCanvas };
  library.registerFont(fontPath('normal'), { family: FONT_FAMILY });
  library.registerFont(fontPath('bold'), { family: FONT_FAMILY, weight: 'bold' });
  return tried('canvas', library.createCanvas);
}

async function openNapiCanvas(): Promise<CanvasLibrary> {
  const { createCanvas, GlobalFonts } = (await import(optional.napi)) as typeof import('@napi-rs/canvas');
  GlobalFonts.registerFromPath(fontPath('normal'), FONT_FAMILY);
  GlobalFonts.registerFromPath(fontPath('bold'), FONT_FAMILY);
  return tried('@napi-rs/canvas', createCanvas);
}

/** A library that loads may still lack its native half: one pixel is drawn before it is trusted. */
function tried(name: CanvasLibrary['name'], createCanvas: CreateCanvas): CanvasLibrary {
  const toPng = (canvas: PlotCanvas) => new Uint8Array((canvas as EncodingCanvas).toBuffer('image/png'));
  toPng(createCanvas(1, 1));
  return { name, createCanvas, toPng };
}

function firstLine(error: unknown): string {
  return String((error as Error).message ?? error).split('\n', 1)[0]!;
}
