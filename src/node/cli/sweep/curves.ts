// The figure that a sweep compares, by epoch: a line for the mean of each setting.
import { lastResultOf, type Plan, type Results } from '../../../sweep/plan.js';
import type { SettingSummary } from '../../../sweep/table.js';
import { rounded } from '../../../understanding/svg.js';
import { ticksOf } from '../report/charts.js';
import { html, type Html } from '../report/html.js';

const [WIDTH, HEIGHT] = [1040, 360];
/** So many lines over each other are as dark as a strong one. */
const MANY = 20;
const [LEFT, RIGHT, TOP, BOTTOM] = [70, 16, 40, 46];

/** Null where no trial has an epoch. The best setting is drawn strongly, the others pale. */
export function curvesOf(plan: Plan, results: Results, settings: readonly SettingSummary[]): Html | null {
  const curves = settings.map(({ setting }) => meanCurve(plan, results, setting)).filter(({ length }) => length > 0);
  if (curves.length === 0) return null;
  const all = curves.flat();
  const ticks = ticksOf(Math.min(...all), Math.max(...all));
  const [low, high] = [ticks[0]!, ticks.at(-1)!];
  const across = (epoch: number): number =>
    plan.epochs === 1 ? (LEFT + WIDTH - RIGHT) / 2 : LEFT + ((epoch - 1) / (plan.epochs - 1)) * (WIDTH - LEFT - RIGHT);
  const up = (value: number): number =>
    HEIGHT - BOTTOM - (high === low ? 0.5 : (value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const lines = curves.map((values, rank) => {
    const points = values.map((value, i) => `${rounded(across(i + 1))},${rounded(up(value))}`);
    const kind = rank === 0 ? 'line blue' : 'line blue pale';
    return values.length > 1
      ? html`<polyline class="${kind}" points="${points.join(' ')}" />`
      : html`<circle class="${kind} mark" cx="${rounded(across(1))}" cy="${rounded(up(values[0]!))}" r="3.6" />`;
  });
  const whole = ticksOf(1, plan.epochs).filter((tick) => Number.isInteger(tick) && tick >= 1 && tick <= plan.epochs);
  return html`<svg
    class="chart"
    role="img"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    aria-label="${plan.metric} by epoch of ${curves.length} settings; the best ends at ${curves[0]!.at(-1)!.toFixed(4)}"
  >
    <text class="title" x="${LEFT}" y="20">${plan.metric} by epoch: the best setting, and the others pale</text>
    ${ticks.map((tick) => html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${rounded(up(tick))}" y2="${rounded(up(tick))}" /><text x="${LEFT - 8}" y="${rounded(up(tick) + 4)}" text-anchor="end">${tick}</text>`)}
    ${(whole.length > 0 ? whole : [1]).map((tick) => html`<text x="${rounded(across(tick))}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle">${tick}</text>`)}
    <text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">Epoch</text>
    ${strongOverPale(lines, 1)}
  </svg> `;
}

/** Draws lines, sorted from the best: the first few on top, the others below, together never as dark as one of those. */
export function strongOverPale(lines: readonly Html[], strong: number): Html {
  return html`<g opacity="${lines.length > MANY ? 0.5 : 1}">${lines.slice(strong).reverse()}</g
    >${lines.slice(0, strong).reverse()}`;
}

/** The mean over the setting's trials, as far as all of them have come. */
function meanCurve(plan: Plan, results: Results, setting: number): readonly number[] {
  const curves = plan.trials
    .filter((trial) => trial.setting === setting)
    .map(({ id }) => lastResultOf(plan, results, id)?.result.scores ?? []);
  const length = Math.min(...curves.map((curve) => curve.length));
  return Array.from({ length }, (_, i) => curves.reduce((sum, curve) => sum + curve[i]!, 0) / curves.length);
}
