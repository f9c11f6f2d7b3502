// The programs of the README and of docs/ run as they stand, on a small data set.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { builtinDigits } from '../../src/data/digits/digits.js';
import * as callbacks from '../../src/callbacks/index.js';
import * as library from '../../src/index.js';
import { idxFile } from '../data/craftIdx.js';
import { samples } from '../images/samples.js';
import { temporaryFolder } from './temporaryFolder.js';

/** The programs of a page of documentation. */
function programsOf(page: string): string[] {
  const text = readFileSync(new URL(`../../../${page}`, import.meta.url), 'utf8');
  return [...text.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code!);
}

const [first] = programsOf('README.md');
const [whileItTrains] = programsOf('docs/page.md');
const [second] = programsOf('docs/checkpoints.md');

/** Runs it within the package, so that 'wasm-cnn' is the package itself; gives what it says last. */
function runs(code: string, folder: string): unknown {
  const script = fileURLToPath(new URL('./readmeExample.mjs', import.meta.url));
  writeFileSync(script, code);
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
    cwd: folder,
    env: { ...process.env, MNIST_DIR: folder },
    encoding: 'utf8',
  });
  rmSync(script);
  assert.is(stderr, '');
  assert.is(status, 0);
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

test("the README's example runs, from the package's own name", () => {
  const folder = temporaryFolder();
  const { train, test: held } = builtinDigits({ trainCount: 200, testCount: 50 });
  for (const [name, part, count] of [
    ['train', train, 200],
    ['t10k', held, 50],
  ] as const) {
    writeFileSync(join(folder, `${name}-images-idx3-ubyte`), idxFile([count, 28, 28], part.x.data));
    writeFileSync(join(folder, `${name}-labels-idx1-ubyte`), idxFile([count], part.y));
  }
  const { history, accuracy, length, shape } = runs(
    `${first}\nconsole.log(JSON.stringify({ history, accuracy, length: data.length, shape }));\n`,
    folder,
  ) as { history: object; accuracy: number; length: number; shape: number[] };
  assert.equal(Object.keys(history), ['loss', 'accuracy']);
  assert.ok(accuracy >= 0 && accuracy <= 1);
  assert.equal([length, shape], [500, [50, 10]]);
  assert.is(library.loadModel(readFileSync(join(folder, 'model.safetensors'))).model.countParams(), 54410);
});

test("docs/page.md: fit draws its progress on a page; here with Node's threads", () => {
  const before = `
    import { workers } from 'wasm-cnn/node';
    const x = { data: Float32Array.from({ length: 60 }, (_, i) => i % 7), shape: [30, 2] }, y = Array.from({ length: 30 }, (_, i) => i % 2);
    const model = sequential({ inputShape: [2], layers: [layers.dense({ units: 2, activation: 'softmax' })] });
    const drawn = [];
    const draw = (...what) => drawn.push(what);
  `;
  const here = whileItTrains!.replace(", workers } from 'wasm-cnn/browser'", " } from 'wasm-cnn'");
  assert.is.not(here, whileItTrains);
  const drawn = runs(`${before}${here}\nconsole.log(JSON.stringify(drawn));\n`, temporaryFolder()) as [
    number,
    Record<string, number>,
  ][];
  assert.equal(
    drawn.map(([batch]) => batch),
    [0, 0, 0, 0, 0],
  );
  for (const [, { loss, accuracy }] of drawn) assert.ok(Number.isFinite(loss) && Number.isFinite(accuracy));
});

test('docs/checkpoints.md: a fit and a resumed one end with the same weights', () => {
  const before = `
    import { layers, sequential } from 'wasm-cnn';
    const x = { data: Float32Array.from({ length: 60 }, (_, i) => i % 7), shape: [30, 2] }, y = Array.from({ length: 30 }, (_, i) => i % 2), validationData = [x, y];
    const model = sequential({ inputShape: [2], layers: [layers.dense({ units: 2, activation: 'softmax' })] });
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 2 });
  `;
  const after = `
    import { readdirSync } from 'node:fs';
    console.log(JSON.stringify([readdirSync('checkpoints').filter((name) => name !== 'lock'), ...[model, again].map((each) => each.getWeights().map(({ data }) => [...data]))]));
  `;
  const [names, whole, again] = runs(before + second + after, temporaryFolder()) as [string[], unknown, unknown];
  assert.equal(names, ['checkpoint-0.safetensors', 'checkpoint-200.safetensors']);
  assert.equal(again, whole);
});

test('docs/first-training.md trains and reads a digit', () => {
  const [code] = programsOf('docs/first-training.md');
  const [right, read] = runs(
    code!.replaceAll('console.log(', 'said.push(').replace(/^/, 'const said = [];') +
      'console.log(JSON.stringify(said));',
    temporaryFolder(),
  ) as string[];
  assert.match(right!, /^[89]\d\.\d % of the test images are right$/);
  assert.match(read!, /^the first one is a \d$/);
});

test("docs/performance.md and docs/worker.md compile and train unchanged, here with Node's threads", () => {
  const [fast] = programsOf('docs/performance.md');
  const after = 'console.log(JSON.stringify(model.countParams()));';
  assert.is(runs(fast! + after, temporaryFolder()), 7850);
  const [inWorker] = programsOf('docs/worker.md');
  const here = inWorker!.replace(
    "referenceNetwork, workers } from 'wasm-cnn/browser'",
    "referenceNetwork } from 'wasm-cnn'",
  );
  assert.is.not(here, inWorker);
  const posted = runs(
    `import { workers } from 'wasm-cnn/node'; const posted = []; const postMessage = (what) => posted.push(what.byteLength ?? what.epoch);
    ${here} console.log(JSON.stringify(posted));`,
    temporaryFolder(),
  ) as number[];
  assert.equal(posted.slice(0, 2), [0, 1]);
  assert.ok(posted[2]! > 900_000);
});

test('docs/service.md answers several requests at once, and a bad picture with a sentence', () => {
  const folder = temporaryFolder();
  const model = library.sequential({
    inputShape: [8, 8, 3],
    layers: [library.layers.flatten(), library.layers.dense({ units: 2, activation: 'softmax' })],
  });
  writeFileSync(join(folder, 'model.safetensors'), model.save());
  writeFileSync(join(folder, 'cat.jpg'), samples.get('jpeg 4:2:0')!.file);
  const [code] = programsOf('docs/service.md');
  const asked = code!.replace('server.listen(8080)', 'await new Promise((resolve) => server.listen(0, resolve))');
  assert.is.not(asked, code);
  const after = `
    const post = async (body) => { const answer = await fetch('http://localhost:' + server.address().port, { method: 'POST', body }); return [answer.status, await answer.text()]; };
    const cat = await readFile('cat.jpg');
    const answers = await Promise.all([cat, cat, 'no picture', cat].map(post));
    server.close();
    console.log(JSON.stringify(answers));`;
  const answers = runs(asked + after, folder) as [number, string][];
  assert.equal(
    answers.map(([status]) => status),
    [200, 200, 400, 200],
  );
  assert.equal(answers[0], answers[3]);
  assert.is((JSON.parse(answers[0]![1]) as unknown[]).length, 2);
});

test('the model of two outputs in docs/layers.md trains, and its features are a model', () => {
  const [code] = programsOf('docs/layers.md');
  const before = `
    const x = { data: Uint8Array.from({ length: 9 * 784 }, (_, i) => i % 251), shape: [9, 28, 28, 1] };
    const labels = [0, 1, 2, 3, 4, 5, 6, 7, 8], slants = { data: Float32Array.from(labels), shape: [9, 1] };
  `;
  const after = `
    const { shape } = await extractor.predict(x);
    const { history } = await network.fit({ image: x }, [labels, slants], { epochs: 1 });
    console.log(JSON.stringify([shape, Object.keys(history)]));
  `;
  const names = ['loss', 'digit_loss', 'digit_accuracy', 'slant_loss'];
  assert.equal(runs(before + code + after, temporaryFolder()), [[9, 16], names]);
});

test('the metrics of docs/losses.md and the callbacks of docs/callbacks.md run unchanged', () => {
  const before = `
    import { layers, sequential } from 'wasm-cnn';
    const labels = Array.from({ length: 30 }, (_, i) => i % 3), y = labels;
    const x = { data: Float32Array.from({ length: 60 }, (_, i) => (i * i) % 7), shape: [30, 2] }, validationData = [x, y];
    const model = sequential({ inputShape: [2], layers: [layers.dense({ units: 3, activation: 'softmax' })] });
  `;
  const [compiling, ofLosses, ofMetrics, reporting] = programsOf('docs/losses.md');
  const compiled = compiling!
    .replace("model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] });\n", '')
    .replace('k: 3', 'k: 2');
  assert.is.not(compiled, compiling);
  const averages = runs(`${before}${compiled}${ofMetrics}${reporting}`, temporaryFolder()) as object;
  assert.equal(Object.keys(averages), ['precision', 'recall', 'f1Score']);
  const binary = ofLosses!.slice(ofLosses!.indexOf('const ofYesAndNo'));
  const yesAndNo =
    "const model = sequential({ inputShape: [2], layers: [layers.dense({ units: 3, activation: 'sigmoid' })] });";
  const both = `${before}${compiled}${ofLosses!.replace(binary, '')}{ ${yesAndNo} ${binary} } console.log(JSON.stringify(ofClasses.length));`;
  assert.is(runs(both, temporaryFolder()), 6);
  const [callbacks, others] = programsOf('docs/callbacks.md');
  const after = `
    import { readFileSync } from 'node:fs';
    console.log(JSON.stringify([readFileSync('best.safetensors').length > 0, readFileSync('log.csv', 'utf8').split('\\n').length]));
  `;
  assert.equal(runs(`${before}${compiled}${callbacks}${after}`, temporaryFolder()), [true, 6]);
  const adam = "model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });";
  assert.is(runs(`${before}${adam}${others}console.log(JSON.stringify(model.step));`, temporaryFolder()), 4);
});

test('docs/understanding.md runs unchanged', () => {
  const [looking, drawing, finding] = programsOf('docs/understanding.md');
  const before = `
    import { layers, sequential } from 'wasm-cnn';
    const x = { data: Uint8Array.from({ length: 2 * 36 }, (_, i) => i % 251), shape: [2, 6, 6, 1] };
    const model = sequential({
      inputShape: [6, 6, 1],
      layers: [layers.conv2d({ filters: 3, kernelSize: 3 }), layers.flatten(), layers.dense({ units: 4, activation: 'softmax' })],
    });
  `;
  const compiling = "const y = [0, 3]; model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });";
  const after = `
    console.log(JSON.stringify([features.shape, heatmap.shape, classIndices.length, layer, gradients.shape, svg.slice(0, 4), learningRates.length === losses.length]));
  `;
  const expected = [[2, 4, 4, 3], [2, 4, 4], 2, 'conv2d', [2, 6, 6, 1], '<svg', true];
  assert.equal(runs(before + looking + drawing + compiling + finding + after, temporaryFolder()), expected);
});

test('the programs of the pages about training run unchanged', () => {
  const setting = (shape: string, before = '') => `
    import { ${before}layers, sequential } from 'wasm-cnn';
    const x = { data: Uint8Array.from({ length: 20 * 784 }, (_, i) => i % 251), shape: [20, 28, 28, 1] }, y = Array.from({ length: 20 }, (_, i) => i % 10);
    const model = sequential({ inputShape: ${shape}, layers: [layers.flatten(), layers.dense({ units: 10, activation: 'softmax' })] });
  `;
  const compiling = "model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });\n";
  const [fitting, looping] = programsOf('docs/training.md');
  const trained = `${setting('[28, 28, 1]')}${compiling}${fitting!.replace('const {', 'var {')}${looping}`;
  assert.is(runs(`${trained}console.log(); console.log(JSON.stringify(model.step));`, temporaryFolder()), 6);

  const [naming, choosing, scheduling] = programsOf('docs/optimizers.md');
  const chosen = `${setting('[28, 28, 1]')}${naming}${choosing}${scheduling}`;
  assert.equal(
    runs(`${chosen}console.log(JSON.stringify([candidates.length, rates.length]));`, temporaryFolder()),
    [7, 9],
  );

  const data = setting('[1]')
    .replace(/import.*/, '')
    .replace(/const model.*/, '');
  const [regularizing, ruling] = programsOf('docs/regularization.md');
  const ruled = `${data}${regularizing}${ruling}
    const other = sequential({ inputShape: [9, 9, 1], layers: [...stack.slice(0, 2), layers.flatten(), ...stack.slice(2)] });
    other.compile({ optimizer: 'sgd', loss: 'mse' });
    await other.trainOnBatch({ data: new Float32Array(81), shape: [1, 9, 9, 1] }, { data: new Float32Array(3), shape: [1, 3] });
    console.log(JSON.stringify([model.step, other.step]));`;
  assert.equal(runs(ruled, temporaryFolder()), [5, 1]);

  const [augmenting, listing, showing] = programsOf('docs/augmentation.md');
  const augmented = `${data}${augmenting}${listing}${showing}
    const other = sequential({ inputShape: [28, 28, 1], layers: [...layer, layers.flatten(), layers.dense({ units: 10, activation: 'softmax' })] });
    other.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
    await other.fit(x, y);
    console.log(JSON.stringify([shape, other.step]));`;
  assert.equal(runs(augmented, temporaryFolder()), [[20, 28, 28, 1], 1]);
});

test('each optimizer, schedule, loss, metric, rule, callback and augmentation is in a program of docs/', () => {
  const pages = readdirSync(new URL('../../../docs/', import.meta.url)).filter((name) => name.endsWith('.md'));
  const programs = ['README.md', ...pages.map((page) => `docs/${page}`)].flatMap(programsOf).join('\n');
  const { optimizers, schedules, regularizers, constraints, losses, metrics, layers } = library;
  const names = [optimizers, schedules, regularizers, constraints, losses, metrics, callbacks].flatMap(Object.keys);
  const random = Object.keys(layers).filter((name) => name.startsWith('random'));
  // What makes them by name, other names of the same, and two helpers.
  const others = ['makeLoss', 'makeMetric', 'sparseCategoricalAccuracy', 'sparseTopKCategoricalAccuracy', 'argmax'];
  assert.equal(
    [...names, ...random].filter(
      (name) => ![...others, 'standardError'].includes(name) && !programs.includes(`${name}(`),
    ),
    [],
  );
});

test('the custom layer of docs/layers.md trains, is saved and loads', () => {
  const code = programsOf('docs/layers.md').find((program) => program.includes('squeezeAndExcite'))!;
  const after = `
    import { loadModel } from 'wasm-cnn';
    const x = { data: Float32Array.from({ length: 6144 }, (_, i) => (i % 7) / 7), shape: [2, 32, 32, 3] };
    network.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
    await network.trainOnBatch(x, [3, 4]);
    const { model: loaded } = loadModel(await network.save());
    const predicted = await Promise.all([network, loaded].map(async (each) => [...(await each.predict(x)).data]));
    console.log(JSON.stringify(predicted));
  `;
  const [own, loaded] = runs(code + after, temporaryFolder()) as [number[], number[]];
  assert.is(own.length, 20);
  assert.equal(loaded, own);
});

test.run();
