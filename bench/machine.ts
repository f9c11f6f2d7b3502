// The machine that a bench ran on.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, cpus, type } from 'node:os';
import { setTimeout } from 'node:timers/promises';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** Widest vectors of the processor; the bench's musts bind where it has AVX-512. */
  readonly simd: 'AVX-512' | 'AVX2' | 'no AVX2' | 'vectors unknown';
  readonly system: string;
}

export function thisMachine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    simd: simdOf(processorFlags()),
    system: `${type()} ${arch()}`,
  };
}

/** How many cores other programs keep busy, over a second. A load average would still hold what ended a minute ago, as a build. */
export async function busyCores(): Promise<number> {
  const before = busyTime();
  await setTimeout(1000);
  const after = busyTime();
  return ((after.busy - before.busy) / (after.all - before.all)) * cpus().length;
}

/** Milliseconds of all cores since the machine started. */
function busyTime(): { busy: number; all: number } {
  const sums = cpus().map(({ times }) => ({ idle: times.idle, all: Object.values(times).reduce((a, b) => a + b) }));
  const all = sums.reduce((sum, each) => sum + each.all, 0);
  return { busy: all - sums.reduce((sum, each) => sum + each.idle, 0), all };
}

/** What Linux or macOS says that the processor has; empty on Windows, and on processors without such names. */
function processorFlags(): string {
  try {
    if (process.platform === 'linux')
      return /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'latin1'))?.[1] ?? '';
    return spawnSync('sysctl', ['-n', 'machdep.cpu.leaf7_features'], { encoding: 'utf8' }).stdout ?? '';
  } catch {
    return '';
  }
}

export function simdOf(flags: string): Machine['simd'] {
  if (flags === '') return 'vectors unknown';
  if (/\bavx512f\b/i.test(flags)) return 'AVX-512';
  return /\bavx2\b/i.test(flags) ? 'AVX2' : 'no AVX2';
}
