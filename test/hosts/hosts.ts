// The hosts that npm run test:hosts trains in.
import { emulatedArm64 } from './arm64.js';
import { browserHost } from './browserHost.js';
import { chromium } from './chromium.js';
import { firefox } from './firefox.js';
import { installed, programHost, type Host } from './host.js';
import { webKits } from './webKit.js';
import { workerd } from './workerd.js';

/** V8's baseline compiler alone, its optimizing compiler alone, and both as usual. */
const v8Flags = ['', '--liftoff-only', '--no-liftoff'];
/** All that is compiled to vectors of 256 bits, as enableWideVectors() has it. */
const wide = '--no-liftoff --experimental-wasm-revectorize';
const nodeHost = (name: string, program: string, ways: readonly string[] = v8Flags): Host =>
  programHost(name, [program], { ways, args: (flags) => flags.split(' ').filter(Boolean) });

export const thisNode = nodeHost('this Node', process.execPath);

export const browsers = [chromium, firefox, ...webKits];

export const hosts: readonly Host[] = [
  // The Nodes below are run with each of V8's compilers.
  { ...thisNode, ways: [''] },
  ...[20, 22, 24, 26].map((major) =>
    nodeHost(
      `Node ${major}`,
      installed(`node-${major}`, 'bin/node'),
      major > 20 && process.arch === 'x64' ? [...v8Flags, wide] : v8Flags,
    ),
  ),
  programHost('Deno', [installed('deno', 'deno')], {
    ways: v8Flags,
    args: (flag) => ['run', '--allow-all', ...(flag ? [`--v8-flags=${flag}`] : [])],
  }),
  programHost('Bun', [installed('bun', 'bin/bun')]),
  workerd,
  ...(process.arch === 'arm64' ? [] : [emulatedArm64]),
  ...browsers.map(browserHost),
];
