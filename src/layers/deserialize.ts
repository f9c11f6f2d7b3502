// The way from what a model file says back to a layer.
import { check } from '../base/errors.js';
import * as classes from './classes.js';
import type { Layer } from './layer.js';

const byClassName: Readonly<Record<string, (config: never) => Layer>> = classes;

export function deserializeLayer(className: string, config: object): Layer {
  const make =
    typeof className === 'string' && Object.hasOwn(byClassName, className) ? byClassName[className] : undefined;
  check(
    make !== undefined,
    () => `there is no layer '${className}' in this version of wasm-cnn; docs/layers.md lists those that there are`,
  );
  return make(config as never);
}
