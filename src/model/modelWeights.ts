// A model's weights and statistics: in its engine once there is one, by their names before, and shared with other models layer by layer.
import { check } from '../base/errors.js';
import type { Tensor } from '../base/tensor.js';
import type { Variable } from '../graph/variable.js';
import { firstWeights, joinWeights } from '../graph/weights.js';
import type { Layer } from '../layers/layer.js';
import type { Session } from '../training/session.js';
import { variablesOf, type PlacedLayer } from './placedLayer.js';
import { SharedLayers, type Holder } from './sharedLayers.js';

/** What the model is at a moment. */
export interface WeightsOwner {
  readonly seed: number;
  /** Whether it was given, and is no default. */
  readonly ownSeed: boolean;
  readonly placed: readonly PlacedLayer[];
  readonly session: Session | null;
  /** Whether fit() or trainOnBatch() is under way. */
  readonly fitting: boolean;
}

export class ModelWeights implements Holder {
  readonly #owner: () => WeightsOwner;
  readonly #shared = new SharedLayers(this);
  /** How often the weights were changed but by steps. */
  #changes = 0;
  #nested = false;
  /** Values of the variables while no engine holds them, as far as they were asked for. */
  readonly #known = new Map<string, Float32Array>();

  constructor(owner: () => WeightsOwner) {
    this.#owner = owner;
  }

  get version(): string {
    return `${this.#changes}, ${this.#owner().session?.step}`;
  }

  get fitting(): boolean {
    return this.#owner().fitting;
  }

  /** Whether nothing has asked for its weights yet: so two blocks without seeds of their own begin with different weights. */
  get yields(): boolean {
    const { ownSeed, session } = this.#owner();
    return this.#nested && !ownSeed && !session && this.#known.size === 0;
  }

  read(): (layer: Layer) => readonly Float32Array[] {
    const weights = this.#own();
    const variables = this.#variables();
    return (layer) => variables(layer).map(({ offset, size }) => weights.subarray(offset, offset + size));
  }

  #variables(): (layer: Layer) => readonly Variable[] {
    const { placed } = this.#owner();
    const variables = variablesOf(placed);
    return (layer) => variables[placed.findIndex((each) => each.layer === layer)]!;
  }

  /** Lets other models have the layers, too. */
  share(): void {
    this.#shared.share(this.#owner().placed);
  }

  /** The model becomes part of another one. */
  nest(): void {
    this.#nested = true;
    this.share();
  }

  /** Takes over what other models have changed in layers that they share. */
  update(): void {
    const { session } = this.#owner();
    let variables: ((layer: Layer) => readonly Variable[]) | undefined;
    this.#shared.update((layer, values) => {
      variables ??= this.#variables();
      for (const [i, { name, offset }] of variables(layer).entries()) {
        if (session) session.engine.weights.set(values[i]!, offset);
        else this.#known.set(name, values[i]!.slice());
      }
      this.#changes++;
      session?.engine.repackLater();
    });
  }

  /** Call before the weights are changed. */
  claim(who: string): void {
    check(
      !this.#shared.busy,
      () => `${who} cannot be called while fit() of a model with the same layers is under way; await it first`,
    );
    this.update();
    this.#shared.claim();
    this.#changes++;
  }

  /** All variables in one run, as other models have left them: the engine's own, once there is one. */
  all(): Float32Array {
    this.update();
    return this.#own();
  }

  #own(): Float32Array {
    const { session, placed, seed } = this.#owner();
    if (!session) return firstWeights(variablesOf(placed).flat(), seed, this.#known);
    session.engine.checkAlive();
    return session.engine.weights;
  }

  /** Takes over a tensor for each variable, which were checked. */
  set(tensors: readonly Tensor[]): void {
    const { session, placed } = this.#owner();
    const variables = variablesOf(placed).flat();
    if (!session) {
      for (const [i, { name }] of variables.entries()) this.#known.set(name, Float32Array.from(tensors[i]!.data));
      return;
    }
    joinWeights(tensors, variables, this.all());
    session.engine.repack();
  }
}
