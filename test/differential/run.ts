// npm run test:differential: random networks here and in PyTorch; exits with 1 at the first that differs.
import { command, run, whole } from '../../src/node/cli/command.js';
import { enableFused } from '../../src/node/threads/fused.js';
import { compareNetworks } from './differential.js';
import { findPython, NO_PYTHON, startPyTorch } from './pytorch.js';

enableFused();
const program = command(
  'test:differential',
  'Compares random networks with PyTorch: outputs, losses, gradients, two steps of Adam. npm test does the same in short.',
)
  .option('--networks <n>', 'how many', whole(1), 2000)
  .option('--seed <n>', 'of the networks, to repeat what failed (default: another one each time)', whole(0));

await run<{ networks: number; seed?: number }>(program, async ({ networks, seed = Date.now() % 1_000_000 }) => {
  const python = findPython();
  if (python === null) return console.log(`Skipped: ${NO_PYTHON}`);
  const pytorch = await startPyTorch(python);
  console.log(`Seed: ${seed}, PyTorch ${pytorch.version}`);
  const began = performance.now();
  try {
    const { onTheEdge, worst, layers } = await compareNetworks(networks, seed, pytorch);
    const percent = Object.entries(worst)
      .map(([what, part]) => `${what} ${(100 * part).toFixed(0)} %`)
      .join(', ');
    console.log(
      `${networks} networks are PyTorch's, ${onTheEdge} of them without their gradients, as a ReLU or a pool was on the edge (${((performance.now() - began) / 1000).toFixed(0)} s)`,
    );
    console.log(`The worst distance, of what is allowed: ${percent}`);
    console.log(`Networks with: ${[...layers].map(([call, count]) => `${call} ${count}`).join(', ')}`);
  } finally {
    pytorch.close();
  }
});
