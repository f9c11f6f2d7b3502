// The pad to draw on, with mouse, finger, keyboard, or a ghost's hand; and the 28 × 28 pixels that the network sees of it.
import { digitStrokes, fitDigit } from 'wasm-cnn/data';
import { context, find } from '../page/element.js';
import { wantsStillness } from '../page/theme.js';
import { aDigit } from '../page/words.js';

const SIDE = 280;
/** About what MNIST's strokes are, once the digit is fitted. */
const PEN = 22;
const PAPER = '#0c0e12', INK = '#ffffff';

/** An image for the network, and where it comes from in a few words. */
export type OnImage = (image: Uint8Array | null, origin: string) => void;

export class Pad {
  /** While weights are learned, the ghost writes slowly: painting takes time, too. */
  learning = false;
  readonly #canvas = find('pad', HTMLCanvasElement);
  readonly #hint = find('pad-hint', HTMLElement);
  readonly #ctx = context(this.#canvas);
  readonly #onImage: OnImage;
  #last: { x: number; y: number } | null = null;
  #key = { x: SIDE / 2, y: SIDE / 2, down: false };
  /** Counts up when somebody else takes the pen. */
  #hand = 0;
  #fresh = true;
  #styles = 1;

  constructor(onImage: OnImage) {
    this.#onImage = onImage;
    this.#wipe();
    this.#listen();
    find('clear', HTMLButtonElement).addEventListener('click', () => this.clear());
  }

  clear(): void {
    this.#hand++;
    this.#wipe();
    this.#onImage(null, '');
  }

  /** Shows an image of 28 × 28 bytes as it is. */
  show(image: Uint8Array, origin: string): void {
    this.#hand++;
    this.#wipe();
    this.#fresh = true;
    this.#hint.hidden = true;
    const small = document.createElement('canvas');
    [small.width, small.height] = [28, 28];
    const pixels = new ImageData(28, 28);
    image.forEach((value, i) => pixels.data.set([Math.max(12, value), Math.max(14, value), Math.max(18, value), 255], 4 * i));
    context(small).putImageData(pixels, 0, 0);
    this.#ctx.imageSmoothingEnabled = false;
    this.#ctx.drawImage(small, 0, 0, SIDE, SIDE);
    this.#onImage(image, origin);
  }

  /** Writes a digit in a hand of its own, stroke by stroke; resolves to false when somebody else took the pen. */
  async write(digit: number, origin: string, style = this.#styles++): Promise<boolean> {
    const hand = ++this.#hand;
    this.#wipe();
    this.#hint.hidden = true;
    const lines = placed(digit, style);
    const still = wantsStillness();
    for (const line of lines) {
      for (let i = 2; i < line.length; i += 2) {
        this.#stroke(line[i - 2]!, line[i - 1]!, line[i]!, line[i + 1]!);
        if (still) continue;
        if (i % 4 === 0) {
          this.#read(origin);
          await new Promise((resolve) => setTimeout(resolve, this.learning ? 70 : 28));
          if (hand !== this.#hand) return false;
        }
      }
    }
    this.#read(origin);
    this.#fresh = true;
    return true;
  }

  get hand(): number {
    return this.#hand;
  }

  #wipe(): void {
    this.#ctx.fillStyle = PAPER;
    this.#ctx.fillRect(0, 0, SIDE, SIDE);
    this.#hint.hidden = false;
    this.#last = null;
    this.#fresh = false;
  }

  #stroke(x0: number, y0: number, x1: number, y1: number): void {
    Object.assign(this.#ctx, { strokeStyle: INK, lineWidth: PEN, lineCap: 'round', lineJoin: 'round' });
    this.#ctx.beginPath();
    this.#ctx.moveTo(x0, y0);
    this.#ctx.lineTo(x1 + 0.01, y1);
    this.#ctx.stroke();
  }

  /** A person's pen: what a ghost wrote or was shown goes first. */
  #begin(x: number, y: number): void {
    if (this.#fresh) this.#wipe();
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

  #read(origin = 'your digit'): void {
    const { data } = this.#ctx.getImageData(0, 0, SIDE, SIDE);
    const gray = new Uint8Array(SIDE * SIDE);
    let ink = false;
    for (let i = 0; i < gray.length; i++) {
      gray[i] = Math.max(0, data[4 * i]! - 18);
      ink ||= gray[i]! > 0;
    }
    if (ink) this.#onImage(fitDigit(gray, SIDE, SIDE).image, origin);
  }

  #listen(): void {
    const at = ({ clientX, clientY }: PointerEvent): [number, number] => {
      const { left, top, width, height } = this.#canvas.getBoundingClientRect();
      return [((clientX - left) * SIDE) / width, ((clientY - top) * SIDE) / height];
    };
    this.#canvas.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      this.#canvas.focus({ preventScroll: true });
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
    if (/^[0-9]$/.test(key)) return void this.write(Number(key), `${aDigit(Number(key))}, written for you`), true;
    if (key === 'Delete' || key === 'Backspace') return this.clear(), true;
    const pen = this.#key;
    if (key === ' ') {
      pen.down = !pen.down;
      if (pen.down) this.#begin(pen.x, pen.y);
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

/** The strokes of a digit in the pad's pixels. */
function placed(digit: number, style: number): number[][] {
  const lines = digitStrokes(digit, style);
  const xs = lines.flatMap((line) => line.filter((_, i) => i % 2 === 0)), ys = lines.flatMap((line) => line.filter((_, i) => i % 2 === 1));
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = (0.66 * SIDE) / Math.max(right - left, bottom - top);
  return lines.map((line) => line.map((value, i) => (i % 2 === 0 ? (value - (left + right) / 2) * scale : (value - (top + bottom) / 2) * scale) + SIDE / 2));
}
