// Every layer that a model file may name, under Keras' class name: an allow-list, nothing is looked up anywhere else.
export * from './usualClasses.js';
export * from './otherClasses.js';
