// The report of a sweep with many settings: what was spread evenly looks so, and the best ones can be seen.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sweepReport } from '../../src/node/cli/sweep/sweepReport.js';
import { makePlan, taskId, type TrialResult } from '../../src/sweep/plan.js';
import { tableOf } from '../../src/sweep/table.js';

const basis = { version: '1', dataSha256: 'd'.repeat(64), code: 'c', numerics: 'exact' };
const plan = await makePlan(
  {
    name: 'many',
    epochs: 2,
    space: { dropout: { uniform: [0, 0.6] }, rate: { log: [1e-4, 1e-1] } },
    search: { kind: 'sobol', trials: 200 },
  },
  basis,
);
const results = new Map(
  plan.trials.map((trial, i): [string, TrialResult] => [
    taskId({ ...trial, until: 2 }),
    { status: 'finished', scores: [0.1, i / 200], score: i / 200, epochs: 2, weightsSha256: null },
  ]),
);
const report = sweepReport(plan, results, { ...(await tableOf(plan, results)), best: null });

test('an axis is logarithmic where its values are spread so, and not where the least is near 0 by chance', () => {
  const labels = (axis: number): number[] =>
    [...report.matchAll(new RegExp(`<text class="over" x="${98 + 190 * axis}" y="[\\d.]+">([^<]+)</text>`, 'g'))].map(
      ([, text]) => Number(text),
    );
  const [dropouts, rates] = [labels(0), labels(1)];
  assert.is(dropouts.length, 5, report.slice(0, 200));
  assert.ok(Math.min(...dropouts) < 0.6 / 20, 'the case that was drawn on a logarithmic axis');
  assert.ok(Math.abs(dropouts[2]! - 0.3) < 0.02, `the middle of 0 to 0.6 is ${dropouts[2]}`);
  assert.ok(rates[2]! > 0.002 && rates[2]! < 0.005, `the middle of 0.0001 to 0.1 is ${rates[2]}`);
});

test('pale lines are drawn first, and together paler than a strong one', () => {
  const drawings = [...report.matchAll(/<g opacity="([\d.]+)">(.*?)<\/g\s*>(.*?)<\/svg>/gs)];
  assert.is(drawings.length, 2);
  for (const [i, [, opacity, pale, rest]] of drawings.entries()) {
    assert.is(opacity, '0.5');
    const strong = i === 0 ? 3 : 1;
    assert.is(pale!.match(/<polyline class="line blue pale"/g)?.length, 200 - strong);
    assert.is(rest!.match(/<polyline class="line blue"/g)?.length, strong);
  }
});

test.run();
