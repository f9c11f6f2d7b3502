// Parallel coordinates: an axis for each hyperparameter that varies and one for the score, and a line through them for each setting.
import type { Plan } from '../../../sweep/plan.js';
import type { Value } from '../../../sweep/space.js';
import type { SettingSummary } from '../../../sweep/table.js';
import { log } from '../../../base/elementary.js';
import { rounded } from '../../../understanding/svg.js';
import { html, type Html } from '../report/html.js';
import { strongOverPale } from './curves.js';

const [HEIGHT, TOP, BOTTOM, SIDE, STEP] = [380, 54, 24, 90, 190];
const MOST_LINES = 500;
/** The best settings are drawn strongly: at most so many, and at most this share of all. */
const [STRONG, SHARE] = [3, 1 / 4];
/** Labels nearer to each other than this share of an axis would lie over each other. */
const APART = 0.06;
/** Ratio of values from which a logarithmic scale shows more. */
const WIDE = 20;

interface Axis {
  readonly title: string;
  /** 0 at the bottom, 1 at the top. */
  readonly heightOf: (setting: SettingSummary) => number;
  readonly ticks: readonly (readonly [height: number, text: string])[];
}

/** Null where nothing varies. */
export function parallelCoordinates(
  plan: Plan,
  settings: readonly SettingSummary[],
  names: readonly string[],
): Html | null {
  const shown = settings.filter(({ mean }) => mean !== null).slice(0, MOST_LINES);
  const axes = names.flatMap(
    (name) =>
      axisOf(
        name,
        shown.map(({ config }) => config[name]!),
        ({ config }) => config[name]!,
      ) ?? [],
  );
  if (axes.length === 0 || shown.length < 2) return null;
  const score = axisOf(
    plan.metric,
    shown.map(({ mean }) => mean!),
    ({ mean }) => mean!,
  );
  if (score) axes.push(score);
  const across = (axis: number): number => SIDE + axis * STEP;
  const up = (height: number): number => HEIGHT - BOTTOM - height * (HEIGHT - TOP - BOTTOM);
  const width = 2 * SIDE + (axes.length - 1) * STEP;
  const strong = Math.min(STRONG, Math.ceil(SHARE * shown.length));
  const lines = shown.map((setting, rank) => {
    const points = axes.map((axis, i) => `${rounded(across(i))},${rounded(up(axis.heightOf(setting)))}`);
    return html`<polyline class="${rank < strong ? 'line blue' : 'line blue pale'}" points="${points.join(' ')}" />`;
  });
  return html`<p>
      A line is a setting, from its hyperparameters to the mean of its scores; the best
      ${strong === 1 ? 'one is' : `${strong} are`} drawn strongly.
    </p>
    <div class="scroll">
      <svg
        class="chart"
        role="img"
        viewBox="0 0 ${width} ${HEIGHT}"
        style="max-width: ${width}px; min-width: ${Math.min(width, 900)}px"
        aria-label="Settings by ${axes.map(({ title }) => title).join(', ')}"
      >
        ${strongOverPale(lines, strong)}
        ${axes.map(
          ({ title, ticks }, i) =>
            html`<line class="axis" x1="${across(i)}" x2="${across(i)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}" /><text
                class="title"
                x="${across(i)}"
                y="24"
                text-anchor="middle"
                >${title}</text
              >${ticks.map(([height, text]) => html`<text class="over" x="${across(i) + 8}" y="${rounded(up(height) + 4)}">${text}</text>`)}`,
        )}
      </svg>
    </div>`;
}

/** Null where all values are one. */
function axisOf(title: string, values: readonly Value[], valueOf: (setting: SettingSummary) => Value): Axis | null {
  const distinct = [...new Set(values)];
  if (distinct.length < 2) return null;
  if (!distinct.every((value) => typeof value === 'number')) {
    const heightOf = (value: Value): number => distinct.indexOf(value) / (distinct.length - 1);
    return {
      title,
      heightOf: (setting) => heightOf(valueOf(setting)),
      ticks: distinct.map((value) => [heightOf(value), String(value)]),
    };
  }
  const numbers = distinct.map(Number).sort((a, b) => a - b);
  const [low, high] = [numbers[0]!, numbers.at(-1)!];
  const logPlace = (value: number): number => log(value / low) / log(high / low);
  const plainPlace = (value: number): number => (value - low) / (high - low);
  // Values that were spread evenly look so: their middle one is nearer to the axis' middle.
  const middle = numbers[numbers.length >> 1]!;
  const isLog = low > 0 && high / low >= WIDE && Math.abs(logPlace(middle) - 0.5) <= Math.abs(plainPlace(middle) - 0.5);
  const place = isLog ? logPlace : plainPlace;
  const labeled = numbers.length <= 6 ? numbers : [low, ...middles(low, high, isLog), high];
  return {
    title,
    heightOf: (setting) => place(Number(valueOf(setting))),
    ticks: labeled
      .map((value) => [place(value), String(Number(value.toPrecision(3)))] as const)
      .filter(
        ([height], i, all) =>
          i === 0 || i === all.length - 1 || (height - all[i - 1]![0] > APART && 1 - height > APART),
      ),
  };
}

/** Three values evenly between the two, on the axis' scale. */
function middles(low: number, high: number, isLog: boolean): number[] {
  const root = isLog ? Math.sqrt(Math.sqrt(high / low)) : 0;
  return [1, 2, 3].map((i) => (isLog ? low * root ** i : low + ((high - low) * i) / 4));
}
