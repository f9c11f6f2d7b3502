// Node for arm64 on another processor: QEMU's user emulation runs it, on Debian's libraries for arm64.
import { fileURLToPath } from 'node:url';
import { hostsFolder, PATIENCE_MS, programHost } from './host.js';
import { trainings } from './training.js';

const libraries = '/usr/aarch64-linux-gnu';
const node = fileURLToPath(new URL('arm64/node_modules/node-24-arm64/bin/node', hostsFolder));

export const emulatedArm64 = programHost('Node 24, arm64 in QEMU', ['/usr/bin/qemu-aarch64-static', node], {
  needs: ['lib/ld-linux-aarch64.so.1', 'lib/libstdc++.so.6'].map((file) => `${libraries}/${file}`),
  env: { QEMU_LD_PREFIX: libraries },
  // Each takes ten seconds there.
  trainings: trainings.filter(
    ({ network, threads }) => threads === 3 || network === 'pictures' || (network === 'reference' && threads === 1),
  ),
  patience: 10 * PATIENCE_MS,
});
