// kFold: each example is held out once, of each class its share, and groups stay together.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { kFold, type Examples } from '../../src/data/index.js';
import { RandomStream } from '../../src/base/random.js';
import { refusesAtOnce } from '../node/refuses.js';

/** One pixel an example, its number modulo 256. */
function examplesOf(labels: ArrayLike<number>): Examples {
  return {
    x: { data: Uint8Array.from({ length: labels.length }, (_, i) => i), shape: [labels.length, 1, 1, 1] },
    y: Uint8Array.from(labels),
  };
}

const countOf = ({ y }: Examples, label: number): number => y.filter((each) => each === label).length;

test('each example is held out in one fold, and each class to within one example', () => {
  const stream = new RandomStream(1);
  for (let i = 0; i < 20; i++) {
    const [classes, folds] = [2 + stream.below(5), 2 + stream.below(5)];
    const labels = Array.from({ length: classes * (2 + stream.below(30)) }, (_, each) => each % classes);
    const examples = examplesOf(labels);
    const seen = new Array<number>(labels.length).fill(0);
    const sizes: number[] = [];
    for (let fold = 0; fold < folds; fold++) {
      const { train, validation } = kFold(examples, { folds, fold, seed: i });
      assert.is(train.y.length + validation.y.length, labels.length);
      for (const number of validation.x.data) seen[number]!++;
      sizes.push(validation.y.length);
      for (let label = 0; label < classes; label++) {
        const share = countOf(examples, label) / folds;
        assert.ok(Math.abs(countOf(validation, label) - share) < 1, `class ${label} of fold ${fold}`);
      }
    }
    assert.equal(seen, new Array(labels.length).fill(1));
    assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, `folds of ${sizes.join(', ')}`);
  }
});

test('both parts keep their order, and another seed holds out others', () => {
  const examples = examplesOf(Array.from({ length: 60 }, (_, i) => i % 3));
  const { train, validation } = kFold(examples, { fold: 1 });
  assert.equal(
    [...validation.x.data],
    [...validation.x.data].sort((a, b) => a - b),
  );
  assert.equal(
    [...train.x.data],
    [...train.x.data].sort((a, b) => a - b),
  );
  assert.is(validation.y.length, 12);
  assert.not.equal(kFold(examples, { fold: 1, seed: 1 }).validation.x.data, validation.x.data);
});

test('a group is in one fold, with the classes spread as evenly as the groups allow', () => {
  const labels = Array.from({ length: 120 }, (_, i) => i % 4);
  const groups = labels.map((_, i) => `person ${Math.floor(i / 6)}`);
  const all = new Set<string>();
  for (let fold = 0; fold < 5; fold++) {
    const { validation } = kFold(examplesOf(labels), { fold, groups });
    const held = new Set(Array.from(validation.x.data, (number) => groups[number]!));
    assert.is(validation.y.length, 24, 'four groups of six');
    for (const group of held) {
      assert.not(all.has(group));
      all.add(group);
    }
    for (let label = 0; label < 4; label++) assert.ok(Math.abs(countOf(validation, label) - 6) <= 2);
  }
  assert.is(all.size, 20);
});

test('what cannot be cut is refused', () => {
  const examples = examplesOf([0, 0, 0, 1]);
  refusesAtOnce(
    () => kFold(examples, { folds: 2, fold: 1 }),
    'fold 1 of 2 holds out all examples of class 1; give more of them, or fewer folds',
  );
  for (const fold of [0, 4])
    refusesAtOnce(() => kFold(examples, { folds: 5, fold }), '4 examples are too few for 5 folds');
  refusesAtOnce(() => kFold(examples, { folds: 2, fold: 2 }), "kFold's fold must be below 2, got 2");
  refusesAtOnce(
    () => kFold(examples, { folds: 1, fold: 0 }),
    "kFold's folds must be a whole number of at least 2, got 1",
  );
  refusesAtOnce(
    () => kFold(examples, { folds: 2, fold: 0, groups: ['a'] }),
    'kFold has 4 examples but 1 groups; give one group an example',
  );
});

test.run();
