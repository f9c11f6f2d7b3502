// What the shape of a drawing tells: whether a digit can look like that at all.
import { longerSide, type Box, type GrayPicture } from './picture.js';

/**
 * Limits that MNIST's 60,000 training images keep, but for 0.1 % (strokes: how many a row and a column cross, where they cross most),
 * 0.02 % (holes), 0.05 % (width over height) and 0.05 % (foreground as a share of the square around it).
 */
const MOST_STROKES = 7,
  MOST_HOLES = 3,
  MOST_WIDTH = 2,
  MOST_FOREGROUND = 0.63;
/** Foreground from here on. */
const FOREGROUND = 100;

/** The drawing is bright on black and fills `box`. */
export function doubtsAboutShape({ gray, width, height }: GrayPicture, box: Box): string[] {
  const side = longerSide(box);
  // A ragged edge, or what a dry pen left blank within a stroke, is finer than a stroke or the gap between two.
  const gap = Math.max(1, Math.round(side / 20)),
    run = Math.max(1, Math.round(side / 40));
  const isForeground = (x: number, y: number): boolean => gray[y * width + x]! >= FOREGROUND;
  const across = mostRuns(box.top, box.bottom, box.left, box.right, run, gap, (line, i) => isForeground(i, line));
  const down = mostRuns(box.left, box.right, box.top, box.bottom, run, gap, (line, i) => isForeground(line, i));
  const background = gray.map((value) => (value >= FOREGROUND ? 0 : 1));
  const holes = countHoles(background, width, height, gap * gap);
  let foreground = 0;
  for (const value of background) foreground += 1 - value;
  const doubts: string[] = [];
  if (across + down > MOST_STROKES || holes > MOST_HOLES) doubts.push('more strokes than a digit has');
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

/** Blank areas of at least `least` pixels, joined by their sides, that do not reach the picture's edge. */
function countHoles(background: Uint8Array, width: number, height: number, least: number): number {
  const seen = new Uint8Array(background.length),
    queue = new Int32Array(background.length);
  let holes = 0;
  for (let start = 0; start < background.length; start++) {
    if (background[start] === 0 || seen[start] === 1) continue;
    let end = 0,
      atEdge = false;
    seen[start] = 1;
    queue[end++] = start;
    for (let next = 0; next < end; next++) {
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
    if (!atEdge && end >= least) holes++;
  }
  return holes;
}
