// Sweeps on Redis and PostgreSQL: the table has one SHA-256, however many workers there are and however often they or the server die.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { connect } from '../../src/node/sweep/connect.js';
import { SweepQueue } from '../../src/node/sweep/queue.js';
import { openSweep, readSweepFile } from '../../src/node/cli/sweep/recipeTrial.js';
import { digits, otherDigits, refused, run, start, work, writeDigits, type Started } from '../node/cli/commandLine.js';
import { temporaryFolder } from '../node/temporaryFolder.js';
import { postgres, redis, type Server } from './servers.js';

const onRedis = await redis();
const onPostgres = await postgres();
if (!onRedis) console.log('SKIP sweeps on Redis: there is no redis-server');
if (!onPostgres) console.log('SKIP sweeps on PostgreSQL: it is not installed');
const redisTest = onRedis ? test : test.skip;
const postgresTest = onPostgres ? test : test.skip;

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
const many = {
  epochs: 120,
  space: { learningRate: [0.001, 0.004], batchSize: [8, 16], network: 'tiny.json', seed: { repeat: 3 } },
};
const few = { epochs: 2, space: { learningRate: [0.001, 0.004], network: 'tiny.json' } };

function sweepFile(name: string, definition: object, data = digits): string {
  const path = join(work, `${name}.json`);
  writeFileSync(path, JSON.stringify({ name, data, ...definition }));
  return path;
}

const add = (file: string, { url }: Server) => run('sweep', 'add', file, '--on', url);
const worker = (name: string, { url }: Server, ...more: string[]): Started =>
  start('sweep', 'work', name, '--on', url, '--save-every', '1', '--threads', '1', '--vectors', '128', ...more);

function sha256Of({ stdout, stderr }: { stdout: string; stderr: string }): string {
  const [, sha256] = /\((\d+) of \1 trials\): ([0-9a-f]{64})/.exec(stdout)?.slice(1) ?? [];
  assert.ok(sha256, `no whole table in ${stdout}${stderr}`);
  return sha256;
}

/** Of the whole table; then the sweep is removed, as the next one would find its checkpoints. */
function result(name: string, { url }: Server, ...more: string[]): string {
  const sha256 = sha256Of(run('sweep', 'result', name, '--on', url, '--out', join(temporaryFolder(), 'out'), ...more));
  assert.is(
    run('sweep', 'remove', name, '--on', url).stdout,
    `Removed ${name} from the server
`,
  );
  return sha256;
}

/** Until it has begun or resumed a trial. */
async function begun(...workers: readonly Started[]): Promise<void> {
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

async function finished(...workers: readonly Started[]): Promise<void> {
  for (const { status, stderr } of await Promise.all(workers.map(({ ended }) => ended))) {
    assert.is(stderr, '');
    assert.is(status, 0);
  }
}

const expected = new Map<string, string>();
/** Without a server. */
function here(name: string, definition: object): string {
  const key = JSON.stringify(definition);
  if (!expected.has(key)) {
    const file = sweepFile(`${name}-here`, definition);
    expected.set(key, sha256Of(run('sweep', 'run', file, '--out', join(work, `${name}-here`), '--threads', '1')));
  }
  return expected.get(key)!;
}

for (const [server, serverTest, title, atATime] of [
  [onRedis, redisTest, 'Redis', '1'],
  [onPostgres, postgresTest, 'PostgreSQL', '3'],
] as const)
  serverTest(`${title}: a worker, ${atATime} at a time, makes the table of a sweep without a server`, async () => {
    const file = sweepFile(`one-${title}`, many);
    assert.match(add(file, server!).stdout, /^Added one-\w+, 12 trials; start workers/);
    assert.match(add(file, server!).stdout, /^Already there: /);
    await finished(worker(`one-${title}`, server!, '--workers', atATime));
    assert.is(result(`one-${title}`, server!), here('one', many));
  });

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

redisTest('SIGTERM hands the trial back with its checkpoint, and another worker resumes it at once', async () => {
  add(sweepFile('handed', many), onRedis!);
  const first = worker('handed', onRedis!);
  await begun(first);
  await sleep(2500);
  first.process.kill('SIGTERM');
  const { status, stdout, stderr } = await first.ended;
  assert.is(status, 143);
  assert.match(stderr, /stopped by SIGTERM\n$/);
  const [, trial, step] = /(trial-\w+) to epoch 120: handed back after step (\d+)/.exec(stdout)!;
  const began = Date.now();
  const second = worker('handed', onRedis!);
  let seconds = NaN;
  let text = '';
  second.process.stdout!.on('data', (part) => {
    text += part;
    if (Number.isNaN(seconds) && text.includes(`${trial} to epoch 120: continues after step ${step}`))
      seconds = (Date.now() - began) / 1000;
  });
  await finished(second);
  assert.ok(seconds < 10, `it continued after ${seconds} s`);
  assert.is(result('handed', onRedis!), here('one', many));
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

redisTest('a worker with other data is refused, and the trial goes back', async () => {
  add(sweepFile('refused', few), onRedis!);
  refused(
    run('sweep', 'work', 'refused', '--on', onRedis!.url, '--data', otherDigits),
    /^this worker differs from the sweep refused in its data \(\w{12} here, \w{12} there\); give the worker the same, or add the sweep under another name\n$/,
  );
  await finished(worker('refused', onRedis!));
  assert.is(result('refused', onRedis!), here('few', few));
});

redisTest('so is one of another version, and of another kind of numerics', async () => {
  for (const [part, title] of [
    ['version', 'version of wasm-cnn'],
    ['numerics', 'kind of numerics'],
  ] as const) {
    const { definition, source } = readSweepFile(
      { name: `of-${part}`, data: digits, epochs: 1, space: { seed: [1] } },
      'it',
    );
    const { basis } = await (await openSweep(definition, source, 1)).plan();
    const connection = await connect(onRedis!.url);
    const queue = new SweepQueue(connection, definition.name);
    await queue.add({ definition, basis: { ...basis, [part]: 'other' }, source });
    await queue.close();
    await connection.close();
    refused(
      run('sweep', 'work', definition.name, '--on', onRedis!.url),
      new RegExp(`^this worker differs from the sweep of-${part} in its ${title} \\(.+ here, other there\\)`),
    );
  }
});

redisTest('another sweep of that name is refused; watch and remove', async () => {
  add(sweepFile('named', few), onRedis!);
  refused(
    add(sweepFile('named', { ...few, epochs: 3 }), onRedis!),
    `${onRedis!.url} already has a sweep named named, which differs in epochs; give this one another name, or remove that one`,
  );
  for (const what of ['work', 'watch', 'result'])
    refused(run('sweep', what, join(work, 'named.json'), '--on', onRedis!.url), /which differs in epochs/);
  assert.match(run('sweep', 'watch', 'named', '--on', onRedis!.url).stdout, /named: 0 finished, 0 running, 0 waiting/);
  await finished(worker('named', onRedis!));
  assert.match(run('sweep', 'watch', 'named', '--on', onRedis!.url).stdout, /named: 2 finished.*; all trials are done/);
  assert.is(run('sweep', 'remove', 'named', '--on', onRedis!.url).stdout, 'Removed named from the server\n');
  assert.match(add(sweepFile('named', few), onRedis!).stdout, /^Added named, 2 trials/);
});

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

redisTest('a trial that kills each worker is given up after five starts, and the others go on', async () => {
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
  for (;;) {
    const { status } = await worker('poison', onRedis!).ended;
    if (status === 0) break;
    starts++;
  }
  assert.is(starts, 5);
  const { stdout } = run('sweep', 'watch', 'poison', '--on', onRedis!.url);
  assert.match(stdout, /poison: 1 finished, 0 running, 0 waiting, 0 diverged, 1 failed; all trials are done/);
});

test('a server that is not there, or asks for a password, is told in a sentence', async () => {
  const file = sweepFile('nowhere', few);
  refused(
    run('sweep', 'add', file, '--on', 'redis://127.0.0.1:9'),
    'cannot connect to redis://127.0.0.1:9 (connect ECONNREFUSED 127.0.0.1:9); start the server, or correct the address',
  );
  refused(
    run('sweep', 'add', file, '--on', 'postgres://someone:secret@127.0.0.1:9/x'),
    'cannot connect to postgres://127.0.0.1:9/x (connect ECONNREFUSED 127.0.0.1:9); start the server, or correct the address',
  );
  refused(
    run('sweep', 'add', file, '--on', 'http://x'),
    'a sweep\'s server must be redis://host:6379 or postgres://user@host/database, got "http://x/"',
  );
});

test('a name that no sweep can have, and a figure that no epoch has, are refused at once', () => {
  refused(
    run('sweep', 'watch', 'a:b', '--on', 'redis://127.0.0.1:9'),
    `a sweep needs a name of letters (a to z), digits, '-', '_' and '.', at most 100 of them, got "a:b"`,
  );
  refused(
    run('sweep', 'plan', sweepFile('figure', { ...few, minimize: 'val_los' })),
    "there is no figure 'val_los' (did you mean 'val_loss'?) to compare trials by; an epoch has val_accuracy, val_loss, accuracy, loss",
  );
});

redisTest('a Redis with a password', async () => {
  const own = (await redis({ options: ['--requirepass', 's@cret'] }))!;
  const file = sweepFile('password', few);
  refused(
    add(file, own),
    `cannot connect to ${own.url} (it asks for a password); give it in the address, as redis://:password@host or postgres://user:password@host/database`,
  );
  refused(
    run('sweep', 'add', file, '--on', own.url.replace('//', '//:wrong@')),
    /^cannot connect to redis:\/\/127\.0\.0\.1:\d+ \(WRONGPASS .*\); correct the user and the password in the address\n$/,
  );
  const withPassword = own.url.replace('//', '//:s@cret@');
  assert.match(
    run('sweep', 'add', file, '--on', withPassword).stdout,
    /^Added password, 2 trials; .* --on redis:\/\/:\*\*\*@127\.0\.0\.1:\d+\n$/,
  );
});

redisTest('a server without room for checkpoints: the trial goes on and says so', async () => {
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
});

test.run();
