// The colors of page.css for what is drawn on canvases, and word of their change.

export interface Theme {
  readonly ink: string;
  readonly quiet: string;
  readonly rule: string;
  readonly train: string;
  readonly test: string;
  readonly page: string;
}

export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: color('ink'),
    quiet: color('quiet'),
    rule: color('rule'),
    train: color('train'),
    test: color('test'),
    page: color('page'),
  };
}

export function onThemeChange(action: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', action);
}

/** Red, green, blue of a color of page.css, '#rgb' or '#rrggbb'. */
export function channels(color: string): [number, number, number] {
  const digits = color.slice(1);
  const long = digits.length === 3 ? [...digits].map((digit) => digit + digit).join('') : digits;
  return [0, 2, 4].map((at) => parseInt(long.slice(at, at + 2), 16)) as [number, number, number];
}
