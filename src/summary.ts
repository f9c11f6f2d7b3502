// The table that model.summary() prints: layers, output shapes, parameters, and the exact bytes of the plan.
import type { Plan } from './plan.js';
import { formatShape, type Shape } from './shape.js';

export interface SummaryRow {
  readonly layer: string;
  readonly outputShape: Shape;
  readonly parameters: number;
}

/** 225,034, whatever the host's language. */
export function formatCount(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}

export function formatSummary(name: string, input: Shape, rows: readonly SummaryRow[], plan: Plan | null): string {
  const cells = [
    ['Layer', 'Output shape', 'Parameters'],
    ['input', formatShape(['n', ...input] as never), '0'],
    ...rows.map(({ layer, outputShape, parameters }) => [layer, formatShape(['n', ...outputShape] as never), formatCount(parameters)]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => row[column]!.length)));
  const lines = cells.map(([layer, shape, count]) => `${layer!.padEnd(widths[0]!)}   ${shape!.padEnd(widths[1]!)}   ${count!.padStart(widths[2]!)}`);
  const rule = '─'.repeat(lines[0]!.length);
  const total = rows.reduce((sum, { parameters }) => sum + parameters, 0);
  const memory = plan
    ? `Memory: ${formatCount(plan.totalBytes)} bytes, planned for ${plan.training ? 'training' : 'prediction'} in batches of ${plan.batchSize}`
    : 'Memory: planned by compile()';
  return [`Model '${name}'`, rule, lines[0], rule, ...lines.slice(1), rule, `Total parameters: ${formatCount(total)} (${formatCount(4 * total)} bytes)`, memory].join('\n');
}
