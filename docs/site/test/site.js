// @ts-check
// The built site on a static host, in the folder that it was built for.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const dist = fileURLToPath(new URL('../dist/', import.meta.url));

/** '/' or DOCS_BASE, as the pages have it. */
export const base = /src="(\/[^"]*?)assets\//.exec(readFileSync(`${dist}index.html`, 'utf8'))?.[1] ?? '/';

/** @type {Record<string, string>} */
const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
};

/** The file that a static host sends for a path below the base. @param {string} path */
export const fileOf = (path) => (path === '' || path.endsWith('/') ? `${path}index.html` : path);

export async function serve() {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    try {
      if (!path.startsWith(base)) throw new Error('outside the folder');
      const file = fileOf(path.slice(base.length));
      const body = await readFile(dist + file);
      response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { url: `http://localhost:${port}${base}`, close: () => server.close() };
}
