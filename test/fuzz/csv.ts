// CSV of pixels: what is read has the cells that a second, plain reader (RFC 4180, character by character) finds.
import * as assert from 'uvu/assert';
import { csvLayout } from '../../src/data/layouts/csv.js';
import { memoryFolder } from '../data/layouts/memoryFolder.js';
import { damaged, type Decisions } from './decisions.js';
import { checkRefusal, type Target } from './target.js';

const CELLS = ['0', '255', '256', '-1', '7', '1.0', '1.5', ' 3', 'x', '', 'NaN', '1e2', 'é', '\u001b[2J', '0x10'];

interface Made {
  readonly text: string;
  readonly separator: string;
}

function makeText(decisions: Decisions): Made {
  const separator = decisions.pick([',', ',', ',', ';', '\t']);
  const end = decisions.pick(['\n', '\n', '\r\n']);
  const pixels = decisions.pick([4, 4, 9, 12, 16, 5]);
  const rows = Array.from({ length: decisions.below(6) }, () => {
    const length = 1 + pixels + (decisions.rarely(40) ? decisions.below(3) - 1 : 0);
    const cells = Array.from({ length }, (_, i) =>
      decisions.rarely(80) ? decisions.pick(CELLS) : String(i === 0 ? decisions.below(4) : decisions.byte()),
    );
    return cells.map((cell) => (decisions.rarely(30) ? `"${cell}"` : cell));
  });
  const header = ['label', ...Array.from({ length: pixels }, (_, i) => `pixel${i}`)];
  const lines = decisions.below(4) === 0 ? rows : [header, ...rows];
  if (decisions.rarely(12)) lines.splice(decisions.below(lines.length + 1), 0, ['']);
  const text = lines.map((cells) => cells.join(separator)).join(end);
  return { text: (decisions.rarely(8) ? '\ufeff' : '') + text + (decisions.below(3) === 0 ? '' : end), separator };
}

/** The cells of each row that is not empty; null where quotes are not as RFC 4180 has them. */
function plainCells(text: string, separator: string): string[][] | null {
  const rows: string[][] = [[]];
  let at = text.startsWith('\ufeff') ? 1 : 0;
  while (at <= text.length) {
    let cell = '';
    if (text[at] === '"') {
      for (at++; text[at] !== '"' || text[at + 1] === '"'; at++) {
        if (at >= text.length) return null;
        if (text[at] === '"') at++;
        cell += text[at];
      }
      at++;
      if (at < text.length && ![separator, '\r', '\n'].includes(text[at]!)) return null;
    } else
      for (; at < text.length && ![separator, '\r', '\n'].includes(text[at]!); at++) {
        if (text[at] === '"') return null;
        cell += text[at];
      }
    rows.at(-1)!.push(cell);
    if (at >= text.length) break;
    if (text[at] === separator) {
      at++;
      continue;
    }
    at += text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1;
    rows.push([]);
  }
  return rows.filter((cells) => cells.length > 1 || (cells[0] ?? '').trim() !== '');
}

/** Labels and pixels of such rows; null where they are no data set of the fuzzer's form. */
function plainSet(rows: readonly (readonly string[])[]): { labels: number[]; pixels: number[] } | null {
  const isHeader = rows[0]?.[0]?.trim() === 'label';
  const body = isHeader ? rows.slice(1) : rows;
  const width = rows[0]?.length ?? 0;
  const fits = [1, 3].some((channels) => Number.isInteger(Math.sqrt((width - 1) / channels)));
  if (body.length === 0 || !fits || width < (isHeader ? 2 : 4)) return null;
  if (isHeader && !rows[0]!.slice(1).every((cell) => /^pixel\d+$/.test(cell.trim()))) return null;
  const numbers = body.map((cells) => cells.map((cell) => (cell === '' ? NaN : Number(cell))));
  const areSound = body.every(
    (cells, i) =>
      cells.length === width &&
      /^\d{1,5}(\.0+)?$/.test(cells[0]!.trim()) &&
      numbers[i]!.slice(1).every((value) => Number.isInteger(value) && value >= 0 && value <= 255),
  );
  if (!areSound) return null;
  return { labels: numbers.map(([label]) => label!), pixels: numbers.flatMap(([, ...pixels]) => pixels) };
}

export const csv: Target = {
  filesEach: 8,
  async check(decisions) {
    const { text, separator } = makeText(decisions);
    const bytes = new TextEncoder().encode(text);
    const file = decisions.rarely(3) ? damaged(bytes, decisions) : bytes;
    const rows = file === bytes ? plainCells(text, separator) : null;
    const expected = rows && plainSet(rows);
    try {
      const [found] = await csvLayout.find(memoryFolder({ 'a.csv': file }, 'the-file'));
      const data = await found?.read();
      if (!data) {
        assert.is(expected ?? null, null, 'it was to be found');
        return 'refused';
      }
      const { x, y } = data.train;
      assert.is(x.shape[0], y.length);
      assert.is(
        x.data.length,
        x.shape.reduce((product, size) => product * size, 1),
      );
      // Labels in words are classes of another kind.
      if (rows && data.classNames === null) {
        assert.equal([...y], expected?.labels);
        assert.equal([...x.data], expected?.pixels);
      }
      return 'read';
    } catch (error) {
      checkRefusal(error);
      assert.is(expected ?? null, null, `it was to be read: ${(error as Error).message}`);
      return 'refused';
    }
  },
};
