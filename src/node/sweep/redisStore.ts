// Checkpoints of trials on Redis: chunks under names of their own, and a head that names those of the newest step.
import type { CheckpointStore } from '../../sweep/runTrial.js';

/** What is used of ioredis' client. */
export interface RedisClient {
  connect(): Promise<void>;
  ping(): Promise<string>;
  disconnect(): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  get(key: string): Promise<string | null>;
  getBuffer(key: string): Promise<Uint8Array | null>;
  set(key: string, value: Uint8Array | string): Promise<unknown>;
  del(...keys: string[]): Promise<unknown>;
  eval(script: string, keys: number, ...args: string[]): Promise<unknown>;
}

interface Head {
  readonly step: number;
  readonly chunks: number;
}

const CHUNK = 1 << 20;

/** Sets the head unless it is of a later step, and gives the one before ('' where there is none); null where that one stays. */
const SET_HEAD = `
local head = redis.call('GET', KEYS[1])
if head and cjson.decode(head).step > tonumber(ARGV[1]) then return false end
redis.call('SET', KEYS[1], ARGV[2])
return head or ''`;

export function redisStore(client: RedisClient): CheckpointStore {
  const headKey = (trial: string): string => `wasm-cnn:checkpoint:${trial}`;
  const chunkKeys = (trial: string, { step, chunks }: Head): string[] =>
    Array.from({ length: chunks }, (_, i) => `${headKey(trial)}:${step}:${i}`);
  const headOf = (text: string | null): Head | null => (text ? (JSON.parse(text) as Head) : null);
  return {
    async get(trial) {
      for (;;) {
        const head = headOf(await client.get(headKey(trial)));
        if (!head) return null;
        const chunks = await Promise.all(chunkKeys(trial, head).map((key) => client.getBuffer(key)));
        // Else another worker has written a newer one meanwhile.
        if (chunks.every((chunk) => chunk !== null)) return new Uint8Array(Buffer.concat(chunks));
        const again = headOf(await client.get(headKey(trial)));
        if (again?.step === head.step) return null;
      }
    },
    async put(trial, bytes, step) {
      const head: Head = { step, chunks: Math.ceil(bytes.length / CHUNK) };
      const keys = chunkKeys(trial, head);
      try {
        for (const [i, key] of keys.entries())
          await client.set(key, asBuffer(bytes.subarray(i * CHUNK, (i + 1) * CHUNK)));
      } catch (error) {
        // A server without room for all of it shall keep none of it.
        const head = headOf(await client.get(headKey(trial)));
        if (head?.step !== step) await client.del(...keys);
        throw error;
      }
      const before = await client.eval(SET_HEAD, 1, headKey(trial), String(step), JSON.stringify(head));
      const old = before === null ? head : headOf(before as string);
      if (old && (before === null || old.step !== step)) await client.del(...chunkKeys(trial, old));
    },
    async remove(trial) {
      const head = headOf(await client.get(headKey(trial)));
      if (head) await client.del(headKey(trial), ...chunkKeys(trial, head));
    },
  };
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return Buffer.from(buffer, byteOffset, byteLength);
}
