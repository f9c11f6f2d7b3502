// npm run export and import, and --model with files of other programs.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { input, layers, loadModel, model as functional, sequential, type Model } from '../../../src/index.js';
import { saveOnnx } from '../../../src/formats/onnx/index.js';
import { exporters } from '../../../src/node/files/exportModel.js';
import { refused, run, succeeds, work, writeDigits, type Outcome } from './commandLine.js';

const names = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const data = writeDigits('named', 6, names);
const whole = ['keras', 'h5', 'tfjs', 'onnx'] as const;
const path = (name: string): string => join(work, name);
/** What it says beside is that the schedule of the learning rate stays behind. */
function exported(...args: string[]): Outcome {
  const outcome = run('export', ...args);
  assert.is(outcome.status, 0, outcome.stderr);
  const lines = outcome.stderr.split('\n').filter(Boolean);
  for (const line of lines) assert.match(line, /schedule/);
  assert.is(new Set(lines).size, lines.length, outcome.stderr);
  return outcome;
}
/** 'accuracy 91.50 %' of the command's output. */
const accuracyIn = ({ stdout }: { stdout: string }): string => /accuracy [\d.]+ %/.exec(stdout)![0];

test.before(() => {
  succeeds(run('train', '--data', data, '--epochs', '2', '--batch-size', '8', '--out', 'first'));
});

for (const format of whole)
  test(`${format}: out, tested as it is, and in again with the same weights`, async () => {
    const out = `out.${exporters[format].name}`;
    const { stdout } = exported('first', '--to', format, '--out', out);
    assert.match(stdout, /Model: first\/model\.safetensors\nWrote out\./);
    const own = succeeds(run('evaluate', '--model', 'first'));
    const [foreign, onThreads] = ['1', '3'].map((threads) =>
      succeeds(run('evaluate', out, '--data', data, '--threads', threads, '--out', `${format}.png`)),
    ) as [Outcome, Outcome];
    assert.is(onThreads.stdout, foreign.stdout);
    assert.is(accuracyIn(foreign), accuracyIn(own));
    succeeds(run('import', out, '--out', `${format}.safetensors`, '--class-names', ...names));
    const [back, first] = [`${format}.safetensors`, 'first/model.safetensors'].map(
      (file) => loadModel(readFileSync(path(file))).model,
    );
    assert.is(back!.countParams(), first!.countParams());
    const x = { data: Float32Array.from({ length: 3 * 784 }, (_, i) => ((i * 37) % 101) / 101), shape: [3, 28, 28, 1] };
    const [a, b] = [await back!.predict(x), await first!.predict(x)];
    for (const [i, value] of a.data.entries()) assert.ok(Math.abs(value - b.data[i]!) <= 1e-5, `${value} ${b.data[i]}`);
    assert.match(succeeds(run('predictSamples', '--model', out, '--data', data, '--count', '4')).stdout, / of 4 right/);
  });

test('a run starts from a model of any format, with a new last layer for other classes, and is verified', () => {
  exported('first', '--to', 'keras', '--out', 'start.keras');
  const fewer = writeDigits('fewer', 6, ['a', 'b', 'c'], 3);
  const { stdout } = succeeds(
    run('train', '--model', 'start.keras', '--data', fewer, '--epochs', '1', '--out', 'tuned'),
  );
  assert.match(stdout, /Note: the layer \w+ starts with new weights, as start\.keras tells 10 classes apart/);
  const { settings, networkFile } = JSON.parse(readFileSync(path('tuned/history.json'), 'utf8'));
  assert.is(settings.learningRate, 0.0001);
  assert.match(networkFile, /start\.keras$/);
  assert.match(run('verify', 'tuned').stderr, /^tuned started from the model .*start\.keras; name it with --model\n$/);
  succeeds(run('verify', 'tuned', '--model', 'start.keras'));
  succeeds(run('train', '--model', 'first', '--data', data, '--epochs', '1', '--out', 'further'));
  succeeds(run('verify', 'further', '--model', 'first'));
});

test('fewer bits: sizes and accuracies are those of the files', () => {
  for (const [format, weights] of [
    ['onnx', 'int8'],
    ['tfjs', 'uint8'],
    ['pytorch', 'int8'],
  ] as const) {
    const { stdout } = exported('first', '--to', format, '--weights', weights, '--out', `small.${format}`);
    const sizes = [...stdout.matchAll(/(\d+\.\d+) (kB|MB)/g)].map(
      ([, size, unit]) => Number(size) * (unit === 'MB' ? 1000 : 1),
    );
    assert.is(sizes.length, format === 'onnx' ? 3 : 4);
    assert.ok(sizes.at(-1)! < 0.35 * sizes.at(-2)!, stdout);
    assert.match(stdout, new RegExp(`Weights +Size +Accuracy\n[─-]*\n?.*float32 .* %\n.*${weights} .* %`));
  }
});

test('logits are tested and shown as the probabilities that a softmax makes of them', async () => {
  const made = (activation: 'softmax' | 'linear'): Model =>
    sequential({
      seed: 4,
      inputShape: [28, 28, 1],
      layers: [layers.flatten(), layers.dense({ units: 10, activation })],
    });
  writeFileSync(path('logits.onnx'), saveOnnx(made('linear')));
  writeFileSync(path('softmax.onnx'), saveOnnx(made('softmax')));
  const told = (command: 'evaluate' | 'predictSamples', file: string): string[] => {
    const { stdout } = succeeds(run(command, '--model', file, '--data', data, '--out', `${command}.png`));
    return stdout.split('\n').filter((line) => !/^(Note|Model|Wrote)/.test(line));
  };
  for (const command of ['evaluate', 'predictSamples'] as const)
    assert.equal(told(command, 'logits.onnx'), told(command, 'softmax.onnx'), command);
  const { stdout } = run('predictSamples', '--model', 'logits.onnx', '--image', 'evaluate.png', '--out', 'own.png');
  assert.match(stdout, /Note: logits\.onnx gives logits, and a softmax behind it makes probabilities of them/);
  assert.match(stdout, /Class +Probability\n─+\n0 +[\d.]+ %/);
});

test('a model with two outputs, and data that are missing, are refused before anything is written', () => {
  const x = input({ shape: [28, 28, 1] });
  const flat = layers.flatten().apply(x);
  const both = [2, 3].map((units) => layers.dense({ units }).apply(flat));
  writeFileSync(path('two.onnx'), saveOnnx(functional({ inputs: x, outputs: both })));
  const sentence = /two\.onnx has 1 input and 2 outputs, and one image and a probability for each class are needed/;
  refused(run('evaluate', '--model', 'two.onnx', '--data', data), sentence);
  refused(run('predictSamples', '--model', 'two.onnx', '--data', data), sentence);
  const small = ['--to', 'onnx', '--weights', 'int8', '--out', 'never.onnx', '--data'];
  refused(run('export', 'two.onnx', ...small, data), sentence);
  refused(run('export', 'first', ...small, 'nowhere'), /nowhere: there is no such folder or file/);
  assert.not(existsSync(path('never.onnx')));
});

/** A protobuf message: texts, bytes and numbers below 128, by the numbers of their fields. */
const message = (...fields: readonly (readonly [number, number | string | Uint8Array])[]): Uint8Array =>
  Buffer.concat(
    fields.map(([field, value]) => {
      if (typeof value === 'number') return Uint8Array.of(field << 3, value);
      const bytes = Buffer.from(value as string);
      return Buffer.concat([Uint8Array.of((field << 3) | 2, (bytes.length & 127) | 128, bytes.length >> 7), bytes]);
    }),
  );

test('an ONNX model that keeps its weights in a file beside it, as PyTorch writes it', async () => {
  const value = (name: string, ...shape: number[]): Uint8Array => {
    const dims = message(...shape.map((size) => [1, message([1, size])] as const));
    return message([1, name], [2, message([1, message([1, 1], [2, dims])])]);
  };
  const written = (file: string, location: string): void => {
    const entry = message([1, 'location'], [2, location]);
    const weights = message([1, 3], [1, 2], [2, 1], [8, 'w'], [13, entry], [14, 1]);
    const node = message([1, 'x'], [1, 'w'], [2, 'y'], [4, 'MatMul']);
    const graph = message([1, node], [2, 'g'], [5, weights], [11, value('x', 1, 3)], [12, value('y', 1, 2)]);
    writeFileSync(path(file), message([1, 8], [7, graph], [8, message([2, 17])]));
  };
  mkdirSync(path('beside'));
  written('beside/model.onnx', 'model.onnx.data');
  refused(
    run('import', 'beside/model.onnx'),
    "beside/model.onnx: its weights lie in 'model.onnx.data' beside it, and there is no such file; put it there",
  );
  writeFileSync(path('beside/model.onnx.data'), new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer));
  succeeds(run('import', 'beside/model.onnx', '--out', 'beside.safetensors'));
  const { model } = loadModel(readFileSync(path('beside.safetensors')));
  const { data: products } = await model.predict({ data: Float32Array.of(1, 0, 1), shape: [1, 3] });
  assert.equal([...products], [6, 8]);
  written('beside/outside.onnx', '../first/model.safetensors');
  refused(
    run('import', 'beside/outside.onnx'),
    /lies in '\.\.\/first\/model\.safetensors', outside of the file's folder/,
  );
});

test('a model that takes images of any size is refused with the option that sets one', () => {
  const value = (name: string, ...shape: string[]): Uint8Array => {
    const dims = message(
      ...shape.map((size) => [1, message(/\d/.test(size) ? [1, Number(size)] : [2, size])] as const),
    );
    return message([1, name], [2, message([1, message([1, 1], [2, dims])])]);
  };
  const node = message([1, 'x'], [2, 'y'], [4, 'Relu']);
  const graph = message([1, node], [11, value('x', 'n', '3', 'h', 'w')], [12, value('y', 'n', '3', 'h', 'w')]);
  writeFileSync(path('any.onnx'), message([1, 8], [7, graph], [8, message([2, 17])]));
  const sentence = /any\.onnx takes images of any size, .* npm run import -- any\.onnx --image-size 128/;
  refused(run('import', 'any.onnx'), sentence);
  refused(run('evaluate', '--model', 'any.onnx', '--data', data), sentence);
  succeeds(run('import', 'any.onnx', '--image-size', '16'));
  const gray = message([1, node], [11, value('x', 'n', '1', 'h', 'w')], [12, value('y', 'n', '1', 'h', 'w')]);
  writeFileSync(path('gray.onnx'), message([1, 8], [7, gray], [8, message([2, 17])]));
  succeeds(run('import', 'gray.onnx', '--image-size', '16x8'));
  assert.equal(loadModel(readFileSync(path('gray.safetensors'))).model.inputShape, [16, 8, 1]);
});

test('other files, and options that contradict each other, get one sentence', () => {
  writeFileSync(path('text.keras'), 'a text');
  writeFileSync(path('cut.keras'), readFileSync(path('start.keras')).subarray(0, 1000));
  refused(run('import', 'missing.onnx'), /there is no missing\.onnx/);
  refused(
    run('import', 'first/model.safetensors'),
    'first/model.safetensors is a model of wasm-cnn already; all commands take it as it is',
  );
  const whole = readFileSync(join(work, 'first/model.safetensors'));
  writeFileSync(join(work, 'short.safetensors'), whole.subarray(0, 5000));
  refused(run('import', 'short.safetensors'), /^short\.safetensors: .*(damaged|cut off)/);
  writeFileSync(join(work, 'empty.safetensors'), '');
  for (const command of ['import', 'evaluate'] as const)
    refused(
      run(command, ...(command === 'import' ? [] : ['--model']), 'empty.safetensors'),
      'empty.safetensors is empty; copy it again',
    );
  refused(run('import', 'cut.keras'), /cut\.keras/);
  refused(
    run('import', 'start.keras', '--class-names', 'a', 'b'),
    /--class-names are 2, and start\.keras tells 10 classes apart/,
  );
  refused(run('import', 'start.keras', '--architecture', 'torchvision/resnet18'), /architecture is for a state dict/);
  refused(
    run('export', 'first', '--to', 'safetensors', '--out', 'first/model.safetensors'),
    'first/model.safetensors is the model that is read; name another place with --out',
  );
  refused(
    run('export', 'first', '--to', 'onnx', '--out', 'start.keras'),
    'start.keras is there already, and is not overwritten; name another place with --out, or move it away',
  );
  refused(run('import', 'start.keras', '--out', 'text.keras'), /text\.keras is there already/);
  assert.is(readFileSync(path('text.keras'), 'utf8'), 'a text');
  refused(run('export', 'first'), /required option '--to <format>' not specified/);
  refused(
    run('export', 'first', '--to', 'kers'),
    /--to must be one of keras, h5, tfjs, onnx, pytorch, safetensors, got /,
  );
  refused(run('export', 'first', '--to', 'keras', '--weights', 'int8'), /keras has float32 alone/);
  refused(run('train', '--model', 'start.keras', '--network', 'classic', '--data', data), /leave one of them out/);
  refused(run('train', '--architecture', 'timm/resnet18', '--data', data), /--architecture/);
  const commands = [
    ['export', '--to', 'onnx'],
    ['evaluate', '--model'],
    ['train', '--model'],
    ['predictSamples', '--model'],
  ] as const;
  writeFileSync(path('bare.pth'), Uint8Array.of(0x80, 4, 0x95, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0x7d, 0x2e));
  for (const [command, ...options] of commands) {
    const refuses = (file: string, sentence: RegExp): void => refused(run(command, ...options, file), sentence);
    refuses('text.keras', /text\.keras is no file of Keras/);
    refuses('bare.pth', /bare\.pth: it is a pickle of torch\.save\(\), .*convert\.py/);
    refuses('named', /named holds no model, neither model\.safetensors nor a model\.json/);
    refuses('', /is (an )?empty/);
  }
  refused(run('import', 'named'), /named holds no model\.json of TensorFlow\.js/);
  refused(run('import', 'bare.pth'), /it is a pickle/);
  refused(run('import', ''), /is an empty path/);
});

test('a state dict names no network, so --architecture does', () => {
  const model = sequential({
    inputShape: [28, 28, 1],
    layers: [layers.flatten(), layers.dense({ units: 10, activation: 'softmax' })],
  });
  writeFileSync(path('own.safetensors'), model.save());
  const { stdout } = exported('own.safetensors', '--to', 'pytorch', '--out', 'torch');
  assert.match(stdout, /Wrote torch\/train\.py .*\nWrote torch\/model\.safetensors /);
  refused(run('import', 'torch/model.safetensors'), /say with --architecture/);
  refused(
    run('evaluate', '--model', 'torch/model.safetensors'),
    /torch\/model\.safetensors: its tensors were not saved by wasm-cnn; .* say with --architecture/,
  );
  refused(run('evaluate', '--model', 'torch/model.safetensors', '--architecture', 'torchvision/resnet81'), /resnet18/);
});

test.run();
