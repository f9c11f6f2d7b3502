// The contract of a loss: a node of the graph that compares a prediction with its target.
import type { GraphBuilder, Value } from '../graph/graph.js';

export interface Loss {
  /** Keras' name as TF.js spells it. */
  readonly name: string;
  /** What targets are: 'classes' takes class indices and rows of probabilities, 'values' any floats of the output's shape. */
  readonly targets: 'classes' | 'values';
  /**
   * Adds the loss of each example, a value of shape []; `target` has the prediction's shape, `layer` is the name of what predicts.
   * Throws one sentence where the output does not fit.
   */
  build(graph: GraphBuilder, prediction: Value, target: Value, layer: string): Value;
}
