// train --network FILE: a network described in JSON, or made by an ES module, is trained, resumed, planned and verified as those here are.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { networks } from '../../../src/index.js';
import { readSafetensors } from '../../../src/formats/safetensors.js';
import { digits, historyOf, killed, refused, run, succeeds, work } from './commandLine.js';

const write = (name: string, content: unknown): string => {
  writeFileSync(join(work, name), typeof content === 'string' ? content : JSON.stringify(content));
  return name;
};
const short = ['--data', digits, '--epochs', '1', '--batch-size', '32', '--threads', '1'];
const train = (network: string, ...more: string[]) => run('train', ...short, '--network', network, ...more);
const dense = { className: 'Dense', config: { units: 'classes', activation: 'softmax' } };
const door = new URL('../../../src/index.js', import.meta.url).href;
const moduleOf = (body: string): string =>
  `import { sequential, layers, networks } from '${door}';\nexport default ({ inputShape, classes, seed }) => ${body};\n`;

test('layers in JSON: the data give the shape and the classes, the run the seed', () => {
  const file = write('small.json', [{ className: 'Flatten' }, dense]);
  const { status, stdout, stderr } = train(file, '--seed', '5', '--out', 'small');
  assert.equal([status, stderr], [0, '']);
  const { model, networkFile } = historyOf('small');
  assert.equal(model, { name: 'small', parameters: 7850 });
  assert.is(networkFile, join(work, file));
  assert.match(stdout, 'dense');
  succeeds(run('verify', 'small'));
  succeeds(run('evaluate', '--model', 'small'));
});

test("a model file's description of its network makes the same network again", () => {
  for (const network of ['reference', 'resnet20'] as const) {
    const bytes = networks[network]({ inputShape: [28, 28, 1] }).save();
    const file = write(`${network}.json`, readSafetensors(bytes, 'it').metadata.get('model')!);
    const plan = train(file, '--plan');
    succeeds(plan);
    assert.is(plan.stdout, train(network, '--plan').stdout);
  }
});

test('a module makes its network, is interrupted, resumed and verified', async () => {
  const file = write(
    'own.mjs',
    moduleOf(
      "sequential({ name: 'own', inputShape, seed, layers: [layers.flatten(), layers.dense({ units: classes, activation: 'softmax' })] })",
    ),
  );
  await killed('own', '--network', file);
  refused(
    run('train', '--resume', 'own', '--network', 'other.mjs'),
    '--network is other.mjs, but own was started with own; leave it out, or start a new run',
  );
  succeeds(run('train', '--resume', 'own'));
  assert.is(historyOf('own').networkFile, join(work, file));
  succeeds(run('verify', 'own'));
});

test('weights of its own: verify asks for the file', () => {
  const file = write(
    'pretrained.mjs',
    `import { sequential, layers } from '${door}';
export default async ({ inputShape, classes, seed }) => {
  const model = sequential({ inputShape, seed, layers: [layers.flatten(), layers.dense({ units: classes, activation: 'softmax' })] });
  model.setWeights(model.getWeights().map(({ data, shape }) => ({ data: data.map((value) => value / 2), shape })));
  return model;
};`,
  );
  succeeds(train(file, '--out', 'pretrained'));
  refused(
    run('verify', 'pretrained'),
    /^NOT VERIFIED: step 0 of pretrained has weights .*; the network may begin with weights of its own: name the file that made it, .*pretrained\.mjs, with --network\n$/,
  );
  succeeds(run('verify', 'pretrained', '--network', file));
  refused(
    run('verify', 'pretrained', '--network', file, '--from', '0'),
    /^--network makes the network before its first step, and --from begins at a checkpoint/,
  );
});

test('a wrong file is one sentence, before the data are trained on', () => {
  const says = (name: string, content: unknown, sentence: string | RegExp): void =>
    refused(train(write(name, content), '--out', 'never'), sentence);
  refused(
    train('resnet'),
    "--network must be reference, classic, strided, resnet20, mobileNetV2, efficientNetLite0, resNet18, resNet50, or a .json, .mjs or .js file that describes one, got 'resnet'",
  );
  refused(train('gone.json'), 'cannot read gone.json: there is no such file; check the path');
  refused(train('gone.mjs'), 'cannot read gone.mjs: there is no such file; check the path');
  says('a.json', '{ layers: [] }', /^a\.json: is no JSON \(.*\); write the layers as \[\{ "className": "Flatten" \}/);
  says('b.json', { class_name: 'Sequential', config: {} }, /^b\.json: has no layers, it is a model of Keras; write/);
  says('c.json', [{ className: 'Flatten' }, 7], /^c\.json: layer 2 is no object with className and config/);
  says('d.json', [{ className: 'Conv3D' }, dense], /^d\.json: .*there is no layer 'Conv3D'/);
  says(
    'e.json',
    [{ className: 'Flatten' }, { className: 'Dense', config: { units: 4, activation: 'softmax' } }],
    'e.json: its network gives [4], and the data have 10 classes; end it with as many units: "units": "classes" in JSON, units: classes in a module',
  );
  says(
    'f.json',
    { inputShape: [32, 32, 3], layers: [{ className: 'Flatten' }, dense] },
    'f.json: its input shape is [32,32,3], and the images are [28, 28, 1]; leave it out, or choose data of its form',
  );
  says('g.mjs', 'export default {', /^g\.mjs: cannot be loaded \(.*\); it must be an ES module/);
  says('h.mjs', 'export const make = 1;', /^h\.mjs: its default export must be a function .*, got undefined\n$/);
  says('i.mjs', 'export default () => 7;', /^i\.mjs: its function must return a model, .*, got 7\n$/);
  says('j.mjs', 'export default () => { throw new TypeError("oh"); };', 'j.mjs: its function fails: oh');
  says(
    'k.mjs',
    moduleOf('networks.reference({ inputShape, classes })'),
    "k.mjs: its network has the seed 0, and the run's is 1; give it the seed that it is called with",
  );
  says(
    'l.mjs',
    moduleOf('networks.reference({ classes, seed, inputShape: [32, 32, 1] })'),
    /^l\.mjs: its network takes/,
  );
  for (const activation of ['linear', 'relu', 'sigmoid'])
    says(
      'm.json',
      [{ className: 'Flatten' }, { className: 'Dense', config: { units: 'classes', activation } }],
      `m.json: its network ends in dense, of which the activation is ${activation}, and probabilities of the classes are needed; end it with softmax: "activation": "softmax" in JSON, activation: 'softmax' in a module`,
    );
  says(
    'n.mjs',
    moduleOf('sequential({ inputShape, seed, layers: [layers.flatten()] })'),
    /^n\.mjs: its network gives \[784\]/,
  );
});

test.run();
