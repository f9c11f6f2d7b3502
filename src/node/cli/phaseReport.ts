// Loaded before a command by node --import: at its end it says on file descriptor 3 when each phase began, and what the process had used by then.
import { readFileSync, writeSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';
import { watchPhases } from './phases.js';

/** The beginning of a phase, or the end of the last. */
export interface Moment {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Seconds of processor time, on all threads. */
  readonly cpuSeconds: number;
  /** The most memory that the process has had. */
  readonly peakKiB: number;
}

let peak = 0;

/**
 * VmHWM where there is /proc: what getrusage() says on Linux begins with the parent's memory. A later reading may be lower, as Linux records
 * a peak only when memory is released.
 */
function peakKiB(): number {
  let now: number;
  try {
    now = Number(readFileSync('/proc/self/status', 'latin1').match(/^VmHWM:\s*(\d+) kB$/m)![1]);
  } catch {
    now = process.resourceUsage().maxRSS;
  }
  peak = Math.max(peak, now);
  return peak;
}

function moment(name: string): Moment {
  const { user, system } = process.cpuUsage();
  return {
    name,
    at: performance.timeOrigin + performance.now(),
    cpuSeconds: (user + system) / 1e6,
    peakKiB: peakKiB(),
  };
}

// Worker threads are started with it, too.
if (isMainThread) {
  const moments = [moment('load modules')];
  watchPhases((name) => moments.push(moment(name)));
  process.on('exit', () => writeSync(3, JSON.stringify([...moments, moment('end the process')])));
}
