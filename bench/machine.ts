// The machine that a bench ran on.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, cpus, type } from 'node:os';

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
