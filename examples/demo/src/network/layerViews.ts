// What each layer sees of one image: for each layer worth a picture a model of the layers up to it, with the weights copied.
import { sequential, type Model, type Tensor } from 'wasm-cnn';
import type { Picture } from 'wasm-cnn/images';
import { drawTiles, SEEN } from '../page/tiles.js';
import { ask, unlessRunAway } from '../training/ask.js';

/** Maps in a picture; a layer may have more. */
const MOST_MAPS = 32;

interface View {
  readonly prefix: Model;
  readonly canvas: HTMLCanvasElement;
}

export class LayerViews {
  readonly #model: Model;
  readonly #views: View[];

  /** `canvases`: one for each layer, or null where there is nothing to see. */
  constructor(model: Model, canvases: readonly (HTMLCanvasElement | null)[]) {
    this.#model = model;
    const { inputShape } = model;
    this.#views = canvases.flatMap((canvas, i) => {
      if (!canvas) return [];
      const prefix = sequential({ inputShape, layers: model.layers.slice(0, i + 1).map(({ layer }) => layer) });
      return [{ prefix, canvas }];
    });
  }

  /** Whether a layer changes what it gets into something that is worth a picture. */
  static isWorthAPicture({ layers }: Model, index: number): boolean {
    return (
      index < layers.length - 1 && ['conv2d', 'maxPooling2d', 'dense', 'activation'].includes(layers[index]!.layer.kind)
    );
  }

  /** Null: a blank image. */
  async draw(image: Picture | null): Promise<void> {
    const [height = 0, width = 0, channels = 0] = this.#model.inputShape;
    const data = image?.data ?? new Uint8Array(height * width * channels);
    if (data.length !== height * width * channels) return;
    const weights = this.#model.getWeights();
    for (const { prefix, canvas } of this.#views) {
      const seen = await unlessRunAway(() => {
        prefix.setWeights(weights.slice(0, prefix.parameters.length));
        return ask(prefix, { data, shape: [1, height, width, channels] });
      });
      if (seen) drawMaps(canvas, seen);
    }
  }
}

function drawMaps(canvas: HTMLCanvasElement, { data, shape }: Tensor<Float32Array>): void {
  let most = 0;
  for (const value of data) most = Math.max(most, Math.abs(value));
  const scale = most > 0 && Number.isFinite(most) ? 1 / most : 0;
  // A root, so that what is faint shows, too.
  const shade = (value: number): number => Math.sign(value) * Math.sqrt(Math.abs(value) * scale);
  if (shape.length === 4) {
    const [, height, width, channels] = shape as [number, number, number, number];
    const count = Math.min(MOST_MAPS, channels);
    drawTiles(
      canvas,
      {
        count,
        width,
        height,
        columns: Math.min(16, count),
        gap: 2,
        at: (i, x, y) => shade(data[(y * width + x) * channels + i]!),
      },
      SEEN,
    );
  } else {
    const count = Math.min(256, data.length);
    drawTiles(
      canvas,
      { count, width: 5, height: 5, columns: Math.min(64, count), gap: 1, at: (i) => shade(data[i]!) },
      SEEN,
    );
  }
}
