// npm run fuzz: millions of hostile files for each reader; exits with 1 at the first that is not read rightly or rightly refused.
import { Argument } from 'commander';
import { command, run, whole } from '../../src/node/cli/command.js';
import { fuzz, type FuzzReport } from './fuzz.js';
import { targets, type Reader } from './targets.js';

const readers = Object.keys(targets) as Reader[];
const program = command('fuzz', 'Makes hostile files and has them read. npm test does the same in short.')
  .usage('[reader] [options]')
  .addArgument(new Argument('[reader]', 'only this reader').choices(readers))
  .option('--inputs <n>', 'files for each reader', whole(1), 1_000_000)
  .option('--seed <n>', 'of the files, to repeat what failed (default: another one each time)', whole(0))
  .option(
    '--portions <n>',
    'repeat this many times, each with the next seed: resume an ended run with the seed after its last',
    whole(1),
    1,
  );

interface FuzzOptions {
  inputs: number;
  portions: number;
  seed?: number;
}

await run<FuzzOptions>(program, async ({ inputs, portions, seed: first = Date.now() % 1_000_000 }) => {
  for (const reader of program.args.length > 0 ? (program.args as Reader[]) : readers) {
    const all: FuzzReport[] = [];
    for (let seed = first; seed < first + portions; seed++) {
      all.push(await fuzz(reader, inputs, seed));
      console.log(`${reader}: seed ${seed}, ${told(all.slice(-1))}`);
    }
    if (portions > 1) console.log(`${reader}: seeds ${first} to ${first + portions - 1}, ${told(all)}`);
  }
});

function told(reports: readonly FuzzReport[]): string {
  const sum = (of: (report: FuzzReport) => number): number => reports.reduce((total, report) => total + of(report), 0);
  const most = (of: (report: FuzzReport) => number): string => Math.max(...reports.map(of)).toFixed(0);
  return `${sum(({ files }) => files.read)} files read rightly, ${sum(({ files }) => files.refused)} rightly refused; ${sum(({ seconds }) => seconds).toFixed(0)} s, the slowest ${most(({ slowestMs }) => slowestMs)} ms, ${most(({ peakMiB }) => peakMiB)} MiB`;
}
