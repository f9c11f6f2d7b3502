// What workers and servers of a sweep survive, and the table is the same: npm run test:sweep.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { refused, run, work, writeDigits } from '../node/cli/commandLine.js';
import { temporaryFolder } from '../node/temporaryFolder.js';
import { add, begun, few, finished, here, many, result, sweepFile, worker } from './onServer.js';
import { redis } from './servers.js';

const onRedis = await redis();
if (!onRedis) console.log('SKIP sweeps on Redis: there is no redis-server');
const redisTest = onRedis ? test : test.skip;

redisTest('three workers, of which one is killed every 3 s, make the same table', async () => {
  add(sweepFile('killed', many), onRedis!);
  const others = [worker('killed', onRedis!), worker('killed', onRedis!)];
  let isDone = false;
  const all = finished(...others).finally(() => (isDone = true));
  let kills = 0;
  while (!isDone) {
    const victim = worker('killed', onRedis!);
    await Promise.race([sleep(3000), all]);
    victim.process.kill('SIGKILL');
    await victim.ended;
    kills++;
  }
  await all;
  assert.ok(kills >= 2, `${kills} kills`);
  assert.is(result('killed', onRedis!), here('one', many));
});

redisTest('a worker that sleeps for longer than any lock lasts and wakes up changes nothing', async () => {
  add(sweepFile('zombie', many), onRedis!);
  const zombie = worker('zombie', onRedis!);
  await begun(zombie);
  await sleep(2000);
  zombie.process.kill('SIGSTOP');
  // A lock lasts 10 s, and within two looks, 5 s apart, others take over what has none.
  const asleep = sleep(26_000);
  await finished(worker('zombie', onRedis!));
  await asleep;
  zombie.process.kill('SIGCONT');
  const { status, stdout } = await zombie.ended;
  assert.is(status, 0);
  assert.match(stdout, /no longer this worker's after step \d+\nAll trials are done/);
  // Nor what the server tells of it.
  assert.match(run('sweep', 'watch', 'zombie', '--on', onRedis!.url).stdout, /120\/120 .* 1 +finished\n/);
  assert.is(result('zombie', onRedis!), here('one', many));
});

redisTest('a server with an append-only file that is killed and started again loses no trial', async () => {
  const own = (await redis())!;
  add(sweepFile('restart', many), own);
  const workers = [worker('restart', own), worker('restart', own)];
  await begun(...workers);
  for (let times = 0; times < 2; times++) {
    await sleep(2000);
    await own.kill();
    await sleep(1000);
    await own.start();
  }
  await finished(...workers);
  assert.is(result('restart', own), here('one', many));
});

redisTest(
  'a server without persistence loses the sweep; added again, it finds the finished trials in the folder',
  async () => {
    const own = (await redis({ persistent: false }))!;
    const checkpoints = ['--checkpoints', join(temporaryFolder(), 'shared')];
    const file = sweepFile('lost', many);
    add(file, own);
    const first = worker('lost', own, ...checkpoints);
    await sleep(6000);
    await own.kill();
    first.process.kill('SIGKILL');
    await first.ended;
    await own.start();
    refused(
      run('sweep', 'watch', 'lost', '--on', own.url),
      `${own.url} has no sweep named lost; add it first, or correct the name`,
    );
    add(file, own);
    const began = Date.now();
    await finished(worker('lost', own, ...checkpoints));
    assert.ok(Date.now() - began < 120_000);
    assert.is(result('lost', own, ...checkpoints), here('one', many));
  },
);

redisTest('a worker whose sweep is removed says so, and hands nothing back', async () => {
  add(sweepFile('removed', { ...few, epochs: 5000 }), onRedis!);
  const started = worker('removed', onRedis!);
  await begun(started);
  assert.is(run('sweep', 'remove', 'removed', '--on', onRedis!.url).status, 0);
  started.process.kill('SIGTERM');
  const { status, stdout, stderr } = await started.ended;
  assert.is(status, 143);
  assert.match(stdout, /: dropped, as the sweep is no longer on the server, after step \d+\n/);
  assert.not.match(stdout + stderr, /handed back|went back|another worker/);
});

redisTest('a worker that gets SIGTERM ends while the server is away', async () => {
  const own = (await redis())!;
  add(sweepFile('away', { ...few, epochs: 5000 }), own);
  const started = worker('away', own);
  await begun(started);
  await own.kill();
  started.process.kill('SIGTERM');
  const { status, stdout } = await started.ended;
  assert.is(status, 143);
  assert.match(stdout, /: left for other workers, as the server does not answer, after step \d+\n/);
});

redisTest('a trial that kills each worker is given up after five starts, and the others continue', async () => {
  writeFileSync(
    join(work, 'poison.mjs'),
    `import { layers, sequential } from ${JSON.stringify(new URL('../../src/index.js', import.meta.url).href)};
export default ({ inputShape, classes, seed, bad }) => {
  if (bad) process.kill(process.pid, 'SIGKILL');
  return sequential({ inputShape, seed, layers: [layers.flatten(), layers.dense({ units: classes, activation: 'softmax' })] });
};`,
  );
  add(sweepFile('poison', { epochs: 1, space: { network: 'poison.mjs', bad: [true, false] } }), onRedis!);
  let starts = 0;
  while ((await worker('poison', onRedis!).ended).signal === 'SIGKILL') starts++;
  assert.is(starts, 5);
  const { stdout } = run('sweep', 'watch', 'poison', '--on', onRedis!.url);
  assert.match(stdout, /poison: 1 finished, 0 running, 0 waiting, 0 diverged, 1 failed; all trials are done/);
});

redisTest('a server without room for checkpoints: the trial continues and says so', async () => {
  const own = (await redis({
    persistent: false,
    options: ['--maxmemory', '6mb', '--maxmemory-policy', 'noeviction'],
  }))!;
  const data = writeDigits('roomless', 7);
  const definition = { epochs: 60, space: { network: 'classic', seed: [1] } };
  add(sweepFile('roomless', definition, data), own);
  const { status, stdout } = await worker('roomless', own).ended;
  assert.is(status, 0);
  assert.match(stdout, /the checkpoint of trial-\w+ after step \d+ could not be kept: OOM .*; training continues/);
  assert.match(stdout, /finished, val_accuracy/);
  const result = run('sweep', 'result', 'roomless', '--on', own.url, '--out', 'roomless-result');
  assert.is(result.status, 0);
  assert.match(
    result.stderr,
    'roomless-result has no best.safetensors: no checkpoint has the weights of the best trial, as there was no room for them or it was trained further; wait until all trials are done, or name the folder of the checkpoints with --checkpoints\n',
  );
});

test.run();
