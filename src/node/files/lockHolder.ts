// The process that a lock names: where it runs, and whether it still does.
import { readFileSync, readlinkSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { hostname } from 'node:os';
import { isRecord } from '../../base/options.js';
import { codeOf } from './files.js';

export interface LockHolder {
  readonly pid: number;
  /** When it began, as pids are used again; '' where the system does not tell (all but Linux). */
  readonly start: string;
  readonly host: string;
  /** Boot of the kernel, and the pid namespace (a container's) within it: where both are equal, a pid means the same. '' but on Linux. */
  readonly boot: string;
  readonly namespace: string;
}

export const thisProcess: LockHolder = {
  pid: process.pid,
  start: startIn(told(() => readFileSync(`/proc/${process.pid}/stat`, 'utf8'))) ?? '',
  host: told(hostname),
  boot: told(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
  namespace: told(() => readlinkSync('/proc/self/ns/pid')),
};

/** Null where the text names none. */
export function readHolder(text: string): LockHolder | null {
  let holder: unknown;
  try {
    holder = JSON.parse(text);
  } catch {
    return null;
  }
  const isHolder =
    isRecord(holder) &&
    Number.isSafeInteger(holder.pid) &&
    (holder.pid as number) > 0 &&
    ['start', 'host', 'boot', 'namespace'].every((key) => typeof (holder as Record<string, unknown>)[key] === 'string');
  return isHolder ? (holder as unknown as LockHolder) : null;
}

/** Whether its pid can be looked up in this process. */
export function isHere({ host, boot, namespace }: LockHolder): boolean {
  return host === thisProcess.host && boot === thisProcess.boot && namespace === thisProcess.namespace;
}

export async function isRunning({ pid, start }: LockHolder): Promise<boolean> {
  const stat = await fs.readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  if (stat !== '') {
    const now = startIn(stat);
    return now !== null && (now === start || start === '');
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
  return true;
}

/** Start time from /proc/<pid>/stat; null for a zombie. */
function startIn(stat: string): string | null {
  // pid (name) state … start: the name may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? null : (fields[19] ?? '');
}

/** '' where the system does not tell, or not to this process. */
function told(ask: () => string): string {
  try {
    return ask();
  } catch {
    return '';
  }
}
