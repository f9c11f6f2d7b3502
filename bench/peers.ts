// Who is there to be compared with: npm packages in bench/node_modules, and a python that has PyTorch.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { inBench } from './benchFolder.js';

export interface Peers {
  /** Those that are installed, by name. */
  readonly versions: ReadonlyMap<string, string>;
  /** The interpreter that can import torch. */
  readonly python: string;
}

/** What a user types to have all npm packages. */
export const INSTALL = 'npm ci --prefix bench --ignore-scripts';

export const noPeers: Peers = { versions: new Map(), python: '' };

const packages: readonly (readonly [name: string, npmName: string])[] = [
  ['onnxruntime-node', 'onnxruntime-node'],
  ['onnxruntime-web', 'onnxruntime-web'],
  ['jax-js', '@jax-js/jax'],
  ['TF.js', '@tensorflow/tfjs-core'],
];

/** Looks for all peers; `log` hears which are missing, and how to install them. */
export function findPeers(python: string | undefined, log: (line: string) => void): Peers {
  const versions = new Map<string, string>();
  const { dependencies } = JSON.parse(readFileSync(inBench('package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const [name, npmName] of packages) if (isInstalled(npmName)) versions.set(name, dependencies[npmName]!);
  const missing = packages.map(([name]) => name).filter((name) => !versions.has(name));
  if (missing.length > 0) log(`left out, not installed: ${missing.join(', ')}; run ${INSTALL}`);
  for (const candidate of python === undefined ? ['python3', '/usr/bin/python3'] : [python]) {
    const { status, stdout } = spawnSync(candidate, ['-c', 'import torch; print(torch.__version__)'], {
      encoding: 'utf8',
    });
    if (status !== 0) continue;
    versions.set('PyTorch', stdout.trim());
    return { versions, python: candidate };
  }
  log(
    `left out: PyTorch, which ${python ?? 'python3'} cannot import; run pip install torch, or name another interpreter with --python`,
  );
  return { versions, python: '' };
}

export function isInstalled(npmName: string): boolean {
  return existsSync(inBench(`node_modules/${npmName}/package.json`));
}
