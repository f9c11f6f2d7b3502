// Loaded before npm run train by node --import: at the end it says on file descriptor 3 when the first step was done, and the most memory the process had.
import { readFileSync, writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { Session } from '../src/training/session.js';

/** VmHWM where there is /proc: what getrusage() says on Linux begins with the parent's memory. */
function peakKiB(): number {
  try {
    return Number(readFileSync('/proc/self/status', 'utf8').match(/^VmHWM:\s*(\d+) kB$/m)![1]);
  } catch {
    return process.resourceUsage().maxRSS;
  }
}

// Worker threads are started with it, too.
if (isMainThread) {
  const { train } = Session.prototype;
  let firstStep = 0;
  Session.prototype.train = function (...args) {
    train.apply(this, args);
    firstStep = Date.now();
    Session.prototype.train = train;
  };
  process.on('exit', () => writeSync(3, JSON.stringify({ firstStep, peakKiB: peakKiB() })));
}
