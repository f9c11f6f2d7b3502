// Checkpoints of trials in memory, for a sweep that runs in one process.
import type { CheckpointStore } from './runTrial.js';

export function memoryStore(): CheckpointStore {
  const kept = new Map<string, { readonly bytes: Uint8Array; readonly step: number }>();
  return {
    get: (trial) => Promise.resolve(kept.get(trial)?.bytes ?? null),
    put(trial, bytes, step) {
      if (step >= (kept.get(trial)?.step ?? 0)) kept.set(trial, { bytes: bytes.slice(), step });
      return Promise.resolve();
    },
    remove(trial) {
      kept.delete(trial);
      return Promise.resolve();
    },
  };
}
