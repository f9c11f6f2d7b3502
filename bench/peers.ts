// Who is there to be compared with: npm packages in bench/node_modules, PyTorch and Keras in a Python of the user's cache folder.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { userCacheFolder } from '../src/node/files/userCache.js';
import { inBench } from './benchFolder.js';
import { KERAS, PYTORCH } from './figures.js';
import { newestNode, thisNode, type BenchNode } from './nodes.js';

export interface Peers {
  /** Those that are installed, by name. */
  readonly versions: ReadonlyMap<string, string>;
  /** Nodes that wasm-cnn is measured on, the newest last; peers in JavaScript run on that one. */
  readonly nodes: readonly BenchNode[];
  /** Interpreters that can import PyTorch and Keras. */
  readonly pythons: ReadonlyMap<string, string>;
}

/** The command that installs all of them. */
const INSTALL = 'npm run bench -- --install-peers';

const packages: readonly (readonly [name: string, npmName: string])[] = [
  ['onnxruntime-node', 'onnxruntime-node'],
  ['onnxruntime-web', 'onnxruntime-web'],
  ['jax-js', '@jax-js/jax'],
  ['TF.js', '@tensorflow/tfjs-core'],
];

/** Scripts that say the version, or fail. */
const modules: readonly (readonly [name: string, script: string])[] = [
  [PYTORCH, 'import torch; print(torch.__version__)'],
  [KERAS, 'import keras, tensorflow; print(keras.__version__, "with TensorFlow", tensorflow.__version__)'],
];

/** The virtual environment, and its interpreter. */
export const environment = join(userCacheFolder(), 'wasm-cnn', 'bench-peers');
export const environmentPython = join(
  environment,
  ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']),
);

export function noPeers(): Peers {
  return { versions: new Map(), nodes: [thisNode()], pythons: new Map() };
}

/** Looks for all peers; `log` hears which are missing, and how to install them. */
export function findPeers(candidates: readonly string[] | undefined, log: (line: string) => void): Peers {
  const versions = new Map<string, string>();
  const missing: string[] = [];
  const { dependencies } = JSON.parse(readFileSync(inBench('package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const [name, npmName] of packages) {
    if (existsSync(inBench(`node_modules/${npmName}/package.json`))) versions.set(name, dependencies[npmName]!);
    else missing.push(name);
  }
  const pythons = new Map<string, string>();
  for (const [name, script] of modules) {
    for (const python of candidates ?? [environmentPython]) {
      const { status, stdout } = spawnSync(python, ['-c', script], { encoding: 'utf8' });
      if (status !== 0 || pythons.has(name)) continue;
      versions.set(name, stdout.trim());
      pythons.set(name, python);
    }
    if (!pythons.has(name)) missing.push(name);
  }
  const [mine, newest] = [thisNode(), newestNode()];
  if (newest === undefined) missing.push('the newest Node');
  if (missing.length > 0) log(`left out, not installed: ${missing.join(', ')}; run ${INSTALL}`);
  return { versions, nodes: newest === undefined || newest.name === mine.name ? [mine] : [mine, newest], pythons };
}
