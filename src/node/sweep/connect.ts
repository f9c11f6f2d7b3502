// The server of a sweep: what BullMQ needs to reach it, and the checkpoints of the trials, which lie on it, too. The clients are optional
// packages, loaded here alone.
import type { QueueOptions } from 'bullmq';
import { check, WasmCnnError } from '../../base/errors.js';
import { postgresStore, type PostgresPool } from './postgresStore.js';
import { redisStore, type RedisClient } from './redisStore.js';
import type { CheckpointStore } from '../../sweep/runTrial.js';

/** The module, which need not be there. */
export type BullMQ = typeof import('bullmq');

export interface Connection {
  readonly bullmq: BullMQ;
  /** For the constructors of BullMQ. */
  readonly options: QueueOptions;
  /** Their last argument: null for Redis. */
  readonly backend: BullMQ['createPostgresBackend'] | null;
  readonly store: CheckpointStore;
  /** Address without its password, for sentences. */
  readonly name: string;
  close(): Promise<void>;
}

const WAIT_MS = 5000;

/** Connects to redis://host, rediss://host or postgres://host/database; throws one sentence where that fails. */
export async function connect(url: string): Promise<Connection> {
  const { protocol, name } = parse(url);
  const bullmq = await load<BullMQ>('bullmq', url);
  return protocol.startsWith('redis') ? connectRedis(url, name, bullmq) : connectPostgres(url, name, bullmq);
}

function parse(url: string): { readonly protocol: string; readonly name: string } {
  const expected = `a sweep's server must be redis://host:6379 or postgres://user@host/database, got`;
  const parsed = parsedUrl(url);
  const protocol = parsed?.protocol.slice(0, -1) ?? '';
  check(
    parsed !== null && ['redis', 'rediss', 'postgres', 'postgresql'].includes(protocol),
    () => `${expected} ${JSON.stringify(withoutPassword(url))}`,
  );
  const { host, pathname } = parsed;
  return { protocol, name: `${protocol}://${host}${pathname === '/' ? '' : pathname}` };
}

function parsedUrl(url: string): URL | null {
  try {
    return new URL(url);
  } catch {
    return null;
  }
}

/** The address as it may be printed, as what is printed stays in logs: with *** in place of a password. */
export function withoutPassword(url: string): string {
  const parsed = parsedUrl(url);
  // In what is not an address, any part may be the password.
  if (!parsed?.host) return url.replace(/^([a-z]+:\/*)?.*@/is, '$1***@').replace(/\?.*/s, '');
  if (parsed.password !== '') parsed.password = '***';
  for (const name of [...parsed.searchParams.keys()]) if (/pass/i.test(name)) parsed.searchParams.set(name, '***');
  return parsed.href;
}

async function connectRedis(url: string, name: string, bullmq: BullMQ): Promise<Connection> {
  const { Redis } = await load<{ Redis: new (url: string, options: object) => RedisClient }>('ioredis', url);
  // BullMQ waits for a server that restarts for as long as it takes.
  const client = new Redis(url, { maxRetriesPerRequest: null, lazyConnect: true, connectTimeout: WAIT_MS });
  // What it says when it cannot connect is 'Connection is closed.'
  let trouble: Error | undefined;
  client.on('error', (error) => {
    trouble = error;
  });
  try {
    await within(
      (async () => {
        await client.connect();
        await client.ping();
      })(),
    );
  } catch (error) {
    client.disconnect();
    throw refused(name, trouble ?? error);
  }
  return {
    bullmq,
    options: { connection: client as never },
    backend: null,
    store: redisStore(client),
    name,
    close: () => Promise.resolve(client.disconnect()),
  };
}

async function connectPostgres(url: string, name: string, bullmq: BullMQ): Promise<Connection> {
  const { default: pg } = await load<{ default: { Pool: new (options: object) => PostgresPool } }>('pg', url);
  const pool = new pg.Pool({ connectionString: url, max: 4, connectionTimeoutMillis: WAIT_MS });
  pool.on('error', () => {});
  const store = postgresStore(pool);
  try {
    await store.prepare();
    await migrate(pool, bullmq);
  } catch (error) {
    await pool.end();
    throw refused(name, error);
  }
  return {
    bullmq,
    options: { connection: { connectionString: url } as never },
    backend: bullmq.createPostgresBackend,
    store,
    name,
    close: () => pool.end(),
  };
}

/** BullMQ's tables, where they are not there yet. */
async function migrate(pool: PostgresPool, { runMigrations }: BullMQ): Promise<void> {
  const client = await pool.connect();
  try {
    await runMigrations(client as never);
  } finally {
    client.release();
  }
}

async function within<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${WAIT_MS / 1000} s`)), WAIT_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** One sentence, with what to do. */
function refused(name: string, error: unknown): WasmCnnError {
  const { message, code, errors } = error as Error & { code?: string; errors?: Error[] };
  const [said = ''] = (message || errors?.[0]?.message || code || String(error)).split('\n', 1);
  const all = `${code} ${said}`;
  const [why, todo] = /NOAUTH|client password must be/.test(all)
    ? [
        'it asks for a password',
        'give it in the address, as redis://:password@host or postgres://user:password@host/database',
      ]
    : /WRONGPASS|28P01|28000|password/i.test(all)
      ? [said, 'correct the user and the password in the address']
      : /3D000/.test(all)
        ? [said, 'create the database, or name one that is there']
        : [said, 'start the server, or correct the address'];
  return new WasmCnnError(`cannot connect to ${name} (${why}); ${todo}`, { cause: error });
}

async function load<Module>(name: string, url: string): Promise<Module> {
  try {
    return (await import(name)) as Module;
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    const client = url.startsWith('redis') ? 'ioredis' : 'pg';
    throw new WasmCnnError(
      `a sweep on ${url.split(':', 1)[0]} needs the package ${name}, which is not installed; run npm install bullmq ${client}`,
      { cause: error },
    );
  }
}
