// Figures as people read them: a table on the terminal, docs/benchmarks.md, and the README's part.
import { check } from '../src/base/errors.js';
import { standardError } from '../src/metrics/index.js';
import { formatCount, formatTable } from '../src/base/table.js';
import { moreIsBetter, OURS, type Figure } from './figures.js';
import { QUIET, type Results } from './results.js';
import { isHeadline, judge, typical, type Judgment } from './rows.js';

/** Everything that was measured beside its targets, then who failed and where a peer wins. */
export function terminalReport(figures: readonly Figure[]): string {
  const judgments = judge(figures);
  if (judgments.length === 0) return 'Nothing was measured';
  const cells = judgments.map((judgment) => {
    const { row, node, must, aim, ours, theirs, verdict } = judgment;
    const target = (value: number | undefined): string =>
      value === undefined ? '' : `${value} ${row.against ? '×' : ours.unit}`;
    const other = !theirs ? '' : theirs.failure === undefined ? formatFigure(theirs) : 'failed';
    return [
      row.what,
      node ?? '',
      ours.failure === undefined ? formatFigure(ours) : 'failed',
      theirs?.contestant ?? '',
      other,
      formatTimes(judgment),
      target(must),
      target(aim),
      verdict,
    ];
  });
  const failed = figures
    .filter(({ failure }) => failure !== undefined)
    .map(({ contestant, measure, failure }) => `${contestant} failed: ${measure}: ${failure}`);
  const lost = judgments
    .filter(isLost)
    .map(
      (judgment) =>
        `${judgment.theirs!.contestant} wins: ${[judgment.row.what, judgment.node].filter(Boolean).join(', ')}: ${formatTimes(judgment)}`,
    );
  const header = ['What', 'On', 'wasm-cnn', 'Against', '', 'Times as fast', 'Must', 'Aim', ''];
  return [formatTable(header, cells, [0, 1, 3, 8]), ...failed, ...lost].join('\n');
}

/** The rows that decide, how many times as fast ours is on each Node, and where that was measured. */
export function headlineReport({ date, nodes, machine, load, versions, figures }: Results): string {
  const judgments = judge(figures).filter(({ row }) => isHeadline(row));
  const names = [...new Set(judgments.map(({ node }) => node))].filter((node) => node !== undefined);
  const lines = byRow(judgments, names).map((line) => {
    const { row, theirs } = line.find((judgment) => judgment !== undefined)!;
    const outcomes = line.map((judgment) => (judgment?.value === undefined ? '' : `${formatValue(judgment.value)} ×`));
    return [row.what, [theirs!.contestant, versionOf(theirs!.contestant, versions)].join(' ').trim(), ...outcomes];
  });
  const { cpu, cores, simd } = machine;
  return [
    ...markdownTable(['', 'against', ...names], lines),
    '',
    `Speedup, measured ${date.slice(0, 10)}, ${nodes.map(({ version }) => `Node ${version}`).join(' and ')}, ${cores} cores (${cpu}, ${simd})${load > QUIET ? ', busy with other programs as well' : ''}.`,
  ].join('\n');
}

/** '2.15.0' of 'PyTorch compiled', where versions have one of 'PyTorch'. */
function versionOf(contestant: string, versions: Results['versions']): string {
  return (
    Object.entries(versions)
      .find(([name]) => contestant.startsWith(name))?.[1]
      .replace(/[+ ].*/, '') ?? ''
  );
}

/** Tables of contests and of figures of one side, on each Node and on none in particular, and what they hold for. */
export function fullReport({ date, commit, nodes, machine, load, versions, figures }: Results): string {
  const judgments = judge(figures);
  const names = [...new Set(judgments.map(({ node }) => node))].filter((node) => node !== undefined);
  const onNodes = judgments.filter(({ node }) => node !== undefined);
  const elsewhere = judgments.filter(({ node }) => node === undefined);
  const isContest = ({ row }: Judgment): boolean => row.against !== undefined;
  const isAlone = (judgment: Judgment): boolean => !isContest(judgment);
  const rounds = Math.max(...figures.map((figure) => figure.rounds.length));
  const hosts = nodes.map(({ version, vectors }) => `Node ${version} (vectors of ${vectors} bits)`);
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const { cpu, cores, simd, system } = machine;
  return [
    `${date.slice(0, 10)}, commit ${commit}, ${hosts.join(' and ')}, ${cores} cores (${cpu}, ${simd}, ${system}); ${peers.join(', ')}.`,
    ...(load > QUIET
      ? [`**Other programs were busy meanwhile (load ${load.toFixed(1)}), so that all figures are too low.**`]
      : []),
    `Medians of ${rounds} interleaved rounds, and in brackets the least and the most that a round gave.`,
    ...[
      contestTable(onNodes.filter(isContest), names),
      contestTable(elsewhere.filter(isContest), [undefined]),
      figureTable(onNodes.filter(isAlone), names),
      figureTable(elsewhere.filter(isAlone), [undefined]),
    ].flatMap((lines) => (lines.length === 0 ? [] : ['', ...lines])),
  ].join('\n');
}

type Node = Judgment['node'];

const titled = (title: string, node: Node): string => (node === undefined ? title : `${title}, ${node}`);

/** One line a row, on each Node beside the other. */
function byRow(judgments: readonly Judgment[], nodes: readonly Node[]): (Judgment | undefined)[][] {
  return [...new Set(judgments.map(({ row }) => row))].map((row) =>
    nodes.map((node) => judgments.find((judgment) => judgment.row === row && judgment.node === node)),
  );
}

function contestTable(judgments: readonly Judgment[], nodes: readonly Node[]): string[] {
  const lines = byRow(judgments, nodes).map((line) => {
    const { row, theirs } = [...line].reverse().find((judgment) => judgment !== undefined)!;
    const isOurs = theirs?.node !== undefined;
    return [
      row.what,
      ...line.map((judgment) => (judgment ? formatFigure(judgment.ours) : '')),
      theirs?.contestant ?? row.against![0]!,
      // Ours against ours has no single other side.
      isOurs ? '' : theirs ? formatFigure(theirs) : 'not measured',
      ...line.map((judgment) => (judgment ? formatOutcome(judgment) : '')),
    ];
  });
  const header = [
    'what',
    ...nodes.map((node) => titled(OURS, node)),
    'against',
    '',
    ...nodes.map((node) => titled('times as fast', node)),
  ];
  return markdownTable(header, lines);
}

function figureTable(judgments: readonly Judgment[], nodes: readonly Node[]): string[] {
  const lines = byRow(judgments, nodes).map((line) => [
    line.find((judgment) => judgment !== undefined)!.row.what,
    ...line.map((judgment) => (judgment ? formatFigure(judgment.ours) : '')),
  ]);
  return markdownTable(['what', ...nodes.map((node) => node ?? 'figure')], lines);
}

/** Images of MNIST's test set. */
const TEST_IMAGES = 10_000;
/** A page with the report between the markers of the command that writes it. */
export function withReport(page: string, report: string, by = 'bench:readme'): string {
  const markers = [`<!-- written by npm run ${by} -->`, '<!-- up to here -->'] as const;
  const from = page.indexOf(markers[0]);
  const to = page.indexOf(markers[1], from);
  check(
    from >= 0 && to > from,
    () => `the page needs the lines ${markers.join(' and ')} around its figures; put them back`,
  );
  return `${page.slice(0, from)}${markers[0]}\n${report}\n${page.slice(to)}`;
}

/** '5,643 samples/s'; every accuracy, with the standard error of one; or why there is none. */
function formatFigure(figure: Figure): string {
  const { unit, rounds, failure } = figure;
  if (failure !== undefined) return `fails: ${failure}`;
  if (unit === '%')
    return `${rounds.map((value) => value.toFixed(2)).join(', ')} % (± ${(100 * standardError(typical(figure) / 100, TEST_IMAGES)).toFixed(2)})`;
  return `${formatValue(typical(figure))} ${unit}`;
}

/** '0.82 × (0.80 to 0.83), PyTorch wins' */
function formatOutcome(judgment: Judgment): string {
  return `${formatTimes(judgment)}${isLost(judgment) ? `, ${judgment.theirs!.contestant} wins` : ''}`;
}

/** '2.73 × (2.66 to 2.80)' */
function formatTimes({ ours, theirs, value }: Judgment): string {
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

function isLost({ theirs, value }: Judgment): boolean {
  return theirs !== undefined && theirs.contestant !== OURS && value !== undefined && value < 1;
}

export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}
