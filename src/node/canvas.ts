// Opens a canvas library for pictures: node-canvas where it works, else @napi-rs/canvas.
import { createRequire } from 'node:module';
import { check, WasmCnnError } from '../errors.js';
import { FONT_FAMILY, type CreateCanvas, type PlotCanvas } from '../plots/style.js';

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

const require = createRequire(import.meta.url);
const fontFiles = { normal: 'DejaVuSans.ttf', bold: 'DejaVuSans-Bold.ttf' } as const;
const fontPath = (weight: keyof typeof fontFiles) => require.resolve(`dejavu-fonts-ttf/ttf/${fontFiles[weight]}`);

/** The environment variable WASM_CNN_CANVAS = canvas | napi takes one library and no other. */
export async function openCanvas(wanted = process.env['WASM_CNN_CANVAS'] ?? ''): Promise<CanvasLibrary> {
  check(['', 'canvas', 'napi'].includes(wanted), `WASM_CNN_CANVAS must be canvas or napi, got ${JSON.stringify(wanted)}; unset it to take what works`);
  if (wanted !== 'napi') {
    try {
      return await openNodeCanvas();
    } catch (error) {
      if (wanted === 'canvas') throw new WasmCnnError(`WASM_CNN_CANVAS asks for node-canvas, which does not load (${firstLine(error)}); reinstall the package canvas or unset the variable`);
    }
  }
  try {
    return await openNapiCanvas();
  } catch (error) {
    throw new WasmCnnError(`pictures need the packages @napi-rs/canvas and dejavu-fonts-ttf, and one does not load (${firstLine(error)}); run npm install @napi-rs/canvas dejavu-fonts-ttf`);
  }
}

async function openNodeCanvas(): Promise<CanvasLibrary> {
  // An optional dependency may be missing, so that the compiler must not look for it.
  const specifier: string = 'canvas';
  const { default: library } = (await import(specifier)) as { default: NodeCanvas };
  library.registerFont(fontPath('normal'), { family: FONT_FAMILY });
  library.registerFont(fontPath('bold'), { family: FONT_FAMILY, weight: 'bold' });
  return tried('canvas', library.createCanvas);
}

async function openNapiCanvas(): Promise<CanvasLibrary> {
  const { createCanvas, GlobalFonts } = await import('@napi-rs/canvas');
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
