// Files that are made to harm: no longer to read than their bytes allow, and nothing in a fit's state is believed that its model denies.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { layers, loadModel, sequential, WasmCnnError, type Sequential } from '../../src/index.js';
import { readSafetensors, type NamedTensor, type SafetensorsFile } from '../../src/formats/safetensors.js';
import { compiledToy, toyExamples } from '../model/toy.js';
import { writeWithoutChecksum } from './otherTool.js';

const { x, y } = toyExamples(40);
/** After step 5: epoch 1 is whole, two batches of 16 of epoch 2 are done. */
let checkpoint!: SafetensorsFile;
{
  const model = compiledToy();
  const keep = {
    name: 'z',
    state: {},
    onSavePoint: () => void (model.step === 5 && (checkpoint = readSafetensors(model.save(), 'it'))),
  };
  await model.fit(x, y, { epochs: 3, validationData: [x, y], callbacks: keep });
}

function withFit(change: object, tensors: Iterable<[string, NamedTensor]> = []): Uint8Array {
  const fit = { ...JSON.parse(checkpoint.metadata.get('fit')!), ...change };
  return writeWithoutChecksum({
    tensors: new Map([...checkpoint.tensors, ...tensors]),
    metadata: new Map([...checkpoint.metadata, ['fit', JSON.stringify(fit)]]),
  });
}

/** Whether it is read or refused with one sentence; and within one second and one a MiB, of the processor's, as the machine may be busy. */
function inTime(file: Uint8Array, what: string): string {
  const began = process.cpuUsage();
  let sentence = '';
  try {
    loadModel(file, { name: 'it' });
  } catch (error) {
    assert.instance(error, WasmCnnError, `${what}: ${String(error)}`);
    sentence = (error as Error).message;
  }
  const { user, system } = process.cpuUsage(began);
  const [seconds, mebibytes] = [(user + system) / 1e6, file.length / 2 ** 20];
  assert.ok(seconds <= 1 + mebibytes, `${what}: ${seconds} s for ${mebibytes} MiB`);
  return sentence;
}

test('thousands of callbacks with thousands of tensors', () => {
  const [names, tensors] = [48_000, 11_500];
  const callbacks = Object.fromEntries(
    [...Array.from({ length: names }, (_, i) => `b${i.toString(36)}`), 'z'].map((name) => [name, {}]),
  );
  const values = Array.from({ length: tensors }, (_, i): [string, NamedTensor] => [
    `callback:z/${i.toString(36)}`,
    { shape: [0], data: new Float32Array(0) },
  ]);
  assert.is(inTime(withFit({ callbacks }, values), 'callbacks × tensors'), '');
  assert.match(
    inTime(withFit({ callbacks: {} }, values), 'tensors of none'),
    /^it: the tensor 'callback:z\/0' belongs to nothing in its description; it is a file of another model$/,
  );
});

test('huge amounts of everything that a header can hold', () => {
  const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
  const named = (count: number, value: unknown): object => Object.fromEntries(many(count, (i) => [`n${i}`, value]));
  const model = JSON.parse(checkpoint.metadata.get('model')!);
  const compile = JSON.parse(checkpoint.metadata.get('compile')!);
  const put = (key: string, value: unknown): Uint8Array =>
    writeWithoutChecksum({
      ...checkpoint,
      metadata: new Map([...checkpoint.metadata, [key, typeof value === 'string' ? value : JSON.stringify(value)]]),
    });
  const ones = many(250_000, () => 1);
  const deep = `${'['.repeat(250_000)}${']'.repeat(250_000)}`;
  const files: Record<string, Uint8Array> = {
    'a history of very many epochs': withFit({
      epoch: 250_000,
      epochs: 500_000,
      history: { epoch: many(75_000, (i) => i), history: { loss: ones } },
    }),
    'lists of history': withFit({ history: { epoch: [0], history: named(25_000, [1]) } }),
    totals: withFit({ totals: named(75_000, 1) }),
    'a state': withFit({ callbacks: { z: named(75_000, {}) } }),
    'a state of $': withFit({ callbacks: { z: { a: many(25_000, () => ({ $: 'NaN' })) } } }),
    'typed arrays': withFit({ callbacks: { z: { a: many(12_500, () => ({ $: 'Uint8Array', values: [1] })) } } }),
    metadata: writeWithoutChecksum({
      ...checkpoint,
      metadata: new Map([...checkpoint.metadata, ...Object.entries(named(50_000, 'x') as Record<string, string>)]),
    }),
    'facts, deep': put('facts', deep),
    'inputShape, deep': put(
      'model',
      JSON.stringify({ ...model, inputShape: 0 }).replace('"inputShape":0', `"inputShape":${deep}`),
    ),
    'inputShape, long': put('model', { ...model, inputShape: ones }),
    'one layer, large': put('model', {
      ...model,
      layers: [{ className: 'Dense', name: 'a', config: named(75_000, 1) }],
    }),
    'a long name': put('model', { ...model, name: 'x'.repeat(750_000) }),
    'a long name of a layer': put('model', {
      ...model,
      layers: [{ className: 'Flatten', name: 'x'.repeat(750_000), config: {} }],
    }),
    metrics: put('compile', { ...compile, metrics: many(75_000, () => 'accuracy') }),
    batchSize: put('compile', { ...compile, batchSize: 2 ** 40 }),
    tensors: withFit(
      {},
      many(7_500, (i) => [`n${i}`, { shape: [0], data: new Float32Array(0) }]),
    ),
    shapes: withFit(
      {},
      many(100, (i) => [`callback:z/${i}`, { shape: many(5_000, () => 0), data: new Float32Array(0) }]),
    ),
  };
  for (const [what, file] of Object.entries(files)) {
    const sentence = inTime(file, what);
    assert.ok(sentence.length <= 600, what);
    assert.not.match(sentence, /call stack/, what);
  }
});

test('as many layers as a model may have', () => {
  const model = sequential({
    inputShape: [1],
    layers: Array.from({ length: 1000 }, (_, i) => layers.dense({ units: 1, name: `layer${i}`.padEnd(190, 'x') })),
  });
  assert.is(inTime(model.save(), '1000 layers'), '');
});

test('a state that its model denies', () => {
  const fit = JSON.parse(checkpoint.metadata.get('fit')!);
  const lists = fit.history.history;
  assert.equal(Object.keys(lists), ['loss', 'accuracy', 'val_loss', 'val_accuracy']);
  assert.is(inTime(withFit({}), 'unchanged'), '');
  const names = '[loss, accuracy, val_loss, val_accuracy]';
  const before = (epoch: number): string => `history must be of the epochs before ${epoch}, one after another`;
  const cases: readonly [object, string][] = [
    [{ totals: {} }, 'totals must be of [loss, accuracy], got []'],
    [{ totals: { loss: 1 } }, 'totals must be of [loss, accuracy], got [loss]'],
    [{ totals: { loss: 1, accuracy: 1, evil: 1 } }, 'totals must be of [loss, accuracy], got [loss, accuracy, evil]'],
    [{ seen: 0 }, 'totals must be of [], got [loss, accuracy]'],
    [{ totals: { loss: 1, accuracy: null } }, 'totals must be finite numbers'],
    [{ history: { epoch: [0], history: {} } }, `history must be of ${names}, got []`],
    [{ history: { epoch: [0], history: { loss: [1] } } }, `history must be of ${names}, got [loss]`],
    [
      { history: { epoch: [0], history: { ...lists, '\u001b[2J': [1] } } },
      `history must be of ${names}, got [loss, accuracy, val_loss, val_accuracy, \\u001b[2J]`,
    ],
    [
      { history: { epoch: [0], history: { loss: [1], accuracy: [1], val_loss: [1] } } },
      `history must be of ${names}, got [loss, accuracy, val_loss]`,
    ],
    [{ history: { epoch: [], history: { loss: [] } } }, `history must be of ${names}, got [loss]`],
    [{ history: { epoch: [1], history: lists } }, before(1)],
    [{ history: { epoch: [-1], history: lists }, epoch: 0 }, before(0)],
    [{ history: { epoch: [0.5], history: lists } }, before(1)],
    [{ history: { epoch: [0, 0], history: lists }, epoch: 1 }, before(1)],
    [{ history: { epoch: [0, 1, 3], history: lists }, epoch: 4 }, before(4)],
    [{ history: { epoch: [0], history: { ...lists, loss: [1, 2] } } }, "history's loss must have 1 numbers"],
    [{ history: { epoch: [0], history: { ...lists, loss: [1e999] } } }, "history's loss must have 1 numbers"],
    [{ callbacks: { z: [] } }, 'callbacks must hold an object each'],
    [{ callbacks: { z: { $: 'NaN' } } }, 'callbacks must hold an object each'],
    [{ callbacks: { z: { a: { $: 1 } } } }, "it holds an object with '$' that means nothing"],
  ];
  for (const [change, sentence] of cases)
    assert.is(inTime(withFit(change), sentence), `it: its description ('fit') does not make a model: ${sentence}`);
  assert.is(inTime(withFit({ history: { epoch: [], history: {} } }), 'begun with initialEpoch'), '');
});

test('names with terminal control characters do not become names of a model or its layers', () => {
  const named = (name: string): Uint8Array =>
    writeWithoutChecksum({
      ...checkpoint,
      metadata: new Map([
        ...checkpoint.metadata,
        ['model', JSON.stringify({ ...JSON.parse(checkpoint.metadata.get('model')!), name })],
      ]),
    });
  const sentence = (shown: string): string =>
    `it: its description ('model') does not make a model: sequential needs its name as one line of at most 200 characters, got ${shown}`;
  for (const [name, shown] of [
    ['\u001b[2J', '"\\u001b[2J"'],
    ['a\nb', '"a\\nb"'],
    ['\u009b2J', '"\\u009b2J"'],
    ['a\u202eb', '"a\\u202eb"'],
    ['\u2028', '"\\u2028"'],
    ['\u0007', '"\\u0007"'],
  ] as const)
    assert.is(inTime(named(name), shown), sentence(shown));
  assert.match(inTime(named('x'.repeat(201)), 'long'), /got "x{99}"$/);
  for (const name of ['', 'Größe 😀 (2)', 'x'.repeat(200)]) assert.is(loadModel(named(name)).model.name, name);
  const own = (name: unknown): Sequential => sequential({ name: name as string });
  assert.throws(
    () => own('\u001b]0;x\u0007'),
    (error: Error) =>
      error.message === 'sequential needs its name as one line of at most 200 characters, got "\\u001b]0;x\\u0007"',
  );
  assert.throws(
    () =>
      layers.dense({ units: 1, name: 'x'.repeat(201) }) &&
      sequential({ inputShape: [1], layers: [layers.dense({ units: 1, name: 'x'.repeat(201) })] }),
    /^a layer's name is made of up to 200 letters, digits, _ \. and -, got "x+"$/,
  );
});

test.run();
