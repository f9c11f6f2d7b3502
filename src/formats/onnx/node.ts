// A node, as those who map it ask for its attributes: an attribute without a reader is not passed over.
import type { Attribute, NodeProto, TensorProto } from './proto.js';
import { meant } from './value.js';

/** What has no say in what a node computes. */
const WITHOUT_MEANING = ['consumed_inputs'];

export class Node {
  readonly proto: NodeProto;
  readonly opset: number;
  readonly #asked = new Set<string>(WITHOUT_MEANING);

  constructor(proto: NodeProto, opset: number) {
    this.proto = proto;
    this.opset = opset;
  }

  get op(): string {
    return this.proto.op;
  }

  #get(name: string): Attribute | undefined {
    this.#asked.add(name);
    return this.proto.attributes.get(name);
  }

  has(name: string): boolean {
    return this.#get(name) !== undefined;
  }

  int(name: string, otherwise: number): number {
    return this.#get(name)?.int ?? otherwise;
  }

  float(name: string, otherwise: number): number {
    const given = this.#get(name)?.float;
    return given === undefined ? otherwise : meant(given);
  }

  text(name: string, otherwise: string): string {
    return this.#get(name)?.text ?? otherwise;
  }

  ints(name: string): readonly number[] | undefined {
    return this.#get(name)?.ints;
  }

  floats(name: string): readonly number[] | undefined {
    return this.#get(name)?.floats;
  }

  tensor(name: string): TensorProto | undefined {
    return this.#get(name)?.tensor;
  }

  /** Takes note that these change nothing here. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#asked.add(name);
  }

  /** An attribute without a reader. */
  get unknown(): string | undefined {
    return [...this.proto.attributes.keys()].find((name) => !this.#asked.has(name));
  }
}
