// From strokes to the pen's path on the paper: jitter, smooth curves, haste, warps, slant and rotation.
import type { RandomStream } from '../../base/random.js';
import { bell, chance, type Stroke } from './curves.js';

/** Straight pieces between two points of a stroke. */
const piecesPerSpan = 5;

/** Turns a digit's strokes into polylines x, y, x, y … that one hand might have left. */
export function shapeStrokes(strokes: Stroke[], random: RandomStream): Stroke[] {
  const jitter = random.between(0.005, 0.055),
    haste = random.uniform();
  const passes = haste < 0.5 ? 0 : Math.floor((haste - 0.5) * 12); // every other hand is in no hurry
  const lines = strokes.map((stroke) => smooth(flatten(jittered(stroke, jitter, random)), passes));
  warp(lines, random);
  return lines;
}

/** Moves each point a little; a corner stays a corner. */
function jittered(stroke: Stroke, deviation: number, random: RandomStream): Stroke {
  const moved: Stroke = [];
  for (let i = 0; i < stroke.length; i += 2) {
    const corner = i > 0 && stroke[i] === stroke[i - 2] && stroke[i + 1] === stroke[i - 1];
    if (corner) moved.push(moved[i - 2]!, moved[i - 1]!);
    else moved.push(bell(random, stroke[i]!, deviation), bell(random, stroke[i + 1]!, deviation));
  }
  return moved;
}

/** The Catmull-Rom curve through the points, as a polyline; at a corner one curve ends and the next starts. */
function flatten(stroke: Stroke): Stroke {
  const line: Stroke = [stroke[0]!, stroke[1]!];
  const count = stroke.length / 2;
  // Whether there is no curve between points i and i + 1: the stroke's ends, and the two points of a corner.
  const breaks = (i: number): boolean =>
    i < 0 || i >= count - 1 || (stroke[2 * i] === stroke[2 * i + 2] && stroke[2 * i + 1] === stroke[2 * i + 3]);
  for (let i = 0; i < count - 1; i++) {
    if (breaks(i)) continue;
    const before = breaks(i - 1) ? i : i - 1,
      after = breaks(i + 1) ? i + 1 : i + 2;
    for (let piece = 1; piece <= piecesPerSpan; piece++) {
      const t = piece / piecesPerSpan;
      for (let axis = 0; axis < 2; axis++) {
        const a = stroke[2 * before + axis]!,
          b = stroke[2 * i + axis]!,
          c = stroke[2 * i + 2 + axis]!,
          d = stroke[2 * after + axis]!;
        line.push(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))));
      }
    }
  }
  return line;
}

/** A hurried pen cuts corners: each pass replaces a point by the mean of itself and its neighbors. The ends stay. */
function smooth(line: Stroke, passes: number): Stroke {
  for (let pass = 0; pass < passes; pass++) {
    let lastX = line[0]!,
      lastY = line[1]!;
    for (let i = 2; i < line.length - 2; i += 2) {
      const x = line[i]!,
        y = line[i + 1]!;
      line[i] = (lastX + x + line[i + 2]!) / 3;
      line[i + 1] = (lastY + y + line[i + 3]!) / 3;
      lastX = x;
      lastY = y;
    }
  }
  return line;
}

/** One smooth map of the plane for the whole digit: bends of second and third order, then aspect, slant and rotation. */
function warp(lines: Stroke[], random: RandomStream): void {
  const bend = random.between(0.02, 0.13);
  // Factors of the terms of x (0 … 6) and of y (7 … 13): three of second order, then four of third, which bend half as much.
  const b = Array.from({ length: 14 }, (_, term) => bell(random, 0, term % 7 < 3 ? bend : bend / 2));
  // Some hands write far wider, some far more slanted than most: their tails are longer than a bell's.
  const wide = Math.max(0.35, bell(random, 0.91, 0.16)) * (chance(random, 0.15) ? random.between(1, 1.9) : 1);
  const slant = bell(random, 0.15, 0.2) + (chance(random, 0.18) ? random.between(-0.7, 0.7) : 0),
    turn = bell(random, 0, 0.09);
  // A rotation by the angle whose half has the tangent `turn`.
  const cos = (1 - turn * turn) / (1 + turn * turn),
    sin = (2 * turn) / (1 + turn * turn);
  for (const line of lines) {
    for (let i = 0; i < line.length; i += 2) {
      const u = line[i]! * 2 - 1,
        v = line[i + 1]! * 2 - 1; // the digit fills about -1 … 1
      const uu = u * u,
        uv = u * v,
        vv = v * v;
      const x =
        u + b[0]! * uu + b[1]! * uv + b[2]! * vv + b[3]! * uu * u + b[4]! * uu * v + b[5]! * uv * v + b[6]! * vv * v;
      const y =
        v +
        b[7]! * uu +
        b[8]! * uv +
        b[9]! * vv +
        b[10]! * uu * u +
        b[11]! * uu * v +
        b[12]! * uv * v +
        b[13]! * vv * v;
      const across = x * wide - y * slant;
      line[i] = across * cos - y * sin;
      line[i + 1] = across * sin + y * cos;
    }
  }
}
