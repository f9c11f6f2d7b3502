// npm test: each test file in a process of its own, as many at a time as there are cores; ends with uvu's summary, over all files.
import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { command, run } from '../src/node/cli/command.js';
import { availableCores } from '../src/node/threads/cores.js';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** The largest first, as they take longest: none of them is left for the end, when the other cores have no work. */
function testFiles(pattern: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.js') && pattern.test(path.replaceAll(sep, '/')))
    .map((path) => ({ path, bytes: statSync(join(folder, path)).size }))
    .sort((a, b) => b.bytes - a.bytes)
    .map(({ path }) => path);
}

interface Outcome {
  readonly output: string;
  readonly status: number | null;
}

function runFile(path: string): Promise<Outcome> {
  const child = spawn(process.execPath, [join(folder, path)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve) => child.once('close', (status) => resolve({ output, status })));
}

/** What uvu prints at the end. */
const SUMMARY = /\n  Total: +(\d+)\n  Passed: +(\d+)\n  Skipped: +(\d+)\n  Duration: .*\n/;

const program = command('npm test --', 'Runs the tests.')
  .usage('[pattern]')
  .argument('[pattern]', 'only files whose path matches this regular expression: node/cli, model/fit');

await run(program, async () => {
  const began = performance.now();
  const secondsSince = (start: number): string => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  const files = testFiles(new RegExp(program.args[0] ?? ''));
  const failed: string[] = [];
  let [total, passed, skipped] = [0, 0, 0];
  const runFiles = async (): Promise<void> => {
    for (let path = files.shift(); path !== undefined; path = files.shift()) {
      const start = performance.now();
      const { output, status } = await runFile(path);
      console.log(`${path} (${secondsSince(start)})\n${output.replace(SUMMARY, '')}`);
      // A file without a summary ended early: one test that failed.
      const [, ...figures] = SUMMARY.exec(output) ?? ['', '1', '0', '0'];
      total += Number(figures[0]);
      passed += Number(figures[1]);
      skipped += Number(figures[2]);
      if (status !== 0) failed.push(path);
    }
  };
  await Promise.all(Array.from({ length: availableCores() }, runFiles));
  for (const path of failed) console.log(`Failed: ${path}`);
  console.log(
    `\n  Total:     ${total}\n  Passed:    ${passed}\n  Skipped:   ${skipped}\n  Duration:  ${secondsSince(began)}\n`,
  );
  if (failed.length > 0 || total === 0) process.exitCode = 1;
});
