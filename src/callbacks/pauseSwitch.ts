// Pauses fit between two batches for any length of time; results stay bit-identical.
import type { Callbacks } from './callback.js';

/** What {@link pauseSwitch} makes: a callback with `pause()` and `resume()`. */
export interface PauseSwitch extends Callbacks {
  readonly paused: boolean;
  /** fit stops after the current step. */
  pause(): void;
  /** fit continues. When fit's signal is aborted it continues by itself, and ends. */
  resume(): void;
}

/**
 * Lets `fit` wait after a step, and train further.
 *
 * @example
 * ```js
 * import { pauseSwitch, layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [1], layers: [layers.dense({ units: 1, kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [1, 1].map((value) => ({ data: Float32Array.of(value), shape: [1, 1] }));
 * const pause = pauseSwitch();
 * pause.pause();
 * const fitted = model.fit(x, y, { epochs: 2, verbose: 0, callbacks: [pause] });
 * setTimeout(() => pause.resume(), 10);
 * (await fitted).epoch; // [0, 1]
 * ```
 */
export function pauseSwitch(): PauseSwitch {
  let signal: AbortSignal | undefined;
  let held: Promise<void> | null = null;
  let release = (): void => {};
  const resume = (): void => {
    release();
    held = null;
  };
  return {
    get paused() {
      return held !== null;
    },
    pause() {
      held ??= new Promise((resolve) => {
        release = resolve;
      });
    },
    resume,
    onTrainBegin(_model, given) {
      signal = given;
      signal?.addEventListener('abort', resume);
    },
    async onBatchEnd() {
      while (held && !signal?.aborted) await held;
    },
  };
}
