// A sweep as plain data: which settings and trials it has, what comes next, and the table with one SHA-256.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { log } from '../../src/base/elementary.js';
import { RandomStream } from '../../src/base/random.js';
import {
  checkDefinition,
  makePlan,
  nextTasks,
  taskId,
  type SweepDefinition,
  type TrialResult,
} from '../../src/sweep/plan.js';
import { rungsOf, settingsOf } from '../../src/sweep/search.js';
import { sobolPoints } from '../../src/sweep/sobol.js';
import { valueAt } from '../../src/sweep/space.js';
import { tableOf } from '../../src/sweep/table.js';
import { refusesAtOnce } from '../node/refuses.js';

const basis = { version: '1', dataSha256: 'd'.repeat(64), code: 'c', numerics: 'exact' };
const definition: SweepDefinition = {
  name: 'test',
  epochs: 9,
  space: { learningRate: { log: [1e-4, 1e-2] }, filters: [8, 16], seed: { repeat: 2 } },
  search: { kind: 'halving', trials: 9 },
};

/** A result whose score is a function of setting, seed and epoch. */
const resultOf = (score: number, epochs: number): TrialResult => ({
  status: 'finished',
  scores: [score],
  score,
  epochs,
  weightsSha256: `${score}`,
});

test("Sobol's points are those of PyTorch's SobolEngine, shifted", () => {
  // torch 2.15: SobolEngine(16, scramble=False).draw(9), rows 1, 2, 3, 5 and 8
  const recorded = [
    [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
    [0.75, 0.25, 0.25, 0.25, 0.75, 0.75, 0.25, 0.75, 0.75, 0.75, 0.75, 0.75, 0.25, 0.25, 0.75, 0.25],
    [0.25, 0.75, 0.75, 0.75, 0.25, 0.25, 0.75, 0.25, 0.25, 0.25, 0.25, 0.25, 0.75, 0.75, 0.25, 0.75],
    [0.875, 0.875, 0.125, 0.375, 0.875, 0.625, 0.875, 0.375, 0.375, 0.125, 0.375, 0.875, 0.875, 0.125, 0.875, 0.375],
    [
      0.1875, 0.3125, 0.9375, 0.4375, 0.5625, 0.3125, 0.4375, 0.9375, 0.9375, 0.3125, 0.6875, 0.0625, 0.9375, 0.9375,
      0.8125, 0.9375,
    ],
  ];
  const points = sobolPoints(9, 16, 1);
  const bits = (share: number): number => (share * 4294967296) >>> 0;
  for (const [i, row] of [1, 2, 3, 5, 8].entries())
    assert.equal(
      points[row]!.map((share, dimension) => (bits(share) ^ bits(points[0]![dimension]!)) >>> 0),
      recorded[i]!.map(bits),
    );
  assert.is(new Set(sobolPoints(9, 16, 2).flat()).size, 9 * 16);
});

test('values lie in their ranges, on the scale that was asked for', () => {
  const stream = new RandomStream(4);
  const logs: number[] = [];
  for (let i = 0; i < 2000; i++) {
    const share = stream.uniform();
    const rate = valueAt({ log: [1e-4, 1e-2] }, share) as number;
    assert.ok(rate >= 1e-4 && rate <= 1e-2);
    assert.is(rate, Number(rate.toPrecision(4)));
    logs.push(log(rate));
    const whole = valueAt({ int: [3, 5] }, share) as number;
    assert.ok([3, 4, 5].includes(whole));
    assert.ok(Math.abs((valueAt({ uniform: [-1, 1] }, share) as number) - (2 * share - 1)) < 1e-3);
  }
  const mean = logs.reduce((sum, each) => sum + each, 0) / logs.length;
  assert.ok(Math.abs(mean - log(1e-3)) < 0.1, `the middle of a logarithmic range is ${mean}`);
  assert.equal(
    [0, 0.4, 0.99].map((share) => valueAt(['a', 'b', 'c'], share)),
    ['a', 'b', 'c'],
  );
});

test('a grid has every combination, and a random search no setting twice', () => {
  assert.equal(settingsOf({ kind: 'grid' }, { b: [1, 2], a: ['x', 'y'], c: true, seed: { repeat: 3 } }), [
    { a: 'x', b: 1, c: true },
    { a: 'x', b: 2, c: true },
    { a: 'y', b: 1, c: true },
    { a: 'y', b: 2, c: true },
  ]);
  const few = settingsOf({ kind: 'random', trials: 50 }, { a: [1, 2, 3], b: ['x', 'y'] });
  assert.is(few.length, 6);
  const space = { a: { uniform: [0, 1] }, b: { int: [0, 1000000] } } as const;
  assert.is(settingsOf({ kind: 'sobol', trials: 64 }, space).length, 64);
  assert.not.equal(
    settingsOf({ kind: 'random', trials: 5 }, space),
    settingsOf({ kind: 'random', trials: 5, seed: 2 }, space),
  );
});

test('the order in which a file or a server keeps names changes nothing', async () => {
  const { space } = definition;
  const turned = Object.fromEntries(Object.entries(space).reverse());
  assert.equal(
    (await makePlan({ ...definition, space: turned }, basis)).trials,
    (await makePlan(definition, basis)).trials,
  );
});

test('rungs are an eta-th of each other, or those that were given', () => {
  const halving = (more: object, settings: number, epochs: number) =>
    rungsOf({ kind: 'halving', trials: settings, ...more }, settings, epochs);
  assert.equal(halving({}, 27, 18), [
    { epochs: 2, settings: 27 },
    { epochs: 6, settings: 9 },
    { epochs: 18, settings: 3 },
  ]);
  assert.equal(halving({ eta: 2 }, 3, 16), [
    { epochs: 8, settings: 3 },
    { epochs: 16, settings: 1 },
  ]);
  assert.equal(halving({ rungs: [1, 4] }, 9, 4), [
    { epochs: 1, settings: 9 },
    { epochs: 4, settings: 3 },
  ]);
  assert.equal(halving({}, 2, 9), [{ epochs: 9, settings: 2 }]);
  assert.equal(rungsOf({ kind: 'grid' }, 5, 3), [{ epochs: 3, settings: 5 }]);
});

test("a trial's id covers everything that its result depends on", async () => {
  const ids = async (more: Partial<SweepDefinition>, of = basis): Promise<string> =>
    (await makePlan({ ...definition, ...more }, of)).trials[0]!.id;
  const own = await ids({});
  assert.match(own, /^trial-[0-9a-f]{32}$/);
  assert.is(await ids({ name: 'other' }), own, 'sweeps of two names share their trials');
  assert.is(await ids({ maximize: 'val_loss' }), own);
  const others = await Promise.all([
    ids({ epochs: 18 }),
    ids({ folds: 3 }),
    ids({ splitSeed: 1 }),
    ids({}, { ...basis, version: '2' }),
    ids({}, { ...basis, dataSha256: 'e'.repeat(64) }),
    ids({}, { ...basis, code: 'd' }),
    ids({}, { ...basis, numerics: 'fused 1' }),
  ]);
  assert.is(new Set([own, ...others]).size, 8);
});

test('the best of each rung are promoted, whatever the order in which trials end', async () => {
  const plan = await makePlan({ ...definition, folds: 2 }, basis);
  assert.is(plan.trials.length, 9 * 2 * 2);
  const scoreOf = (setting: number, trial: number, epochs: number): number =>
    ((setting * 7 + epochs) % 9) + (trial % 4) / 100;
  const run = async (seed: number) => {
    const results = new Map<string, TrialResult>();
    const rungs: number[][] = [];
    for (;;) {
      const { rung, tasks } = nextTasks(plan, results);
      if (tasks.length === 0) return { rungs, table: await tableOf(plan, results) };
      rungs[rung] ??= [...new Set(tasks.map(({ setting }) => setting))];
      const order = [...tasks];
      new RandomStream(seed).shuffle(order);
      // Some now, the others after another look.
      for (const task of order.slice(0, Math.ceil(order.length / 2))) {
        const trial = plan.trials.findIndex(({ id }) => id === task.id);
        results.set(taskId(task), resultOf(scoreOf(task.setting, trial, task.until), task.until));
      }
    }
  };
  const { rungs, table } = await run(1);
  assert.equal(
    rungs.map(({ length }) => length),
    [9, 3, 1],
  );
  const best = (settings: number[], epochs: number, count: number): number[] =>
    [...settings]
      .sort((a, b) => scoreOf(b, 0, epochs) - scoreOf(a, 0, epochs))
      .slice(0, count)
      .sort((a, b) => a - b);
  assert.equal(
    rungs[1]!.sort((a, b) => a - b),
    best(rungs[0]!, 1, 3),
  );
  assert.equal(rungs[2], best(rungs[1]!, 3, 1));
  assert.is(table.rows.length, 36);
  assert.is(table.settings[0]!.setting, rungs[2]![0]);
  for (const seed of [2, 3, 4]) assert.is((await run(seed)).table.sha256, table.sha256);
});

test('a setting that diverges or fails is the worst, for the least and for the most', async () => {
  for (const goal of [{ maximize: 'val_accuracy' }, { minimize: 'val_loss' }]) {
    const plan = await makePlan({ name: 'x', epochs: 3, space: { a: [1, 2, 3] }, ...goal }, basis);
    const none: TrialResult = { status: 'diverged', scores: [], score: null, epochs: 0, weightsSha256: null };
    const results = new Map(
      plan.trials.map((trial, i) => [taskId({ ...trial, until: 3 }), i === 1 ? none : resultOf(i, 3)]),
    );
    const { settings } = await tableOf(plan, results);
    assert.equal(
      settings.map(({ setting }) => setting),
      goal.maximize ? [2, 0, 1] : [0, 2, 1],
    );
    assert.is(settings[2]!.mean, null);
  }
});

test('mean and sample standard deviation of a setting', async () => {
  const plan = await makePlan({ name: 'x', epochs: 1, space: { seed: { repeat: 4 } } }, basis);
  const results = new Map(
    plan.trials.map((trial, i) => [taskId({ ...trial, until: 1 }), resultOf([0.5, 0.75, 0.25, 1][i]!, 1)]),
  );
  const [setting] = (await tableOf(plan, results)).settings;
  assert.is(setting!.mean, 0.625);
  assert.is(setting!.deviation, Math.sqrt((0.125 ** 2 * 2 + 0.375 ** 2 * 2) / 3));
});

test('bad definitions are refused in one sentence', () => {
  const refuse = (more: object, sentence: string): void =>
    refusesAtOnce(
      () => checkDefinition({ name: 'x', epochs: 3, space: { a: [1, 2] }, ...more }, 'sweep.json'),
      sentence,
    );
  refuse(
    { spase: {} },
    "sweep.json has no option 'spase' (did you mean 'space'?); it has name, space, search, epochs, folds, splitSeed, maximize, minimize, numerics",
  );
  refuse(
    { space: {} },
    'sweep.json needs a space with at least one hyperparameter, as { "learningRate": { "log": [0.0001, 0.01] } }, got an empty one',
  );
  refuse({ space: { a: [] } }, "sweep.json's a is an empty list; give the values that it may have");
  refuse({ space: { a: { lgo: [1, 2] } } }, "sweep.json's a has no kind 'lgo'; there is log, uniform, int, repeat");
  refuse(
    { space: { a: { log: [0, 1] } }, search: { kind: 'random', trials: 2 } },
    "sweep.json's a's log must begin above 0, got 0",
  );
  refuse(
    { space: { a: { log: [2, 1] } } },
    "sweep.json's a's log must be [low, high], two numbers of which the first is lower, got [2,1]",
  );
  refuse(
    { space: { a: { log: [1, 2] } } },
    'sweep.json has ranges in its space, so say how to search: "search": { "kind": "random", "trials": 20 }',
  );
  refuse(
    { space: { a: { log: [1, 2] } }, search: { kind: 'grid' } },
    'sweep.json searches a grid, and a is a range; give a list of values, or search at random',
  );
  refuse(
    { search: { kind: 'bayes' } },
    "sweep.json's search has no kind 'bayes'; there is grid, random, sobol, halving",
  );
  refuse(
    { search: { kind: 'random', trials: 3, eta: 3 } },
    "sweep.json's search 'random' has no option 'eta'; it has kind, trials, seed",
  );
  refuse(
    { search: { kind: 'halving', trials: 3, rungs: [1, 2] } },
    "sweep.json's rungs must be increasing numbers of epochs that end with the sweep's 3",
  );
  refuse(
    { maximize: 'val_accuracy', minimize: 'val_loss' },
    'sweep.json has maximize and minimize; leave one of them out',
  );
  refuse(
    { name: 'a b' },
    "sweep.json needs a name of letters (a to z), digits, '-', '_' and '.', at most 100 of them, got \"a b\"",
  );
  refuse({ folds: 1 }, "sweep.json's folds must be a whole number of at least 2, got 1");
  refuse({ space: { a: [1, 1] } }, "sweep.json's a has the same value twice; leave one of them out");
});

test.run();
