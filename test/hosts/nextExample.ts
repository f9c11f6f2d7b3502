// examples/next, built and served by Next.js.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inRoot } from '../package/install.js';
import { driverFile, startProgram } from './browser.js';
import { hostsFolder, output, PATIENCE_MS } from './host.js';
import { freePort, whenServed } from './pageServer.js';

const env = { NEXT_TELEMETRY_DISABLED: '1' };

/** What `visit` makes of the page's address. */
export async function runNext(packages: string, visit: (address: string) => Promise<string>): Promise<string> {
  // Turbopack follows no link out of the project's root, so this one lies where Next.js and React are installed.
  const project = mkdtempSync(fileURLToPath(new URL('next-', hostsFolder)));
  try {
    cpSync(inRoot('examples/next'), project, { recursive: true });
    cpSync(join(packages, 'node_modules'), join(project, 'node_modules'), { recursive: true });
    const next = driverFile('next/dist/bin/next');
    // Before one ring of scripts was cut, it never ended.
    await output(process.execPath, [next, 'build', project], { env, patience: 3 * PATIENCE_MS });
    const port = await freePort();
    const server = startProgram(
      process.execPath,
      [next, 'start', project, '--hostname', '127.0.0.1', '--port', `${port}`],
      env,
    );
    const address = `http://127.0.0.1:${port}/`;
    try {
      await whenServed(address, 'next start');
      return await visit(address);
    } finally {
      server.end('SIGTERM');
      await server.ended;
    }
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}
