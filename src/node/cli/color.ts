// Color on terminals that have it, and never where NO_COLOR is set or TERM is dumb.  https://no-color.org
import { styleText } from 'node:util';

/** What Node knows of the terminal behind a stream. */
type Terminal = Pick<NodeJS.WriteStream, 'isTTY'> & Partial<Pick<NodeJS.WriteStream, 'hasColors'>>;

/** The text for that stream. */
export function colored(
  style: 'red' | 'green' | 'bold' | 'dim',
  text: string,
  stream: Terminal = process.stdout,
): string {
  return stream.isTTY && stream.hasColors?.() ? styleText(style, text, { validateStream: false }) : text;
}

/** Mark of a wrong prediction in a row of a table. */
export const WRONG = '✗ wrong';

/** A table whose columns are aligned already. */
export function markWrong(table: string): string {
  return table.replaceAll(WRONG, colored('red', WRONG));
}
