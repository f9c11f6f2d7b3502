// A part of each image.  https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_crop/
import { checkWhole, type Shape } from '../base/shape.js';
import { lowerCrop, type CropNode } from '../compiler/ops/crop.js';
import { lowerRandomCrop, type RandomCropNode } from '../compiler/ops/randomCrop.js';
import { checkImage, checkLayerOptions, defineLayer, type Layer, type LayerOptions } from './layer.js';
import { checkSize2d, type Size2d } from './window.js';

/** Options of {@link randomCrop}. */
export interface RandomCropOptions extends LayerOptions {
  height: number;
  width: number;
  /** Zeros around the image while training, of which the part may have some; one number, or [above and below, left and right]. Default 0. */
  padding?: Size2d;
}

/**
 * A part of height × width of each image: anywhere while training, the middle outside. An image that is smaller lies in the middle of
 * zeros, always. With the image's own size and `padding` it is shifted by up to so many pixels, and left alone outside training.
 *
 * @example
 * ```js
 * import { input, layers } from 'wasm-cnn';
 *
 * const x = input({ shape: [32, 32, 3] });
 * layers.randomCrop({ height: 28, width: 28 }).apply(x).shape; // [28, 28, 3]
 * ```
 */
export function randomCrop(options: RandomCropOptions): Layer {
  checkLayerOptions(options, ['height', 'width', 'padding'], 'randomCrop');
  const [height, width] = [options.height, options.width].map(
    (size, axis) => checkSize2d(checkWhole(size, `randomCrop's ${axis === 0 ? 'height' : 'width'}`), 'randomCrop')[0],
  ) as [number, number];
  const padding = checkSize2d(options.padding ?? 0, "randomCrop's padding", 0);
  const outputShape = (input: Shape, who: string): Shape => [height, width, checkImage(input, who)[2]];
  return defineLayer({
    className: 'RandomCrop',
    make: randomCrop,
    kind: 'randomCrop',
    options,
    outputShape,
    build(graph, x, { name, index }) {
      const output = outputShape(x.shape, name);
      const [inH, inW, channels] = x.shape as [number, number, number];
      const [above, left] = [Math.max(0, height - inH), Math.max(0, width - inW)];
      const node = { layer: name, variables: [], bytes: 'passes' } as const;
      let image = x;
      if (above + left > 0)
        image = graph.add<CropNode>({
          ...{ ...node, kind: 'pad', lowerings: [lowerCrop], inputs: [x] },
          ...{ output: [inH + above, inW + left, channels], top: Math.floor(above / 2), left: Math.floor(left / 2) },
        });
      const moves = padding[0] > 0 || padding[1] > 0 || image.shape[0]! > height || image.shape[1]! > width;
      if (!moves) return image;
      return graph.add<RandomCropNode>({
        ...{ ...node, kind: 'randomCrop', lowerings: [lowerRandomCrop], inputs: [image], output },
        ...{ augments: true, padding, index },
      });
    },
    getConfig: () => ({ height, width, padding: [...padding] }),
  });
}
