// Primitives → ops: takes the first lowering that applies, again and again. Pure.
import { WasmCnnError } from '../base/errors.js';
import type { Loss } from '../losses/index.js';
import { lowerings as allLowerings } from './ops/index.js';
import type { Lowering, Op, Primitive } from './ops/op.js';

/** The ops of a model; with a loss, the last one computes it. */
export function lower(
  primitives: readonly Primitive[],
  loss: Loss | null,
  lowerings: readonly Lowering[] = allLowerings,
): Op[] {
  const last = loss?.lower(primitives);
  const end = primitives.length - (last?.covers.length ?? 0);
  const body = primitives.slice(0, end);
  const ops: Op[] = [];
  for (let from = 0; from < end;) {
    const op = firstOf(lowerings, body, from);
    ops.push(op);
    from += op.covers.length;
  }
  return last ? [...ops, last] : ops;
}

function firstOf(lowerings: readonly Lowering[], primitives: readonly Primitive[], from: number): Op {
  for (const lowering of lowerings) {
    const op = lowering(primitives, from);
    if (op) return op;
  }
  throw new WasmCnnError(`no lowering computes ${primitives[from]!.kind} of layer ${primitives[from]!.layer}`);
}
