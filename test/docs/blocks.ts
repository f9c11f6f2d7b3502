// The docstrings' examples as programs. ```js blocks run, ```ts blocks (those that need files, a browser or a server) are compiled alone.
// A comment behind an expression or a const of one line that begins as a value does is what it must be: model.outputShape; // [26, 26, 32]

export interface Block {
  /** 'layers/conv2d.ts:37' */
  readonly place: string;
  readonly runs: boolean;
  readonly code: string;
}

/** All examples of a file. */
export function blocksOf(path: string, text: string): Block[] {
  return [...text.matchAll(/^ *\/\*\*(?:(?!\*\/)[^])*\*\//gm)].flatMap((comment) => {
    const lines = text.slice(0, comment.index).split('\n').length;
    return [...comment[0].matchAll(/@example\n *\* *```(js|ts)\n((?:(?! *\* ```)[^])*?) *\* ```$/gm)].map((found) => ({
      place: `${path}:${lines + comment[0].slice(0, found.index).split('\n').length}`,
      runs: found[1] === 'js',
      code: found[2]!.replace(/^ *\* ?/gm, ''),
    }));
  });
}

const VALUE = /^(?:[[{'"\d-]|true\b|false\b|null\b|NaN\b)/;

/** The program that compares, by a function `expect(value, expected)`. */
export function comparing({ place, code }: Block): string {
  return code
    .split('\n')
    .map((line) => {
      const found = /^(.*;) \/\/ (.*)$/.exec(line);
      if (!found || !VALUE.test(found[2]!)) return line;
      const [, statement, value] = found as unknown as [string, string, string];
      const name = /^ *const (\w+) = /.exec(statement)?.[1];
      if (name !== undefined) return `${statement} expect(${name}, ${value});`;
      if (/^ *(?:[})\]]|const|let|import|for|if)/.test(statement))
        throw new Error(`${place}: of this line no value can be compared: ${line}`);
      return `expect(${statement.slice(0, -1)}, ${value});`;
    })
    .join('\n');
}

/** Whether a value is what a comment shows: numbers to the decimals shown, of objects the fields shown. */
export function isAsShown(value: unknown, shown: unknown): boolean {
  if (typeof shown === 'number' && typeof value === 'number') {
    const decimals = /^-?\d+(?:\.(\d+))?$/.exec(String(shown))?.[1]?.length ?? 0;
    return Object.is(value, shown) || Math.abs(value - shown) <= (decimals ? 0.5001 * 10 ** -decimals : 0);
  }
  if (Array.isArray(shown)) {
    const values = ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value;
    return Array.isArray(values) && values.length === shown.length && shown.every((v, i) => isAsShown(values[i], v));
  }
  if (typeof shown === 'object' && shown !== null)
    return (
      typeof value === 'object' &&
      value !== null &&
      Object.entries(shown).every(([key, part]) => isAsShown((value as Record<string, unknown>)[key], part))
    );
  return Object.is(value, shown);
}
