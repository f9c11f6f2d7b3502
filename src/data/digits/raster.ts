// The pen: draws polylines with a round, antialiased tip into a 20 × 20 box that they fill.
import type { RandomStream } from '../../base/random.js';
import { boxSide } from '../digitImage/normalizeDigit.js';
import type { Stroke } from './curves.js';

/** How a pen marks the paper; lengths in pixels of the box. */
export interface Pen {
  radius: number;
  /** Share by which the radius grows along each stroke; negative where it shrinks. */
  swell: number;
  /** Width of the edge over which the ink fades. */
  softness: number;
  /** The paper's grain moves the edge at each pixel by up to half of this, in or out. */
  grain: number;
}

/**
 * Overwrites `box` [20, 20] with the ink of `lines`, which are moved into it: the longer side fills the box, the shorter one lies
 * in its middle, and the brightest pixel is 255. `far` [20, 20] is scratch: first distances, then the part of a pixel under ink.
 */
export function drawStrokes(lines: Stroke[], pen: Pen, random: RandomStream, box: Uint8Array, far: Float64Array): void {
  fitLines(lines, pen.radius);
  far.fill(boxSide);
  for (const line of lines) {
    for (let i = 2; i < line.length; i += 2) {
      const radius = pen.radius * (1 + pen.swell * (i / line.length - 0.5));
      drawPiece(line[i - 2]!, line[i - 1]!, line[i]!, line[i + 1]!, radius, far);
    }
  }
  let most = 0;
  for (let i = 0; i < far.length; i++) {
    const edge = far[i]! >= 2 ? 0 : 0.5 - (far[i]! + pen.grain * (random.uniform() - 0.5)) / pen.softness;
    const t = Math.min(1, Math.max(0, edge));
    // A smooth step, not a ramp: MNIST has more nearly black and nearly white pixels along its edges than middle grays.
    far[i] = t * t * (3 - 2 * t);
    if (far[i]! > most) most = far[i]!;
  }
  for (let i = 0; i < box.length; i++) box[i] = Math.round((255 * far[i]!) / most);
}

/** Scales and moves the lines so that the ink around them fills the box. */
function fitLines(lines: Stroke[], radius: number): void {
  let left = Infinity,
    top = Infinity,
    right = -Infinity,
    bottom = -Infinity;
  for (const line of lines) {
    for (let i = 0; i < line.length; i += 2) {
      left = Math.min(left, line[i]!);
      right = Math.max(right, line[i]!);
      top = Math.min(top, line[i + 1]!);
      bottom = Math.max(bottom, line[i + 1]!);
    }
  }
  const scale = (boxSide - 2 * radius) / Math.max(right - left, bottom - top);
  const middleX = (left + right) / 2,
    middleY = (top + bottom) / 2;
  for (const line of lines) {
    for (let i = 0; i < line.length; i += 2) {
      line[i] = (line[i]! - middleX) * scale + boxSide / 2;
      line[i + 1] = (line[i + 1]! - middleY) * scale + boxSide / 2;
    }
  }
}

/** Lowers `far`, each pixel center's distance from the ink's edge (negative inside), by one straight piece. */
function drawPiece(ax: number, ay: number, bx: number, by: number, radius: number, far: Float64Array): void {
  const reach = radius + 1.5;
  const left = Math.max(0, Math.floor(Math.min(ax, bx) - reach)),
    right = Math.min(boxSide, Math.ceil(Math.max(ax, bx) + reach));
  const top = Math.max(0, Math.floor(Math.min(ay, by) - reach)),
    bottom = Math.min(boxSide, Math.ceil(Math.max(ay, by) + reach));
  const dx = bx - ax,
    dy = by - ay,
    length2 = dx * dx + dy * dy;
  for (let y = top; y < bottom; y++) {
    const py = y + 0.5 - ay;
    for (let x = left; x < right; x++) {
      const px = x + 0.5 - ax;
      const t = length2 > 0 ? Math.min(1, Math.max(0, (px * dx + py * dy) / length2)) : 0;
      const nearX = px - t * dx,
        nearY = py - t * dy;
      const distance = Math.sqrt(nearX * nearX + nearY * nearY) - radius;
      const i = y * boxSide + x;
      if (distance < far[i]!) far[i] = distance;
    }
  }
}
