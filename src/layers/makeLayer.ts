// A layer by its class name, of the registered classes: wasm-cnn/predict does not have all of them from the start.
import { check } from '../base/errors.js';
import type { Layer } from './layer.js';

/** An allow-list by Keras' class names: nothing is looked up anywhere else. */
export type LayerClasses = Readonly<Record<string, (config: never) => Layer>>;

export function makeLayer(classes: LayerClasses, className: string, config: object): Layer {
  const make = typeof className === 'string' && Object.hasOwn(classes, className) ? classes[className] : undefined;
  check(
    make !== undefined,
    () => `there is no layer '${className}' in this version of wasm-cnn; docs/layers.md lists those that there are`,
  );
  return make(config as never);
}
