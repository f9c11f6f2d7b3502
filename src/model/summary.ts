// What model.summary() prints: layers, output shapes, parameters, and the exact bytes of the plan.
import { formatBatchShape } from '../base/shape.js';
import { formatCount, formatTable } from '../base/table.js';
import type { Plan } from '../compiler/plan.js';
import { countOf } from '../graph/variable.js';
import type { ModelLayer } from './modelLayer.js';
import { isChain, type Topology } from './topology.js';

export function formatSummary(
  name: string,
  topology: Topology,
  layers: readonly ModelLayer[],
  plan: Plan | null,
): string {
  const branches = !isChain(topology);
  /** 'conv2d', or 'conv2d, input_1': what the layer is called on. */
  const sources = (layer: number): string => {
    const nameOf = (tensor: number): string => {
      const { inputs, calls } = topology;
      return inputs[tensor]?.name ?? layers[calls[tensor - inputs.length]!.layer]!.name;
    };
    const calls = topology.calls.filter((call) => call.layer === layer);
    return calls.map(({ inputs }) => inputs.map(nameOf).join(', ')).join('; ');
  };
  const rows = [
    ...topology.inputs.map((input) => [input.name, formatBatchShape(input.shape), '0', '']),
    ...layers.map(({ name: own, layer, outputShape, parameters }, i) => [
      `${own} (${layer.className})`,
      formatBatchShape(outputShape),
      formatCount(countOf(parameters)),
      sources(i),
    ]),
  ];
  const heads = ['Layer', 'Output shape', 'Parameters', 'Connected to'];
  const columns = branches ? 4 : 3;
  const table = formatTable(
    heads.slice(0, columns),
    rows.map((row) => row.slice(0, columns)),
    [0, 1, 3],
  );
  const variables = layers.flatMap(({ parameters }) => parameters);
  const total = countOf(variables);
  const trained = countOf(
    variables.filter(({ trainable }) => trainable),
    'weight',
  );
  const fixed = trained < total ? `, ${formatCount(total - trained)} of them not trained` : '';
  const memory = plan
    ? `Memory: ${formatCount(plan.totalBytes)} bytes, planned for ${plan.training ? 'training' : 'prediction'} in batches of ${plan.batchSize}`
    : 'Memory: planned by compile()';
  return [
    `Model '${name}'`,
    table,
    `Parameters: ${formatCount(total)} (${formatCount(4 * total)} bytes)${fixed}`,
    memory,
  ].join('\n');
}

/** What the planner made of the layers: each op with the layers it stands for, and the blocks of memory. */
export function formatPlan(plan: Plan): string {
  const ops = plan.ops.map(({ op }) => [op.name, [...new Set(op.nodes.map(({ layer }) => layer))].join(' → ')]);
  const blocks = plan.blocks.map(({ name, at, bytes }) => [name, formatCount(at), formatCount(bytes)]);
  const shards = Math.ceil(plan.batchSize / plan.shardSize);
  return [
    `Plan: ${ops.length} ops, batches of ${plan.batchSize} in ${shards} shards of ${plan.shardSize}`,
    formatTable(['Op', 'Layers'], ops, [0, 1]),
    formatTable(['Memory', 'Address', 'Bytes'], blocks),
    `Total: ${formatCount(plan.totalBytes)} bytes`,
  ].join('\n');
}
