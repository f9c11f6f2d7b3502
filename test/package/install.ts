// The package as a stranger gets it: packed, and installed into an empty folder without install scripts.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const inRoot = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** What the program prints; throws what it says where it fails. */
export function run(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    shell: process.platform === 'win32' && program === 'npm',
  });
  if (error || status !== 0)
    throw new Error(`${[program, ...args].join(' ')} ended with ${status}: ${error?.message ?? stdout + stderr}`);
  return stdout;
}

export interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** Leaves the tarball, a package.json and node_modules in `folder`. */
export function installPacked(folder: string): Packed {
  run(process.execPath, ['src/node/buildPackage.js'], inRoot(''));
  const [packed] = JSON.parse(
    run('npm', ['pack', './build/package', '--ignore-scripts', '--json', '--pack-destination', folder], inRoot('')),
  ) as [Packed];
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  run(
    'npm',
    ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', join(folder, packed.filename)],
    folder,
  );
  return packed;
}
