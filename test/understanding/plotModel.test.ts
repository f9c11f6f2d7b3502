// Drawings of models: what is on them, and that nothing lies on anything else.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  input,
  layers,
  loadModel,
  model as functional,
  networks,
  plotModel,
  sequential,
  type Model,
} from '../../src/index.js';
import { RandomStream } from '../../src/base/random.js';
import { layOut, type Edge, type Sized } from '../../src/understanding/layeredLayout.js';
import { toyModel } from '../model/toy.js';
import { descendants, parse, type Element } from './wellFormed.js';

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly kind: string;
}

function boxesOf(svg: string): Rectangle[] {
  return descendants(parse(svg), 'rect').map(({ attributes: { x, y, width, height, class: kind } }) => {
    return { x: Number(x), y: Number(y), width: Number(width), height: Number(height), kind: kind! };
  });
}

const linesOf = (svg: string): string[] => descendants(parse(svg), 'text').map(({ text }) => text);

const apart = (a: Rectangle, b: Rectangle): boolean =>
  a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
const within = (a: Rectangle, b: Rectangle): boolean =>
  a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width && a.y + a.height <= b.y + b.height;

/** The drawing's own size holds all boxes, and no two overlap, but one in that of its model. */
function isTidy(svg: string): void {
  const [root] = parse(svg).children as [Element];
  const [width, height] = [Number(root.attributes.width), Number(root.attributes.height)];
  const boxes = boxesOf(svg);
  for (const [i, box] of boxes.entries()) {
    assert.ok(within(box, { x: 0, y: 0, width, height, kind: '' }), 'on the drawing');
    for (const other of boxes.slice(i + 1))
      assert.ok(apart(box, other) || (box.kind === 'model' && within(other, box)), `${JSON.stringify([box, other])}`);
  }
}

const all = { showShapes: true, showLayerNames: true, showLayerActivations: true, expandNested: true };

function tower(name: string): Model {
  return sequential({
    name,
    inputShape: [8, 8, 1],
    layers: [
      layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
      layers.flatten(),
      layers.dense({ units: 3 }),
    ],
  });
}

/** The same nested model applied twice, beside another one with a model in it. */
function nested(): Model {
  const [left, right] = [input({ shape: [8, 8, 1], name: 'left' }), input({ shape: [8, 8, 1], name: 'right' })];
  const shared = tower('tower');
  const inner = input({ shape: [8, 8, 1] });
  const outer = functional({ name: 'outer', inputs: inner, outputs: tower('core').apply(layers.relu().apply(inner)) });
  const sum = layers.add().apply([shared.apply(left), shared.apply(right), outer.apply(right)]);
  return functional({ name: 'twins', inputs: [left, right], outputs: layers.dense({ units: 2 }).apply(sum) });
}

test('a chain is a column of boxes, with what the options ask for', () => {
  const model = toyModel();
  const plain = plotModel(model);
  assert.equal(linesOf(plain), ['Input', 'Conv2D', 'MaxPooling2D', 'Flatten', 'Dense', 'Dropout', 'Dense']);
  const boxes = boxesOf(plain);
  assert.equal(new Set(boxes.map(({ x, width }) => x + width / 2)).size, 1);
  for (const [i, box] of boxes.slice(1).entries()) assert.ok(box.y > boxes[i]!.y + boxes[i]!.height);
  const full = linesOf(plotModel(model, all));
  assert.equal(full.slice(0, 6), [
    'input (Input)',
    '[n, 6, 6, 1]',
    'conv2d (Conv2D)',
    'activation: relu',
    '[n, 6, 6, 1] →',
    '[n, 4, 4, 4]',
  ]);
  assert.equal(full.slice(-4), ['dense_1 (Dense)', 'activation: softmax', '[n, 12] →', '[n, 4]']);
  const across = boxesOf(plotModel(model, { rankdir: 'LR' }));
  assert.equal(new Set(across.map(({ y, height }) => y + height / 2)).size, 1);
  for (const [i, box] of across.slice(1).entries()) assert.ok(box.x > across[i]!.x + across[i]!.width);
});

test('boxes never overlap, and the same model is the same text', () => {
  const models = [toyModel(), nested(), networks.resnet20(), networks.mobileNetV2()];
  for (const model of models)
    for (const options of [{}, all, { rankdir: 'LR' }, { ...all, rankdir: 'LR' }] as const) {
      const svg = plotModel(model, options);
      isTidy(svg);
      assert.is(plotModel(model, options), svg);
    }
  const model = nested();
  assert.is(plotModel(loadModel(model.save()).model, all), plotModel(model, all));
});

test('a nested model is one box per call, and its layers on request', () => {
  const collapsed = linesOf(plotModel(nested()));
  assert.equal(
    [...collapsed].sort(),
    ['Input', 'Input', 'Add', 'Dense', 'tower', '3 layers', 'tower', '3 layers', 'outer', '4 layers'].sort(),
  );
  const expanded = plotModel(nested(), { expandNested: true });
  assert.is(boxesOf(expanded).filter(({ kind }) => kind === 'model').length, 4);
  assert.is(linesOf(expanded).filter((line) => line === 'Conv2D').length, 3);
  const core = boxesOf(expanded)
    .filter(({ kind }) => kind === 'model')
    .filter((box, _, boxes) => boxes.some((other) => other !== box && within(box, other)));
  assert.is(core.length, 1, "outer's model lies in outer's box");
});

test("names with dots of one's own are no nested model where their layers do not hang together", () => {
  const x = input({ shape: [3] });
  const first = layers.dense({ units: 3, name: 'own.first' }).apply(x);
  const middle = layers.dense({ units: 3, name: 'middle' }).apply(first);
  const last = layers.add({ name: 'own.last' }).apply([first, middle]);
  const lines = linesOf(plotModel(functional({ inputs: x, outputs: last }), { showLayerNames: true }));
  assert.equal(lines, ['input (Input)', 'own.first (Dense)', 'middle (Dense)', 'own.last (Add)']);
});

test('text is escaped', () => {
  const model = sequential({
    name: '<b>&"\'',
    inputShape: [2],
    layers: [layers.dense({ units: 2, name: 'a'.repeat(200) })],
  });
  const svg = plotModel(model, { showLayerNames: true });
  assert.is(descendants(parse(svg), 'title')[0]!.text, '<b>&"\': 1 layer');
  assert.not.match(svg, /<b>/);
  assert.ok(
    linesOf(svg).every((line) => line.length < 60),
    'long names are cut',
  );
});

test('a layout leads every edge onwards and around all other nodes', () => {
  const random = new RandomStream(4);
  for (let round = 0; round < 30; round++) {
    const count = 2 + random.below(14);
    const nodes = Array.from({ length: count }, (): Sized => ({
      along: 10 + random.below(40),
      across: 10 + random.below(90),
    }));
    const edges = Array.from({ length: random.below(2 * count) }, (): Edge => {
      const to = 1 + random.below(count - 1);
      return { from: random.below(to), to };
    });
    const layout = layOut(nodes, edges);
    const boxes = layout.nodes.map(({ along, across }, i) => ({
      ...{ x: across - nodes[i]!.across / 2, y: along - nodes[i]!.along / 2 },
      ...{ width: nodes[i]!.across, height: nodes[i]!.along, kind: '' },
    }));
    boxes.forEach((box, i) => boxes.slice(i + 1).forEach((other) => assert.ok(apart(box, other))));
    for (const [i, { from, to }] of edges.entries()) {
      const points = layout.edges[i]!;
      assert.ok(points.every(({ along }, j) => j === 0 || along >= points[j - 1]!.along));
      // Where it passes a rank it stands still across, beside the nodes there.
      for (const { along, across } of points.slice(1, -1))
        for (const [j, box] of boxes.entries())
          if (j !== from && j !== to)
            assert.not(across > box.x && across < box.x + box.width && along >= box.y && along <= box.y + box.height);
    }
  }
});

test('what does not fit gets one sentence', () => {
  const model = toyModel();
  const untyped = plotModel as unknown as (...args: unknown[]) => string;
  assert.throws(() => untyped(), /^plotModel needs a model first, .* got undefined$/);
  assert.throws(() => untyped(model, { rankdir: 'BT' }), /^plotModel's rankdir must be 'TB' or 'LR', got "BT"$/);
  assert.throws(() => untyped(model, { showShapes: 1 }), /^plotModel's showShapes must be true or false, got 1$/);
  assert.throws(
    () => untyped(model, { show_shapes: true }),
    /^plotModel has no option 'show_shapes' \(did you mean 'showShapes'\?\); it has showShapes, /,
  );
  assert.throws(() => plotModel(sequential()), /the model has no/);
});

test.run();
