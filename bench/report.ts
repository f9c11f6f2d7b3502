// Figures as people read them: a table on the terminal, and the README's part.
import { check } from '../src/base/errors.js';
import { standardError } from '../src/metrics/index.js';
import { formatCount, formatTable } from '../src/base/table.js';
import { moreIsBetter, OURS, type Figure } from './figures.js';
import type { Results } from './results.js';
import { judge, typical, type Judgement } from './rows.js';

/** Everything that was measured beside its targets, then who failed and where a peer wins. */
export function terminalReport(figures: readonly Figure[]): string {
  const judgements = judge(figures);
  if (judgements.length === 0) return 'Nothing was measured';
  const cells = judgements.map((judgement) => {
    const { row, ours, theirs, verdict } = judgement;
    const target = (value: number | undefined): string =>
      value === undefined ? '' : `${value} ${row.against ? '×' : ours.unit}`;
    const other = !theirs ? '' : theirs.failure === undefined ? formatFigure(theirs) : 'failed';
    return [
      row.what,
      formatFigure(ours),
      theirs?.contestant ?? '',
      other,
      formatTimes(judgement),
      target(row.must),
      target(row.aim),
      verdict,
    ];
  });
  const failed = figures
    .filter(({ failure }) => failure !== undefined)
    .map(({ contestant, measure, failure }) => `${contestant} failed: ${measure}: ${failure}`);
  const lost = judgements
    .filter(isLost)
    .map((judgement) => `${judgement.theirs!.contestant} wins: ${judgement.row.what}: ${formatTimes(judgement)}`);
  return [
    formatTable(['What', 'wasm-cnn', 'Against', '', 'Times as fast', 'Must', 'Aim', ''], cells, [0, 2, 7]),
    ...failed,
    ...lost,
  ].join('\n');
}

/** Two tables, of contests and of figures of our own, and what they hold for. */
export function readmeReport({ date, commit, node, machine, versions, figures }: Results): string {
  const judgements = judge(figures);
  const contests = judgements
    .filter(({ row }) => row.against)
    .map((judgement) => {
      const { row, ours, theirs } = judgement;
      const winner = isLost(judgement) ? `, ${theirs!.contestant} wins` : '';
      return [
        row.what,
        formatFigure(ours),
        row.against![0],
        theirs ? formatFigure(theirs) : 'not measured',
        `${formatTimes(judgement)}${winner}`,
      ];
    });
  const own = judgements.filter(({ row }) => !row.against).map(({ row, ours }) => [row.what, formatFigure(ours)]);
  const rounds = Math.max(...figures.map((figure) => figure.rounds.length));
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${date.slice(0, 10)}, commit ${commit}, Node ${node.replace('v', '')}, ${machine.cores} cores (${machine.cpu}, ${machine.system}); ${peers.join(', ')}.`,
    `Medians of ${rounds} interleaved rounds, and in brackets the least and the most that a round gave.`,
    '',
    markdownTable(['what', 'wasm-cnn', 'against', '', 'times as fast'], contests),
    '',
    markdownTable(['what', 'figure'], own),
  ].join('\n');
}

/** Of MNIST. */
const TEST_IMAGES = 10_000;
const MARKERS = ['<!-- written by npm run bench:readme -->', '<!-- up to here -->'] as const;

/** The README with the report between its markers. */
export function withReport(readme: string, report: string): string {
  const [from, to] = MARKERS.map((marker) => readme.indexOf(marker)) as [number, number];
  check(
    from >= 0 && to > from,
    () => `README.md needs the lines ${MARKERS.join(' and ')} around its figures; put them back`,
  );
  return `${readme.slice(0, from)}${MARKERS[0]}\n${report}\n${readme.slice(to)}`;
}

/** '5,643 samples/s'; every accuracy, with the standard error of one; or why there is none. */
function formatFigure(figure: Figure): string {
  const { unit, rounds, failure } = figure;
  if (failure !== undefined) return `fails: ${failure}`;
  if (unit === '%')
    return `${rounds.map((value) => value.toFixed(2)).join(', ')} % (± ${(100 * standardError(typical(figure) / 100, TEST_IMAGES)).toFixed(2)})`;
  return `${formatValue(typical(figure))} ${unit}`;
}

/** '2.73 × (2.66 to 2.80)' */
function formatTimes({ ours, theirs, value }: Judgement): string {
  if (!theirs || value === undefined) return '';
  const each = ours.rounds.map((our, round) =>
    moreIsBetter(ours.unit) ? our / theirs.rounds[round]! : theirs.rounds[round]! / our,
  );
  return `${formatValue(value)} × (${formatValue(Math.min(...each))} to ${formatValue(Math.max(...each))})`;
}

/** Three digits, or more before the point. */
function formatValue(value: number): string {
  return value >= 100 ? formatCount(Math.round(value)) : value.toPrecision(3);
}

function isLost({ theirs, value }: Judgement): boolean {
  return theirs !== undefined && theirs.contestant !== OURS && value !== undefined && value < 1;
}

function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
