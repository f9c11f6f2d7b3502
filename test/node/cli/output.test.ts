// Commands whose output fails: the run continues bit-identically, and a text that is the result is not lost in silence.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  digits,
  filesIn,
  historyOf,
  reaches,
  run,
  commands,
  start,
  stepsIn,
  work,
  type Outcome,
} from './commandLine.js';

const options = ['--data', digits, '--epochs', '4', '--batch-size', '8', '--threads', '1'];

let whole: ReturnType<typeof historyOf>;
test.before(() => {
  assert.is(run('train', ...options, '--out', 'output-whole').status, 0);
  whole = historyOf('output-whole');
});

/** The same weights, and the same files from the `first` one on. */
function isWhole(folder: string, first = 0): void {
  assert.is(historyOf(folder).weightsSha256, whole.weightsSha256);
  assert.equal(filesIn(folder).slice(first), filesIn('output-whole').slice(first));
}

test('train | head: the reader goes away, the run continues to its end', async () => {
  const { process: child, ended } = start('train', ...options, '--out', 'head');
  await reaches(0, 'head');
  child.stdout!.destroy();
  const { status, stderr } = await ended;
  assert.equal([status, stderr], [0, '']);
  isWhole('head');
});

test('a command ended by a signal does not wait for pending work, such as a server that never answers', () => {
  const at = (file: string): string =>
    JSON.stringify(new URL(`../../../src/node/cli/${file}.js`, import.meta.url).href);
  const program = `
import { command, run } from ${at('command')};
import { interruptible } from ${at('interrupt')};
await run(command('waits', ''), () => interruptible(async (signal) => {
  setInterval(() => {}, 1000);
  process.kill(process.pid, 'SIGTERM');
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  throw signal.reason;
}));`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  assert.is(status, 143);
  assert.match(stderr, /stopped by SIGTERM\n$/);
});

test('with both readers gone a signal still ends in a checkpoint and its exit code', async () => {
  const { process: child, ended } = start('train', ...options, '--out', 'deaf');
  await reaches(14, 'deaf');
  child.stdout!.destroy();
  child.stderr!.destroy();
  // The line of the second epoch has failed.
  await reaches(28, 'deaf');
  child.kill('SIGTERM');
  assert.is((await ended).status, 143);
  assert.is(run('train', '--resume', 'deaf').status, 0);
  // The checkpoint before the last may be the signal's.
  isWhole('deaf', 1);
  assert.match(filesIn('deaf')[0]!, /^checkpoint-\d+\.safetensors$/);
});

test('a text command whose reader goes away ends as usual', async () => {
  const { process: child, ended } = start('evaluate', '--model', 'output-whole', '--out', 'unseen.png');
  child.stdout!.destroy();
  assert.equal((await ended).status, 0);
  assert.ok(filesIn('.').includes('unseen.png'));
});

/** Takes nothing: "no space left on device". */
const full = '/dev/full';
if (existsSync(full)) {
  const runInto = async (
    command: string,
    stdio: ['ignore', number, 'pipe' | number],
    ...args: string[]
  ): Promise<Outcome> => {
    const child = spawn(process.execPath, [join(commands, `${command}.js`), ...args], { cwd: work, stdio });
    let stderr = '';
    child.stderr?.on('data', (text) => (stderr += text));
    return { status: await new Promise((resolve) => child.once('close', resolve)), stdout: '', stderr };
  };
  const sentence =
    'cannot write standard output: the disk is full; free some space or choose another folder; the command continues without it\n';

  test('a log on a full disk costs the log, and a text on it the exit code', async () => {
    const log = openSync(full, 'w');
    const trained = await runInto('train', ['ignore', log, 'pipe'], ...options, '--out', 'log');
    assert.equal([trained.status, trained.stderr], [0, sentence]);
    isWhole('log');
    assert.is((await runInto('train', ['ignore', log, log], ...options, '--out', 'logs')).status, 0);
    isWhole('logs');
    const evaluated = await runInto('evaluate', ['ignore', log, 'pipe'], '--model', 'log');
    assert.equal([evaluated.status, evaluated.stderr], [1, sentence]);
    closeSync(log);
  });
}

const script = '/usr/bin/script';
if (process.platform === 'linux' && existsSync(script)) {
  /** In a terminal, which is then closed. `session`: 'setsid' for one that the terminal's end tells nothing. Its exit code goes to a file. */
  const inTerminal = async (folder: string, session: string, epochs: number): Promise<void> => {
    const train = [process.execPath, join(commands, 'train.js'), ...options, '--epochs', epochs, '--out', folder].join(
      ' ',
    );
    const terminal = spawn(
      script,
      ['-qfc', `${session} sh -c 'trap "" HUP; ${train}; echo $? > ${folder}.code' & wait`, '/dev/null'],
      { cwd: work, stdio: ['pipe', 'pipe', 'ignore'] },
    );
    terminal.stdout.resume();
    await reaches(14, folder);
    terminal.kill('SIGKILL');
  };
  const codeOf = async (folder: string): Promise<string> => {
    await until(
      () => existsSync(join(work, `${folder}.code`)) && readFileSync(join(work, `${folder}.code`), 'utf8') !== '',
    );
    return readFileSync(join(work, `${folder}.code`), 'utf8').trim();
  };
  const until = async (condition: () => boolean): Promise<void> => {
    for (let tries = 0; tries < 3000 && !condition(); tries++) await sleep(10);
    assert.ok(condition());
  };

  test('a terminal that closes ends the run with a checkpoint and its exit code', async () => {
    await inTerminal('closed', '', 100);
    assert.is(await codeOf('closed'), '129');
    const [before, last] = stepsIn('closed');
    // The signal may come before the next step, when there is nothing left to write.
    assert.ok(last! >= 14 && last! < 1400 && before! % 14 === 0, `${before}, ${last}`);
    assert.equal(
      filesIn('closed').filter((name) => !name.startsWith('checkpoint-')),
      [],
    );
  });

  test('a run that has left its terminal continues when that vanishes', async () => {
    await inTerminal('left', 'setsid', 4);
    assert.is(await codeOf('left'), '0');
    assert.equal(historyOf('left').resumedAt, []);
    isWhole('left');
  });
}

test.run();
