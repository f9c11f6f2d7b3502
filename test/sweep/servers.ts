// Redis and PostgreSQL for tests, on loopback and ports of their own; null where they are not installed.
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '../node/temporaryFolder.js';

export interface Server {
  readonly url: string;
  /** As kill -9 does, and waits for its end. */
  kill(): Promise<void>;
  /** On the same port, with the same files. */
  start(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** On loopback. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Program {
  readonly url: string;
  readonly begin: () => ChildProcess;
  readonly isReady: () => boolean;
}

async function serve({ url, begin, isReady }: Program): Promise<Server> {
  let child: ChildProcess;
  const server: Server = {
    url,
    async start() {
      child = begin();
      // The test ends when its last case has.
      child.unref();
      running.add(child);
      for (let tries = 0; tries < 200 && !isReady(); tries++) await sleep(50);
    },
    async kill() {
      child.ref();
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      await ended;
      running.delete(child);
    },
  };
  await server.start();
  return server;
}

/** `persistent`: with an append-only file; `options`: more of redis-server's. */
export async function redis({ persistent = true, options = [] as readonly string[] } = {}): Promise<Server | null> {
  if (spawnSync('redis-server', ['--version']).error) return null;
  const [port, dir] = [String(await freePort()), temporaryFolder()];
  const more = persistent ? ['--appendonly', 'yes', '--appendfsync', 'always'] : [];
  const all = ['--port', port, '--bind', '127.0.0.1', '--dir', dir, '--save', '', ...more, ...options];
  return serve({
    url: `redis://127.0.0.1:${port}`,
    begin: () => spawn('redis-server', all, { stdio: 'ignore' }),
    isReady: () => /PONG|NOAUTH/.test(String(spawnSync('redis-cli', ['-p', port, 'ping']).stdout)),
  });
}

/** PostgreSQL does not run as root: it becomes the user that Debian makes for it. */
export async function postgres(): Promise<Server | null> {
  const versions = '/usr/lib/postgresql';
  const version = existsSync(versions) ? readdirSync(versions).sort().at(-1) : undefined;
  if (version === undefined) return null;
  const bin = join(versions, version, 'bin');
  const [port, folder] = [String(await freePort()), temporaryFolder()];
  const isRoot = process.getuid?.() === 0;
  const as = isRoot ? { uid: idOf('-u'), gid: idOf('-g') } : {};
  if (isRoot) {
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, 'data'));
    execFileSync('chown', ['-R', 'postgres:postgres', folder]);
  }
  const data = join(folder, 'data');
  execFileSync(join(bin, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync'], {
    ...as,
    stdio: 'ignore',
  });
  const settings = ['-D', data, '-p', port, '-k', folder, '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'];
  return serve({
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    begin: () => spawn(join(bin, 'postgres'), settings, { ...as, stdio: 'ignore' }),
    isReady: () => spawnSync(join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', port]).status === 0,
  });
}

function idOf(which: '-u' | '-g'): number {
  return Number(String(execFileSync('id', [which, 'postgres'])));
}
