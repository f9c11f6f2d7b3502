// CSV, read and written. inlinePackages.js puts the package in here.
import Papa from 'papaparse';

/**
 * Calls `take` with the cells of each row, and its number from 1. What separates cells is what the first line has most of; `take` may throw to
 * stop. Returns what is wrong with the quotes, if anything.
 */
export function parseRows(text: string, take: (cells: readonly string[], row: number) => void): string | null {
  let [row, trouble]: [number, string | null] = [0, null];
  const [line = ''] = /[^\r\n]*\S[^\r\n]*/.exec(text) ?? [];
  const count = (separator: string): number => line.split(separator).length;
  const delimiter = [',', ';', '\t'].reduce((most, each) => (count(each) > count(most) ? each : most));
  Papa.parse<string[]>(text, {
    delimiter,
    step({ data, errors }) {
      row++;
      const quotes = errors.find(({ type }) => type === 'Quotes');
      trouble ??= quotes ? `row ${row}: ${quotes.message}` : null;
      take(data, row);
    },
  });
  return trouble;
}

/** A CSV text with a line of names above the rows. */
export function formatRows(names: readonly string[], rows: readonly (readonly unknown[])[]): string {
  return `${Papa.unparse({ fields: names, data: rows })}\n`;
}
