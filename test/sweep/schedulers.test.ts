// npm run trial under schedulers: the examples for Slurm's script, Ray and Optuna, as they stand.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digits, filesIn, refused, run, work } from '../node/cli/commandLine.js';
import { temporaryFolder } from '../node/temporaryFolder.js';
import { slurm } from './slurm.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const examples = join(root, 'examples', 'many-machines');
const python = process.env['PYTHON'] ?? 'python3';
const hasModule = (module: string): boolean => spawnSync(python, ['-c', `import ${module}`]).status === 0;
const [hasRay, hasOptuna, hasWandb, hasKubernetes] = ['ray.tune', 'optuna', 'wandb', 'kubernetes_validate'].map(
  hasModule,
);
if (!hasRay) console.log('SKIP Ray: PYTHON has none');
if (!hasOptuna) console.log('SKIP Optuna: PYTHON has none');
if (!hasWandb) console.log('SKIP Weights & Biases: PYTHON has no wandb');
if (!hasKubernetes) console.log('SKIP Kubernetes: PYTHON has no kubernetes_validate');

const setting = '{"learningRate":0.004,"batchSize":8,"network":"strided","seed":2}';
const more = ['--data', digits, '--epochs', '12', '--threads', '1', '--vectors', '128'];
const trial = (out: string, ...rest: string[]) => run('trial', setting, '--out', out, ...more, ...rest);
const resultIn = (folder: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(work, folder, 'result.json'), 'utf8')) as Record<string, unknown>;

test('the last line is the result; pausing after an epoch and continuing gives the same as one run', () => {
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

test("Slurm's script: SIGTERM ends it with 143 and a checkpoint, and the next start resumes bit-identically", async () => {
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

const cluster = await slurm();
(cluster ? test : test.skip)(
  'Slurm: only the task of an array that gets SIGTERM is requeued, and it resumes bit-identically',
  async () => {
    const epochs = '120';
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'settings.jsonl'), `{"seed":1,"network":"strided"}\n${setting}\n`);
    const env = { WASM_CNN: root, DATA: digits, EPOCHS: epochs };
    const script = join(examples, 'slurm.sbatch');
    const args = ['--parsable', '--array=1-2', '--cpus-per-task=1'];
    const job = cluster!.call('sbatch', [...args, script], { cwd: folder, env });
    const until = async (isSo: () => boolean): Promise<void> => {
      for (let tries = 0; tries < 600 && !isSo(); tries++) await sleep(200);
      assert.ok(isSo(), cluster!.call('scontrol', ['show', 'job', job]));
    };
    const of = (task: number, what: string): string =>
      new RegExp(`${what}=(\\w+)`).exec(cluster!.call('scontrol', ['show', 'job', `${job}_${task}`]))![1]!;
    const has = (task: number, file: string): boolean => existsSync(join(folder, 'trials', String(task), file));
    await until(() => of(2, 'JobState') === 'RUNNING' && has(2, 'log.txt'));
    await sleep(1500);
    cluster!.call('scancel', ['--signal=TERM', '--batch', `${job}_2`]);
    await until(() => has(1, 'result.json') && has(2, 'result.json'));
    await until(() => of(1, 'JobState') === 'COMPLETED' && of(2, 'JobState') === 'COMPLETED');
    assert.is(of(1, 'Restarts'), '0');
    assert.is(of(2, 'Restarts'), '1');
    const log = readFileSync(join(folder, 'trials', '2', 'log.txt'), 'utf8');
    assert.match(log, /stopped by SIGTERM; the same command with --resume-or-start resumes it\n/);
    assert.is(run('trial', setting, '--out', 'slurm-once', ...more, '--epochs', epochs).status, 0);
    const { weightsSha256 } = JSON.parse(readFileSync(join(folder, 'trials', '2', 'result.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    assert.is(weightsSha256, resultIn('slurm-once')['weightsSha256']);
  },
);
test.after(() => cluster?.end());

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

(hasWandb ? test : test.skip)("Weights & Biases: its agent's command trains the setting that it gives", () => {
  const folder = temporaryFolder();
  cpSync(examples, folder, { recursive: true });
  // Its agent without the service: it expands ${env} ${interpreter} ${program} ${args}, and starts that.
  const agent = `
from wandb.wandb_agent import Agent
agent = Agent(None, None, "sweep")
args = {name: {"value": value} for name, value in ${setting}.items()}
agent._command_run({"run_id": "one", "program": "wandb_trial.py", "args": args})
raise SystemExit(agent._run_processes["one"].wait())`;
  const path = python.includes('/') ? `${dirname(python)}:${process.env['PATH']}` : process.env['PATH'];
  const env = {
    WANDB_MODE: 'offline',
    WANDB_SWEEP_ID: 'sweep',
    WASM_CNN: root,
    DATA: digits,
    EPOCHS: '12',
    PATH: path,
  };
  const { status, stderr } = spawnSync(python, ['-c', agent], {
    cwd: folder,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  assert.is(status, 0, stderr);
  const result = readFileSync(join(folder, 'trials', 'one', 'result.json'), 'utf8');
  assert.equal(JSON.parse(result), resultIn('at-once'));
});

(hasKubernetes ? test : test.skip)('Kubernetes: the manifest follows the schemas of all versions since 1.29', () => {
  const manifest = join(examples, 'kubernetes.yaml');
  const check = (version: string, path: string) =>
    spawnSync(python, ['-m', 'kubernetes_validate', '-k', version, '--strict', path], { encoding: 'utf8' });
  for (const version of ['1.29', '1.33', '1.37'])
    assert.is(check(version, manifest).status, 0, check(version, manifest).stderr);
  const wrong = join(temporaryFolder(), 'wrong.yaml');
  writeFileSync(wrong, readFileSync(manifest, 'utf8').replace('completionMode', 'completionmode'));
  assert.is.not(check('1.33', wrong).status, 0);
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
