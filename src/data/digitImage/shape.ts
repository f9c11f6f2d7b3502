// What the shape of a drawing tells: whether a digit can look like that at all.
import { boxOf, longerSide, type Box, type GrayPicture } from './picture.js';

/** The longer side, in pixels, that a drawing has at most when its shape is looked at. */
export const SHAPE_SIDE = 160;
/**
 * Limits that MNIST's 60,000 training images keep, but for 0.4 % (strokes: how many a row and a column cross, where they cross most;
 * and holes), 0.003 % (width over height) and 0.04 % (foreground as a share of the square around it).
 */
const MOST_STROKES = 7,
  MOST_HOLES = 3,
  MOST_WIDTH = 2,
  MOST_FOREGROUND = 0.63;
/**
 * A frame: its holes' share of the drawing's width and height, and the share of the holes' rows in which strokes stand between parts
 * of holes. So are 0.05 % of MNIST's training images: zeros with a flourish inside.
 */
const FRAME_SIDE = 0.65,
  FRAME_CONTENT = 0.4;
/** Foreground from here on. */
const FOREGROUND = 100;

/** The drawing is bright on black. */
export function doubtsAboutShape({ gray, width, height }: GrayPicture): string[] {
  const box = boxOf(gray, width, height);
  if (box === null) return [];
  const side = longerSide(box);
  // A ragged edge, or what a dry pen left blank within a stroke, is finer than a stroke or the gap between two.
  const gap = Math.max(1, Math.round(side / 20)),
    run = Math.max(1, Math.round(side / 40));
  const isForeground = (x: number, y: number): boolean => gray[y * width + x]! >= FOREGROUND;
  const across = mostRuns(box.top, box.bottom, box.left, box.right, run, gap, (line, i) => isForeground(i, line));
  const down = mostRuns(box.left, box.right, box.top, box.bottom, run, gap, (line, i) => isForeground(line, i));
  const background = gray.map((value) => (value >= FOREGROUND ? 0 : 1));
  const holes = findHoles(background, width, height, gap * gap);
  let foreground = 0;
  for (const value of background) foreground += 1 - value;
  const doubts: string[] = [];
  if (across + down > MOST_STROKES || holes.length > MOST_HOLES) doubts.push('more strokes than a digit has');
  if (isFrame(holes, background, width, box)) doubts.push('a frame surrounds the drawing');
  if (box.right - box.left > MOST_WIDTH * (box.bottom - box.top)) doubts.push('wider than a digit');
  if (foreground > MOST_FOREGROUND * side * side) doubts.push('a blot rather than strokes');
  return doubts;
}

/** The most runs of foreground that a line crosses, each at least `leastRun` long, and the gaps between them at least `leastGap`. */
function mostRuns(
  firstLine: number,
  lastLine: number,
  start: number,
  end: number,
  leastRun: number,
  leastGap: number,
  isForeground: (line: number, i: number) => boolean,
): number {
  let most = 0;
  for (let line = firstLine; line < lastLine; line++) {
    let runs = 0,
      run = 0,
      gap = 0,
      counted = false;
    for (let i = start; i < end; i++) {
      if (!isForeground(line, i)) {
        run = 0;
        if (++gap >= leastGap) counted = false;
        continue;
      }
      gap = 0;
      if (++run >= leastRun && !counted) {
        runs++;
        counted = true;
      }
    }
    if (runs > most) most = runs;
  }
  return most;
}

/** Background of at least `least` pixels, joined by their sides, that does not reach the picture's edge: the pixels of each hole. */
function findHoles(background: Uint8Array, width: number, height: number, least: number): Int32Array[] {
  const seen = new Uint8Array(background.length),
    queue = new Int32Array(background.length);
  const holes: Int32Array[] = [];
  let end = 0;
  for (let start = 0; start < background.length; start++) {
    if (background[start] === 0 || seen[start] === 1) continue;
    const first = end;
    let atEdge = false;
    seen[start] = 1;
    queue[end++] = start;
    for (let next = first; next < end; next++) {
      const i = queue[next]!,
        y = Math.floor(i / width),
        x = i - y * width;
      atEdge ||= x === 0 || y === 0 || x === width - 1 || y === height - 1;
      for (const near of [
        x > 0 ? i - 1 : i,
        x < width - 1 ? i + 1 : i,
        y > 0 ? i - width : i,
        y < height - 1 ? i + width : i,
      ]) {
        if (background[near] === 0 || seen[near] === 1) continue;
        seen[near] = 1;
        queue[end++] = near;
      }
    }
    if (!atEdge && end - first >= least) holes.push(queue.subarray(first, end));
  }
  return holes;
}

/**
 * Whether the drawing surrounds another one that touches it: its holes together span most of it, and strokes stand between parts of
 * them in a row. Between the holes of an 8, which lie above each other, none do.
 */
function isFrame(holes: readonly Int32Array[], background: Uint8Array, width: number, box: Box): boolean {
  const spans = new Map<number, [first: number, last: number]>();
  let left = width,
    right = 0;
  for (const hole of holes) {
    for (const i of hole) {
      const y = Math.floor(i / width),
        x = i - y * width;
      const [first, last] = spans.get(y) ?? [x, x];
      spans.set(y, [Math.min(first, x), Math.max(last, x)]);
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
    }
  }
  const top = Math.min(...spans.keys()),
    bottom = Math.max(...spans.keys()) + 1;
  if (right - left < FRAME_SIDE * (box.right - box.left) || bottom - top < FRAME_SIDE * (box.bottom - box.top))
    return false;
  const crossed = [...spans].filter(([y, [first, last]]) =>
    background.subarray(y * width + first, y * width + last).includes(0),
  );
  return crossed.length >= FRAME_CONTENT * (bottom - top);
}
