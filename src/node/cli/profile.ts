// npm run profile: where the time of a training step goes, op by op, on one thread.
import { Option } from 'commander';
import { builtinDigits } from '../../data/digits/digits.js';
import type { Numerics } from '../../engine/kernels.js';
import { networks } from '../../networks/index.js';
import { formatProfile } from '../../training/profile.js';
import { enableFused } from '../threads/fused.js';
import { command, run, whole } from './command.js';

interface ProfileOptions {
  network: keyof typeof networks;
  batchSize: number;
  steps: number;
  numerics: Numerics;
}

const program = command(
  'npm run profile --',
  'Times each kernel of a training step: µs for each image, share, GFLOP/s of what is really computed, KiB moved.',
)
  .addOption(new Option('--network <name>', 'what to train').choices(Object.keys(networks)).default('reference'))
  .option('--batch-size <n>', 'images a step', whole(1), 128)
  .option('--steps <n>', 'steps to take the median of', whole(1), 50)
  .addOption(new Option('--numerics <kind>', 'the kernels').choices(['exact', 'fused']).default('exact'));

await run<ProfileOptions>(program, async ({ network, batchSize, steps, numerics }) => {
  if (numerics === 'fused') enableFused();
  const { train } = builtinDigits({ trainCount: batchSize, testCount: 1 });
  const model = networks[network]();
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'], batchSize, numerics });
  console.log(
    `${network} network, batches of ${batchSize}, ${numerics} kernels, Node ${process.versions.node}: medians of ${steps} steps`,
  );
  console.log(formatProfile(await model.profile(train.x, train.y, steps)));
});
