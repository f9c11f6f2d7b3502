// What a browser of npm run test:hosts is, and what the files that drive one share.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { hostsFolder } from './host.js';

export interface Browser {
  readonly version: string;
  /** Opens a page, and gives what a promise comes to there. */
  visit(address: string, promise: string): Promise<unknown>;
  close(): Promise<void>;
  /** For one that hangs. */
  kill(): void;
}

export interface BrowserKind {
  readonly name: string;
  /** Whether its cross-origin isolated pages have memory that threads share. */
  readonly shares: boolean;
  isPresent(): boolean;
  start(): Promise<Browser>;
}

export interface Started {
  /** It and whatever it has started. */
  end(signal: 'SIGTERM' | 'SIGKILL'): void;
  readonly ended: Promise<unknown>;
}

/** A program in a process group of its own, which ends with this process at the latest. */
export function startProgram(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Started {
  const child = spawn(program, args, { detached: true, stdio: 'ignore', env: { ...process.env, ...env } });
  const ended = new Promise((resolve) => child.on('exit', resolve).on('error', resolve));
  const end: Started['end'] = (signal) =>
    void (child.exitCode === null && child.signalCode === null && child.pid && process.kill(-child.pid, signal));
  process.once('exit', () => end('SIGKILL'));
  return { end, ended };
}

const packages = createRequire(new URL('package.json', hostsFolder));
export const hasDriver = (name: string): boolean =>
  existsSync(new URL(`node_modules/${name}/package.json`, hostsFolder));
/** A package of test/hosts/package.json, which need not be there: who takes it says what of its types is used. */
export const driver = (name: string): unknown => packages(name);
export const driverFile = (name: string): string => packages.resolve(name);

/** What a page gave: the value of a promise, or why there is none. */
export type Answer = { readonly value: unknown } | { readonly error: string };

/** For drivers that wait for a callback, the last argument, instead of a promise. */
export const asCallback = (promise: string): string =>
  `const answer = arguments[0]; ${promise}.then((value) => answer({ value }), (error) => answer({ error: String(error) }));`;

export function valueOf(answer: Answer): unknown {
  if ('error' in answer) throw new Error(answer.error);
  return answer.value;
}
