// npm run bench -- --install-peers: npm packages into bench/node_modules, Python's into a virtual environment in the user's cache folder.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { check } from '../src/base/errors.js';
import { inBench } from './benchFolder.js';
import { environment, environmentPython } from './peers.js';

const SYSTEM_PYTHON = process.platform === 'win32' ? 'python' : 'python3';

/** Shows what the program says; whether it succeeds. */
function succeeds(program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}

export function installPeers(log: (line: string) => void, python = SYSTEM_PYTHON): void {
  log('npm packages into bench/node_modules: 0.8 GB');
  // npm itself says where it is: on Windows it is no program that can be started.
  const npm = process.env.npm_execpath;
  const ci = ['ci', '--prefix', inBench(''), '--ignore-scripts'];
  check(
    npm === undefined ? succeeds('npm', ...ci) : succeeds(process.execPath, npm, ...ci),
    'npm could not install the peers in JavaScript, as it says above; mend that and run it again',
  );
  log(`PyTorch and Keras into ${environment}: up to 7 GB, some minutes`);
  mkdirSync(environment, { recursive: true });
  check(
    succeeds(python, '-m', 'venv', environment),
    `PyTorch and Keras need ${python} 3.11 or later with its modules venv and pip, and they are not all here; install them (on Debian: apt install python3-venv) and run it again`,
  );
  check(
    succeeds(environmentPython, '-m', 'pip', 'install', '--progress-bar', 'off', '-r', inBench('requirements.txt')),
    'pip could not install PyTorch and Keras, as it says above; mend that and run it again',
  );
  log('All peers are installed: npm run bench -- --peers');
}
