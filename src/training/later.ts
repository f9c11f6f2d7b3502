// What a model loads when it first trains or is evaluated, in one piece; a page that only predicts is without it.
export { evaluate } from './evaluate.js';
export { fit } from './fit.js';
export { applyGradients, gradients, trainOnBatch } from './onBatch.js';
