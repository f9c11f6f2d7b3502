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

const done = new Set<string>();
for (const network of networks)
  for (const { layer, inputShape: input, outputShape: output, parameters: specs } of toModel(network, 1).layers) {
    const what = `${layer.className} ${JSON.stringify(layer.getConfig())} of [${input.join(', ')}]`;
    if (!references[layer.className] || product(input) > 64 || done.has(what)) continue;
    done.add(what);
    test(what, () => {
      const n = 2;
      const call: Call = {
        config: layer.getConfig(),
        inputs: [{ values: uniform(n * product(input)), shape: input }],
        weights: specs.map(({ shape }) => uniform(product(shape))),
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
