// Every layer, under the names of TF.js; and the way from a saved class name back to a layer.
import { check } from '../base/errors.js';
import { activation } from './activation.js';
import { conv2d } from './conv2d.js';
import { dense } from './dense.js';
import { dropout } from './dropout.js';
import { flatten } from './flatten.js';
import type { Layer } from './layer.js';
import { maxPooling2d } from './maxPooling2d.js';

export { activation, conv2d, dense, dropout, flatten, maxPooling2d };
export type { ActivationOptions } from './activation.js';
export type { Conv2dOptions } from './conv2d.js';
export type { DenseOptions } from './dense.js';
export type { DropoutOptions } from './dropout.js';
export type { Layer, LayerOptions } from './layer.js';
export type { MaxPooling2dOptions } from './maxPooling2d.js';

const byClassName: Record<string, (config: never) => Layer> = {
  Activation: activation,
  Conv2D: conv2d,
  Dense: dense,
  Dropout: dropout,
  Flatten: flatten,
  MaxPooling2D: maxPooling2d,
};

/** Makes a layer from what a model file says: an allow-list, nothing is looked up by name anywhere else. */
export function deserializeLayer(className: string, config: object): Layer {
  const make =
    typeof className === 'string' && Object.hasOwn(byClassName, className) ? byClassName[className] : undefined;
  check(make !== undefined, () => `there is no layer '${className}'; there is ${Object.keys(byClassName).join(', ')}`);
  return make(config as never);
}
