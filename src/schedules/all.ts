// Every schedule, a line each; files name them so.
export { cosineDecay, type CosineDecayOptions } from './cosineDecay.js';
export { cosineDecayRestarts, type CosineDecayRestartsOptions } from './cosineDecayRestarts.js';
export { exponentialDecay, type ExponentialDecayOptions } from './exponentialDecay.js';
export { inverseTimeDecay, type InverseTimeDecayOptions } from './inverseTimeDecay.js';
export { linearDecay, type LinearDecayOptions } from './linearDecay.js';
export { oneCycle, type OneCycleOptions } from './oneCycle.js';
export { piecewiseConstantDecay, type PiecewiseConstantDecayOptions } from './piecewiseConstantDecay.js';
export { polynomialDecay, type PolynomialDecayOptions } from './polynomialDecay.js';
export { warmup, type WarmupOptions } from './warmup.js';
