// Pools as large as the image.
import { averagePooling2d } from './averagePooling2d.js';
import { maxPooling2d } from './basicLayers.js';
import type { ReferenceLayer } from './layer.js';

const global =
  (pool: ReferenceLayer): ReferenceLayer =>
  (call) => {
    const [height, width, channels] = call.inputs[0]!.shape as [number, number, number];
    const size = [height, width];
    const { keepDims } = call.config as { keepDims: boolean };
    return {
      ...pool({ ...call, config: { poolSize: size, strides: size, padding: 'valid' } }),
      shape: keepDims ? [1, 1, channels] : [channels],
    };
  };

export const globalAveragePooling2d = global(averagePooling2d);
export const globalMaxPooling2d = global(maxPooling2d);
