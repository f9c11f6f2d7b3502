// Every reader that is fuzzed.
import { cifar } from './cifar.js';
import { classifier } from './classifier.js';
import { csv } from './csv.js';
import { graphs } from './graphs.js';
import { gzip } from './gzip.js';
import { hdf5 } from './hdf5.js';
import { idx } from './idx.js';
import { bmp, gif, jpeg, webp } from './images.js';
import { keras } from './keras.js';
import { model } from './model.js';
import { npy, npz } from './numpy.js';
import { onnx } from './onnx.js';
import { parquet } from './parquet.js';
import { png } from './png.js';
import { safetensors } from './safetensors.js';
import { stateDict } from './stateDict.js';
import type { Target } from './target.js';
import { tfjs } from './tfjs.js';

export const targets = {
  idx,
  gzip,
  cifar,
  npy,
  npz,
  csv,
  parquet,
  png,
  jpeg,
  webp,
  gif,
  bmp,
  safetensors,
  hdf5,
  keras,
  tfjs,
  model,
  classifier,
  onnx,
  stateDict,
  graphs,
} satisfies Record<string, Target>;

export type Reader = keyof typeof targets;
