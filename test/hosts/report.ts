// What came out of all hosts, as a table: the same network must have the same hash everywhere.
import { formatTable } from '../../src/table.js';
import type { Trained } from './training.js';

export interface HostResult {
  readonly host: string;
  readonly version: string;
  readonly flag: string;
  /** Or what the host said instead. */
  readonly trained: readonly Trained[] | Error;
}

export interface Report {
  readonly text: string;
  /** Trainings; a host that gave none fails once. */
  readonly passed: number;
  readonly failed: number;
}

/** The first result is what the others are compared with. A line is what one host gave for one network, and for one hash. */
export function report(results: readonly HostResult[]): Report {
  const expected = new Map<string, string>();
  const rows: string[][] = [];
  const errors: string[] = [];
  let passed = 0;
  let failed = 0;
  for (const { host, version, flag, trained } of results) {
    if (trained instanceof Error) {
      failed++;
      errors.push(trained.message);
      rows.push([host, version, flag, '', '', '', '', 'FAILED']);
      continue;
    }
    const lines = new Map<string, Trained[]>();
    for (const one of trained) {
      const { network, hash } = one;
      if (!expected.has(network)) expected.set(network, hash);
      if (hash === expected.get(network)) passed++;
      else failed++;
      const line = `${network} ${hash}`;
      lines.set(line, [...(lines.get(line) ?? []), one]);
    }
    for (const line of lines.values()) {
      const { network, hash } = line[0]!;
      const threads = line.map((one) => (one.running === one.threads ? `${one.threads}` : `${one.running} of ${one.threads}`)).join(', ');
      const seconds = line.reduce((sum, one) => sum + one.seconds, 0);
      rows.push([host, version, flag, network, threads, hash.slice(0, 16), seconds.toFixed(2), hash === expected.get(network) ? 'yes' : 'NO']);
    }
  }
  const table = formatTable(['Host', 'Version', 'Flags', 'Network', 'Threads', 'SHA-256 of the weights', 'Seconds', 'Same'], rows, [0, 1, 2, 3, 4, 5, 7]);
  return { text: [table, ...errors].join('\n'), passed, failed };
}
