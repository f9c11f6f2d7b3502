// What keeps an ONNX graph from becoming a model, in one sentence.
import { WasmCnnError } from '../../base/errors.js';
import type { NodeProto } from './proto.js';

export interface Problem {
  readonly node: NodeProto;
  readonly reason: string;
}

/** Throws where there are some: all nodes without counterpart, alike ones together. */
export function refuseAll(problems: readonly Problem[], who: string): void {
  if (problems.length === 0) return;
  const groups = new Map<string, string[]>();
  for (const { node, reason } of problems) {
    const key = JSON.stringify([node.op, reason]);
    groups.set(key, [...(groups.get(key) ?? []), node.name || node.outputs[0] || '']);
  }
  const texts = [...groups].map(([key, names]) => {
    const [op, reason] = JSON.parse(key) as [string, string];
    const more = names.length > 1 ? ` and ${names.length - 1} more` : '';
    return `${op} ('${names[0]}'${more}): ${reason}`;
  });
  const count = problems.length;
  throw new WasmCnnError(
    `${who}: ${count} of its nodes ${count === 1 ? 'has' : 'have'} no counterpart here: ${texts.join('; ')}; export it without`,
  );
}
