// npm run bench:readme: writes the newest results into docs/benchmarks.md and the README, between their markers.
import { readFileSync, writeFileSync } from 'node:fs';
import { command, run } from '../src/node/cli/command.js';
import { inBench } from './benchFolder.js';
import { newestResults } from './results.js';
import { fullReport, headlineReport, withReport } from './report.js';

await run(
  command(
    'bench:readme',
    'Writes the newest file of bench/results/ into the tables of docs/benchmarks.md and the README.',
  ),
  async () => {
    for (const [name, report] of [
      ['../docs/benchmarks.md', fullReport],
      ['../README.md', headlineReport],
    ] as const) {
      const path = inBench(name);
      writeFileSync(path, withReport(readFileSync(path, 'utf8'), report(newestResults())));
      console.log(`Wrote ${path}`);
    }
  },
);
