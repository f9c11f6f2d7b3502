// AdamW: Adam with decoupled weight decay (Loshchilov and Hutter, https://arxiv.org/abs/1711.05101), with Keras' defaults.
import { check } from '../base/errors.js';
import { makeAdam, type AdamOptions } from './adam.js';
import type { Optimizer } from './optimizer.js';

export interface AdamWOptions extends AdamOptions {
  /** Default 0.004. */
  weightDecay?: number;
}

export function adamw(options: AdamWOptions = {}): Optimizer {
  check(
    (options as AdamOptions | null)?.weightDecay !== null,
    "adamw's weightDecay must be a number; use adam() for none",
  );
  return makeAdam(options, 'adamw', { className: 'AdamW', weightDecay: 0.004 });
}
