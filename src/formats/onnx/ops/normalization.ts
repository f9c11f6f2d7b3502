// BatchNormalization and LayerNormalization.
import { tensorOf } from '../builder.js';
import type { Node } from '../node.js';
import type { Reading } from '../reading.js';
import { arrangementOf, sizesOf, unmapped, type Live, type Value } from '../value.js';
import { axisIn, constantInput, liveInput } from './inputs.js';

type Inputs = readonly (Value | undefined)[];

export function batchNormalization(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const epsilon = node.float('epsilon', 1e-5);
  const momentum = node.float('momentum', 0.9);
  if (node.int('training_mode', 0) !== 0) unmapped('training_mode');
  if (node.opset < 7 && node.int('is_test', 0) === 0) unmapped('is_test 0');
  if (node.int('spatial', 1) !== 1) unmapped('spatial 0');
  node.ignore('is_test');
  if (reading.usesMore(node)) unmapped('its outputs of statistics are used');
  if (x.view.length === 0) unmapped('an input without channels');
  const vectors = [1, 2, 3, 4].map((i) => constantInput(node, inputs, i, ['scale', 'B', 'mean', 'variance'][i - 1]!));
  const [channels] = sizesOf(x.view);
  if (!vectors.every(({ data }) => data.length === channels)) unmapped(`not ${channels} values each`);
  if (!(epsilon > 0)) unmapped(`epsilon ${epsilon}`);
  if (!(momentum >= 0 && momentum <= 1)) unmapped(`momentum ${momentum}`);
  const flat = x.view.length === 1;
  // A flattened image keeps its order in memory, and each value its numbers.
  const rows = flat ? reading.rows(x) : null;
  const order = [...x.view.map((_, axis) => axis).slice(1), 0];
  const tensor = flat ? reading.shaped(x.tensor, [channels!]) : reading.ordered(x, order);
  const [gamma, beta, movingMean, movingVariance] = vectors.map(({ data }) =>
    tensorOf(
      [channels!],
      Float32Array.from(data, (value, i) => (rows ? data[rows[i]!]! : value)),
    ),
  );
  if (!movingVariance!.data.every((value) => value >= 0)) unmapped('a variance below 0');
  // Files that keep equal tensors once hold one for all normalizations that were never trained.
  const isFresh = movingMean!.data.every((value) => value === 0) && movingVariance!.data.every((value) => value === 1);
  const key = isFresh
    ? null
    : reading.key('BatchNormalization', { epsilon, momentum, as: rows && arrangementOf(x) }, ...vectors);
  const weights = { gamma: gamma!, beta: beta!, movingMean: movingMean!, movingVariance: movingVariance! };
  const shape = reading.builder.shapes[tensor]!;
  const y = reading.builder.call('BatchNormalization', { epsilon, momentum }, [tensor], shape, weights, key);
  if (flat) return { constant: false, tensor: y, physical: x.physical, view: x.view };
  const { physical, view } = reading.arranged(x, order);
  return { constant: false, tensor: y, physical, view };
}

export function layerNormalization(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const rank = x.view.length + 1;
  const axis = axisIn(node.int('axis', -1), rank);
  const epsilon = node.float('epsilon', 1e-5);
  node.ignore('stash_type');
  if (reading.usesMore(node)) unmapped('its outputs of statistics are used');
  if (axis !== rank - 1 || axis === 0) unmapped(`axis ${axis} of ${rank}: only the last one is normalized here`);
  const features = sizesOf(x.view).at(-1)!;
  const scale = constantInput(node, inputs, 1, 'its scale');
  const bias = inputs[2] === undefined ? undefined : constantInput(node, inputs, 2, 'its bias');
  if (![scale, bias].every((each) => !each || each.data.length === features)) unmapped(`not ${features} values each`);
  if (!(epsilon > 0)) unmapped(`epsilon ${epsilon}`);
  const order = x.view.map((_, i) => i);
  const tensor = reading.ordered(x, order);
  const weights = {
    gamma: tensorOf([features], Float32Array.from(scale.data)),
    ...(bias && { beta: tensorOf([features], Float32Array.from(bias.data)) }),
  };
  const config = { epsilon, center: bias !== undefined };
  const key = reading.key(node.op, config, scale, bias);
  const y = reading.builder.call('LayerNormalization', config, [tensor], reading.builder.shapes[tensor]!, weights, key);
  const { physical, view } = reading.arranged(x, order);
  return { constant: false, tensor: y, physical, view };
}
