// Checkpoints of trials on PostgreSQL: a row each.
import type { CheckpointStore } from '../../sweep/runTrial.js';

/** What is used of pg's pool. */
export interface PostgresPool {
  query(text: string, values?: readonly unknown[]): Promise<{ readonly rows: readonly Record<string, unknown>[] }>;
  connect(): Promise<{ release(): void }>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  end(): Promise<void>;
}

/** Any number; the same in all workers. */
const LOCK = 7739001;
const TABLE = `
CREATE TABLE IF NOT EXISTS wasm_cnn_checkpoints (
  trial text PRIMARY KEY,
  step bigint NOT NULL,
  bytes bytea NOT NULL
)`;
const PUT = `
INSERT INTO wasm_cnn_checkpoints (trial, step, bytes) VALUES ($1, $2, $3)
ON CONFLICT (trial) DO UPDATE SET step = EXCLUDED.step, bytes = EXCLUDED.bytes
WHERE EXCLUDED.step >= wasm_cnn_checkpoints.step`;

export function postgresStore(pool: PostgresPool): CheckpointStore & { prepare(): Promise<void> } {
  return {
    /** Makes the table; of several workers that begin at once, one does. */
    async prepare() {
      await pool.query(`DO $$ BEGIN PERFORM pg_advisory_xact_lock(${LOCK}); ${TABLE.trim()}; END $$`);
    },
    async get(trial) {
      const { rows } = await pool.query('SELECT bytes FROM wasm_cnn_checkpoints WHERE trial = $1', [trial]);
      return rows[0] ? new Uint8Array(rows[0]['bytes'] as Uint8Array) : null;
    },
    async put(trial, { buffer, byteOffset, byteLength }, step) {
      await pool.query(PUT, [trial, step, Buffer.from(buffer, byteOffset, byteLength)]);
    },
    async remove(trial) {
      await pool.query('DELETE FROM wasm_cnn_checkpoints WHERE trial = $1', [trial]);
    },
  };
}
