// Looking into a model. Re-exports only.
export { activations } from './activations.js';
export { findLearningRate, type FindLearningRateOptions, type FoundLearningRate } from './findLearningRate.js';
export { gradCam, type GradCam, type GradCamOptions } from './gradCam.js';
export { type InspectedModel } from './inspectedModel.js';
export { plotModel, type PlotModelOptions } from './plotModel.js';
export { saliency, type Saliency, type SaliencyOptions } from './saliency.js';
