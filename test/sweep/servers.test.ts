// Sweeps on Redis and PostgreSQL: the table has one SHA-256, on any server and after a hand-over. What they survive: serverFailures.test.ts
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { connect } from '../../src/node/sweep/connect.js';
import { SweepQueue } from '../../src/node/sweep/queue.js';
import { openSweep, readSweepFile } from '../../src/node/cli/sweep/recipeTrial.js';
import { digits, otherDigits, refused, run, work } from '../node/cli/commandLine.js';
import { add, begun, few, finished, here, many, result, sweepFile, worker } from './onServer.js';
import { postgres, redis } from './servers.js';

const onRedis = await redis();
const onPostgres = await postgres();
if (!onRedis) console.log('SKIP sweeps on Redis: there is no redis-server');
if (!onPostgres) console.log('SKIP sweeps on PostgreSQL: it is not installed');
const redisTest = onRedis ? test : test.skip;
const postgresTest = onPostgres ? test : test.skip;

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

test('a server that is missing, or needs a password, gets a sentence', async () => {
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

test('an invalid name of a sweep, and a figure that no epoch has, are refused at once', () => {
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

test.run();
