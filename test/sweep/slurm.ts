// A Slurm cluster of this machine alone, for a test: its daemons on ports of their own, with a key and folders of their own.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '../node/temporaryFolder.js';
import { freePort } from './servers.js';

export interface Slurm {
  /** Runs one of Slurm's commands, and gives what it prints. */
  call(command: string, args: readonly string[], options?: { cwd: string; env: NodeJS.ProcessEnv }): string;
  end(): Promise<void>;
}

/** Seconds within which it starts, or never; where the controller is not there, each of Slurm's commands looks for it for 9 of them. */
const START = 30;

/** Null, with the reason printed, where it is not installed or does not start. */
export async function slurm(): Promise<Slurm | null> {
  if (
    process.getuid?.() !== 0 ||
    spawnSync('sbatch', ['--version']).error ||
    spawnSync('munged', ['--version']).error
  ) {
    console.log('SKIP Slurm: it is not installed, or this is not root');
    return null;
  }
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  const at = (name: string): string => join(folder, name);
  for (const name of ['state', 'spool']) mkdirSync(at(name));
  writeFileSync(at('munge.key'), randomBytes(1024), { mode: 0o400 });
  const host = hostname().split('.', 1)[0]!;
  writeFileSync(
    at('slurm.conf'),
    `ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${await freePort()}
SlurmdPort=${await freePort()}
SlurmUser=root
AuthType=auth/munge
# So many seconds a requeued job waits; of fewer Slurm makes 120.
AuthInfo=socket=${at('munge.socket')},cred_expire=5
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
StateSaveLocation=${at('state')}
SlurmdSpoolDir=${at('spool')}
SlurmctldPidFile=${at('slurmctld.pid')}
SlurmdPidFile=${at('slurmd.pid')}
SlurmctldLogFile=${at('slurmctld.log')}
SlurmdLogFile=${at('slurmd.log')}
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0,sched_interval=1
NodeName=${host} NodeAddr=127.0.0.1 CPUs=2
PartitionName=all Nodes=${host} Default=YES MaxTime=INFINITE
`,
  );
  const env = { ...process.env, SLURM_CONF: at('slurm.conf') };
  const running: ChildProcess[] = [];
  const begin = (program: string, ...args: string[]): void => {
    const child = spawn(program, args, { env, stdio: 'ignore' });
    child.on('error', () => {});
    running.push(child);
  };
  process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));
  const cluster: Slurm = {
    call(command, args, { cwd = folder, env: more = {} } = { cwd: folder, env: {} }) {
      const { stdout, stderr, status } = spawnSync(command, args, {
        cwd,
        env: { ...env, ...more },
        encoding: 'utf8',
        timeout: 60_000,
      });
      if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
      return stdout.trim();
    },
    async end() {
      for (const child of running.reverse()) {
        const ended = new Promise((resolve) => child.once('close', resolve));
        child.kill('SIGTERM');
        if (child.exitCode === null) await Promise.race([ended, sleep(5000)]);
        child.kill('SIGKILL');
      }
    },
  };
  const files = ['socket', 'key', 'pid', 'log', 'seed'].flatMap((name) => [
    `--${name === 'socket' ? name : `${name}-file`}`,
    at(`munge.${name}`),
  ]);
  begin('munged', '--foreground', '--force', ...files);
  await sleep(1000);
  begin('slurmctld', '-D');
  begin('slurmd', '-D');
  const isRunning = (): boolean =>
    running.every(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  for (const last = Date.now() + 1000 * START; Date.now() < last && isRunning(); await sleep(200))
    if (/idle/.test(String(spawnSync('sinfo', ['-h', '-o', '%t'], { env, timeout: 5000 }).stdout))) return cluster;
  await cluster.end();
  console.log('SKIP Slurm: it does not start here');
  return null;
}
