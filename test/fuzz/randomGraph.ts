// A random model from decisions: layers of all kinds on each other's outputs, merges, values with several readers, layers applied twice,
// models within it, and losses of all kinds.
import {
  input,
  layers,
  model,
  WasmCnnError,
  type Functional,
  type Shape,
  type SymbolicTensor,
} from '../../src/index.js';
import { sameShape, sizeOf } from '../../src/base/shape.js';
import type { Decisions } from './decisions.js';
import { someBlock, someLayer, someMerge } from './randomLayers.js';
import { someLoss, type RandomLoss } from './randomLoss.js';

/** Values of one example: larger ones only take longer. */
const LARGEST = 800;
const MOST_STEPS = 10;

export interface RandomGraph {
  readonly model: Functional;
  /** Loss of each output; null for one without. */
  readonly losses: readonly (RandomLoss | null)[];
}

/** What an attempt makes; null where it does not fit, or is too large. */
function attempt<T extends readonly SymbolicTensor[]>(make: () => T): T | null {
  try {
    const made = make();
    return made.every(({ shape }) => sizeOf(shape) <= LARGEST) ? made : null;
  } catch (error) {
    if (error instanceof WasmCnnError) return null;
    throw error;
  }
}

/** A model of up to three layers, one behind the other. */
function nested(d: Decisions, shape: Shape, name: string): Functional {
  const inputs = input({ shape });
  let outputs = inputs;
  for (let step = 1 + d.below(3); step > 0; step--) outputs = someLayer(d, outputs.shape).apply(outputs);
  return model({ inputs, outputs, name });
}

export function randomGraph(d: Decisions): RandomGraph {
  const image = (): Shape => [1 + d.below(9), 1 + d.below(9), d.pick([1, 3, 8, 8, 1 + d.below(17)])];
  const inputs = Array.from({ length: d.below(3) > 0 ? 1 : 2 }, () =>
    input({ shape: d.below(5) > 0 ? image() : [1 + d.below(20)] }),
  );
  const values = [...inputs];
  /** With the shapes that their weights fit. */
  const made: { from: { apply(x: SymbolicTensor): SymbolicTensor }; shape: Shape }[] = [];
  /** The newer ones more often. */
  const someValue = (): SymbolicTensor => values.at(-1 - Math.min(d.below(values.length), d.below(values.length)))!;
  const frozen = <T extends { trainable: boolean }>(layer: T): T => {
    layer.trainable = d.below(8) > 0;
    return layer;
  };

  for (let step = 1 + d.below(MOST_STEPS); step > 0 && d.left > 0; step--) {
    const x = someValue();
    const kind = d.below(16);
    const all = attempt((): readonly SymbolicTensor[] => {
      if (kind < 3) {
        const fitting = values.filter(({ shape }) => sameShape(shape, x.shape));
        const others = Array.from({ length: kind + 1 }, () => (d.below(4) > 0 ? d.pick(fitting) : someValue()));
        return [someMerge(d).apply([x, ...others])];
      }
      const again = made.filter(({ shape }) => sameShape(shape, x.shape));
      if (kind === 3 && again.length > 0) return [d.pick(again).from.apply(x)];
      if (kind === 4) {
        const inner = frozen(nested(d, x.shape, `inner_${made.length}`));
        made.push({ from: inner, shape: x.shape });
        return [inner.apply(x)];
      }
      if (kind < 9) return someBlock(d, x, frozen);
      const layer = frozen(someLayer(d, x.shape));
      const y = layer.apply(x);
      made.push({ from: layer, shape: x.shape });
      return [y];
    });
    // What stands within a block has other readers now and then, and must not be taken in there.
    if (all) values.push(...(d.below(4) === 0 ? all : all.slice(-1)));
  }

  const ends = [values.at(-1)!, ...(d.below(3) === 0 ? [someValue()] : [])];
  const terms = ends.map((end, i) => (i > 0 && d.below(4) === 0 ? null : someLoss(d, end)));
  const outputs = ends.map((end, i) => {
    const activation = terms[i]?.behind;
    return activation ? layers.activation({ activation }).apply(end) : end;
  });
  return { model: model({ inputs, outputs, seed: d.below(1000) }), losses: terms };
}
