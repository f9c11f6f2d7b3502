// The hosts that npm run test:hosts trains in: how each is found, what it can be told about its compilers, and how it runs.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Trained, Training } from './training.js';

export interface Host {
  readonly name: string;
  /** Ways to run it; '' is the usual one. */
  readonly flags: readonly string[];
  isPresent(): boolean;
  findVersion(): Promise<string>;
  train(trainings: readonly Training[], flag: string): Promise<Trained[]>;
}

const script = fileURLToPath(new URL('./script.js', import.meta.url));
/** Of test/hosts/package.json, seen from build/test/hosts/. */
const packages = new URL('../../../test/hosts/node_modules/', import.meta.url);
/** A package's name is the host and the processor: 'node-22-x64'. */
const installed = (host: string, program: string): string => fileURLToPath(new URL(`${host}-${process.arch}/${program}`, packages));

/** All trainings take a few seconds; a host that takes so long hangs. */
const PATIENCE_MS = 120_000;

/** What the program prints; throws what it says where it fails. */
async function output(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: PATIENCE_MS, killSignal: 'SIGKILL' });
  const ended = new Promise<number | string>((resolve, reject) => child.on('error', reject).on('close', (status, signal) => resolve(status ?? signal!)));
  const [status, printed, complaint] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (status !== 0) throw new Error(`${[program, ...args].join(' ')} ended with ${status}: ${complaint.trim() || 'it said nothing'}`);
  return printed.trim();
}

/** A host that is a program, and runs a script file. `args` stand before the script. */
function programHost(name: string, program: string, flags: readonly string[], args: (flag: string) => readonly string[]): Host {
  return {
    name,
    flags,
    isPresent: () => existsSync(program),
    findVersion: async () => /\d+(\.\d+)+/.exec(await output(program, ['--version']))![0],
    train: async (trainings, flag) => JSON.parse(await output(program, [...args(flag), script, JSON.stringify(trainings)])) as Trained[],
  };
}

/** V8's baseline compiler alone, its optimizing compiler alone, and both as usual. */
const v8Flags = ['', '--liftoff-only', '--no-liftoff'];
const nodeHost = (name: string, program: string): Host => programHost(name, program, v8Flags, (flag) => (flag ? [flag] : []));

export const thisNode = nodeHost('this Node', process.execPath);

export const hosts: readonly Host[] = [
  thisNode,
  ...[20, 22, 24, 26].map((major) => nodeHost(`Node ${major}`, installed(`node-${major}`, 'bin/node'))),
  programHost('Deno', installed('deno', 'deno'), v8Flags, (flag) => ['run', '--allow-all', ...(flag ? [`--v8-flags=${flag}`] : [])]),
  programHost('Bun', installed('bun', 'bin/bun'), [''], () => []),
];
