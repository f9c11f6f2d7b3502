// npm run profile: where the time of a training step goes, op by op, on one thread; or of the whole npm run train, phase by phase.
import { Option } from 'commander';
import { RandomStream } from '../../base/random.js';
import { sizeOf } from '../../base/shape.js';
import type { Numerics } from '../../engine/build.js';
import { networks } from '../../networks/index.js';
import { formatProfile, profile } from '../../training/profile.js';
import { enableFused } from '../threads/fused.js';
import { commandLine } from '../commandLine.js';
import { profileTrain } from './commandProfile.js';
import { command, run, useVectors, vectorsOption, whole } from './command.js';

/** Network as benches time it: a quarter of the width, small images. */
const profiled = {
  ...networks,
  mobileNetV2: () => networks.mobileNetV2({ alpha: 0.35, inputShape: [96, 96, 3], classes: 10, dropout: 0 }),
};

interface ProfileOptions {
  network: keyof typeof networks;
  batchSize: number;
  steps: number;
  numerics: Numerics;
  vectors?: '128' | '256';
}

const WHOLE = '--command';

const program = command(
  'profile',
  'Times each kernel of a training step: µs for each image, share, GFLOP/s of what is really computed, KiB moved.',
)
  .option(
    WHOLE,
    `run ${commandLine('train')} with the other options, which are its own then, and show the seconds and the memory of each phase`,
  )
  .addOption(new Option('--network <name>', 'what to train').choices(Object.keys(profiled)).default('reference'))
  .option('--batch-size <n>', 'images a step', whole(1), 128)
  .option('--steps <n>', 'steps to take the median of', whole(1), 50)
  .addOption(new Option('--numerics <kind>', 'the kernels').choices(['exact', 'fused']).default('exact'))
  .addOption(vectorsOption());

const given = process.argv.slice(2);
if (given.includes(WHOLE)) process.exitCode = await profileTrain(given.filter((option) => option !== WHOLE));
else await run<ProfileOptions>(program, profileStep);

async function profileStep({ network, batchSize, steps, numerics, vectors: asked }: ProfileOptions): Promise<void> {
  if (numerics === 'fused') enableFused();
  const vectors = useVectors(asked);
  const model = profiled[network]();
  const { inputShape, outputShape } = model;
  const random = new RandomStream(1);
  const data = Uint8Array.from({ length: batchSize * sizeOf(inputShape) }, () => random.below(256));
  const labels = Uint8Array.from({ length: batchSize }, () => random.below(outputShape[0]!));
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'], batchSize, numerics });
  console.log(
    `${network} network, batches of ${batchSize}, ${numerics} kernels, vectors of ${vectors} bits, Node ${process.versions.node}: medians of ${steps} steps`,
  );
  console.log(formatProfile(profile(model, { data, shape: [batchSize, ...inputShape] }, labels, steps)));
}
