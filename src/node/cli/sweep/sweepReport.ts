// The report of a sweep: one HTML file, to be looked at without anything else.
import { lastResultOf, type Plan, type Results } from '../../../sweep/plan.js';
import type { SettingSummary } from '../../../sweep/table.js';
import type { SweepResult } from '../../sweep/sweep.js';
import { formatCount } from '../../../base/table.js';
import { facts, html, page, table, tilesOf, type Html, type Section, type Tile } from '../report/html.js';
import { curvesOf } from './curves.js';
import { parallelCoordinates } from './parallelCoordinates.js';
import { formatScore, namesIn } from './settingsText.js';

const MOST_ROWS = 200;

export function sweepReport(plan: Plan, results: Results, { settings, rows, sha256 }: SweepResult): string {
  const [best] = settings;
  const names = namesIn(plan).filter((name) => plan.settings.some((setting) => name in setting));
  const done = rows.filter(({ status }) => status === 'finished').length;
  const tiles: readonly Tile[] = [
    [`Best ${plan.metric}`, best?.mean == null ? '·' : best.mean.toFixed(4), spreadOf(best)],
    [
      'Settings',
      formatCount(plan.settings.length),
      `${plan.rungs.length === 1 ? 'all' : `in ${plan.rungs.length} rungs`} up to ${plan.epochs} epochs`,
    ],
    ['Trials', formatCount(plan.trials.length), `${formatCount(done)} finished`],
  ];
  const lead = html`<p class="quiet">
      A sweep by wasm-cnn ${plan.basis.version}: the same settings on the same data give this table again, to the bit
    </p>
    ${tilesOf(tiles)}`;
  const curves = curvesOf(plan, results, settings);
  const coordinates = parallelCoordinates(plan, settings, names);
  const sections: Section[] = [
    ...(coordinates ? [{ id: 'settings', title: 'Settings', content: coordinates }] : []),
    ...(curves ? [{ id: 'curves', title: 'Curves', content: curves }] : []),
    { id: 'best', title: 'Best settings', content: settingsTable(plan, settings, names) },
    { id: 'trials', title: 'Trials', content: trialsTable(plan, results) },
    { id: 'hashes', title: 'What it follows from', content: hashes(plan, sha256) },
  ];
  return page(`Sweep ${plan.name}`, lead, sections);
}

function spreadOf(setting: SettingSummary | undefined): string {
  return setting?.deviation == null
    ? ''
    : `± ${setting.deviation.toFixed(4)} (standard deviation of ${setting.trials} trials)`;
}

function settingsTable(plan: Plan, settings: readonly SettingSummary[], names: readonly string[]): Html {
  const shown = settings.slice(0, MOST_ROWS);
  return table(
    `Mean and standard deviation of ${plan.metric} over seeds and folds; those that trained longest first${shown.length < settings.length ? `, the first ${MOST_ROWS} of ${settings.length}` : ''}`,
    [
      { head: 'Rank' },
      ...names.map((head) => ({ head })),
      { head: 'Epochs' },
      { head: 'Trials' },
      { head: plan.metric },
    ],
    shown.map((setting, i) => [
      String(i + 1),
      ...names.map((name) => String(setting.config[name] ?? '')),
      String(setting.until),
      String(setting.trials),
      formatScore(setting),
    ]),
  );
}

function trialsTable(plan: Plan, results: Results): Html {
  const names = namesIn(plan);
  const rows = plan.trials.slice(0, MOST_ROWS).map((trial) => {
    const result = lastResultOf(plan, results, trial.id)?.result;
    return [
      html`<code>${trial.id.slice(0, 14)}</code>`,
      ...names.map((name) => String(trial.config[name] ?? '')),
      ...(plan.folds === null ? [] : [String(trial.fold)]),
      result ? result.status : 'waiting',
      String(result?.epochs ?? ''),
      result?.score == null ? (result?.reason ?? '') : result.score.toFixed(4),
      html`<code>${result?.weightsSha256?.slice(0, 12) ?? ''}</code>`,
    ];
  });
  const fold = plan.folds === null ? [] : [{ head: 'Fold' }];
  const more = plan.trials.length > MOST_ROWS ? `, the first ${MOST_ROWS} of ${formatCount(plan.trials.length)}` : '';
  return table(
    `Each training${more}; all are in result.csv`,
    [
      { head: 'Trial', text: true },
      ...names.map((head) => ({ head })),
      ...fold,
      { head: 'Status', text: true },
      { head: 'Epochs' },
      { head: plan.metric },
      { head: 'Weights', text: true },
    ],
    rows,
  );
}

function hashes(plan: Plan, sha256: string): Html {
  const code = (text: string): Html => html`<code>${text}</code>`;
  return facts('Trials of the same values have the same weights, on any machine', [
    ['SHA-256 of the table', code(sha256)],
    ['SHA-256 of the data', code(plan.basis.dataSha256)],
    ['Model', code(plan.basis.code)],
    ['Version of wasm-cnn', plan.basis.version],
    ['Numerics', plan.numerics],
    ['Held out', plan.folds === null ? 'a twelfth of each class' : `each of ${plan.folds} folds once`],
  ]);
}
