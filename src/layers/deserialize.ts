// The way from what a model file says back to a layer.
import * as classes from './classes.js';
import { maxNorm, minMaxNorm, nonNeg, unitNorm } from '../constraints/index.js';
import { use } from '../regularizers/extend.js';
import { l1, l1l2, l2 } from '../regularizers/index.js';
import type { Layer } from './layer.js';
import { makeLayer } from './makeLayer.js';

// Files may name any of them; a bundle would drop modules of which nothing is used.
use({ Regularizer: { l1, l2, l1l2 }, Constraint: { maxNorm, minMaxNorm, unitNorm, nonNeg } });

export function deserializeLayer(className: string, config: object): Layer {
  return makeLayer(classes, className, config);
}
