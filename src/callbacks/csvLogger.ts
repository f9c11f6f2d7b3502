// A line for each epoch, as comma-separated values.  https://keras.io/api/callbacks/csv_logger/
import { check } from '../base/errors.js';
import { checkOptions, describe } from '../base/options.js';
import { encodeUtf8 } from '../base/utf8.js';
import type { Callbacks } from './callback.js';
import { checkOwnState, isCount } from './monitor.js';

/** Options of {@link csvLogger}. */
export interface CSVLoggerOptions {
  /**
   * Puts the text at byte `at` of a file, in UTF-8, and cuts off what was behind: so a fit that resumes writes no epoch twice. May be
   * async. csvFile(path) of wasm-cnn/node is one.
   */
  readonly write: (text: string, at: number) => unknown;
  /** Text between two values; default ','. */
  readonly separator?: string;
}

/** What {@link csvLogger} makes. */
export interface CSVLogger extends Callbacks {
  /** The columns, and the bytes written so far. */
  state: { columns: string[]; bytes: number };
}

/**
 * Columns: epoch, counted from 0, then what the logs of the first epoch have, and of the first that is validated, in the order of the alphabet.
 *
 * @example
 * ```js
 * import { csvLogger, layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [1], layers: [layers.dense({ units: 1, kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [1, 1].map((value) => ({ data: Float32Array.of(value), shape: [1, 1] }));
 * let file = '';
 * const write = (text, at) => (file = file.slice(0, at) + text);
 * await model.fit(x, y, { epochs: 2, verbose: 0, callbacks: [csvLogger({ write })] });
 * file.split('\n')[0]; // 'epoch,loss'
 * ```
 */
export function csvLogger(options: CSVLoggerOptions): CSVLogger {
  const who = 'csvLogger';
  checkOptions(options, ['write', 'separator'], who);
  const { write, separator = ',' } = options;
  check(
    typeof write === 'function',
    () =>
      `${who} needs write, a function that keeps a text, got ${describe(write)}; csvFile(path) of wasm-cnn/node gives one`,
  );
  check(
    typeof separator === 'string' && separator.length === 1 && !/["\r\n\d.e+-]/.test(separator),
    () => `${who}'s separator must be one character that no number and no line has, got ${describe(separator)}`,
  );
  const line = (cells: readonly (string | number)[]): string =>
    `${cells.map((cell) => quoted(String(cell), separator)).join(separator)}\n`;
  let validated: readonly string[] = [];
  return {
    name: who,
    state: { columns: [], bytes: 0 },
    checkState({ columns, bytes }) {
      checkOwnState(
        Array.isArray(columns) && columns.every((column) => typeof column === 'string') && isCount(bytes),
        who,
      );
    },
    onTrainBegin(_model, _signal, logs = []) {
      validated = logs.filter((name) => name.startsWith('val_'));
      this.state = { columns: [], bytes: 0 };
    },
    async onEpochEnd(epoch, logs) {
      const { columns, bytes } = this.state;
      const names = columns.length > 0 ? columns : [...new Set([...Object.keys(logs), ...validated])].sort();
      const header = columns.length > 0 ? '' : line(['epoch', ...names]);
      // What this epoch lacks, as validation that is not made each time, is NA as in Keras.
      const text = header + line([epoch, ...names.map((name) => logs[name] ?? 'NA')]);
      await write(text, bytes);
      this.state = { columns: names, bytes: bytes + encodeUtf8(text).length };
    },
  };
}

function quoted(cell: string, separator: string): string {
  return cell.includes(separator) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
