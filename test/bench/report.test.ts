// The bench's tables, and the README's part, which is what the newest results say and nothing else.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inBench } from '../../bench/benchFolder.js';
import { OURS, type Figure } from '../../bench/figures.js';
import { readmeReport, terminalReport, withReport } from '../../bench/report.js';
import { newestResults, resultsPath, type Results } from '../../bench/results.js';
import { rows } from '../../bench/rows.js';

const training = { measure: 'training, reference network', threads: 1, unit: 'samples/s' } as const;
const inference = { measure: 'inference, one image', threads: 1, unit: 'ms' } as const;
const figures: Figure[] = [
  { ...training, contestant: OURS, rounds: [4000, 5643.2, 6000] },
  { ...training, contestant: 'PyTorch', rounds: [2000, 2000, 2500] },
  { ...training, contestant: 'TF.js wasm', rounds: [], failure: 'no such kernel' },
  { ...inference, contestant: OURS, rounds: [0.2] },
  { ...inference, contestant: 'onnxruntime-node', rounds: [0.16349] },
  {
    measure: '`npm run train`, test accuracy, seed by seed',
    contestant: OURS,
    threads: 2,
    unit: '%',
    rounds: [99.154, 99],
  },
];
const results: Results = {
  date: '2026-11-22T18:00:00.000Z',
  commit: 'a1b2c3d',
  node: 'v20.20.2',
  machine: { cpu: 'AMD EPYC (x)', cores: 2, system: 'Linux x64' },
  versions: { PyTorch: '1.13', 'jax-js': '0.1' },
  figures,
};

test('the terminal gets targets and verdicts, the reasons of failures, and who wins', () => {
  const lines = terminalReport(figures).split('\n');
  const found = (pattern: RegExp): boolean => lines.some((line) => pattern.test(line));
  assert.ok(
    found(
      /^training, reference network, 1 thread +5,643 samples\/s +PyTorch +2,000 samples\/s +2\.82 × \(2\.00 to 2\.82\) +1\.8 × +2\.5 × +aim reached$/,
    ),
  );
  assert.ok(found(/^training, reference network, 1 thread +5,643 samples\/s +TF\.js wasm +failed$/));
  assert.ok(found(/^`npm run train`, test accuracy, seed by seed +99\.15, 99\.00 % \(± 0\.10\) +99 % +must reached$/));
  assert.equal(lines.slice(-2), [
    'TF.js wasm failed: training, reference network: no such kernel',
    'onnxruntime-node wins: inference, one image, 1 thread: 0.817 × (0.817 to 0.817)',
  ]);
});

test('the README gets two tables with where, when and against whom', () => {
  const lines = readmeReport(results).split('\n');
  assert.is(
    lines[0],
    '2026-11-22, commit a1b2c3d, Node 20.20.2, 2 cores (AMD EPYC (x), Linux x64); PyTorch 1.13, jax-js 0.1.',
  );
  assert.ok(
    lines.includes(
      '| training, reference network, 1 thread | 5,643 samples/s | PyTorch | 2,000 samples/s | 2.82 × (2.00 to 2.82) |',
    ),
  );
  assert.ok(lines.includes('| training, reference network, 1 thread | 5,643 samples/s | jax-js | not measured |  |'));
  assert.ok(
    lines.includes(
      '| training, reference network, 1 thread | 5,643 samples/s | TF.js wasm | fails: no such kernel |  |',
    ),
  );
  assert.ok(
    lines.includes(
      '| inference, one image, 1 thread | 0.200 ms | onnxruntime-node | 0.163 ms | 0.817 × (0.817 to 0.817), onnxruntime-node wins |',
    ),
  );
  assert.ok(lines.includes('| `npm run train`, test accuracy, seed by seed | 99.15, 99.00 % (± 0.10) |'));
  assert.match(resultsPath(results), /bench[/\\]results[/\\]2026-11-22-amd-epyc-x\.json$/);
});

test('a report replaces the one between the markers, and the markers stay', () => {
  const readme = 'a\n<!-- written by npm run bench:readme -->\nold\n<!-- up to here -->\nb\n';
  const once = withReport(readme, 'new');
  assert.is(once, readme.replace('old', 'new'));
  assert.is(withReport(once, 'old'), readme);
  assert.throws(
    () => withReport('no markers', 'new'),
    /^README\.md needs the lines <!-- written by npm run bench:readme --> and <!-- up to here --> around its figures; put them back$/,
  );
});

test('the README shows the newest results, which hold every row, and no other figures', () => {
  const readme = readFileSync(inBench('../README.md'), 'utf8');
  const newest = newestResults();
  assert.is(readme, withReport(readme, readmeReport(newest)), 'npm run bench:readme was forgotten');
  for (const { measure, ours } of rows)
    assert.ok(
      newest.figures.some(
        (figure) => figure.measure === measure && figure.contestant === ours[0] && figure.threads === ours[1],
      ),
      measure,
    );
  const rest = withReport(readme, '');
  assert.equal(rest.match(/\d ?((samples|images)\/s|%|[mµ]?s\b|seconds|[kKM]i?B\b|×(?! \d))/g) ?? [], []);
});

test.run();
