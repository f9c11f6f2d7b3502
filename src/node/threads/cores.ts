// How many threads can run at once: the cores that this process may use, or less where its control groups (a container's) have a quota.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** The text of a file; null where there is none. */
export type ReadText = (path: string) => string | null;

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}

/** A group's folder and those above it, whose limits hold as well. A container sees its own at the root of the hierarchy, whatever the name. */
function foldersOf(root: string, group: string): string[] {
  const names = group.split('/').filter((name) => name !== '' && name !== '..');
  return names.reduce((folders, name) => [...folders, `${folders.at(-1)}/${name}`], [root]);
}

/** Cores' worth of time: 'quota period' in µs, of which no limit is 'max', -1 or nothing that is a number. */
function quotient(quota = '', period = ''): number {
  const cores = Number.parseInt(quota, 10) / Number.parseInt(period, 10);
  return cores > 0 ? cores : Infinity;
}

/** What the control groups allow, in cores; Infinity where they set no limit.  https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu */
export function cpuQuota(read: ReadText = readText): number {
  // A line a hierarchy: its number, its controllers (none: version 2), the group.
  const lines = [...(read('/proc/self/cgroup') ?? '').matchAll(/^\d+:([^:]*):(.*)$/gm)];
  const limits = lines.flatMap(([, controllers, group]): number[] => {
    if (controllers === '')
      return foldersOf('/sys/fs/cgroup', group!).map((folder) =>
        quotient(...(read(`${folder}/cpu.max`) ?? '').split(' ')),
      );
    if (!controllers!.split(',').includes('cpu')) return [];
    // Version 1.
    return foldersOf('/sys/fs/cgroup/cpu', group!).map((folder) =>
      quotient(read(`${folder}/cpu.cfs_quota_us`) ?? '', read(`${folder}/cpu.cfs_period_us`) ?? ''),
    );
  });
  return Math.min(Infinity, ...limits);
}

/** A quota of 1.5 is two: both run, and pause for a quarter of the time. */
export function coresWithin(quota: number, cores: number): number {
  return Math.max(1, Math.min(cores, Math.ceil(quota)));
}

let known: number | undefined;

/** Asked once: a process keeps its number. */
export function availableCores(): number {
  return (known ??= coresWithin(process.platform === 'linux' ? cpuQuota() : Infinity, availableParallelism()));
}
