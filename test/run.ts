// npm test: each test file in a process of its own, as many at a time as there are cores; ends with uvu's summary, over all files.
import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError } from 'commander';
import { command, run } from '../src/node/cli/command.js';
import { availableCores } from '../src/node/threads/cores.js';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** They measure how late a timer is, and run one after another when the rest is done. */
const ALONE = ['model/fit.test.js', 'training/background.test.js'];

/**
 * They have a command of their own, npm run test:slow, so that npm test stays below six minutes: they install the package, hash the
 * weights and programs of many networks, kill training runs and resume them, verify them, open other data for a finished run, run the retyped tutorials, fine-tune, send a run through every model format, and
 * read all of ONNX's own tests and PyTorch's large networks.
 */
const SLOW =
  /^(package|long|pins)\/|^sweep\/(servers|schedulers)\.test|^node\/(migration|cli\/(interruptions|verify|recipe|validationSplit|networkFile|report|runFolders|modelData|foreignModels|fineTune))\.test|^formats\/(onnx\/conformance|torch\/networks)\.test/;

/** Minutes of servers and workers that die: npm run test:sweep, which runs all of test/sweep. */
const NAMED = /^sweep\/serverFailures\.test/;

/** Minutes that no file takes: one that hangs is ended, and says what it printed until then. */
const LIMIT = 12;

/** They take longer than their size says. */
const LONG = ['pins/pins.test.js', 'node/cli/interruptions.test.js'];

/** The largest first, as they take longest: none of them is left for the end, when the other cores have no work. */
function testFiles(pattern: RegExp | undefined, slow: boolean): string[] {
  const isAsked = (path: string): boolean =>
    pattern ? pattern.test(path) : !NAMED.test(path) && SLOW.test(path) === slow;
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.js') && isAsked(path.replaceAll(sep, '/')))
    .map((path) => ({
      path,
      bytes: LONG.includes(path.replaceAll(sep, '/')) ? Infinity : statSync(join(folder, path)).size,
    }))
    .sort((a, b) => (a.bytes === b.bytes ? 0 : b.bytes - a.bytes))
    .map(({ path }) => path);
}

interface Outcome {
  readonly output: string;
  readonly status: number | null;
}

function runFile(path: string): Promise<Outcome> {
  // Colors would hide the summary.
  const { FORCE_COLOR: _, ...env } = process.env;
  const child = spawn(process.execPath, [join(folder, path)], { stdio: ['ignore', 'pipe', 'pipe'], env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve) => {
    // What it started may hold its pipes for ever, so their end is not waited for.
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ output: `${output}\nEnded after ${LIMIT} minutes\n`, status: null });
    }, 60_000 * LIMIT);
    child.once('close', (status) => {
      clearTimeout(limit);
      resolve({ output, status });
    });
  });
}

/** What uvu prints at the end. */
const SUMMARY = /\n  Total: +(\d+)\n  Passed: +(\d+)\n  Skipped: +(\d+)\n  Duration: .*\n/;

function regularExpression(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

const program = command('test', 'Runs the tests.')
  .usage('[pattern]')
  .argument(
    '[pattern]',
    'only files whose path matches this regular expression: node/cli, model/fit',
    regularExpression,
  )
  .option('--slow', 'only those that npm test leaves to npm run test:slow', false);

await run<{ slow: boolean }>(program, async ({ slow }) => {
  const began = performance.now();
  const secondsSince = (start: number): string => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  const files = testFiles(program.processedArgs[0] as RegExp | undefined, slow);
  const isAlone = (path: string): boolean => ALONE.includes(path.replaceAll(sep, '/'));
  const failed: string[] = [];
  let [total, passed, skipped] = [0, 0, 0];
  const runFiles = async (rest: string[]): Promise<void> => {
    for (let path = rest.shift(); path !== undefined; path = rest.shift()) {
      const start = performance.now();
      const { output, status } = await runFile(path);
      // What fit prints by default.
      const text = output.replace(SUMMARY, '').replace(/Epoch \d+\/\d+ - \d+ steps - .*\n/g, '');
      console.log(`${path} (${secondsSince(start)})\n${text}`);
      const summary = SUMMARY.exec(output);
      // A file without a summary ended early: one test that failed.
      const [, ...figures] = summary ?? ['', '1', '0', '0'];
      total += Number(figures[0]);
      passed += Number(figures[1]);
      skipped += Number(figures[2]);
      if (status !== 0 || summary === null) failed.push(path);
    }
  };
  const rest = files.filter((path) => !isAlone(path));
  await Promise.all(Array.from({ length: availableCores() }, () => runFiles(rest)));
  await runFiles(files.filter(isAlone));
  for (const path of failed) console.log(`Failed: ${path}`);
  console.log(
    `\n  Total:     ${total}\n  Passed:    ${passed}\n  Skipped:   ${skipped}\n  Duration:  ${secondsSince(began)}\n`,
  );
  if (failed.length > 0 || total === 0) process.exitCode = 1;
});
