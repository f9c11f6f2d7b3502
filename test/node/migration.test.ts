// docs/from-keras.md, from-tfjs.md and from-pytorch.md: what stands there as code of this package runs, and so do the retyped tutorials.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { samples } from '../images/samples.js';
import { temporaryFolder } from './temporaryFolder.js';

/** What each row has in its second column. */
function codeOf(page: string): string[] {
  const text = readFileSync(new URL(`../../../docs/${page}`, import.meta.url), 'utf8');
  return [...text.matchAll(/^\| .* \| `([^`]+)` \|$/gm)].map(([, code]) => code!);
}

/** Each row has a model of its own. */
const around = (code: string): string => `
await (async () => {
  const model = sequential({ inputShape: [28, 28, 1], layers: [layers.conv2d({ filters: 2, kernelSize: 3 }), layers.flatten(), layers.dense({ units: 10, activation: 'softmax' })] });
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  ${code};
})().catch((error) => failed.push([${JSON.stringify(code)}, String(error)]));`;

const names = `
import * as wasmCnn from 'wasm-cnn';
import * as node from 'wasm-cnn/node';
import { builtinDigits } from 'wasm-cnn/data';
import { loadTorch, saveTorch } from 'wasm-cnn/formats/torch';
import { writeFile } from 'node:fs/promises';
const { csvLogger, earlyStopping, input, layers, loadModel, losses, metrics, modelCheckpoint, optimizers, reduceLROnPlateau, regularizers, schedules, sequential } = wasmCnn;
const { csvFile, loadModelFile, saveModelFile, tensorBoard } = node;
const { x, y } = builtinDigits({ trainCount: 20, testCount: 1 }).train;
const failed = [];`;

/** Runs it within the package, so that 'wasm-cnn' is the package itself. */
function run(name: string, code: string): string {
  const script = fileURLToPath(new URL(`./${name}.mjs`, import.meta.url));
  writeFileSync(script, code);
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
    cwd: temporaryFolder(),
    encoding: 'utf8',
  });
  rmSync(script);
  assert.is(stderr, '');
  assert.is(status, 0);
  return stdout.trim();
}

for (const [page, rows] of [
  ['from-keras.md', 27],
  ['from-tfjs.md', 22],
  ['from-pytorch.md', 19],
] as const)
  test(`docs/${page}: each line runs`, () => {
    const lines = codeOf(page);
    assert.is(lines.length, rows);
    const code = `${names}${lines.map(around).join('')}\nconsole.log(JSON.stringify(failed));`;
    assert.equal(JSON.parse(run('migration', code).split('\n').at(-1)!), []);
  });

const example = (name: string): string =>
  run(name, readFileSync(new URL(`../../../examples/${name}.mjs`, import.meta.url), 'utf8'));

test('docs/fine-tuning.md trains the last layer and then all others', () => {
  const page = readFileSync(new URL('../../../docs/fine-tuning.md', import.meta.url), 'utf8');
  const before = `
    import { mkdirSync, writeFileSync } from 'node:fs';
    import { networks as itsNetworks } from 'wasm-cnn';
    for (const name of ['cats', 'dogs']) {
      mkdirSync('my/pictures/' + name, { recursive: true });
      for (let i = 0; i < 10; i++) writeFileSync('my/pictures/' + name + '/' + i + '.jpg', Buffer.from('${Buffer.from(samples.get('jpeg 4:2:0')!.file).toString('base64')}', 'base64'));
    }
    writeFileSync('mobileNetV2.safetensors', itsNetworks.mobileNetV2({ inputShape: [96, 96, 3] }).save());`;
  const said = run(
    'fineTuning',
    `${before}${/```js\n(.*?)```/s.exec(page)![1]!}console.log(JSON.stringify(net.outputShape));`,
  );
  assert.is(said.match(/^Epoch /gm)?.length, 15);
  assert.is(said.split('\n').at(-1), '[2]');
});

test("Keras' tutorial, retyped, learns", () => {
  const said = example('fromKeras');
  assert.match(said, /Parameters: 34,826 /);
  assert.match(said, /^Epoch 4\/4 - 22 steps .* - val_accuracy: 0\.[6-9]/m);
  assert.match(said, /^Test accuracy: 0\.[7-9]\d*$/m);
});

test("TF.js' tutorials, retyped, learn", () => {
  const said = example('fromTfjs');
  assert.match(said, /^Nine (0\.\d+|1)$/m);
  assert.match(said, /^Validation [5-9]\d\.\d %, test [5-9]\d\.\d %$/m);
  assert.match(said, /^95 0\.\d+ 0\.\d+ 0\.[6-9]\d*$/m);
});

test.run();
