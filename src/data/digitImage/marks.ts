// Finds the connected marks of ink in a picture and tells the digit's from specks, frames, other digits, shadows and the table's edge.
import { labelMarks, type Mark } from './components.js';
import { findFaded } from './faded.js';
import type { LiftedInk } from './lift.js';
import { longerSide, type Box, type GrayPicture } from './picture.js';
import { strokeWidth } from './strokes.js';

export interface FoundMarks {
  /** The digit's ink alone, its strokes at 255, the rest 0. */
  readonly ink: GrayPicture;
  readonly box: Box;
  /** The mean width of its strokes. */
  readonly stroke: number;
  /** How many marks of strong ink were left out. */
  readonly ignored: number;
  /** 1 where a frame or a digit of its own was left out. */
  readonly left: Uint8Array;
  /** Whether a frame around the digit was left out, and whether strokes that fade were brought out. */
  readonly framed: boolean;
  readonly faded: boolean;
  readonly doubts: readonly string[];
}

/**
 * A mark reaches out to its faint edges, as far as ink is above `faint` and above noise, but needs strong ink somewhere.
 * `isLeft`: whether an earlier look left a pixel out.
 */
export function* findMarks(
  lifted: LiftedInk,
  faint: number,
  isLeft: (x: number, y: number) => boolean = () => false,
): Generator<undefined, FoundMarks> {
  const { ink, width, height, floor, strong } = lifted;
  const threshold = Math.max(floor, strong / 2);
  const strongMarks = labelMarks(ink, width, height, Math.max(floor, faint)).filter(
    (mark) => mark.strongest >= Math.max(floor, 0.6 * strong),
  );
  const unseen = strongMarks.filter(
    ({ pixels }) => pixels.filter((i) => isLeft(i % width, Math.floor(i / width))).length <= pixels.length / 2,
  );
  let marks = unseen.length > 0 ? unseen : strongMarks;
  const frames: Mark[] = [];
  let main = mainMark(marks, Math.max(width, height));
  while (isFrame(main, marks, width)) {
    frames.push(main);
    const frame = main;
    marks = marks.filter((mark) => mark !== frame && contains(frame, mark));
    main = mainMark(marks, Math.max(width, height));
  }
  let taken = marks.filter((mark) => belongsTo(mark, main));

  const kept = new Uint8Array(ink.length);
  const box = { left: width, top: height, right: 0, bottom: 0 };
  const keep = (some: readonly Mark[]): void => {
    // Full strength: of the ink drawn by a program its strongest, of a pen's its usual one.
    const level = floor === 0 ? strong : middleOf(ink, taken, threshold);
    for (const mark of some) {
      for (const i of mark.pixels) kept[i] = Math.min(255, Math.round((255 * (ink[i]! - floor)) / (level - floor)));
      extend(box, mark);
    }
  };
  yield;
  keep(taken);
  const stroke = strokeWidth({ gray: kept, width, height });
  yield;
  const faded = yield* findFaded(lifted, kept, stroke, main);
  yield;
  const isReached = (mark: Mark): boolean => faded !== null && mark.pixels.some((i) => faded.reached[i] === 1);
  if (faded !== null) {
    const linked = marks.filter((mark) => !taken.includes(mark) && isReached(mark));
    taken = [...taken, ...linked];
    keep(linked);
    for (const i of faded.pixels) {
      kept[i] = 255;
      extend(box, {
        left: i % width,
        top: Math.floor(i / width),
        right: (i % width) + 1,
        bottom: Math.floor(i / width) + 1,
      });
    }
  }
  const others = marks.filter((mark) => !isReached(mark));
  const left = new Uint8Array(ink.length);
  for (const mark of [...frames, ...marks.filter((mark) => !taken.includes(mark) && isAsTall(mark, main))])
    for (const i of mark.pixels) left[i] = 1;
  return {
    ink: { gray: kept, width, height },
    box,
    stroke,
    left,
    ignored: marks.length - taken.length,
    framed: frames.length > 0,
    faded: faded !== null,
    doubts: doubtsAbout(main, others, (mark) => !mark.atEdge),
  };
}

/** The longest mark; one that runs off the picture (a shadow, the table) only where no other is of a digit's size. */
function mainMark(marks: readonly Mark[], pictureSide: number): Mark {
  const inside = marks.filter((mark) => !mark.atEdge && longerSide(mark) >= 0.15 * pictureSide);
  return longest(inside.length > 0 ? inside : marks);
}

function longest(marks: readonly Mark[]): Mark {
  return marks.reduce((most, mark) => (longerSide(mark) > longerSide(most) ? mark : most));
}

/** Part of the digit is what is no speck, no digit of its own, and lies near: a gap of a quarter of the main mark's longer side at most. */
function belongsTo(mark: Mark, main: Mark): boolean {
  if (mark === main) return true;
  const gapX = Math.max(mark.left - main.right, main.left - mark.right),
    gapY = Math.max(mark.top - main.bottom, main.top - mark.bottom);
  return (
    mark.pixels.length >= SPECK * main.pixels.length &&
    Math.max(gapX, gapY) <= 0.25 * longerSide(main) &&
    !standsBeside(mark, main)
  );
}

/** Of the main mark's pixels: what has fewer is a speck. */
const SPECK = 0.04;

/** Two digits stand side by side; the parts of one lie above each other or reach into each other's columns. */
function standsBeside(mark: Mark, main: Mark): boolean {
  const shared = Math.min(mark.right, main.right) - Math.max(mark.left, main.left);
  return isAsTall(mark, main) && shared < 0.25 * Math.min(mark.right - mark.left, main.right - main.left);
}

function standsOver(mark: Mark, main: Mark): boolean {
  return isAsTall(mark, main) && Math.min(mark.bottom, main.bottom) <= Math.max(mark.top, main.top);
}

function isAsTall(mark: Mark, main: Mark): boolean {
  const height = mark.bottom - mark.top,
    mainHeight = main.bottom - main.top;
  return (
    mark.pixels.length >= SPECK * main.pixels.length &&
    Math.min(height, mainHeight) >= 0.5 * Math.max(height, mainHeight)
  );
}

/** What speaks against one digit in a drawing of which every mark is to be read. */
export function doubtsAboutMarks(marks: readonly Mark[], width: number): string[] {
  const main = longest(marks);
  return isFrame(main, marks, width) ? ['a frame surrounds the drawing'] : doubtsAbout(main, marks, () => true);
}

function doubtsAbout(main: Mark, marks: readonly Mark[], isWhole: (mark: Mark) => boolean): string[] {
  const another = marks.some(
    (mark) => mark !== main && isWhole(mark) && (standsBeside(mark, main) || standsOver(mark, main)),
  );
  return another ? ['more than one mark of about the same size'] : [];
}

/** Whether `frame` goes around another mark of some size, in nearly all directions, and leaves it alone inside. */
function isFrame(frame: Mark, marks: readonly Mark[], width: number): boolean {
  const inside = marks.filter((mark) => mark !== frame && contains(frame, mark));
  if (inside.length === 0) return false;
  const core = longest(inside);
  if (longerSide(core) < 0.3 * longerSide(frame)) return false;
  const centreX = (core.left + core.right) / 2,
    centreY = (core.top + core.bottom) / 2;
  const directions = new Set<number>();
  for (const i of frame.pixels) {
    const y = Math.floor(i / width),
      x = i - y * width;
    if (x >= core.left && x < core.right && y >= core.top && y < core.bottom) return false;
    directions.add(directionOf(x + 0.5 - centreX, y + 0.5 - centreY));
  }
  return directions.size >= 0.75 * DIRECTIONS;
}

function contains(frame: Box, mark: Box): boolean {
  return (
    mark !== frame &&
    mark.left > frame.left &&
    mark.top > frame.top &&
    mark.right < frame.right &&
    mark.bottom < frame.bottom
  );
}

const DIRECTIONS = 64;

/** One of 64 directions, as a square around the centre is divided: 16 on each side. */
function directionOf(x: number, y: number): number {
  const most = Math.max(Math.abs(x), Math.abs(y)) || 1;
  const along = (value: number): number => Math.min(15, Math.floor(8 * (1 + value / most)));
  if (Math.abs(x) >= Math.abs(y)) return (x > 0 ? 0 : 16) + along(y);
  return (y > 0 ? 32 : 48) + along(x);
}

function extend(box: Box, more: Box): void {
  box.left = Math.min(box.left, more.left);
  box.top = Math.min(box.top, more.top);
  box.right = Math.max(box.right, more.right);
  box.bottom = Math.max(box.bottom, more.bottom);
}

/** The middle of the marks' values from `least` on. */
function middleOf(ink: Uint8Array, marks: readonly Mark[], least: number): number {
  const counts = new Uint32Array(256);
  let total = 0;
  for (const mark of marks) {
    for (const i of mark.pixels) {
      if (ink[i]! < least) continue;
      counts[ink[i]!]!++;
      total++;
    }
  }
  let value = 0;
  for (let below = counts[0]!; below <= total >> 1; below += counts[value]!) value++;
  return value;
}
