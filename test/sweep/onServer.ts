// Sweeps and workers on a server, for tests: small ones, and the table that each must give.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { digits, run, start, work, type Started } from '../node/cli/commandLine.js';
import { temporaryFolder } from '../node/temporaryFolder.js';
import type { Server } from './servers.js';

/** Small, so that a step takes a millisecond or two. */
writeFileSync(
  join(work, 'tiny.json'),
  JSON.stringify([
    { className: 'Conv2D', config: { filters: 4, kernelSize: 3, strides: 2, activation: 'relu' } },
    { className: 'Flatten' },
    { className: 'Dropout', config: { rate: 0.2 } },
    { className: 'Dense', config: { units: 'classes', activation: 'softmax' } },
  ]),
);
/** 4 settings with 3 seeds: 12 trials of a second or two. */
export const many = {
  epochs: 120,
  space: { learningRate: [0.001, 0.004], batchSize: [8, 16], network: 'tiny.json', seed: { repeat: 3 } },
};
export const few = { epochs: 2, space: { learningRate: [0.001, 0.004], network: 'tiny.json' } };

export function sweepFile(name: string, definition: object, data = digits): string {
  const path = join(work, `${name}.json`);
  writeFileSync(path, JSON.stringify({ name, data, ...definition }));
  return path;
}

export const add = (file: string, { url }: Server) => run('sweep', 'add', file, '--on', url);
export const worker = (name: string, { url }: Server, ...more: string[]): Started =>
  start('sweep', 'work', name, '--on', url, '--save-every', '1', '--threads', '1', '--vectors', '128', ...more);

function sha256Of({ stdout, stderr }: { stdout: string; stderr: string }): string {
  const [, sha256] = /\((\d+) of \1 trials\): ([0-9a-f]{64})/.exec(stdout)?.slice(1) ?? [];
  assert.ok(sha256, `no whole table in ${stdout}${stderr}`);
  return sha256;
}

/** The SHA-256 of the whole table. Removes the sweep, whose checkpoints the next one would find. */
export function result(name: string, { url }: Server, ...more: string[]): string {
  const sha256 = sha256Of(run('sweep', 'result', name, '--on', url, '--out', join(temporaryFolder(), 'out'), ...more));
  assert.is(
    run('sweep', 'remove', name, '--on', url).stdout,
    `Removed ${name} from the server
`,
  );
  return sha256;
}

/** Until it has begun or resumed a trial. */
export async function begun(...workers: readonly Started[]): Promise<void> {
  await Promise.all(
    workers.map(
      ({ process, ended }) =>
        new Promise<unknown>((resolve) => {
          process.stdout!.on('data', (part) => /begins|continues/.test(String(part)) && resolve(null));
          void ended.then(resolve);
        }),
    ),
  );
}

export async function finished(...workers: readonly Started[]): Promise<void> {
  for (const { status, stderr } of await Promise.all(workers.map(({ ended }) => ended))) {
    assert.is(stderr, '');
    assert.is(status, 0);
  }
}

const expected = new Map<string, string>();
/** Without a server. */
export function here(name: string, definition: object): string {
  const key = JSON.stringify(definition);
  if (!expected.has(key)) {
    const file = sweepFile(`${name}-here`, definition);
    expected.set(key, sha256Of(run('sweep', 'run', file, '--out', join(work, `${name}-here`), '--threads', '1')));
  }
  return expected.get(key)!;
}
