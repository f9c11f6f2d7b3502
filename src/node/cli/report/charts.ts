// Curves and the reliability diagram as SVG, which follows the page's colors. A library would bring tens of megabytes for two drawings, and
// colors of its own that know neither a dark page nor print.
import { formatCount } from '../../../base/table.js';
import { rounded } from '../../../understanding/svg.js';
import { html, nothing, type Html } from './html.js';

export interface Series {
  readonly name: string;
  /** Points from left to right; those whose y is NaN are left out. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface LineChart {
  readonly title: string;
  readonly xTitle: string;
  /** One or two. */
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  /** End of the axis, whatever the values are. */
  readonly least?: number;
  readonly most?: number;
}

const [WIDTH, HEIGHT] = [520, 330];
const [LEFT, RIGHT, TOP, BOTTOM] = [62, 16, 64, 46];
const COLORS = ['blue', 'orange'] as const;
const MOST_TICKS = 6;

/** Steps of 1, 2 or 5 times a power of ten, at most MOST_TICKS of them, from at or below the least value to at or above the most. */
export function ticksOf(least: number, most: number): number[] {
  const span = most - least;
  if (!(span > 0)) return [least];
  let unit = 1;
  while (unit > span) unit /= 10;
  while (unit * 10 <= span) unit *= 10;
  const step = [0.1, 0.2, 0.5, 1, 2, 5].map((factor) => factor * unit).find((size) => span / size <= MOST_TICKS)!;
  const [first, last] = [Math.floor(least / step + 1e-9), Math.ceil(most / step - 1e-9)];
  // From whole numbers, and rounded to what the step can tell apart, so that 0.30000000000000004 is 0.3.
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

export function lineChart({ title, xTitle, series, format, least, most }: LineChart): Html {
  const drawable = series.map(({ points }) => points.filter(({ y }) => Number.isFinite(y)));
  const all = drawable.flat().map(({ y }) => y);
  const ticks = ticksOf(least ?? Math.min(...all), most ?? Math.max(...all));
  const [low, high] = [ticks[0]!, Math.max(ticks.at(-1)!, most ?? -Infinity)];
  const places = series.flatMap(({ points }) => points.map(({ x }) => x));
  const [first, last] = [Math.min(...places), Math.max(...places)];
  const across = (value: number): number =>
    last === first ? (LEFT + WIDTH - RIGHT) / 2 : LEFT + ((value - first) / (last - first)) * (WIDTH - LEFT - RIGHT);
  const up = (value: number): number =>
    HEIGHT - BOTTOM - (high === low ? 0.5 : (value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const whole = ticksOf(first, last).filter((tick) => Number.isInteger(tick) && tick >= first && tick <= last);
  const drawn = drawable.map((given, i): Html => {
    const color = COLORS[i]!;
    const points = given.map(({ x, y }) => ({ x: across(x), y: up(y) }));
    const line = points.map((point) => `${rounded(point.x)},${rounded(point.y)}`).join(' ');
    const marks = points.length > 30 ? [] : points.map((point) => mark(color, point.x, point.y));
    return html`<polyline class="line ${color}" points="${line}" />${marks}`;
  });
  const legend = series.map(({ name }, i) => {
    const at = LEFT + i * 130;
    return html`<line
        class="line ${COLORS[i]!}"
        x1="${at}"
        x2="${at + 28}"
        y1="42"
        y2="42"
      />${mark(COLORS[i]!, at + 14, 42)}<text x="${at + 36}" y="46">${name}</text>`;
  });
  const told = series.map(({ name, points }) => `${name} from ${format(points[0]!.y)} to ${format(points.at(-1)!.y)}`);
  return html`<svg
    class="chart"
    role="img"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    aria-label="${title} by ${xTitle}: ${told.join(', ')}"
  >
    <text class="title" x="${LEFT}" y="20">${title}</text>
    ${legend}
    ${ticks.map((tick) => html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${rounded(up(tick))}" y2="${rounded(up(tick))}" /><text x="${LEFT - 8}" y="${rounded(up(tick) + 4)}" text-anchor="end">${format(tick)}</text>`)}
    ${(whole.length > 0 ? whole : [first]).map((tick) => html`<text x="${rounded(across(tick))}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle">${tick}</text>`)}
    <text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${xTitle}</text>
    ${drawn}
  </svg> `;
}

/** A dot of the first series, a triangle of the second. */
function mark(color: string, x: number, y: number): Html {
  if (color === 'blue') return html`<circle class="blue mark" cx="${rounded(x)}" cy="${rounded(y)}" r="3.6" />`;
  const points = [
    [x, y - 5],
    [x + 4.6, y + 3.6],
    [x - 4.6, y + 3.6],
  ];
  return html`<polygon
    class="orange mark"
    points="${points.map((point) => point.map(rounded).join(',')).join(' ')}"
  />`;
}

/** Images whose highest probability lies in a range of one of equally wide parts of 0 to 1. */
export interface Bin {
  readonly count: number;
  /** Mean highest probability, and share that is right; NaN where there are none. */
  readonly confidence: number;
  readonly accuracy: number;
}

/** Heights of the diagram and of the counts below it. Of fewer images than FEW an accuracy says little, and its bar is pale. */
const [TALL, COUNTS, HEAD, FEW] = [260, 64, 40, 20];

/** How often an answer is right, by how sure it is; below, how many answers are so sure. */
export function reliabilityDiagram(bins: readonly Bin[], told: string): Html {
  const wide = WIDTH - LEFT - 2 * RIGHT;
  const bottom = HEAD + TALL;
  const below = bottom + 60 + COUNTS;
  const [step, most] = [wide / bins.length, Math.max(...bins.map(({ count }) => count))];
  const across = (share: number): number => LEFT + share * wide;
  const up = (share: number): number => bottom - share * TALL;
  const percents = [0, 0.2, 0.4, 0.6, 0.8, 1];
  const bars = bins.map(({ count, confidence, accuracy }, i) => {
    if (count === 0) return nothing;
    const at = html`x="${rounded(LEFT + i * step + 1)}" width="${rounded(step - 2)}"`;
    const [low, high] = [Math.min(accuracy, confidence), Math.max(accuracy, confidence)];
    const tall = (count / most) * COUNTS;
    const pale = count < FEW ? html` pale` : nothing;
    return html`<rect class="bar${pale}" ${at} y="${rounded(up(accuracy))}" height="${rounded(accuracy * TALL)}" /><rect
        class="gap${pale}"
        ${at}
        y="${rounded(up(high))}"
        height="${rounded((high - low) * TALL)}"
      /><rect class="bar" ${at} y="${rounded(below - tall)}" height="${rounded(tall)}" />`;
  });
  const label = (share: number): string => `${Math.round(100 * share)} %`;
  return html`<svg class="chart" role="img" viewBox="0 0 ${WIDTH} ${below + 34}" aria-label="${told}">
    <text class="title" x="${LEFT}" y="20">Right answers by confidence</text>
    ${percents.map((share) => html`<line class="grid" x1="${LEFT}" x2="${LEFT + wide}" y1="${rounded(up(share))}" y2="${rounded(up(share))}" /><text x="${LEFT - 8}" y="${rounded(up(share) + 4)}" text-anchor="end">${label(share)}</text><text x="${rounded(across(share))}" y="${bottom + 20}" text-anchor="middle">${label(share)}</text>`)}
    ${bars}
    <line class="ideal" x1="${LEFT}" y1="${bottom}" x2="${LEFT + wide}" y2="${HEAD}" />
    <line class="axis" x1="${LEFT}" x2="${LEFT + wide}" y1="${below}" y2="${below}" />
    <text x="${LEFT - 8}" y="${below - COUNTS + 10}" text-anchor="end">${formatCount(most)}</text>
    <text x="${LEFT - 8}" y="${below}" text-anchor="end">0</text>
    <text x="${LEFT + wide / 2}" y="${below + 20}" text-anchor="middle">images by confidence</text>
  </svg> `;
}
