// The first layer that learns: its filters, or what its units weigh the pixels with. Blue adds, orange takes away.
import type { Model } from 'wasm-cnn';
import { find } from '../page/element.js';
import { channels, readTheme } from '../page/theme.js';
import { drawTiles, type Rgb } from '../page/tiles.js';

const canvas = find('filters', HTMLCanvasElement);
const title = find('filters-title', HTMLElement);
const MOST = 32;

export function showFilters(model: Model): void {
  const at = model.layers.findIndex(({ parameters }) => parameters.length > 0);
  const placed = model.layers[at];
  if (!placed) return;
  const { data, shape } = model.getWeights()[0]!;
  const { test, train, page } = readTheme();
  const shades = { negative: channels(test), zero: channels(page), positive: channels(train) };
  let most = 0;
  for (const value of data) most = Math.max(most, Math.abs(value));
  const scale = Number.isFinite(most) && most > 0 ? 1 / most : 0;
  if (shape.length === 4) {
    const [height, width, inputs, filters] = shape as [number, number, number, number];
    const count = Math.min(MOST, filters);
    title.textContent = `First layer's ${filters} filters`;
    drawTiles(
      canvas,
      {
        count,
        width,
        height,
        columns: Math.min(16, count),
        gap: 1,
        at: (i, x, y) => weightOf((c) => data[((y * width + x) * inputs + c) * filters + i]! * scale, inputs),
      },
      shades,
    );
  } else {
    // Each unit's weights of a dense layer on the pixels themselves are an image.
    const units = shape[1]!;
    const count = Math.min(16, units);
    title.textContent = `What the first ${count} of ${units} units weigh each pixel with`;
    const seen = model.inputShape;
    // Behind a pooling layer they are no pixels any more.
    const isPixels = shape[0] === seen.reduce((product, side) => product * side, 1);
    const [height = 1, width = 1, inputs = 1] = isPixels ? seen : [];
    drawTiles(
      canvas,
      {
        count,
        width,
        height,
        columns: Math.min(8, count),
        gap: 1,
        at: (i, x, y) => weightOf((c) => data[((y * width + x) * inputs + c) * units + i]! * scale, inputs),
      },
      shades,
    );
  }
}

/** In -1 … 1; of a color image the weights of red, green and blue, as that color. */
function weightOf(at: (channel: number) => number, channels: number): number | Rgb {
  if (channels < 3) return at(0);
  const byte = (channel: number): number => 127.5 * (1 + at(channel));
  return [byte(0), byte(1), byte(2)];
}

/** There is no network. */
export function clearFilters(): void {
  canvas.width = canvas.height = 1;
  title.textContent = "First layer's filters";
}
