// Every optimizer, a line each; their lower-case names are Keras' and those that compile() takes.
export { adadelta, type AdadeltaOptions } from './adadelta.js';
export { adagrad, type AdagradOptions } from './adagrad.js';
export { adam, type AdamOptions } from './adam.js';
export { adamw, type AdamWOptions } from './adamw.js';
export { lion, type LionOptions } from './lion.js';
export { nadam, type NadamOptions } from './nadam.js';
export { rmsprop, type RMSpropOptions } from './rmsprop.js';
export { sgd, type SGDOptions } from './sgd.js';
