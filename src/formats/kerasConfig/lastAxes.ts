// Layers that say a number for their axis, which here is always the last one: whether it is, their input tells.
import type { Shape } from '../../base/shape.js';
import { deserializeLayer } from '../../layers/deserialize.js';
import type { ModelConfig } from '../archive.js';
import { graphOf } from './lower.js';

/** Names of those whose axis is another one. `axes`: of layers by their names, with the batch's as number 0. */
export function wrongAxes(model: ModelConfig, axes: ReadonlyMap<string, number>): readonly string[] {
  if (axes.size === 0) return [];
  const { inputs, calls } = graphOf(model);
  const shapes: Shape[] = inputs.map(({ shape }) => shape);
  const wrong: string[] = [];
  try {
    for (const call of calls) {
      const { className, name, config } = model.layers[call.layer]!;
      const given = call.inputs.map((input) => shapes[input]!);
      const axis = axes.get(name) ?? -1;
      if (axis !== -1 && axis !== given[0]!.length) wrong.push(name);
      shapes.push(deserializeLayer(className, config).outputShape(given, name));
    }
  } catch {
    // What does not fit is refused where the model is made.
  }
  return wrong;
}
