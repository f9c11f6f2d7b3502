// The pad to draw on, with mouse, finger, keyboard, or a ghost's hand; and the 28 × 28 pixels that the network sees of it.
import { digitStrokes, normalizeDigit } from 'wasm-cnn/data';
import type { Picture } from 'wasm-cnn/images';
import { context, find } from '../page/element.js';
import { wantsStillness } from '../page/stillness.js';
import { aDigit } from '../page/format.js';

const SIDE = 280;
/** About what MNIST's strokes are, once the digit is fitted. */
const PEN = 22;
/** What a person's drawing is called. */
const DRAWN = 'your digit';
const PAPER = '#0c0e12',
  INK = '#ffffff';

/** A pen that comes down later after the last stroke begins another digit. */
const NEXT_DIGIT_MS = 1200;

/** What is on the pad, or in its place. */
export interface Seen {
  /** For the network; null: nothing. */
  readonly image: Picture | null;
  /** Where it comes from, in a few words. */
  readonly origin: string;
  /** Whether it is there because of something the person did. */
  readonly own: boolean;
  /** What speaks against its being one of the classes. */
  readonly doubts: readonly string[];
  /** One of the data, or written by the page. */
  readonly isDigit: boolean;
}

export class Pad {
  /** While weights are learned, the ghost writes slowly: painting takes time, too. */
  learning = false;
  readonly #canvas = find('pad', HTMLCanvasElement);
  readonly #hint = find('pad-hint', HTMLElement);
  readonly #ctx = context(this.#canvas);
  readonly #onSeen: (seen: Seen) => void;
  readonly #back = find('back', HTMLButtonElement);
  #aside: HTMLCanvasElement | null = null;
  /** Strokes by a person since the pad was empty; and when the last one ended. */
  #strokes = 0;
  #lifted = 0;
  #last: { x: number; y: number } | null = null;
  #key = { x: SIDE / 2, y: SIDE / 2, down: false };
  /** Counts up when the pen changes hands. */
  #hand = 0;
  #styles = 1;

  constructor(onSeen: (seen: Seen) => void) {
    this.#onSeen = onSeen;
    this.#wipe();
    this.#listen();
    find('clear', HTMLButtonElement).addEventListener('click', () => this.clear());
    this.#back.addEventListener('click', () => this.#takeBack());
  }

  /** Another thing takes its place: the ghost lets go. */
  leave(): void {
    this.#hand++;
    this.#wipe();
    this.#aside = null;
    this.#back.hidden = true;
  }

  clear(): void {
    this.#hand++;
    this.#setAside();
    this.#wipe();
    this.#onSeen(NOTHING);
  }

  /** What a person has drawn can be taken back after it was wiped away. */
  #setAside(): void {
    if (this.#strokes === 0) return;
    const copy = document.createElement('canvas');
    [copy.width, copy.height] = [SIDE, SIDE];
    context(copy).drawImage(this.#canvas, 0, 0);
    this.#aside = copy;
    this.#back.hidden = false;
  }

  /** Strokes that were wiped away come back, and what was drawn since stays. */
  #takeBack(): void {
    if (!this.#aside) return;
    this.#hand++;
    if (this.#strokes === 0) this.#wipe();
    this.#ctx.globalCompositeOperation = 'lighten';
    this.#ctx.drawImage(this.#aside, 0, 0);
    this.#ctx.globalCompositeOperation = 'source-over';
    this.#aside = null;
    this.#hint.hidden = this.#back.hidden = true;
    this.#strokes++;
    this.#lifted = performance.now();
    this.#read();
    this.#canvas.focus({ preventScroll: true, focusVisible: false });
  }

  /** Shows an image of 28 × 28 gray pixels as it is. */
  show(image: Picture, origin: string, { isDigit = true, doubts = [] as readonly string[] } = {}): void {
    this.#hand++;
    this.#wipe();
    this.#hint.hidden = true;
    const small = document.createElement('canvas');
    [small.width, small.height] = [28, 28];
    const pixels = new ImageData(28, 28);
    image.data.forEach((value, i) =>
      pixels.data.set([Math.max(12, value), Math.max(14, value), Math.max(18, value), 255], 4 * i),
    );
    context(small).putImageData(pixels, 0, 0);
    this.#ctx.imageSmoothingEnabled = false;
    this.#ctx.drawImage(small, 0, 0, SIDE, SIDE);
    this.#onSeen({ image, origin, own: true, doubts, isDigit });
  }

  /** Writes a digit in a hand of its own, stroke by stroke, until a person takes the pen. */
  async write(digit: number, origin: string, who: 'ghost' | 'person'): Promise<void> {
    const hand = ++this.#hand;
    this.#wipe();
    this.#hint.hidden = true;
    const lines = placed(digit, this.#styles++);
    const own = who === 'person';
    for (const line of lines) {
      for (let i = 2; i < line.length; i += 2) {
        this.#stroke(line[i - 2]!, line[i - 1]!, line[i]!, line[i + 1]!);
        if (wantsStillness()) continue;
        if (i % 4 === 0) {
          this.#read(origin, own);
          await new Promise((resolve) => setTimeout(resolve, this.learning ? 70 : 28));
          if (hand !== this.#hand) return;
        }
      }
    }
    this.#read(origin, own);
  }

  #wipe(): void {
    this.#ctx.fillStyle = PAPER;
    this.#ctx.fillRect(0, 0, SIDE, SIDE);
    this.#hint.hidden = false;
    this.#last = null;
    this.#strokes = 0;
  }

  #stroke(x0: number, y0: number, x1: number, y1: number): void {
    Object.assign(this.#ctx, { strokeStyle: INK, lineWidth: PEN, lineCap: 'round', lineJoin: 'round' });
    this.#ctx.beginPath();
    this.#ctx.moveTo(x0, y0);
    this.#ctx.lineTo(x1 + 0.01, y1);
    this.#ctx.stroke();
  }

  /** A person's pen: what a ghost wrote or was shown goes first, and so does a digit that was drawn before. `slow`: keys take their time. */
  #begin(x: number, y: number, slow = false): void {
    const another = this.#strokes > 0 && !slow && performance.now() - this.#lifted > NEXT_DIGIT_MS;
    if (another) this.#setAside();
    else if (this.#strokes === 0) this.#back.hidden = true;
    if (another || this.#strokes === 0) this.#wipe();
    this.#strokes++;
    this.#hand++;
    this.#hint.hidden = true;
    this.#last = { x, y };
    this.#stroke(x, y, x, y);
  }

  #moveTo(x: number, y: number): void {
    if (!this.#last) return;
    this.#stroke(this.#last.x, this.#last.y, x, y);
    this.#last = { x, y };
  }

  #read(origin = DRAWN, own = true): void {
    const { data } = this.#ctx.getImageData(0, 0, SIDE, SIDE);
    const gray = new Uint8Array(SIDE * SIDE);
    let ink = false;
    for (let i = 0; i < gray.length; i++) {
      gray[i] = Math.max(0, data[4 * i]! - 18);
      ink ||= gray[i]! > 0;
    }
    if (!ink) return;
    const { image, doubts } = normalizeDigit(gray, SIDE, SIDE);
    const seen: Picture = { data: image as Picture['data'], width: 28, height: 28, channels: 1 };
    this.#onSeen({ image: seen, origin, own, doubts: own ? doubts : [], isDigit: origin !== DRAWN });
  }

  #listen(): void {
    const at = ({ clientX, clientY }: PointerEvent): [number, number] => {
      const { left, top, width, height } = this.#canvas.getBoundingClientRect();
      return [((clientX - left) * SIDE) / width, ((clientY - top) * SIDE) / height];
    };
    this.#canvas.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      this.#canvas.focus({ preventScroll: true, focusVisible: false });
      this.#canvas.setPointerCapture(event.pointerId);
      this.#begin(...at(event));
      this.#read();
    });
    this.#canvas.addEventListener('pointermove', (event) => {
      if (!this.#last || !this.#canvas.hasPointerCapture(event.pointerId)) return;
      for (const each of event.getCoalescedEvents?.() ?? []) this.#moveTo(...at(each));
      this.#moveTo(...at(event));
      this.#read();
    });
    const end = (): void => {
      if (this.#last) this.#lifted = performance.now();
      this.#last = null;
    };
    for (const kind of ['pointerup', 'pointercancel'] as const) this.#canvas.addEventListener(kind, end);
    this.#canvas.addEventListener('keydown', (event) => {
      if (this.#press(event)) event.preventDefault();
    });
  }

  /** Whether the key is one of the pad's. */
  #press({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean {
    if (ctrlKey || metaKey || altKey) return false;
    if (/^[0-9]$/.test(key))
      return (void this.write(Number(key), `${aDigit(Number(key))}, written for you`, 'person'), true);
    if (key === 'Delete' || key === 'Backspace') return (this.clear(), true);
    const pen = this.#key;
    if (key === ' ') {
      pen.down = !pen.down;
      if (pen.down) this.#begin(pen.x, pen.y, true);
      else this.#lifted = performance.now();
      this.#read();
      this.#canvas.dataset['pen'] = pen.down ? 'down' : 'up';
      return true;
    }
    const step = shiftKey ? 28 : 10;
    const move = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[key];
    if (!move) return false;
    pen.x = Math.min(SIDE - PEN, Math.max(PEN, pen.x + move[0]!));
    pen.y = Math.min(SIDE - PEN, Math.max(PEN, pen.y + move[1]!));
    if (pen.down) {
      this.#last ??= { x: pen.x, y: pen.y };
      this.#moveTo(pen.x, pen.y);
      this.#read();
    }
    this.#canvas.parentElement!.style.setProperty('--pen-x', `${(100 * pen.x) / SIDE}%`);
    this.#canvas.parentElement!.style.setProperty('--pen-y', `${(100 * pen.y) / SIDE}%`);
    return true;
  }
}

const NOTHING: Seen = { image: null, origin: '', own: true, doubts: [], isDigit: true };

/** The strokes of a digit in the pad's pixels. */
function placed(digit: number, style: number): number[][] {
  const lines = digitStrokes(digit, style);
  const xs = lines.flatMap((line) => line.filter((_, i) => i % 2 === 0)),
    ys = lines.flatMap((line) => line.filter((_, i) => i % 2 === 1));
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = (0.66 * SIDE) / Math.max(right - left, bottom - top);
  return lines.map((line) =>
    line.map(
      (value, i) =>
        (i % 2 === 0 ? (value - (left + right) / 2) * scale : (value - (top + bottom) / 2) * scale) + SIDE / 2,
    ),
  );
}
