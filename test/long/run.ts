// npm run test:long: hundreds of kills, and long use in one process; exits with 1 at the first thing that is not as promised.
import { Argument } from 'commander';
import { command, run, whole } from '../../src/node/cli/command.js';
import { killRuns, killRunsForMemory, NO_GROUP } from './kills.js';
import { trainOnPictures } from './pictures.js';
import { soakCycles, soakPauses, soakSteps } from './soak.js';

const parts: Record<string, (seed: number) => Promise<string>> = {
  kills: (seed) => killRuns(210, seed),
  memory: async (seed) => (await killRunsForMemory(42, seed)) ?? NO_GROUP,
  steps: () => soakSteps(10_000),
  cycles: () => soakCycles(500),
  pauses: (seed) => soakPauses(200, seed),
  pictures: () => trainOnPictures(4000),
};

const program = command(
  'test:long',
  'Kills training runs with kill -9 and resumes them; trains for long in one process, and on pictures. npm run test:slow does the same in short.',
)
  .usage('[part] [options]')
  .addArgument(new Argument('[part]', 'only this part').choices(Object.keys(parts)))
  .option('--seed <n>', 'of kills and pauses, to repeat what failed (default: another one each time)', whole(0));

await run<{ seed?: number }>(program, async ({ seed = Date.now() % 1_000_000 }) => {
  console.log(`Seed: ${seed}`);
  for (const part of program.args.length > 0 ? program.args : Object.keys(parts)) {
    const began = performance.now();
    const figures = await parts[part]!(seed);
    console.log(`${figures} (${((performance.now() - began) / 1000).toFixed(0)} s)`);
  }
});
