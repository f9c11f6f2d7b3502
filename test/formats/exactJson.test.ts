// What a callback remembers, and facts, come back exactly; what no file can hold is refused with its path when it is saved.
import { runInNewContext } from 'node:vm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fromExactJson, toExactJson } from '../../src/formats/exactJson.js';
import { loadModel, WasmCnnError, type Callbacks } from '../../src/index.js';
import { readSafetensors } from '../../src/formats/safetensors.js';
import { compiledToy, toyExamples } from '../model/toy.js';
import { writeWithoutChecksum } from './otherTool.js';

const { x, y } = toyExamples(32);

/** As Object.is, through objects and arrays: assert.equal takes -0 for 0. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  return (
    a.constructor === b.constructor &&
    keys.length === others.length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame(a[key as never], b[key as never]))
  );
}

const kept: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  1.5,
  -1e-320,
  2 ** 53,
  Infinity,
  -Infinity,
  NaN,
  undefined,
  '',
  'ü\u0000\ud800',
  [],
  {},
  [[-0, [undefined]]],
  { a: { b: NaN, c: undefined } },
  { $: 1 },
  { $: 'NaN' },
  { $: { $: Infinity } },
  { a: { $: 'object', value: [{ $: -0 }] } },
  { $: 'Uint8Array', values: [1] },
  JSON.parse('{"__proto__":{"a":1}}'),
  Uint8Array.of(1, 255),
  Int8Array.of(-128),
  Uint8ClampedArray.of(7),
  Int16Array.of(-3),
  Uint16Array.of(65535),
  Int32Array.of(-(2 ** 31)),
  Uint32Array.of(2 ** 32 - 1),
  Float32Array.of(0.1, -0, NaN, Infinity, 1e-45),
  Float64Array.of(0.1, -Infinity, 5e-324, 1.7976931348623157e308),
  [Float64Array.of()],
];

test('through JSON and back, everything is what it was', () => {
  for (const value of kept) {
    const back = fromExactJson(JSON.parse(JSON.stringify(toExactJson(value, 'it'))));
    assert.ok(isSame(back, value), JSON.stringify(toExactJson(value, 'it')));
  }
  assert.not(isSame({ a: -0 }, { a: 0 }), 'the comparison sees');
});

test('facts of every kind come back', () => {
  for (const facts of kept)
    if (facts !== undefined) assert.ok(isSame(loadModel(compiledToy().save({ facts })).facts, facts), String(facts));
});

test('objects and arrays of another realm are kept as well', () => {
  const { facts } = loadModel(
    compiledToy().save({
      facts: runInNewContext('({ a: [1, Infinity], b: new Float64Array([2]), c: { d: undefined } })') as unknown,
    }),
  );
  assert.ok(isSame(facts, { a: [1, Infinity], b: Float64Array.of(2), c: { d: undefined } }));
});

test('values that a file cannot hold are refused with their path', () => {
  class Counter {}
  const circle: unknown[] = [];
  circle.push({ circle });
  const cannot = (path: string, what: string): string =>
    `the model cannot be saved: ${path} is ${what}, which a file cannot hold; keep plain objects, arrays, typed arrays, numbers and texts there`;
  const cases: readonly [unknown, string][] = [
    [new Map([[1, 2]]), cannot('facts', 'a Map')],
    [{ a: [0, { seen: new Set() }] }, cannot('facts.a[1].seen', 'a Set')],
    [{ when: new Date(0) }, cannot('facts.when', 'a Date')],
    [{ n: 5n }, cannot('facts.n', 'a BigInt')],
    [{ n: BigInt64Array.of(5n) }, cannot('facts.n', 'a BigInt64Array')],
    [{ f: cannot }, cannot('facts.f', 'the function cannot')],
    [[Symbol('s')], cannot('facts[0]', 'Symbol(s)')],
    [{ [Symbol('s')]: 1 }, cannot('facts', 'an object')],
    [new Counter(), cannot('facts', 'a Counter')],
    [/x/, cannot('facts', 'a RegExp')],
    [new ArrayBuffer(1), cannot('facts', 'an ArrayBuffer')],
    [{ a: [1, , 3] }, cannot('facts.a', 'an array with holes or names')],
    [/a/.exec('a'), cannot('facts', 'an array with holes or names')],
    [Promise.resolve(), cannot('facts', 'a Promise (put await before it)')],
  ];
  for (const [facts, sentence] of cases)
    assert.throws(
      () => compiledToy().save({ facts }),
      (error: Error) => error instanceof WasmCnnError && error.message === sentence,
      sentence,
    );
  assert.throws(
    () => compiledToy().save({ facts: circle }),
    /^the model cannot be saved: facts\[0\]\.circle\[0\].*… is nested more than 100 deep, or in a circle; keep something flatter$/,
  );
});

async function checkpointWith(callback: Callbacks): Promise<Uint8Array> {
  let bytes = new Uint8Array();
  const model = compiledToy();
  await model.fit(x, y, {
    epochs: 3,
    callbacks: [callback, { onEpochEnd: (epoch) => void (epoch === 0 && (bytes = model.save())) }],
  });
  return bytes;
}

/** Counts how often the loss was the smallest so far. */
const best = (): Callbacks & { state: { best: number; count: number } } => ({
  name: 'best',
  state: { best: Infinity, count: 0 },
  onEpochEnd(_epoch, { loss }) {
    if (loss! < this.state.best) this.state = { best: loss!, count: this.state.count + 1 };
  },
});

test('a callback that begins with Infinity resumes as if it had never stopped', async () => {
  const never = best();
  await compiledToy().fit(x, y, { epochs: 3, callbacks: never });
  let bytes = new Uint8Array();
  const model = compiledToy();
  await model.fit(x, y, {
    epochs: 3,
    callbacks: [best(), { onBatchEnd: () => void (model.step === 1 && (bytes = model.save())) }],
  });
  const resumed = best();
  await loadModel(bytes).model.fit(x, y, { resume: true, callbacks: resumed });
  assert.ok(never.state.count > 0);
  assert.equal(resumed.state, never.state);
});

test('a state holds what facts hold; finite Float32Arrays at its top are tensors', async () => {
  const state = Object.fromEntries(kept.map((value, i) => [`k${i}`, value]));
  Object.assign(state, { weights: Float32Array.of(1, 2), broken: Float32Array.of(1, NaN), $: 'own' });
  const bytes = await checkpointWith({ name: 'mine', state });
  const back = loadModel(bytes).model.fitState!().callbacks.mine!;
  assert.ok(
    Object.keys(state).length === Object.keys(back).length &&
      Object.keys(state).every((key) => isSame(back[key], state[key])),
  );
  assert.equal(
    [...readSafetensors(bytes, 'it').tensors.keys()].filter((name) => name.startsWith('callback:')),
    ['callback:mine/weights'],
  );
});

test('a state that is not a plain object is refused when it is saved', async () => {
  for (const [state, what] of [
    [new Map([['a', 1]]), 'a Map'],
    [[1], 'an array'],
    [new (class Own {})(), 'an Own'],
    [null, 'null'],
  ] as const) {
    const error: unknown = await checkpointWith({ name: 'mine', state: state as never }).catch(
      (reason: unknown) => reason,
    );
    assert.is(
      (error as Error).message,
      `the model cannot be saved: the state of the callback 'mine' is ${what}, a plain object is needed; keep that in one`,
    );
  }
  const error: unknown = await checkpointWith({ name: 'mine', state: { seen: [new Set()] } }).catch(
    (reason: unknown) => reason,
  );
  assert.is(
    (error as Error).message,
    'the model cannot be saved: mine.state.seen[0] is a Set, which a file cannot hold; keep plain objects, arrays, typed arrays, numbers and texts there',
  );
});

test("files in which a '$' means nothing are refused", () => {
  const file = readSafetensors(compiledToy().save({ facts: 1 }), 'it');
  const nothing = "it holds an object with '$' that means nothing";
  const cases: readonly [string, string][] = [
    ['{"$":1}', nothing],
    ['{"$":"nan"}', nothing],
    ['{"$":"NaN","more":1}', nothing],
    ['{"$":"object"}', nothing],
    ['{"$":"object","value":[]}', nothing],
    ['{"$":"constructor","values":[]}', nothing],
    ['{"$":"BigInt64Array","values":[]}', nothing],
    ['{"$":"Uint8Array","values":{}}', nothing],
    ['{"$":"Uint8Array","values":[256]}', 'it holds numbers that are not of a Uint8Array'],
    ['{"$":"Float32Array","values":[0.1]}', 'it holds numbers that are not of a Float32Array'],
    ['{"$":"Float64Array","values":["1"]}', 'it holds numbers that are not of a Float64Array'],
    ['{"$":"Float64Array","values":["undefined"]}', 'it holds numbers that are not of a Float64Array'],
    ['['.repeat(1e6) + ']'.repeat(1e6), 'it is nested more than 100 deep'],
  ];
  for (const [facts, sentence] of cases) {
    const given = writeWithoutChecksum({ ...file, metadata: new Map([...file.metadata, ['facts', facts]]) });
    assert.throws(
      () => loadModel(given, { name: 'it' }),
      (error: Error) =>
        error instanceof WasmCnnError &&
        error.message === `it: its description ('facts') does not make a model: ${sentence}`,
      facts.slice(0, 50),
    );
  }
});

test.run();
