// Layers of the README's network: wasm-cnn/predict has them from the start, and all others only once a model has one.
export { activation as Activation } from './activation.js';
export { elu as ELU, leakyReLU as LeakyReLU, relu as ReLU, softmax as Softmax } from './activation.js';
export { conv2d as Conv2D } from './conv2d.js';
export { dense as Dense } from './dense.js';
export { dropout as Dropout } from './dropout.js';
export { flatten as Flatten } from './flatten.js';
export { maxPooling2d as MaxPooling2D } from './maxPooling2d.js';
