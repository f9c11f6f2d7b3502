// npm run fuzz: millions of hostile files for each reader; exits with 1 at the first that is not read rightly or rightly refused.
import { Argument } from 'commander';
import { command, run, whole } from '../../src/node/cli/command.js';
import { fuzz } from './fuzz.js';
import { targets, type Reader } from './targets.js';

const readers = Object.keys(targets) as Reader[];
const program = command('fuzz', 'Makes hostile files and has them read. npm test does the same in short.')
  .usage('[reader] [options]')
  .addArgument(new Argument('[reader]', 'only this reader').choices(readers))
  .option('--inputs <n>', 'files for each reader', whole(1), 1_000_000)
  .option('--seed <n>', 'of the files, to repeat what failed (default: another one each time)', whole(0));

await run<{ inputs: number; seed?: number }>(program, async ({ inputs, seed = Date.now() % 1_000_000 }) => {
  for (const reader of program.args.length > 0 ? (program.args as Reader[]) : readers) {
    const { files, seconds, slowestMs, peakMiB } = await fuzz(reader, inputs, seed);
    console.log(
      `${reader}: seed ${seed}, ${files.read} files read rightly, ${files.refused} rightly refused; ${seconds.toFixed(0)} s, the slowest ${slowestMs.toFixed(0)} ms, ${peakMiB.toFixed(0)} MiB`,
    );
  }
});
