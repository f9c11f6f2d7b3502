// Where the time of a training step goes: a row an op and pass.
import { costOf } from '../compiler/costs.js';
import type { Pass } from '../compiler/program.js';
import { checkArguments } from '../base/options.js';
import { checkWhole } from '../base/shape.js';
import { formatPercent, formatTable } from '../base/table.js';
import type { Inputs, Targets } from './inputs.js';
import { prepareBatch, type BatchTrained } from './onBatch.js';
import { profileStep } from './steps.js';
import { checkModel } from './checkModel.js';

/** What one op takes in one pass. */
export interface ProfileRow {
  /** 'conv2d+relu of conv2d_1' */
  readonly op: string;
  readonly pass: Pass;
  /** Medians over the steps, summed over the calls of a step; µs for each example. */
  readonly microseconds: number;
  /** Per step and example: floating-point operations actually executed, and bytes moved. */
  readonly flops: number;
  readonly bytes: number;
}

/** Steps that are not counted: the compiler is still at work. */
const WARM_UP = 10;

/**
 * Times `steps` steps of a compiled model on one batch, on the calling thread, and says for each op and pass where the time went. Nothing is
 * learned.
 *
 * @example
 * ```js
 * import { layers, profile, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 2, activation: 'softmax' })] });
 * model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
 * const x = { data: Float32Array.of(0, 1, 1, 0), shape: [2, 2] };
 * profile(model, x, [0, 1], 3).length > 3; // true
 * ```
 */
export function profile(model: BatchTrained, x: Inputs, y: Targets, steps = 20): ProfileRow[] {
  checkArguments(arguments, 4, 'profile', 'the fourth is the number of steps');
  checkModel(model, 'profile');
  const examples = prepareBatch(model, x, y, 'profile');
  const session = model.trainingCopy(examples.count);
  checkWhole(steps, 'steps');
  const rows = new Map<string, { op: string; pass: Pass; times: number[]; flops: number; bytes: number }>();
  for (let step = 0; step < WARM_UP + steps; step++) {
    profileStep(session, examples, (call, milliseconds, memory) => {
      if (step < WARM_UP) return;
      const key = `${call.op} ${call.pass}`;
      let row = rows.get(key);
      if (!row) rows.set(key, (row = { op: call.op, pass: call.pass, times: [], flops: 0, bytes: 0 }));
      const at = step - WARM_UP;
      row.times[at] = (row.times[at] ?? 0) + milliseconds;
      // The cost depends on the data only a little (winners of a pool): the first step's is shown.
      if (at > 0) return;
      const { flops, bytes } = costOf(call, memory);
      row.flops += flops;
      row.bytes += bytes;
    });
  }
  const { count } = examples;
  return [...rows.values()].map(({ op, pass, times, flops, bytes }) => ({
    op,
    pass,
    microseconds: (1000 * median(times)) / count,
    flops: flops / count,
    bytes: bytes / count,
  }));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** The rows, dearest first, with their share of the step. */
export function formatProfile(rows: readonly ProfileRow[]): string {
  const total = rows.reduce((sum, { microseconds }) => sum + microseconds, 0);
  const cells = [...rows]
    .sort((a, b) => b.microseconds - a.microseconds)
    .map(({ op, pass, microseconds, flops, bytes }) => [
      op,
      pass,
      microseconds.toFixed(2),
      formatPercent(microseconds / total, 1),
      (flops / microseconds / 1000).toFixed(1),
      (bytes / 1024).toFixed(1),
    ]);
  return [
    formatTable(['Op', 'Pass', 'µs', 'Share', 'GFLOP/s', 'KiB'], cells, [0, 1]),
    `A step takes ${total.toFixed(1)} µs an example: ${Math.round(1e6 / total)} examples/s on one thread`,
  ].join('\n');
}
