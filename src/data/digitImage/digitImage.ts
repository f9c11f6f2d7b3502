// Makes of a person's picture of one digit what MNIST's makers would have made of it: 28 × 28, bright on black, fitted and centered.
import { check } from '../../base/errors.js';
import { describe, isRecord } from '../../base/options.js';
import { makeYield } from '../../base/eventLoop.js';
import { boxSide, normalizeDigit, fitBox, imageSide } from './normalizeDigit.js';
import { extractForeground, type Foreground } from './foreground.js';
import { selectDigit } from './selectDigit.js';
import { boxOf, crop, longerSide, reduce, reducing, type Box, type GrayPicture } from './picture.js';
import { doubtsAboutShape, SHAPE_SIDE } from './shape.js';
import { detectPage } from './page.js';
import { strokeWidth, dilateStrokes } from './strokes.js';

export type { GrayPicture } from './picture.js';

/** MNIST's image of a picture, and what was done to get there. */
export interface PreparedDigit {
  /** [28, 28], bright on black. */
  readonly image: Uint8Array;
  /** What was done, in order, a few words each. */
  readonly notes: readonly string[];
  /** What speaks against its being one digit, a short sentence each; empty where all is well. */
  readonly doubts: readonly string[];
}

/** The longer side that the digit is looked for and looked at, in pixels. */
const LOOK_SIDE = 512;
/**
 * Stroke widths in pixels of the 20 × 20 box: below THIN strokes are widened to WIDENED.
 * 5 % of MNIST's digits are thinner than 1.5, the middle one is 2.3 wide (strokeWidth over the first 3000 test images).
 */
const THIN = 1.5,
  WIDENED = 2.3;

/**
 * Finds the digit in a picture of any size, dark on light or light on dark, and fits it as MNIST does.
 * Throws a WasmCnnError where there is nothing to find.
 *
 * @example
 * ```js
 * import { prepareDigit } from 'wasm-cnn/data';
 *
 * const picture = { gray: new Uint8Array(56 * 56).fill(255), width: 56, height: 56 };
 * for (let row = 8; row < 48; row++) picture.gray.fill(0, row * 56 + 26, row * 56 + 30);
 * prepareDigit(picture).image.length; // 784
 * ```
 */
export function prepareDigit(picture: GrayPicture): PreparedDigit {
  const steps = preparing(picture);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/**
 * The same for photographs: lets the event loop run between steps of some milliseconds.
 *
 * @example
 * ```js
 * import { prepareDigitAsync } from 'wasm-cnn/data';
 *
 * const picture = { gray: new Uint8Array(56 * 56).fill(255), width: 56, height: 56 };
 * for (let row = 8; row < 48; row++) picture.gray.fill(0, row * 56 + 26, row * 56 + 30);
 * (await prepareDigitAsync(picture)).image.length; // 784
 * ```
 */
export async function prepareDigitAsync(picture: GrayPicture): Promise<PreparedDigit> {
  const yieldToEventLoop = makeYield(0),
    steps = preparing(picture);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await yieldToEventLoop();
  }
}

function* preparing(picture: GrayPicture): Generator<undefined, PreparedDigit> {
  check(
    isRecord(picture) && typeof (picture.gray as Partial<Uint8Array> | undefined)?.length === 'number',
    () => `prepareDigit needs a picture as { gray, width, height }, got ${describe(picture)}`,
  );
  const { gray, width, height } = picture;
  check(
    width > 0 && height > 0 && gray.length === width * height,
    () => `prepareDigit needs one gray value for each of ${width} × ${height} pixels, got ${gray.length}`,
  );
  const fitted = alreadyFitted(picture);
  if (fitted !== null)
    return {
      image: fitted,
      notes: ['28 × 28, fitted and centered as MNIST is: taken as it is'],
      doubts: normalizeDigit(fitted, width, height).doubts,
    };
  const far = yield* reducing(picture, LOOK_SIDE, { left: 0, top: 0, right: width, bottom: height });
  yield;
  const page = detectPage(far);
  if (page !== null) {
    const prepared = yield* preparing(crop(picture, enlarge(page, 0, picture)));
    return { ...prepared, notes: ['light page on a dark table: cropped to the page', ...prepared.notes] };
  }
  yield;
  const { strokes, notes, doubts: componentDoubts } = yield* findStrokes(picture, far);
  yield;
  const stroke = (strokeWidth(strokes) * boxSide) / Math.max(strokes.width, strokes.height);
  let drawn = reduce(strokes, SHAPE_SIDE);
  const doubts = componentDoubts.length > 0 ? componentDoubts : doubtsAboutShape(drawn);
  if (stroke < THIN) {
    yield;
    drawn = dilateStrokes(drawn, (stroke * Math.max(drawn.width, drawn.height)) / boxSide, WIDENED, boxSide);
    notes.push(`thin strokes: widened from about ${stroke.toFixed(1)} to ${WIDENED} pixels`);
  }
  const image = fitBox(drawn.gray, drawn.width, boxOf(drawn.gray, drawn.width, drawn.height)!);
  const [fittedWidth, fittedHeight] = sizeOfDigit(image);
  notes.push(`scaled to ${fittedWidth} × ${fittedHeight}`, 'centered by mass');
  return { image, notes, doubts };
}

/**
 * The digit's strokes without margins, bright on 0. Looks twice: over the whole picture to find the digit, then around the digit alone,
 * where the background is more even and the width of its strokes is known.
 */
function* findStrokes(
  picture: GrayPicture,
  far: GrayPicture,
): Generator<undefined, { strokes: GrayPicture; notes: string[]; doubts: readonly string[] }> {
  const { width, height } = picture;
  const farForeground = yield* extractForeground(far, Math.max(far.width, far.height) / 4);
  checkForeground(farForeground, picture);
  yield;
  const found = yield* selectDigit(farForeground, farForeground.strong / 2);

  const part = enlarge(found.box, 0.25 * longerSide(found.box), picture);
  yield;
  const near = yield* reducing(picture, LOOK_SIDE, part);
  const zoom = near.width / (part.right - part.left) / (far.width / width);
  const stroke = found.stroke * zoom;
  const nearForeground = yield* extractForeground(
    near,
    Math.min(3 * stroke, Math.max(near.width, near.height) / 4),
    farForeground.light,
  );
  checkForeground(nearForeground, picture);
  yield;
  // On a clean background even the faintest edge is foreground, on paper it may be the paper.
  const farScale = width / far.width,
    nearScale = (part.right - part.left) / near.width;
  const wasLeft = (x: number, y: number): boolean => {
    const farX = Math.floor((part.left + (x + 0.5) * nearScale) / farScale),
      farY = Math.floor((part.top + (y + 0.5) * nearScale) / farScale);
    return found.left[farY * far.width + farX] === 1;
  };
  const digit = yield* selectDigit(
    nearForeground,
    nearForeground.floor === 0 ? nearForeground.strong / 32 : nearForeground.strong / 4,
    wasLeft,
  );
  const strokes = crop(digit.strokes, digit.box);

  const scale = (part.right - part.left) / near.width;
  const notes = [farForeground.light ? 'light background: inverted' : 'dark background: kept'];
  if (farForeground.uneven) notes.push('uneven background: levelled');
  if (found.ignored > 0) notes.push(`${found.ignored} other ${found.ignored === 1 ? 'mark' : 'marks'} ignored`);
  if (found.framed) notes.push('frame around the digit: removed');
  if (found.faded || digit.faded) notes.push('fading strokes: strengthened');
  notes.push(
    `cropped ${width} × ${height} to the digit's ${Math.round(strokes.width * scale)} × ${Math.round(strokes.height * scale)}`,
  );
  return { strokes, notes, doubts: found.doubts };
}

function checkForeground({ strong, floor }: Foreground, { width, height }: GrayPicture): void {
  check(
    strong > Math.max(floor, 20),
    () =>
      `the picture of ${width} × ${height} pixels shows no digit, nothing stands out from its background; ` +
      'draw one digit with a dark pen on plain paper and crop the picture to it',
  );
}

/** The picture, inverted if need be, where it is an MNIST image already: fitting it once more would only blur it. */
function alreadyFitted({ gray, width, height }: GrayPicture): Uint8Array | null {
  if (width !== imageSide || height !== imageSide) return null;
  const image = gray.map((value) => (gray[0]! < 128 ? value : 255 - value));
  let mass = 0,
    massX = 0,
    massY = 0;
  image.forEach((value, i) => {
    mass += value;
    massX += value * (i % imageSide);
    massY += value * Math.floor(i / imageSide);
  });
  const centered = [massX / mass, massY / mass].every((center) => center > 13.4 && center < 14.6);
  return centered && Math.max(...sizeOfDigit(image)) === boxSide ? image : null;
}

/** A box found at LOOK_SIDE, and a margin around it, in the picture's own pixels. */
function enlarge(box: Box, margin: number, { width, height }: GrayPicture): Box {
  const scale = Math.ceil(Math.max(width, height) / LOOK_SIDE);
  return {
    left: Math.max(0, Math.floor((box.left - margin) * scale)),
    top: Math.max(0, Math.floor((box.top - margin) * scale)),
    right: Math.min(width, Math.ceil((box.right + margin) * scale)),
    bottom: Math.min(height, Math.ceil((box.bottom + margin) * scale)),
  };
}

function sizeOfDigit(image: Uint8Array): [number, number] {
  const columns = new Set<number>(),
    rows = new Set<number>();
  image.forEach((value, i) => {
    if (value === 0) return;
    columns.add(i % imageSide);
    rows.add(Math.floor(i / imageSide));
  });
  return [Math.max(...columns) - Math.min(...columns) + 1, Math.max(...rows) - Math.min(...rows) + 1];
}
