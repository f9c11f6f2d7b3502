// Where the seconds of a whole npm run train go, phase by phase, from the start of its process to the end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { formatPercent, formatTable } from '../../base/table.js';
import type { Moment } from './phaseReport.js';

const address = (name: string): URL => new URL(name, import.meta.url);
const now = (): number => performance.timeOrigin + performance.now();

/** Runs npm run train with these options and prints what each phase took. Returns its exit code. */
export async function profileTrain(options: readonly string[]): Promise<number> {
  const began = now();
  const child = spawn(
    process.execPath,
    ['--import', address('phaseReport.js').href, fileURLToPath(address('train.js')), ...options],
    { stdio: ['inherit', 'inherit', 'inherit', 'pipe'] },
  );
  // The command ends by itself, and its phases are shown then.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const [[status], report] = await Promise.all([
    once(child, 'exit') as Promise<[number | null]>,
    text(child.stdio[3] as Readable),
  ]);
  if (status === 0) console.log(formatPhases(JSON.parse(report) as Moment[], began, now()));
  return status ?? 1;
}

interface Row {
  readonly name: string;
  seconds: number;
  cpuSeconds: number;
  growthKiB: number;
}

/** A row a phase, in the order in which they came first; all columns add up to the last row, from `began` to `ended`. */
export function formatPhases(moments: readonly Moment[], began: number, ended: number): string {
  const rows = new Map<string, Row>();
  const all: Moment[] = [{ name: 'start Node', at: began, cpuSeconds: 0, peakKiB: 0 }, ...moments];
  for (const [i, { name, at, cpuSeconds, peakKiB }] of all.entries()) {
    // The last one ends with the process, where processor time and memory can no longer be measured.
    const next = all[i + 1] ?? { ...all[i]!, at: ended };
    let row = rows.get(name);
    if (!row) rows.set(name, (row = { name, seconds: 0, cpuSeconds: 0, growthKiB: 0 }));
    row.seconds += (next.at - at) / 1000;
    row.cpuSeconds += next.cpuSeconds - cpuSeconds;
    row.growthKiB += next.peakKiB - peakKiB;
  }
  const total = (ended - began) / 1000;
  const last = all.at(-1)!;
  rows.set('all', { name: 'all', seconds: total, cpuSeconds: last.cpuSeconds, growthKiB: last.peakKiB });
  const cells = [...rows.values()].map(({ name, seconds, cpuSeconds, growthKiB }) => [
    name,
    seconds.toFixed(3),
    formatPercent(seconds / total),
    cpuSeconds.toFixed(3),
    (growthKiB / 1024).toFixed(1),
  ]);
  return formatTable(['Phase', 'Seconds', 'Share', 'CPU seconds', 'Adds to peak, MiB'], cells);
}
