// What model.summary() prints: layers, output shapes, parameters, and the exact bytes of the plan.
import type { Variable } from '../graph/variable.js';
import type { PlacedLayer } from './placedLayer.js';
import type { Plan } from '../compiler/plan.js';
import { formatBatchShape, type Shape } from '../base/shape.js';
import { formatCount, formatTable } from '../base/table.js';

function countParams(parameters: readonly Variable[]): number {
  return parameters.reduce((sum, { size }) => sum + size, 0);
}

export function formatSummary(
  name: string,
  input: Shape,
  layers: readonly (PlacedLayer & { readonly parameters: readonly Variable[] })[],
  plan: Plan | null,
): string {
  const table = formatTable(
    ['Layer', 'Output shape', 'Parameters'],
    [
      ['input', formatBatchShape(input), '0'],
      ...layers.map(({ name: own, layer, output, parameters }) => [
        `${own} (${layer.className})`,
        formatBatchShape(output),
        formatCount(countParams(parameters)),
      ]),
    ],
    [0, 1],
  );
  const total = countParams(layers.flatMap(({ parameters }) => parameters));
  const memory = plan
    ? `Memory: ${formatCount(plan.totalBytes)} bytes, planned for ${plan.training ? 'training' : 'prediction'} in batches of ${plan.batchSize}`
    : 'Memory: planned by compile()';
  return [`Model '${name}'`, table, `Parameters: ${formatCount(total)} (${formatCount(4 * total)} bytes)`, memory].join(
    '\n',
  );
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
