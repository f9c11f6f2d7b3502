// Flatten: the same bytes under another shape.
import type { Lowering, Op } from './op.js';

export const lowerFlatten: Lowering = (primitives, from): Op | null => {
  const flatten = primitives[from];
  if (flatten?.kind !== 'flatten') return null;
  return {
    name: 'flatten',
    covers: [flatten],
    parameters: [],
    memory: {},
    inPlace: 'view',
    forward() {},
    backward() {},
  };
};
