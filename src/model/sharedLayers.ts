// Layers that several models have share their weights, as in Keras: each model has a copy in its own memory, and takes over what another
// one has changed before it uses them.
import type { Layer } from '../layers/layer.js';

/** A model, as far as it holds weights. */
export interface Holder {
  /** Another one whenever its weights may have changed. */
  readonly version: string;
  /** Reads its weights as they are, and gives a layer's variables, in the layer's order. */
  read(): (layer: Layer) => readonly Float32Array[];
  /** Whether fit() is under way. */
  readonly fitting: boolean;
  /** Whether its first weights may be those of a model that it is part of. */
  readonly yields: boolean;
}

/** Who has the newest weights of a layer. */
const holders = new WeakMap<Layer, Holder>();

export class SharedLayers {
  readonly #own: Holder;
  readonly #layers = new Set<Layer>();
  /** What was taken over last, of each layer. */
  readonly #seen = new Map<Layer, string>();

  constructor(own: Holder) {
    this.#own = own;
  }

  /** Lets other models have these layers, too. */
  share(placed: readonly { readonly layer: Layer }[]): void {
    for (const { layer } of placed) {
      this.#layers.add(layer);
      if (holders.get(layer)?.yields ?? true) holders.set(layer, this.#own);
    }
  }

  /** Whether a model that has some of these layers is training them. */
  get busy(): boolean {
    return [...this.#layers].some((layer) => holders.get(layer) !== this.#own && holders.get(layer)!.fitting);
  }

  /** Calls `take` with the weights that another model has changed since. */
  update(take: (layer: Layer, values: readonly Float32Array[]) => void): void {
    // A model is read once, as its layers lie together.
    let last: Holder | undefined;
    let read: ReturnType<Holder['read']>;
    for (const layer of this.#layers) {
      const holder = holders.get(layer)!;
      if (holder === this.#own || this.#seen.get(layer) === holder.version) continue;
      this.#seen.set(layer, holder.version);
      if (last !== holder) read = (last = holder).read();
      take(layer, read!(layer));
    }
  }

  /** This model is about to change its weights. */
  claim(): void {
    for (const layer of this.#layers) holders.set(layer, this.#own);
    this.#seen.clear();
  }
}
