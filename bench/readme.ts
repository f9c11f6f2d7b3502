// npm run bench:readme: writes the newest results into the README, between its two markers.
import { readFileSync, writeFileSync } from 'node:fs';
import { command, run } from '../src/node/cli/command.js';
import { inBench } from './benchFolder.js';
import { newestResults } from './results.js';
import { withReport, readmeReport } from './report.js';

await run(
  command('npm run bench:readme --', "Writes the newest file of bench/results/ into the README's tables."),
  async () => {
    const path = inBench('../README.md');
    writeFileSync(path, withReport(readFileSync(path, 'utf8'), readmeReport(newestResults())));
    console.log(`Wrote ${path}`);
  },
);
