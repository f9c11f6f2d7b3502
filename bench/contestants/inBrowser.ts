// A contestant on a page: serves it, opens it in a browser, and passes on between the contest and the page.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { text } from 'node:stream/consumers';
import { BROWSERS } from '../browsers.js';
import { compete, type TrainingReady, type TrainingRound, type TrainingTask } from '../contestant.js';

export interface PageTask extends TrainingTask {
  /** A name in BROWSERS. */
  readonly browser: string;
  readonly program: string;
  /** An empty folder. */
  readonly profile: string;
  /** Its module, as a path that is served. */
  readonly script: string;
  /** Folders that are served, by the first part of the path. */
  readonly folders: Readonly<Record<string, string>>;
}

/** Browsers wait for 300 s. */
const PATIENCE_MS = 60_000;

const headers = {
  // So that threads may share memory.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
const types: Readonly<Record<string, string>> = { js: 'text/javascript', wasm: 'application/wasm' };

/** The page's side: `answer` waits for what it says next, `go` tells it to work. */
function openPage(task: PageTask): { listener: RequestListener; answer(): Promise<object>; go(): void } {
  let heard = (_: string): void => {};
  let waiting: ServerResponse | undefined;
  let isTold = false;
  const release = (): void => {
    waiting?.end(isTold ? 'go' : 'wait');
    if (waiting) isTold = false;
    waiting = undefined;
  };
  const file = (path: string): Promise<Uint8Array> | string => {
    if (path === '/')
      return `<!doctype html><meta charset="utf-8"><title>Bench</title><link rel="icon" href="data:,"><script type="module" src="${task.script}"></script>`;
    if (path === '/task') return JSON.stringify(task);
    if (path === '/images') return readFile(task.images);
    if (path === '/labels') return readFile(task.labels);
    const [, folder, name] = /^\/([\w-]+)\/([\w.-]+)$/.exec(normalize(path)) ?? [];
    return readFile(join(task.folders[folder!]!, name!));
  };
  const listener: RequestListener = async (request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost');
    if (pathname === '/answer') {
      response.end();
      return heard(await text(request));
    }
    if (pathname === '/turn') {
      waiting = response;
      if (isTold) return release();
      const timer = setTimeout(release, PATIENCE_MS);
      response.on('close', () => clearTimeout(timer));
      return;
    }
    try {
      const body = await file(pathname);
      response.writeHead(200, { ...headers, 'Content-Type': types[pathname.split('.').at(-1)!] ?? 'text/html' });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  };
  const answer = async (): Promise<object> => {
    const said = JSON.parse(await new Promise<string>((resolve) => (heard = resolve))) as { failure?: string };
    if (said.failure !== undefined) throw new Error(said.failure);
    return said;
  };
  const go = (): void => {
    isTold = true;
    if (waiting) release();
  };
  return { listener, answer, go };
}

await compete<PageTask, TrainingReady, TrainingRound>(async (task) => {
  const { listener, answer, go } = openPage(task);
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const [program, ...args] = BROWSERS[task.browser]!.command(task.program, task.profile, address);
  // A group of its own, which ends whole.
  const browser = spawn(program, args, { detached: true, stdio: 'ignore' });
  process.on('exit', () => process.kill(-browser.pid!, 'SIGTERM'));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit());
  const ready = (await answer()) as TrainingReady;
  return {
    ready,
    round: () => {
      const result = answer();
      go();
      return result as Promise<TrainingRound>;
    },
  };
});
process.exit();
