// @ts-check
// A static host of the built page, below a sub-path, with the headers that make a page cross-origin isolated or without them.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
/** @type {Record<string, string>} */
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' };
const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** The page's address, and a way to end the server. @param {{ isolated: boolean }} how */
export async function serve({ isolated }) {
  const base = '/some/where/';
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const name = path === base ? 'index.html' : normalize(path).slice(base.length);
    try {
      if (!path.startsWith(base)) throw new Error('outside the folder');
      const body = await readFile(join(dist, name));
      response
        .writeHead(200, {
          'Content-Type': types[extname(name)] ?? 'application/octet-stream',
          ...(isolated ? isolation : {}),
        })
        .end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://localhost:${port}${base}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
