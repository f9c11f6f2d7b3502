// Finds the connected marks of ink in a picture and tells the digit's from specks, shadows and the table's edge.
import type { LiftedInk } from './lift.js';
import { longerSide, type Box, type GrayPicture } from './picture.js';

export interface FoundMarks {
  /** The digit's ink alone, its strokes at 255, the rest 0. */
  readonly ink: GrayPicture;
  readonly box: Box;
  /** How many marks of strong ink were left out. */
  readonly ignored: number;
}

interface Mark extends Box {
  readonly pixels: number[];
  strongest: number;
  atEdge: boolean;
}

/** A mark reaches out to its faint edges, as far as ink is above `faint` and above noise, but needs strong ink somewhere. */
export function findMarks(lifted: LiftedInk, faint: number): FoundMarks {
  const { ink, width, height, floor, strong } = lifted;
  const threshold = Math.max(floor, strong / 2);
  const marks = labelMarks(lifted, Math.max(floor, faint)).filter((mark) => mark.strongest >= Math.max(floor, 0.6 * strong));
  const main = mainMark(marks, Math.max(width, height));
  const taken = marks.filter((mark) => belongsTo(mark, main));

  // Full strength: of the ink drawn by a program its strongest, of a pen's its usual one.
  const level = floor === 0 ? strong : middleOf(taken.flatMap((mark) => mark.pixels.filter((i) => ink[i]! >= threshold).map((i) => ink[i]!)));
  const kept = new Uint8Array(ink.length);
  const box = { left: width, top: height, right: 0, bottom: 0 };
  for (const mark of taken) {
    for (const i of mark.pixels) {
      kept[i] = Math.min(255, Math.round((255 * (ink[i]! - floor)) / (level - floor)));
    }
    box.left = Math.min(box.left, mark.left);
    box.top = Math.min(box.top, mark.top);
    box.right = Math.max(box.right, mark.right);
    box.bottom = Math.max(box.bottom, mark.bottom);
  }
  return { ink: { gray: kept, width, height }, box, ignored: marks.length - taken.length };
}

/** Marks of pixels above `low` that touch, also by a corner. */
function labelMarks({ ink, width, height }: LiftedInk, low: number): Mark[] {
  const seen = new Uint8Array(ink.length);
  const marks: Mark[] = [];
  for (let start = 0; start < ink.length; start++) {
    if (seen[start] !== 0 || ink[start]! <= low) continue;
    const mark: Mark = { pixels: [start], strongest: 0, atEdge: false, left: width, top: height, right: 0, bottom: 0 };
    seen[start] = 1;
    for (let next = 0; next < mark.pixels.length; next++) {
      const i = mark.pixels[next]!, x = i % width, y = Math.floor(i / width);
      mark.strongest = Math.max(mark.strongest, ink[i]!);
      mark.atEdge ||= x === 0 || y === 0 || x === width - 1 || y === height - 1;
      mark.left = Math.min(mark.left, x);
      mark.top = Math.min(mark.top, y);
      mark.right = Math.max(mark.right, x + 1);
      mark.bottom = Math.max(mark.bottom, y + 1);
      for (let nearY = Math.max(0, y - 1); nearY <= Math.min(height - 1, y + 1); nearY++) {
        for (let nearX = Math.max(0, x - 1); nearX <= Math.min(width - 1, x + 1); nearX++) {
          const near = nearY * width + nearX;
          if (seen[near] !== 0 || ink[near]! <= low) continue;
          seen[near] = 1;
          mark.pixels.push(near);
        }
      }
    }
    marks.push(mark);
  }
  return marks;
}

/** The longest mark; one that runs off the picture (a shadow, the table) only where no other is of a digit's size. */
function mainMark(marks: readonly Mark[], pictureSide: number): Mark {
  const inside = marks.filter((mark) => !mark.atEdge && longerSide(mark) >= 0.15 * pictureSide);
  return (inside.length > 0 ? inside : marks).reduce((longest, mark) => (longerSide(mark) > longerSide(longest) ? mark : longest));
}

/** Part of the digit is what is no speck and lies near: a gap of a quarter of the main mark's longer side at most. */
function belongsTo(mark: Mark, main: Mark): boolean {
  if (mark === main) return true;
  const gapX = Math.max(mark.left - main.right, main.left - mark.right), gapY = Math.max(mark.top - main.bottom, main.top - mark.bottom);
  return mark.pixels.length >= 0.04 * main.pixels.length && Math.max(gapX, gapY) <= 0.25 * longerSide(main);
}

function middleOf(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!;
}
