// Selects the digit's connected components of the foreground, and leaves out specks, frames, other digits, shadows and the table's edge.
import { labelComponents, type Component } from './components.js';
import { findFaded } from './faded.js';
import type { Foreground } from './foreground.js';
import { longerSide, type Box, type GrayPicture } from './picture.js';
import { strokeWidth } from './strokes.js';

export interface SelectedDigit {
  /** The digit alone, its strokes at 255, the rest 0. */
  readonly strokes: GrayPicture;
  readonly box: Box;
  /** The mean width of its strokes. */
  readonly stroke: number;
  /** How many components of strong foreground were left out. */
  readonly ignored: number;
  /** 1 where a frame or a digit of its own was left out. */
  readonly left: Uint8Array;
  /** Whether a frame around the digit was left out, and whether strokes that fade were brought out. */
  readonly framed: boolean;
  readonly faded: boolean;
  readonly doubts: readonly string[];
}

/**
 * A component reaches out to its faint edges, as far as values are above `faint` and above noise, but needs strong ones somewhere.
 * `isLeft`: whether an earlier look left a pixel out.
 */
export function* selectDigit(
  foreground: Foreground,
  faint: number,
  isLeft: (x: number, y: number) => boolean = () => false,
): Generator<undefined, SelectedDigit> {
  const { values, width, height, floor, strong } = foreground;
  const threshold = Math.max(floor, strong / 2);
  const strongComponents = labelComponents(values, width, height, Math.max(floor, faint)).filter(
    (component) => component.strongest >= Math.max(floor, 0.6 * strong),
  );
  const unseen = strongComponents.filter(
    ({ pixels }) => pixels.filter((i) => isLeft(i % width, Math.floor(i / width))).length <= pixels.length / 2,
  );
  let components = unseen.length > 0 ? unseen : strongComponents;
  const frames: Component[] = [];
  let main = mainComponent(components, Math.max(width, height));
  while (isFrame(main, components, width)) {
    frames.push(main);
    const frame = main;
    components = components.filter((component) => component !== frame && contains(frame, component));
    main = mainComponent(components, Math.max(width, height));
  }
  let taken = components.filter((component) => belongsTo(component, main));

  const kept = new Uint8Array(values.length);
  const box = { left: width, top: height, right: 0, bottom: 0 };
  const keep = (some: readonly Component[]): void => {
    // Full strength: of what a program drew its strongest, of a pen's its usual one.
    const level = floor === 0 ? strong : medianOf(values, taken, threshold);
    for (const component of some) {
      for (const i of component.pixels)
        kept[i] = Math.min(255, Math.round((255 * (values[i]! - floor)) / (level - floor)));
      extend(box, component);
    }
  };
  yield;
  keep(taken);
  const stroke = strokeWidth({ gray: kept, width, height });
  yield;
  const faded = yield* findFaded(foreground, kept, stroke, main);
  yield;
  const isReached = (component: Component): boolean =>
    faded !== null && component.pixels.some((i) => faded.reached[i] === 1);
  if (faded !== null) {
    const linked = components.filter(
      (component) => !taken.includes(component) && isReached(component) && !component.isCellLine,
    );
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
  const others = components.filter((component) => !isReached(component));
  const left = new Uint8Array(values.length);
  for (const component of [
    ...frames,
    ...components.filter((component) => !taken.includes(component) && isAsTall(component, main)),
  ])
    for (const i of component.pixels) left[i] = 1;
  return {
    strokes: { gray: kept, width, height },
    box,
    stroke,
    left,
    ignored: components.length - taken.length,
    framed: frames.length > 0,
    faded: faded !== null,
    doubts: doubtsAbout(main, others, (component) => !component.atEdge),
  };
}

/** The longest component; one that runs off the picture (a shadow, the table) only where no other is of a digit's size. */
function mainComponent(components: readonly Component[], pictureSide: number): Component {
  const inside = components.filter((component) => !component.atEdge && longerSide(component) >= 0.15 * pictureSide);
  return longest(inside.length > 0 ? inside : components);
}

function longest(components: readonly Component[]): Component {
  return components.reduce((most, component) => (longerSide(component) > longerSide(most) ? component : most));
}

/** Part of the digit is what is no speck, no digit or line of its own, and lies near: a gap of a quarter of the main component's longer side at most. */
function belongsTo(component: Component, main: Component): boolean {
  if (component === main) return true;
  const gapX = Math.max(component.left - main.right, main.left - component.right),
    gapY = Math.max(component.top - main.bottom, main.top - component.bottom);
  return (
    !component.isCellLine &&
    component.pixels.length >= SPECK * main.pixels.length &&
    Math.max(gapX, gapY) <= 0.25 * longerSide(main) &&
    !standsBeside(component, main)
  );
}

/** Share of the main component's pixels below which a component is a speck. */
const SPECK = 0.04;

/** Two digits stand side by side; the parts of one lie above each other or reach into each other's columns. */
function standsBeside(component: Component, main: Component): boolean {
  const shared = Math.min(component.right, main.right) - Math.max(component.left, main.left);
  return (
    isAsTall(component, main) && shared < 0.25 * Math.min(component.right - component.left, main.right - main.left)
  );
}

function standsOver(component: Component, main: Component): boolean {
  return isAsTall(component, main) && Math.min(component.bottom, main.bottom) <= Math.max(component.top, main.top);
}

function isAsTall(component: Component, main: Component): boolean {
  const height = component.bottom - component.top,
    mainHeight = main.bottom - main.top;
  return (
    component.pixels.length >= SPECK * main.pixels.length &&
    Math.min(height, mainHeight) >= 0.5 * Math.max(height, mainHeight)
  );
}

/** What speaks against one digit in a drawing of which every component is to be read. */
export function doubtsAboutComponents(components: readonly Component[], width: number): string[] {
  const main = longest(components);
  return isFrame(main, components, width)
    ? ['a frame surrounds the drawing']
    : doubtsAbout(main, components, () => true);
}

function doubtsAbout(
  main: Component,
  components: readonly Component[],
  isWhole: (component: Component) => boolean,
): string[] {
  const another = components.some(
    (component) =>
      component !== main && isWhole(component) && (standsBeside(component, main) || standsOver(component, main)),
  );
  return another ? ['more than one mark of about the same size'] : [];
}

/** Whether `frame` goes around another component of some size, in nearly all directions, and leaves it alone inside. */
function isFrame(frame: Component, components: readonly Component[], width: number): boolean {
  const inside = components.filter((component) => component !== frame && contains(frame, component));
  if (inside.length === 0) return false;
  const core = longest(inside);
  if (longerSide(core) < 0.3 * longerSide(frame)) return false;
  const centerX = (core.left + core.right) / 2,
    centerY = (core.top + core.bottom) / 2;
  const directions = new Set<number>();
  for (const i of frame.pixels) {
    const y = Math.floor(i / width),
      x = i - y * width;
    if (x >= core.left && x < core.right && y >= core.top && y < core.bottom) return false;
    directions.add(directionOf(x + 0.5 - centerX, y + 0.5 - centerY));
  }
  return directions.size >= 0.75 * DIRECTIONS;
}

function contains(frame: Box, component: Box): boolean {
  return (
    component !== frame &&
    component.left > frame.left &&
    component.top > frame.top &&
    component.right < frame.right &&
    component.bottom < frame.bottom
  );
}

const DIRECTIONS = 64;

/** One of 64 directions, as a square around the center is divided: 16 on each side. */
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

/** The median of the components' values from `least` on. */
function medianOf(values: Uint8Array, components: readonly Component[], least: number): number {
  const counts = new Uint32Array(256);
  let total = 0;
  for (const component of components) {
    for (const i of component.pixels) {
      if (values[i]! < least) continue;
      counts[values[i]!]!++;
      total++;
    }
  }
  let value = 0;
  for (let below = counts[0]!; below <= total >> 1; below += counts[value]!) value++;
  return value;
}
