// What came out of all hosts, as a table: the same network must have the same weights everywhere, and say the same.
import { formatTable } from '../../src/base/table.js';
import type { Trained } from './training.js';

export interface HostResult {
  readonly host: string;
  readonly version: string;
  readonly way: string;
  /** Or what the host said instead. */
  readonly trained: readonly Trained[] | Error;
}

export interface Report {
  readonly text: string;
  /** Trainings; a host that gave none fails once. */
  readonly passed: number;
  readonly failed: number;
}

const lineOf = ({ network, hash, predictions }: Trained): string => `${network} ${hash} ${predictions}`;

/** The first result is what the others are compared with. A line is what one host gave for one network, and for one set of bits. */
export function report(results: readonly HostResult[]): Report {
  const expected = new Map<string, string>();
  const rows: string[][] = [];
  const errors: string[] = [];
  let passed = 0;
  let failed = 0;
  for (const { host, version, way, trained } of results) {
    if (trained instanceof Error) {
      failed++;
      errors.push(trained.message);
      rows.push([host, version, way, '', '', '', '', 'FAILED']);
      continue;
    }
    const lines = new Map<string, Trained[]>();
    for (const one of trained) {
      const line = lineOf(one);
      if (!expected.has(one.network)) expected.set(one.network, line);
      if (line === expected.get(one.network)) passed++;
      else failed++;
      lines.set(line, [...(lines.get(line) ?? []), one]);
    }
    for (const line of lines.values()) {
      const { network, hash } = line[0]!;
      const threads = line
        .map((one) => (one.running === one.threads ? `${one.threads}` : `${one.running} of ${one.threads}`))
        .join(', ');
      const seconds = line.reduce((sum, one) => sum + one.seconds, 0);
      rows.push([
        host,
        version,
        way,
        network,
        threads,
        hash.slice(0, 16),
        seconds.toFixed(2),
        lineOf(line[0]!) === expected.get(network) ? 'yes' : 'NO',
      ]);
    }
  }
  const table = formatTable(
    ['Host', 'Version', 'How', 'Network', 'Threads', 'SHA-256 of the weights', 'Seconds', 'Same'],
    rows,
    [0, 1, 2, 3, 4, 5, 7],
  );
  return { text: [table, ...errors].join('\n'), passed, failed };
}
