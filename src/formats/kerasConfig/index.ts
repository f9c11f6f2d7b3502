// Keras' JSON of layers ↔ our ModelConfig, for all formats that have it: TF.js' model.json, .keras and .h5.
//
//   readKerasConfig(topology, who, { kerasVersion, inputShape })   → { model, layers, isChain, tensors, notes, outputs, trainingConfig }
//     model     the ModelConfig of an archive
//     layers    KerasLayer[]: the file's layers as a tree, in the file's order; each with its variables in Keras' order (that of `vars/<i>`):
//               { target: 'conv2d/kernel' (our tensor; null: nothing here), name: 'kernel', keras3?: another name in Keras 3, trained }
//               allVariables(layers) lists them flat, with the path of names; checkpointGroups(layers, isChain) has the groups of .keras files
//     tensors   variables that the JSON holds itself: add them to the archive's tensors
//     outputs, trainingConfig   for readCompile(trainingConfig, outputs, notes)
//   writeKerasConfig(model, 'keras3' | 'tfjs', who)                → { topology, layers, isChain, outputs, notes }, layers as above, in `model.layers`' order
//   readCompile / writeCompile   compile configurations; firstSlots() for an optimizer whose state the file does not have
//   kerasOrder                   the order in which Keras has a graph's layers
//
// Shapes of variables are the same on both sides. What has no counterpart is refused in one sentence that lists all of it.
export { firstSlots, readCompile, writeCompile, type ReadCompile } from './compile.js';
export { kerasOrder } from './order.js';
export { readKerasConfig, type KerasConfig, type ReadOptions } from './read.js';
export {
  allVariables,
  checkpointGroups,
  snakeClass,
  type KerasLayer,
  type KerasVariable,
  type PlacedVariable,
} from './variables.js';
export { writeKerasConfig, type WrittenConfig } from './write.js';
export type { KerasVersion } from './json.js';
export { NORMALIZATION_EPSILON } from './json.js';
