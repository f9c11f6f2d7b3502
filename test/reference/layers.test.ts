// The references of the layers in test/model/networks/ against central differences, on the inputs that they have there.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../src/base/random.js';
import { networks } from '../model/networks.js';
import { toModel } from '../model/networks.js';
import { gradientError } from './centralDifferences.js';
import type { Call, ReferenceLayer } from './layer.js';
import { product } from './layer.js';
import * as layerReferences from './layers.js';

const LIMIT = 1e-7;
const references: Readonly<Record<string, ReferenceLayer>> = layerReferences;
const random = new RandomStream(7);
const uniform = (count: number): Float64Array => Float64Array.from({ length: count }, () => random.between(-1, 1));

/** A layer, and the shapes that it is applied to in the networks. */
const uses = networks.flatMap((network) => {
  const { inputs, layers, calls } = toModel(network, 1).topology;
  const shapes = inputs.map(({ shape }) => shape);
  return calls.map((call) => {
    const { layer, name, specs } = layers[call.layer]!;
    const given = call.inputs.map((input) => shapes[input]!);
    const output = layer.outputShape(given, name);
    shapes.push(output);
    return { layer, specs, given, output };
  });
});

/** Their levels' gradient goes back as it came: test/assembly/randAugment.test.ts compares the operations that have one. */
const passGradients = new Set(['RandAugment', 'RandomPosterization']);
const done = new Set<string>();
for (const { layer, specs, given, output } of uses) {
  const of = given.map((shape) => `[${shape.join(', ')}]`).join(' and ');
  const what = `${layer.className} ${JSON.stringify(layer.getConfig())} of ${of}`;
  const small = [...given, output].every((shape) => product(shape) <= 64);
  if (!references[layer.className] || passGradients.has(layer.className) || !small || done.has(what)) continue;
  done.add(what);
  test(what, () => {
    const n = 2;
    const call: Call = {
      config: layer.getConfig(),
      inputs: given.map((shape) => ({ values: uniform(n * product(shape)), shape })),
      weights: specs.map(({ shape, role }) => uniform(product(shape)).map((w) => (role === 'statistic' ? 1.5 + w : w))),
      n,
      training: true,
      random: { seed: 1, step: 2, index: 3 },
    };
    const run = () => references[layer.className]!(call);
    const applied = run();
    assert.equal([...applied.shape], [...output], 'shape');
    assert.ok(!(applied.margin! < 1e-4), 'too near to a kink for central differences');
    const dy = uniform(applied.values.length);
    const loss = (): number => run().values.reduce((sum, value, i) => sum + value * dy[i]!, 0);
    const { inputs, weights } = applied.backward(dy);
    for (const [i, gradient] of [...inputs, ...weights].entries()) {
      const error = gradientError([...call.inputs.map(({ values }) => values), ...call.weights][i]!, gradient, loss);
      assert.ok(error <= LIMIT, `gradient ${i} is off by ${error}`);
    }
  });
}

test.run();
