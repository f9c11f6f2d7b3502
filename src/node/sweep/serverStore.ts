// Checkpoints of trials on a server.
import type { CheckpointStore } from '../../sweep/runTrial.js';

export interface ServerStore extends CheckpointStore {
  remove(trial: string): Promise<void>;
}
