// Pauses fit between two batches for any length of time; results stay bit-identical.
import type { Callbacks } from './callback.js';

export interface PauseSwitch extends Callbacks {
  readonly paused: boolean;
  /** fit stops after the current step. */
  pause(): void;
  /** fit continues. When fit's signal is aborted it continues by itself, and ends. */
  resume(): void;
}

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
