// What a host of npm run test:hosts is, and those that are programs.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { trainings, type Trained, type Training } from './training.js';

export interface Host {
  readonly name: string;
  /** Ways to train in it; '' is the usual one. */
  readonly ways: readonly string[];
  isPresent(): boolean;
  /** Starts it. `folder` has the scripts of this one, and wasm-cnn where they find it. */
  open(folder: string): Promise<OpenHost>;
}

export interface OpenHost {
  readonly version: string;
  train(way: string): Promise<Trained[]>;
  close(): Promise<void>;
}

/** All trainings take a few seconds; a host that takes so long hangs. */
export const PATIENCE_MS = 60_000;

/** With what test/hosts/package.json brings, seen from build/test/hosts/. */
export const hostsFolder = new URL('../../../test/hosts/', import.meta.url);
/** A package's name is the host and the processor: 'node-22-x64'. */
export const installed = (host: string, program: string): string =>
  fileURLToPath(new URL(`node_modules/${host}-${process.arch}/${program}`, hostsFolder));

interface OutputOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly patience?: number;
}

/** What the program prints; throws what it says where it fails. */
export async function output(
  program: string,
  args: readonly string[],
  { cwd, env, patience = PATIENCE_MS }: OutputOptions = {},
): Promise<string> {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: patience,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<number | string>((resolve, reject) =>
    child.on('error', reject).on('close', (status, signal) => resolve(status ?? signal!)),
  );
  const [status, printed, complaint] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (status !== 0)
    throw new Error(`${[program, ...args].join(' ')} ended with ${status}: ${complaint.trim() || 'it said nothing'}`);
  return printed.trim();
}

/** The first number with points, or date, in what a program says of itself. */
export const versionIn = (said: string): string => /\d+([.-]\d+)+/.exec(said)?.[0] ?? '?';

interface ProgramOptions {
  readonly ways?: readonly string[];
  readonly args?: (way: string) => readonly string[];
  /** What must be there beside the command. */
  readonly needs?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly trainings?: readonly Training[];
  readonly patience?: number;
}

/** A host that runs script.js: a program, or one that another runs, of which each is a path; `args` stand between it and the script. */
export function programHost(name: string, command: readonly [string, ...string[]], options: ProgramOptions = {}): Host {
  const {
    ways = [''],
    args = () => [],
    needs = [],
    env = {},
    trainings: wanted = trainings,
    patience = PATIENCE_MS,
  } = options;
  const [program, ...inner] = command;
  return {
    name,
    ways,
    isPresent: () => [...command, ...needs].every(existsSync),
    open: async (folder) => ({
      version: versionIn(await output(program, [...inner, '--version'], { env })),
      train: async (way) =>
        JSON.parse(
          await output(program, [...inner, ...args(way), join(folder, 'script.js'), JSON.stringify(wanted)], {
            env,
            patience,
          }),
        ) as Trained[],
      close: async () => {},
    }),
  };
}
