// npm run trial under schedulers: the examples for Slurm's script, Ray and Optuna, as they stand.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digits, filesIn, refused, run, work } from '../node/cli/commandLine.js';
import { temporaryFolder } from '../node/temporaryFolder.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const examples = join(root, 'examples', 'many-machines');
const python = process.env['PYTHON'] ?? 'python3';
const has = (module: string): boolean => spawnSync(python, ['-c', `import ${module}`]).status === 0;
const [hasRay, hasOptuna] = [has('ray.tune'), has('optuna')];
if (!hasRay) console.log('SKIP Ray: PYTHON has none');
if (!hasOptuna) console.log('SKIP Optuna: PYTHON has none');

const setting = '{"learningRate":0.004,"batchSize":8,"network":"strided","seed":2}';
const more = ['--data', digits, '--epochs', '12', '--threads', '1', '--vectors', '128'];
const trial = (out: string, ...rest: string[]) => run('trial', setting, '--out', out, ...more, ...rest);
const resultIn = (folder: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(work, folder, 'result.json'), 'utf8')) as Record<string, unknown>;

test('the last line is the result; until an epoch and on is the same as at once', () => {
  const { stdout, status } = trial('at-once');
  assert.is(status, 0);
  const result = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Record<string, unknown>;
  assert.equal(result, resultIn('at-once'));
  assert.match(String(result['weightsSha256']), /^[0-9a-f]{64}$/);
  assert.equal(
    filesIn('at-once').map((name) => name.replace(/^trial-\w+/, 'trial')),
    ['model.safetensors', 'result.json', 'trial-168.safetensors'],
  );
  refused(
    trial('at-once'),
    'at-once holds a checkpoint of this trial; resume it with --resume-or-start, or choose another folder',
  );
  for (const until of ['1', '5', '12']) assert.is(trial('in-rungs', '--until', until, '--resume-or-start').status, 0);
  assert.equal(resultIn('in-rungs'), result);
});

test("Slurm's script: SIGTERM ends it with 143 and a checkpoint, and once more it resumes to the same bits", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'settings.jsonl'), `{"seed":1}\n${setting}\n`);
  const env = {
    ...process.env,
    WASM_CNN: root,
    SLURM_ARRAY_TASK_ID: '2',
    SLURM_CPUS_PER_TASK: '1',
    DATA: digits,
    EPOCHS: '12',
  };
  const submit = (killAfter?: number): Promise<number | null> =>
    new Promise((resolve) => {
      const child = spawn('bash', [join(examples, 'slurm.sbatch')], { cwd: folder, env, stdio: 'ignore' });
      child.once('close', resolve);
      if (killAfter !== undefined) void sleep(killAfter).then(() => child.kill('SIGTERM'));
    });
  assert.is(await submit(900), 143);
  assert.is(await submit(), 0);
  const { weightsSha256 } = JSON.parse(readFileSync(join(folder, 'trials', '2', 'result.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  assert.is(weightsSha256, resultIn('at-once')['weightsSha256']);
});

const runPython = (program: string, ...args: string[]): string => {
  const folder = temporaryFolder();
  cpSync(examples, folder, { recursive: true });
  const { status, stdout, stderr } = spawnSync(python, [join(folder, program), ...args], {
    cwd: folder,
    env: { ...process.env, WASM_CNN: root, RAY_CHDIR_TO_TRIAL_DIR: '0' },
    encoding: 'utf8',
  });
  assert.is(status, 0, stderr);
  return stdout;
};

(hasOptuna ? test : test.skip)('Optuna asks for trials and is told their scores', () => {
  assert.match(runPython('optuna_sweep.py', digits, '2', '2'), /^best \{.*learningRate.*\} val_accuracy 0?\.\d/m);
});

(hasRay ? test : test.skip)('Ray Tune halves trials that are steps of epochs', () => {
  const best = runPython('ray_tune.py', digits, '2', '2');
  const [, config, weights] = /best (\{.*\}) val_accuracy [\d.]+ weights ([0-9a-f]{64})/.exec(best)!;
  const json = config!.replaceAll("'", '"');
  const again = run('trial', json, '--out', 'ray-again', '--data', digits, '--epochs', '2', '--threads', '1');
  assert.is(
    (JSON.parse(again.stdout.trimEnd().split('\n').at(-1)!) as Record<string, unknown>)['weightsSha256'],
    weights,
  );
});

(hasRay ? test : test.skip)(
  'Ray: 1, 2 and 4 machines make the steps of one, and one of them dies every 20 steps',
  () => {
    // In the repository, where wasm-cnn is found by its own name.
    const alone = spawnSync(process.execPath, [join(examples, 'member.mjs'), 'alone'], { encoding: 'utf8' });
    const weights = alone.stdout.trim();
    assert.match(weights, /^[0-9a-f]{64}$/);
    for (const [members, every, killed] of [
      [1, 0, 0],
      [2, 0, 0],
      [4, 20, 4],
    ] as const) {
      const args = [join(examples, 'ray_data_parallel.py'), String(members), String(every)];
      const { stdout, stderr, status } = spawnSync(python, args, { encoding: 'utf8' });
      assert.is(status, 0, stderr);
      assert.match(
        stdout,
        new RegExp(`${members} members, 80 steps, ${killed} killed, loss [\\d.]+, weights ${weights}\n`),
      );
    }
  },
);

test.run();
