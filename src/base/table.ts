// Plain text tables, and numbers as people read them, whatever the host's language.

/** 225034 → '225,034' */
export function formatCount(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}

/**
 * 0.98765 → '98.77 %', or '98.8 %' with one digit, as for probabilities. What is not quite everything never reads as everything, nor what is
 * not quite nothing as nothing: '>99.99 %', '<0.01 %'. '·' for a share of nothing, which is NaN.
 */
export function formatPercent(share: number, digits = 2): string {
  if (Number.isNaN(share)) return '·';
  const least = Number(`1e-${digits}`);
  if (share < 1 && 100 * share > 100 - least / 2) return `>${(100 - least).toFixed(digits)} %`;
  if (share > 0 && 100 * share < least / 2) return `<${least.toFixed(digits)} %`;
  return `${(100 * share).toFixed(digits)} %`;
}

/** Two digits, as a learning rate is chosen: 0.0019 */
export function formatRate(rate: number): string {
  return String(Number(rate.toPrecision(2)));
}

/** Rows of cells under a header; the first column is text, the others are numbers and stand to the right unless `left` names them. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  left: readonly number[] = [0],
): string {
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (left.includes(column) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('   ')
      .trimEnd();
  const rule = '─'.repeat(widths.reduce((sum, width) => sum + width + 3, -3));
  return [rule, line(header), rule, ...rows.map(line), rule].join('\n');
}
