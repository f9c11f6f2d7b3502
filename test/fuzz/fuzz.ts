// The loop: fast-check makes rows of bytes, which become decisions and these files; each is read and checked. A row for which something
// does not hold is made smaller and shown.
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { Decisions } from './decisions.js';
import { targets, type Reader } from './targets.js';
import { stopwatch, type Target, type Verdict } from './target.js';

export interface FuzzReport {
  readonly files: Readonly<Record<Verdict, number>>;
  readonly seconds: number;
  /** Milliseconds for the slowest file, or group of files that are read at once. */
  readonly slowestMs: number;
  /** The most memory that the process ever had. */
  readonly peakMiB: number;
}

/** Reads `inputs` files; the same seed makes the same files. Throws at the first for which something does not hold. */
export async function fuzz(reader: Reader, inputs: number, seed: number): Promise<FuzzReport> {
  const {
    filesEach,
    decisions: [minLength, maxLength] = [0, 192],
    mostMs = 5000,
    mostMiB = 512,
    check,
  }: Target = targets[reader];
  const decisionBytes = fc.uint8Array({ minLength, maxLength, size: 'max' });
  const files: Record<Verdict, number> = { read: 0, refused: 0 };
  const before = peak();
  const began = performance.now();
  let [elapsed, slowestMs] = [stopwatch(), 0];
  const count = (...verdicts: Verdict[]): void => {
    for (const verdict of verdicts) files[verdict]++;
    slowestMs = Math.max(slowestMs, 1000 * elapsed());
    elapsed = stopwatch();
  };
  const group = fc.array(decisionBytes, { minLength: filesEach, maxLength: filesEach, size: 'max' });
  const property =
    filesEach === 1
      ? fc.property(decisionBytes, (bytes) => count(check(new Decisions(bytes)) as Verdict))
      : fc.asyncProperty(group, async (rows) =>
          count(...(await Promise.all(rows.map((bytes) => check(new Decisions(bytes)))))),
        );
  // Half of the files end in an error, and its stack is not read.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    await fc.assert(property as fc.IAsyncProperty<unknown>, { seed, numRuns: Math.ceil(inputs / filesEach) });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  const peakMiB = peak();
  assert.ok(slowestMs < mostMs, `a file took ${slowestMs} ms`);
  assert.ok(peakMiB - before < mostMiB, `the process grew by ${peakMiB - before} MiB`);
  return { files, seconds: (performance.now() - began) / 1000, slowestMs, peakMiB };
}

function peak(): number {
  return process.resourceUsage().maxRSS / 1024;
}
