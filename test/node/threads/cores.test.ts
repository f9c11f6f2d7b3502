// The cores that a container's quota leaves, from files as Linux has them.
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { availableCores, coresWithin, cpuQuota } from '../../../src/node/threads/cores.js';
import { workers } from '../../../src/node/threads/workers.js';

const quotaOf = (files: Record<string, string>): number => cpuQuota((path) => files[path] ?? null);
const v2 = { '/proc/self/cgroup': '0::/\n' };
const v1 = {
  '/proc/self/cgroup':
    '12:memory:/docker/4f\n4:cpu,cpuacct:/docker/4f\n1:name=systemd:/docker/4f\n0::/system.slice/containerd.service\n',
};

test('version 2: cpu.max at the root of a container', () => {
  assert.is(quotaOf({ ...v2, '/sys/fs/cgroup/cpu.max': '150000 100000\n' }), 1.5);
  assert.is(quotaOf({ ...v2, '/sys/fs/cgroup/cpu.max': 'max 100000\n' }), Infinity);
  assert.is(quotaOf(v2), Infinity);
});

test('version 2: the least of a group and of those above it', () => {
  const files = {
    '/proc/self/cgroup': '0::/user.slice/a:b.scope\n',
    '/sys/fs/cgroup/user.slice/a:b.scope/cpu.max': 'max 100000\n',
  };
  assert.is(quotaOf(files), Infinity);
  assert.is(quotaOf({ ...files, '/sys/fs/cgroup/user.slice/cpu.max': '50000 100000\n' }), 0.5);
  assert.is(
    quotaOf({
      ...files,
      '/sys/fs/cgroup/user.slice/cpu.max': '400000 100000\n',
      '/sys/fs/cgroup/user.slice/a:b.scope/cpu.max': '300000 100000\n',
    }),
    3,
  );
});

test('version 1: quota and period, under the name of the host or at the root of the container', () => {
  for (const folder of ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/cpu/docker/4f', '/sys/fs/cgroup/cpu/docker']) {
    assert.is(
      quotaOf({ ...v1, [`${folder}/cpu.cfs_quota_us`]: '250000\n', [`${folder}/cpu.cfs_period_us`]: '100000\n' }),
      2.5,
    );
    assert.is(
      quotaOf({ ...v1, [`${folder}/cpu.cfs_quota_us`]: '-1\n', [`${folder}/cpu.cfs_period_us`]: '100000\n' }),
      Infinity,
    );
  }
});

test('no files, empty files and other text are no limit', () => {
  for (const text of ['', '\n', 'nonsense', '0 100000', '100000', '100000 0', 'max', 'NaN NaN']) {
    const limit = quotaOf({ ...v2, '/sys/fs/cgroup/cpu.max': text });
    assert.is(limit, Infinity, text);
    assert.is(quotaOf({ '/proc/self/cgroup': text, '/sys/fs/cgroup/cpu.max': '100000 100000' }), Infinity, text);
  }
  assert.is(quotaOf({}), Infinity);
});

test('a part of a core is one, and no quota makes more cores than there are', () => {
  assert.equal(
    [0.5, 1, 1.5, 2, 7, Infinity].map((quota) => coresWithin(quota, 4)),
    [1, 1, 2, 2, 4, 4],
  );
});

test('workers(), train and verify take that many by default', () => {
  assert.is(availableCores(), coresWithin(cpuQuota(), availableParallelism()));
  assert.is(workers().threads, availableCores());
  for (const command of ['train', 'verify']) {
    const { stdout } = spawnSync(
      process.execPath,
      [new URL(`../../../commands/${command}.js`, import.meta.url).pathname, '--help'],
      { encoding: 'utf8' },
    );
    assert.match(
      stdout.replace(/\s+/g, ' '),
      new RegExp(`results are bit-identical for any number \\(default: ${availableCores()}\\)`),
    );
  }
});

test.run();
