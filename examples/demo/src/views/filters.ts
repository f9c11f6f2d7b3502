// The first layer that learns: its filters, or what its units weigh the pixels with. Blue adds, orange takes away.
import type { Model } from 'wasm-cnn';
import { find } from '../page/element.js';
import { channels, readTheme } from '../page/theme.js';
import { drawTiles } from '../page/tiles.js';

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
        at: (i, x, y) => data[(y * width + x) * inputs * filters + i]! * scale,
      },
      shades,
    );
  } else {
    // Of a dense layer on the pixels themselves, each unit's weights are an image.
    const units = shape[1]!;
    const count = Math.min(16, units);
    title.textContent = `What the first ${count} of ${units} units weigh each pixel with`;
    const side = shape[0] === 784 ? 28 : 1;
    drawTiles(
      canvas,
      {
        count,
        width: side,
        height: side,
        columns: Math.min(8, count),
        gap: 1,
        at: (i, x, y) => data[(y * side + x) * units + i]! * scale,
      },
      shades,
    );
  }
}

/** There is no network. */
export function clearFilters(): void {
  canvas.width = canvas.height = 1;
  title.textContent = "First layer's filters";
}
