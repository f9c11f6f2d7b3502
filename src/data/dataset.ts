// A data set of images with class labels, whatever its source.
import type { Tensor } from '../tensor.js';

/** Images [n, height, width, channels] as bytes, and n class indices. */
export interface Examples {
  readonly x: Tensor<Uint8Array>;
  readonly y: Uint8Array;
}

export interface Dataset {
  /** Short and stable: 'mnist', 'builtin-digits', or a folder's name. */
  readonly name: string;
  /** One sentence for people: which source was taken. */
  readonly source: string;
  readonly train: Examples;
  readonly test: Examples;
}
