// Serves a folder on this machine, the first part of the path saying with which headers, and keeps what pages put there; or waits for other servers.
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as listen, type AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as after } from 'node:timers/promises';
import { check } from '../../src/base/errors.js';
import { PATIENCE_MS } from './host.js';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
};
const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** Headers of a page, and of what else there is. */
const kinds: Readonly<Record<string, readonly [page: object, rest: object]>> = {
  plain: [{}, {}],
  /** What makes pages cross-origin isolated. */
  isolated: [isolation, isolation],
  /** The same, forgotten with the scripts, which browsers then refuse to run in workers. */
  pageOnly: [isolation, {}],
  noWorkers: [
    { 'Content-Security-Policy': "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; worker-src 'none'" },
    {},
  ],
};

export interface PageServer {
  /** Ends with a slash. */
  readonly address: string;
  close(): void;
}

export async function servePages(folder: string): Promise<PageServer> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost');
    const [, kind, path] = /^\/(\w+)\/(.*)$/.exec(pathname) ?? [];
    if (request.method === 'PUT') {
      void buffer(request)
        .then((bytes) => writeFile(join(folder, path!), bytes))
        .then(
          () => response.writeHead(204).end(),
          () => response.writeHead(500).end(),
        );
      return;
    }
    readFile(join(folder, path ?? '')).then(
      (bytes) =>
        response
          .writeHead(200, {
            'Content-Type': types[extname(path!)] ?? 'application/octet-stream',
            ...kinds[kind!]?.[path!.endsWith('.html') ? 0 : 1],
          })
          .end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** For a server that must be told one. */
export async function freePort(): Promise<number> {
  const server = listen();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until a server that was just started answers. */
export async function whenServed(address: string, who: string): Promise<void> {
  for (
    let waited = 0;
    !(await fetch(address).then(
      () => true,
      () => false,
    ));
    waited += 100
  ) {
    check(waited < PATIENCE_MS / 4, `${who} does not answer`);
    await after(100);
  }
}
