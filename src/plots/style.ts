// What all pictures share: the part of a canvas that they use, and one look (font, sizes, colors).
import { check } from '../base/errors.js';

/** The part of CanvasRenderingContext2D that is used: a page's canvas, node-canvas and @napi-rs/canvas all fit. */
export interface Context2D {
  fillStyle: unknown;
  strokeStyle: unknown;
  lineWidth: number;
  font: string;
  textAlign: string;
  textBaseline: string;
  fillRect(x: number, y: number, width: number, height: number): void;
  strokeRect(x: number, y: number, width: number, height: number): void;
  beginPath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  stroke(): void;
  fillText(text: string, x: number, y: number): void;
  measureText(text: string): { readonly width: number };
  createImageData(width: number, height: number): { readonly data: Uint8ClampedArray };
  getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
  putImageData(pixels: never, x: number, y: number): void;
}

export interface PlotCanvas {
  readonly width: number;
  readonly height: number;
  getContext(kind: '2d'): Context2D | null;
}

/** Makes an empty canvas of `width` × `height` pixels. */
export type CreateCanvas = (width: number, height: number) => PlotCanvas;

/** A host registers DejaVu Sans under this name, so that pictures look alike everywhere. */
export const FONT_FAMILY = 'wasm-cnn';
export const FONT_FAMILIES = `${FONT_FAMILY}, "DejaVu Sans", sans-serif`;

export const TITLE_SIZE = 20;
export const TEXT_SIZE = 14;
export const MARGIN = 24;

/** Okabe and Ito's colors, which stay apart for color-blind eyes (https://jfly.uni-koeln.de/color/). */
export const COLORS = {
  ground: '#ffffff',
  ink: '#1a1a1a',
  quiet: '#5c5c5c',
  rule: '#d9d9d9',
  blue: '#0072b2',
  vermillion: '#d55e00',
} as const;

export function font(size: number, bold = false): string {
  return `${bold ? 'bold ' : ''}${size}px ${FONT_FAMILIES}`;
}

/** An empty white canvas and its context. */
export function openPlot(
  createCanvas: CreateCanvas,
  width: number,
  height: number,
): { canvas: PlotCanvas; ctx: Context2D } {
  const canvas = createCanvas(width, height);
  const ctx = canvas.getContext('2d');
  check(ctx !== null, `the canvas of ${width} × ${height} pixels gave no 2d context; draw a smaller picture`);
  ctx.fillStyle = COLORS.ground;
  ctx.fillRect(0, 0, width, height);
  return { canvas, ctx };
}

interface TextStyle {
  readonly size?: number;
  readonly bold?: boolean;
  readonly color?: string;
  readonly align?: 'left' | 'center' | 'right';
}

/** Writes one line; y is its baseline. */
export function write(ctx: Context2D, text: string, x: number, y: number, style: TextStyle = {}): void {
  ctx.font = font(style.size ?? TEXT_SIZE, style.bold);
  ctx.fillStyle = style.color ?? COLORS.ink;
  ctx.textAlign = style.align ?? 'left';
  ctx.textBaseline = 'alphabetic';
  ctx.fillText(text, x, y);
}

/** The pixels that a text takes from left to right, rounded up. */
export function widthOf(ctx: Context2D, text: string, size = TEXT_SIZE, bold = false): number {
  ctx.font = font(size, bold);
  return Math.ceil(ctx.measureText(text).width);
}

/** The text, or as much of its beginning as fits into `width` pixels, with an ellipsis. */
export function shortened(ctx: Context2D, text: string, width: number, size = TEXT_SIZE, bold = false): string {
  if (widthOf(ctx, text, size, bold) <= width) return text;
  const characters = Array.from(text);
  let [fits, most] = [0, characters.length - 1];
  const cut = (length: number): string => `${characters.slice(0, length).join('').trimEnd()}…`;
  while (fits < most) {
    const middle = Math.ceil((fits + most) / 2);
    if (widthOf(ctx, cut(middle), size, bold) <= width) fits = middle;
    else most = middle - 1;
  }
  return cut(fits);
}
