// A learning rate over the steps of a run, as a chart of characters.
import type { Schedule } from '../../schedules/index.js';

const [COLUMNS, ROWS] = [60, 8];
/** Cells filled from nothing to all, in eighths. */
const EIGHTHS = ' ▁▂▃▄▅▆▇█';

/** Each column has the rate of a step, the first that of step 1 and the last that of the last. */
export function drawSchedule({ at }: Schedule, steps: number): string {
  const columns = Math.min(COLUMNS, steps);
  const rates = Array.from({ length: columns }, (_, i) =>
    at(1 + Math.round((i * (steps - 1)) / Math.max(1, columns - 1))),
  );
  const highest = Math.max(...rates);
  const top = Number(highest.toPrecision(4)).toString();
  const rows = Array.from({ length: ROWS }, (_, row) => {
    const cells = rates.map((rate) => {
      const eighths = highest > 0 ? Math.round((rate / highest) * ROWS * 8) - (ROWS - 1 - row) * 8 : 0;
      return EIGHTHS[Math.max(0, Math.min(8, eighths))]!;
    });
    const label = row === 0 ? top : row === ROWS - 1 ? '0' : '';
    return `${label.padStart(top.length)} │${cells.join('').trimEnd()}`;
  });
  const axis = `${' '.repeat(top.length)} └${'─'.repeat(columns)}`;
  const ends = `${' '.repeat(top.length + 2)}1${String(steps).padStart(columns - 1)}`;
  return [`Learning rate of ${steps} steps`, ...rows, axis, ends].join('\n');
}
