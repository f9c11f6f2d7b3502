// stratifiedSplit: the share of every class, whatever the order, and the same examples on every host.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { kFold, stratifiedSplit, type Examples } from '../../src/data/index.js';
import { RandomStream } from '../../src/base/random.js';
import { stratifiedSplitInPlace } from '../../src/data/split.js';

/** One pixel an example, its number modulo 256; the labels as given. */
function examplesOf(labels: ArrayLike<number>): Examples {
  return {
    x: { data: Uint8Array.from({ length: labels.length }, (_, i) => i), shape: [labels.length, 1, 1, 1] },
    y: Uint8Array.from(labels),
  };
}

function countsOf({ y }: Examples, classes: number): number[] {
  return Array.from({ length: classes }, (_, label) => y.filter((other) => other === label).length);
}

const sorted = Array.from({ length: 360 }, (_, i) => Math.floor(i / 36));

test('data sorted by class: a twelfth of every class is held out, and both parts keep their order', () => {
  const { train, validation } = stratifiedSplit(examplesOf(sorted), { seed: 1 });
  assert.equal(countsOf(train, 10), Array(10).fill(33));
  assert.equal(countsOf(validation, 10), Array(10).fill(3));
  assert.equal(
    [train.x.shape, validation.x.shape],
    [
      [330, 1, 1, 1],
      [30, 1, 1, 1],
    ],
  );
  for (const { y } of [train, validation]) assert.equal(y, y.slice().sort());
});

test('in place there are the same parts, and what is trained on stays in its memory', () => {
  for (const labels of [sorted, sorted.map((_, i) => (i * i) % 7), [0, 0, 1, 1]]) {
    const options = { seed: 2, validationSplit: 0.3 };
    const examples = examplesOf(labels);
    const expected = stratifiedSplit(examples, options);
    const { data } = examples.x;
    assert.equal(data, examplesOf(labels).x.data, 'a copy leaves it as it is');
    const split = stratifiedSplitInPlace(examples, options);
    assert.equal(split, expected);
    assert.is(split.train.x.data.buffer, data.buffer);
    assert.is(split.train.y.buffer, examples.y.buffer);
    assert.is.not(split.validation.x.data.buffer, data.buffer);
  }
});

test('each example is in one part, with its own label', () => {
  const labels = sorted.slice(0, 250).map((_, i) => (i * i) % 7);
  const { train, validation } = stratifiedSplit(examplesOf(labels), { validationSplit: 0.3, seed: 5 });
  const seen = [train, validation].flatMap(({ x, y }) => Array.from(x.data, (example, i) => [example, y[i]!] as const));
  assert.equal(
    seen.map(([example]) => example).sort((a, b) => a - b),
    labels.map((_, i) => i),
  );
  for (const [example, label] of seen) assert.is(label, labels[example]);
  for (const {
    x: { data },
  } of [train, validation])
    assert.equal(data, data.slice().sort());
  assert.is(validation.y.length, 75);
});

test('the choice is a function of labels, share and seed: these examples, on every host', () => {
  const heldOut = (options: object): number[] =>
    Array.from(stratifiedSplit(examplesOf(Array.from({ length: 40 }, (_, i) => i % 3)), options).validation.x.data);
  assert.equal(heldOut({ validationSplit: 0.2, seed: 1 }), [1, 3, 6, 9, 14, 22, 25, 26]);
  assert.equal(heldOut({ validationSplit: 0.2, seed: 2 }), [0, 4, 9, 11, 16, 18, 20, 34]);
});

test('uneven classes: the largest remainders round up, a class of one stays in training, and one of two keeps one', () => {
  const labels = [...Array(100).fill(0), ...Array(30).fill(1), ...Array(2).fill(3), 4];
  // 133 / 4 = 33 of the 132 that can be shared out: 25, 7.5, 0 and 0.5, and on the tie the lower class rounds up.
  const { train, validation } = stratifiedSplit(examplesOf(labels), { validationSplit: 0.25, seed: 1 });
  assert.equal(countsOf(validation, 5), [25, 8, 0, 0, 0]);
  assert.equal(countsOf(train, 5), [75, 22, 0, 2, 1]);
  const most = stratifiedSplit(examplesOf(labels), { validationSplit: 0.99, seed: 1 });
  assert.equal(countsOf(most.train, 5), [1, 1, 0, 1, 1]);
});

test('no class gets more or less than its share by a whole example', () => {
  const random = new RandomStream(9);
  for (let round = 0; round < 300; round++) {
    const classes = 1 + random.below(12);
    const labels = Array.from({ length: 12 + random.below(300) }, () => random.below(1 + random.below(classes)));
    const counts = countsOf(examplesOf(labels), classes);
    const shared = counts.reduce((sum, count) => sum + (count > 1 ? count : 0), 0);
    const held = Math.round(labels.length / 12);
    const { validation } = stratifiedSplit(examplesOf(labels), { seed: round });
    for (const [label, count] of countsOf(validation, classes).entries()) {
      const share = counts[label]! > 1 ? (counts[label]! * held) / shared : 0;
      assert.ok(Math.abs(count - share) < 1, `round ${round}: ${count} of ${counts[label]} for ${share}`);
    }
  }
});

test('groups stay together, and the classes come near to their shares', () => {
  const random = new RandomStream(11);
  for (let round = 0; round < 200; round++) {
    const classes = 2 + random.below(6);
    const people = 20 + random.below(60);
    // Each person gives a picture or some of each class, or of a few.
    const examples = Array.from({ length: people }, (_, person) =>
      Array.from({ length: 1 + random.below(3 * classes) }, (_, i) => ({ label: i % classes, group: `p${person}` })),
    ).flat();
    const labels = examples.map(({ label }) => label);
    const groups = examples.map(({ group }) => group);
    const validationSplit = 0.1 + random.below(4) / 10;
    const { train, validation } = stratifiedSplit(examplesOf(labels), { seed: round, validationSplit, groups });
    assert.is(train.y.length + validation.y.length, labels.length);
    const [counts, held] = [countsOf(examplesOf(labels), classes), countsOf(validation, classes)];
    for (const [label, count] of counts.entries())
      assert.ok(
        Math.abs(held[label]! - validationSplit * count) <= 5 && held[label]! < count,
        `round ${round}: class ${label}: ${held[label]} of ${count} for ${validationSplit}`,
      );
  }
  const labels = Array.from({ length: 250 }, (_, i) => i % 5);
  const groups = labels.map((_, i) => String(Math.floor(i / 5) % 25));
  const { x } = stratifiedSplit(examplesOf(labels), { validationSplit: 0.2, groups }).validation;
  const [inside, outside] = [new Set<string>(), new Set<string>()];
  for (const [i, group] of groups.entries()) (x.data.includes(i) ? inside : outside).add(group);
  assert.equal(x.data.length, 50);
  assert.equal([inside.size, outside.size], [5, 20]);
});

test('one of a few examples is held out, however small the share', () => {
  const { train, validation } = stratifiedSplit(examplesOf([0, 1, 0, 1, 0]));
  assert.equal([train.y.length, validation.y.length], [4, 1]);
  assert.equal(new Set(train.y), new Set([0, 1]));
});

test('other images than bytes stay what they are, and what was given stays as it is', () => {
  const labels = [0, 1, 0, 1, 0, 1, 0, 1];
  const shape = [8, 1, 1, 1];
  const kinds = [
    Float32Array.from(labels, (_, i) => i / 8),
    Int32Array.from(labels, (_, i) => 1000 * i),
    Uint8ClampedArray.from(labels, (_, i) => i),
    // slice() of a Buffer is a view
    Buffer.from(labels.map((_, i) => i)),
  ];
  for (const data of kinds) {
    const before = [...data];
    for (const y of [labels, Buffer.from(labels), Float32Array.from(labels)]) {
      const { train, validation } = stratifiedSplit({ x: { data, shape }, y }, { validationSplit: 0.25 });
      assert.equal(
        [...train.x.data, ...validation.x.data].sort((a, b) => a - b),
        before,
      );
      assert.is(train.x.data[Symbol.toStringTag], data[Symbol.toStringTag]);
      const classOf = (value: number): number => before.indexOf(value) % 2;
      assert.equal([...train.y], Array.from(train.x.data, classOf));
      assert.equal([...data], before);
      assert.equal([...y], labels);
    }
    const folds = kFold({ x: { data, shape }, y: labels }, { folds: 2, fold: 1 });
    assert.equal(
      [...folds.train.x.data, ...folds.validation.x.data].sort((a, b) => a - b),
      before,
    );
  }
});

test('data that cannot be split are refused', () => {
  const refuses = (sentence: string, examples: unknown, options?: object): unknown =>
    assert.throws(
      () => stratifiedSplit(examples as Examples, options),
      ({ message }: Error) => message === sentence,
    );
  refuses('stratifiedSplit has 3 examples but 2 groups; give one group an example', examplesOf([0, 0, 0]), {
    groups: ['a', 'b'],
  });
  refuses(
    '4 examples are too few to hold out a share of 0.5 for validation; give more, at least 2 groups',
    examplesOf([0, 0, 1, 1]),
    { validationSplit: 0.5, groups: ['a', 'a', 'a', 'a'] },
  );
  refuses(
    '3 examples are too few to hold out a share of 0.5 for validation; give more, at least 2 of a class',
    examplesOf([0, 1, 2]),
    { validationSplit: 0.5 },
  );
  refuses("stratifiedSplit's validationSplit must be above 0 and below 1, got 1", examplesOf(sorted), {
    validationSplit: 1,
  });
  refuses('stratifiedSplit has 3 examples but 2 labels; give one label per example', {
    ...examplesOf([0, 1, 2]),
    y: new Uint8Array(2),
  });
  const { x } = examplesOf([0, 1, 2]);
  const among = 'stratifiedSplit chooses by class, and label';
  const give = 'give class indices from 0 to 65535, or hold out a share of other targets with fit({ validationSplit })';
  refuses(`${among} 1 is 0.5; ${give}`, { x, y: [0, 0.5, 1] });
  refuses(`${among} 0 is -1; ${give}`, { x, y: Int32Array.of(-1, 0, 1) });
  refuses(`${among} 2 is "cat"; ${give}`, { x, y: [0, 1, 'cat'] });
  refuses('stratifiedSplit needs y as an array of class indices, got an object', { x, y: { data: [0], shape: [1] } });
  refuses('stratifiedSplit needs y as an array of class indices, got undefined', { x });
  refuses("stratifiedSplit's x must be { data, shape } with a typed array, got undefined", undefined);
  refuses("stratifiedSplit has no option 'validationShare'; it has validationSplit, seed, groups", examplesOf(sorted), {
    validationShare: 0.1,
  });
});

test.run();
