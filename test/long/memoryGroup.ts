// A control group whose processes get so much memory and no more: the system kills one that takes more, as it does where the whole machine
// has none left. Needs Linux, and root or a delegated group.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface MemoryGroup {
  /** A program and its first arguments, which start what follows them in the group. */
  readonly starter: readonly string[];
  /** How many of its processes the system has killed. */
  kills(): number;
  /** When none of its processes is left. */
  remove(): void;
}

/** Null where this process may not make one. */
export function makeMemoryGroup(bytes: number): MemoryGroup | null {
  for (const { parent, limit, swap, events } of hierarchies()) {
    const folder = join(parent, `wasm-cnn-${process.pid}`);
    const path = (name: string): string => join(folder, name);
    try {
      mkdirSync(folder);
      // Version 2 has the file where the group above gives the controller on.
      if (!existsSync(path(limit))) throw new Error(`no ${limit}`);
      writeFileSync(path(limit), String(bytes));
      if (existsSync(path(swap))) writeFileSync(path(swap), swap === 'memory.swap.max' ? '0' : String(bytes));
    } catch {
      if (existsSync(folder)) rmdirSync(folder);
      continue;
    }
    return {
      starter: ['sh', '-c', 'echo $$ > "$0" && exec "$@"', path('cgroup.procs')],
      kills: () => Number(/^oom_kill (\d+)$/m.exec(readFileSync(path(events), 'utf8'))?.[1]),
      remove: () => rmdirSync(folder),
    };
  }
  return null;
}

interface Hierarchy {
  /** This process' group. */
  readonly parent: string;
  readonly limit: string;
  readonly swap: string;
  readonly events: string;
}

/** Version 1's and version 2's, as far as this process is in one. Lines: 4:memory:/a/b and 0::/a/b */
function hierarchies(): Hierarchy[] {
  const groups = existsSync('/proc/self/cgroup') ? readFileSync('/proc/self/cgroup', 'utf8') : '';
  const [, first] = /^\d+:[^:]*\bmemory\b[^:]*:(.*)$/m.exec(groups) ?? [];
  const [, second] = /^0::(.*)$/m.exec(groups) ?? [];
  return [
    ...(first === undefined
      ? []
      : [
          {
            parent: join('/sys/fs/cgroup/memory', first),
            limit: 'memory.limit_in_bytes',
            swap: 'memory.memsw.limit_in_bytes',
            events: 'memory.oom_control',
          },
        ]),
    ...(second === undefined
      ? []
      : [
          {
            parent: join('/sys/fs/cgroup', second),
            limit: 'memory.max',
            swap: 'memory.swap.max',
            events: 'memory.events',
          },
        ]),
  ];
}
