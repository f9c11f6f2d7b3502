// The way from what a model file says back to a layer.
import * as classes from './classes.js';
import type { Layer } from './layer.js';
import { makeLayer } from './makeLayer.js';

export function deserializeLayer(className: string, config: object): Layer {
  return makeLayer(classes, className, config);
}
