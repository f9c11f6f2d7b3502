// What a run's history tells beside its epochs; it goes on where an interruption broke it off.
import type { Callbacks } from '../../callbacks/callback.js';
import { check } from '../../base/errors.js';
import { isRecord } from '../../base/options.js';

export interface RunRecord extends Callbacks {
  state: {
    checkpoints: { step: number; weightsSha256: string }[];
    /** Steps at which the run was interrupted and resumed. */
    resumedAt: number[];
    /** Of all processes that had a part in it. */
    seconds: number;
  };
  addCheckpoint(step: number, weightsSha256: string): void;
  /** Brings `seconds` up to now. */
  tick(): void;
}

/** A fit() callback that every checkpoint keeps. `resumedAt`: where this process goes on. */
export function runRecord(resumedAt: number | null = null): RunRecord {
  let last = 0;
  return {
    name: 'runRecord',
    state: { checkpoints: [], resumedAt: [], seconds: 0 },
    checkState({ checkpoints, resumedAt, seconds }) {
      const isCheckpoint = (value: unknown): boolean =>
        isRecord(value) && Number.isSafeInteger(value.step) && /^[0-9a-f]{64}$/.test(String(value.weightsSha256));
      check(
        Array.isArray(checkpoints) &&
          checkpoints.every(isCheckpoint) &&
          Array.isArray(resumedAt) &&
          resumedAt.every(Number.isSafeInteger) &&
          Number.isFinite(seconds),
        "the checkpoint's record of its run is none; resume from another checkpoint",
      );
    },
    addCheckpoint(step, weightsSha256) {
      this.state.checkpoints = [
        ...this.state.checkpoints.filter((other) => other.step !== step),
        { step, weightsSha256 },
      ];
    },
    tick() {
      const now = performance.now() / 1000;
      this.state.seconds += now - last;
      last = now;
    },
    onSavePoint() {
      this.tick();
      if (resumedAt !== null) this.state.resumedAt.push(resumedAt);
      resumedAt = null;
    },
  };
}
