// Networks of the layers that have a file here, a line each.
export { normalizationNetworks } from './normalization.js';
export { averagePooling2dNetworks } from './averagePooling2d.js';
export { activationNetworks } from './activations.js';
export { convolutionNetworks } from './convolutions.js';
export { mergeNetworks } from './merge.js';
export { shapeNetworks } from './shapes.js';
export { weightRuleNetworks } from './weightRules.js';
export { noiseNetworks } from './noise.js';
export { readerNetworks } from './readers.js';
export { augmentationNetworks } from './augmentation.js';
