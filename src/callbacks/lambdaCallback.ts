// A callback of single functions.  https://keras.io/api/callbacks/lambda_callback/
import { checkCallbacks, type Callbacks } from './callback.js';

/**
 * The same as the object of functions itself, which fit takes, too; checked where it is made.
 *
 * @example
 * ```js
 * import { lambdaCallback, layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [1], layers: [layers.dense({ units: 1, kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [1, 1].map((value) => ({ data: Float32Array.of(value), shape: [1, 1] }));
 * let last = 0;
 * const callbacks = [lambdaCallback({ onEpochEnd: (epoch) => (last = epoch) })];
 * await model.fit(x, y, { epochs: 3, verbose: 0, callbacks });
 * last; // 2
 * ```
 */
export function lambdaCallback(functions: Callbacks): Callbacks {
  checkCallbacks([functions]);
  return functions;
}
