// The contract of a loss: it makes the model's last op, so that it may take in the last activation (softmax and its loss are one).
import type { Op, Primitive } from '../compiler/ops/op.js';

export interface Loss {
  /** Keras' name as TF.js spells it. */
  readonly name: string;
  /** The last op, which covers the last primitives; throws one sentence where the model's end does not fit. */
  lower(primitives: readonly Primitive[]): Op;
}
