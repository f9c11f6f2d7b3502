// The bench's tables, and the README's part, which is what the newest results say and nothing else.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inBench } from '../../bench/benchFolder.js';
import { OURS, PYTORCH, PYTORCH_BF16, PYTORCH_COMPILED, TFJS_WEBGL, type Figure } from '../../bench/figures.js';
import { fullReport, headlineReport, terminalReport, withReport } from '../../bench/report.js';
import { newestResults, resultsPath, type Results } from '../../bench/results.js';
import {
  newestRecipeResults,
  recipeSentence,
  recipeTable,
  timesQuick,
  type RecipeResults,
} from '../../bench/recipeResults.js';
import { rows } from '../../bench/rows.js';

const training = { measure: 'training, reference network', threads: 1, unit: 'samples/s' } as const;
const inference = { measure: 'inference, one image', threads: 1, unit: 'ms' } as const;
const figures: Figure[] = [
  { ...training, contestant: OURS, node: 'Node 20', rounds: [4000, 5643.2, 6000] },
  { ...training, contestant: OURS, node: 'Node 26', rounds: [6000, 6000, 6000] },
  { ...training, contestant: PYTORCH, rounds: [2000, 2000, 2500] },
  { ...training, contestant: PYTORCH_COMPILED, rounds: [4000, 4000, 5000] },
  { ...training, contestant: PYTORCH_BF16, rounds: [9012.3] },
  { ...training, contestant: 'TF.js wasm', rounds: [], failure: 'no such kernel' },
  { ...inference, contestant: OURS, node: 'Node 26', rounds: [0.2] },
  { ...inference, contestant: 'onnxruntime-node', rounds: [0.16349] },
  {
    measure: '`npm run train`, test accuracy, seed by seed',
    contestant: OURS,
    node: 'Node 26',
    threads: 2,
    unit: '%',
    rounds: [99.154, 99],
  },
  { ...training, measure: 'training in Firefox, reference network', contestant: OURS, rounds: [3000] },
  { ...training, measure: 'training in Firefox, reference network', contestant: TFJS_WEBGL, rounds: [3] },
];
const results: Results = {
  date: '2026-11-22T18:00:00.000Z',
  commit: 'a1b2c3d',
  nodes: [
    { version: '20.20.2', vectors: 128 },
    { version: '26.10.0', vectors: 256 },
  ],
  machine: { cpu: 'AMD EPYC (x)', cores: 2, simd: 'AVX2', system: 'Linux x64' },
  load: 0.5,
  versions: { PyTorch: '2.15.0', 'jax-js': '0.1' },
  figures,
};

test('the terminal gets targets and verdicts of each Node, the reasons of failures, and who wins', () => {
  const lines = terminalReport(figures).split('\n');
  const found = (pattern: RegExp): boolean => lines.some((line) => pattern.test(line));
  assert.ok(
    found(
      /^training, reference network, 1 thread +Node 20 +5,643 samples\/s +PyTorch compiled +4,000 samples\/s +1\.41 × \(1\.00 to 1\.41\) +1\.2 × +must reached$/,
    ),
  );
  assert.ok(
    found(
      /^training, reference network, 1 thread +Node 26 +6,000 samples\/s +PyTorch compiled +4,000 samples\/s +1\.50 × \(1\.20 to 1\.50\) +1\.8 × +2\.3 × +MISSED$/,
    ),
  );
  assert.ok(found(/^training, reference network, 1 thread +Node 26 +6,000 samples\/s +TF\.js wasm +failed$/));
  assert.ok(
    found(/^`npm run train`, test accuracy, seed by seed +Node 26 +99\.15, 99\.00 % \(± 0\.10\) +99 % +must reached$/),
  );
  assert.equal(lines.slice(-2), [
    'TF.js wasm failed: training, reference network: no such kernel',
    'onnxruntime-node wins: inference, one image, 1 thread, Node 26: 0.817 × (0.817 to 0.817)',
  ]);
});

test('docs/benchmarks.md gets tables with the Nodes side by side, and where, when and against whom', () => {
  const lines = fullReport(results).split('\n');
  assert.is(
    lines[0],
    '2026-11-22, commit a1b2c3d, Node 20.20.2 (vectors of 128 bits) and Node 26.10.0 (vectors of 256 bits), 2 cores (AMD EPYC (x), AVX2, Linux x64); PyTorch 2.15.0, jax-js 0.1.',
  );
  assert.match(lines[1]!, /^Medians of 3 interleaved rounds/);
  assert.match(fullReport({ ...results, load: 0.6 }), /\n\*\*Other programs were busy meanwhile \(load 0\.6\)/);
  for (const line of [
    '| what | wasm-cnn, Node 20 | wasm-cnn, Node 26 | against |  | times as fast, Node 20 | times as fast, Node 26 |',
    '| training, reference network, 1 thread | 5,643 samples/s | 6,000 samples/s | PyTorch compiled | 4,000 samples/s | 1.41 × (1.00 to 1.41) | 1.50 × (1.20 to 1.50) |',
    '| training, reference network, 1 thread | 5,643 samples/s | 6,000 samples/s | jax-js | not measured |  |  |',
    '| training, reference network, 1 thread | 5,643 samples/s | 6,000 samples/s | TF.js wasm | fails: no such kernel |  |  |',
    '| inference, one image, 1 thread |  | 0.200 ms | onnxruntime-node | 0.163 ms |  | 0.817 × (0.817 to 0.817), onnxruntime-node wins |',
    '| training in Firefox, reference network, 1 thread | 3,000 samples/s | TF.js webgl | 3.00 samples/s | 1,000 × (1,000 to 1,000) |',
    '| `npm run train`, test accuracy, seed by seed |  | 99.15, 99.00 % (± 0.10) |',
    '| training, reference network, 1 thread: PyTorch in bfloat16, another precision, so not compared | 9,012 samples/s |',
  ])
    assert.ok(lines.includes(line), line);
  assert.match(resultsPath(results), /bench[/\\]results[/\\]2026-11-22-amd-epyc-x\.json$/);
});

test('a report replaces the one between the markers, and the markers stay', () => {
  const readme = 'a\n<!-- written by npm run bench:readme -->\nold\n<!-- up to here -->\nb\n';
  const once = withReport(readme, 'new');
  assert.is(once, readme.replace('old', 'new'));
  assert.is(withReport(once, 'old'), readme);
  assert.throws(
    () => withReport('no markers', 'new'),
    /^the page needs the lines <!-- written by npm run bench:readme --> and <!-- up to here --> around its figures; put them back$/,
  );
});

test("a recipe's runs are a sentence with means and standard errors, and a table of the seeds", () => {
  const runsOf = (...shares: number[]): RecipeResults['datasets'][number]['runs'] =>
    shares.map((accuracy, i) => ({ seed: i + 1, accuracy, weightsSha256: `${i}` }));
  const { date, commit, machine, load } = results;
  const recipeResults: RecipeResults = {
    ...{ date, commit, machine, load, node: 'v24.21.0', vectors: 256, threads: 1, recipe: 'best', epochs: 20 },
    datasets: [
      {
        name: 'mnist',
        sha256: 'a',
        options: ['--no-drawn-digits'],
        runs: runsOf(0.997, 0.9974),
        quick: [10, 12, 30],
        whole: [500, 600, 540],
      },
      { name: 'own', sha256: 'b', runs: runsOf(0.94), quick: [10, 20, 30], whole: [500, 600, 0] },
    ],
  };
  assert.is(timesQuick(recipeResults.datasets[0]!), 45);
  assert.is(
    recipeSentence(recipeResults),
    '`npm run train -- --recipe best --validation-split 0` ([how it was chosen](docs/recipes.md)): MNIST 99.72 ± 0.02 % (2 seeds, `--no-drawn-digits`), own 94.00 % (1 seed) of the test images after the last epoch; a run takes 45 and 25 times as long as one by `quick`.',
  );
  const lines = recipeTable(recipeResults);
  assert.is(lines[0], '| `--recipe best --validation-split 0` | MNIST, `--no-drawn-digits` | own |');
  assert.ok(lines.includes('| `--seed 2` | 99.74 % |  |'));
  assert.ok(lines.includes('| mean and its standard error | 99.72 ± 0.02 % | 94.00 % |'));
  assert.is(
    lines.at(-1),
    '20 epochs take as long as 45.0 runs of `quick` on MNIST (540 s and 12.0 s) and 25.0 on own (500 s and 20.0 s): medians of 3 turns on 1 thread, 2026-11-22, commit a1b2c3d, Node 24.21.0 (vectors of 256 bits), AMD EPYC (x).',
  );
});

test('the README, docs/benchmarks.md and docs/recipes.md show the newest results, which hold every row, and the first two no other figures', () => {
  const newest = newestResults();
  const newestOfRecipe = newestRecipeResults();
  const readme = [headlineReport(newest), recipeSentence(newestOfRecipe)];
  for (const [name, report, recipeReport] of [
    ['../README.md', ...readme],
    ['../docs/benchmarks.md', fullReport(newest), undefined],
    ['../docs/recipes.md', undefined, recipeTable(newestOfRecipe).join('\n')],
  ] as const) {
    let rest = readFileSync(inBench(name), 'utf8');
    for (const [text, by] of [
      [report, 'bench:readme'],
      [recipeReport, 'bench:recipe'],
    ] as const) {
      if (text === undefined) continue;
      assert.is(rest, withReport(rest, text, by), `npm run ${by} was forgotten`);
      rest = withReport(rest, '', by);
    }
    if (report === undefined) continue;
    // What a page loads at most is held by test/size.test.ts.
    assert.equal(
      rest.match(/(?<!less than \d*)\d ?((samples|images)\/s|%|[mµ]?s\b|seconds|[kKM]i?B\b|×(?! \d))/g) ?? [],
      [],
    );
  }
  for (const { measure, contestant, threads } of rows)
    assert.ok(
      newest.figures.some(
        (figure) => figure.measure === measure && figure.contestant === contestant && figure.threads === threads,
      ),
      measure,
    );
  assert.ok(headlineReport(newest).split('\n').length < 15);
});

test.run();
