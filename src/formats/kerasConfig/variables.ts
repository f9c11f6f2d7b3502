// The layers of a file and their variables, by which weights are bound: both Keras' containers and TF.js' manifest have them so.

export interface KerasVariable {
  /** Our name: 'conv2d/kernel'. Null where there is nothing here for it, as for Normalization's count, which is 0. */
  readonly target: string | null;
  /** Keras 2's and TF.js': 'depthwise_kernel'. */
  readonly name: string;
  /** Keras 3's, where it is another one. */
  readonly keras3?: string;
  /** Whether it is learned by gradients (of a layer that is trainable). */
  readonly trained: boolean;
}

/** A layer of the file. */
export interface KerasLayer {
  /** The file's: 'Conv2D', 'Functional', 'InputLayer', 'TFOpLambda'. */
  readonly className: string;
  /** The file's. */
  readonly name: string;
  /** Its own, and that of the models around it. */
  readonly trainable: boolean;
  /** Variables in Keras' order, which is that of `vars` in a .keras file; shapes are ours. */
  readonly variables: readonly KerasVariable[];
  /** A nested model's layers. */
  readonly layers?: readonly KerasLayer[];
  /** What was called without a layer: it has no variables, and no group in a file of weights. */
  readonly isOperation?: boolean;
}

export interface PlacedVariable extends KerasVariable {
  /** Names of the models around it and of the layer: ['base', 'conv2d']. */
  readonly path: readonly string[];
  readonly trainable: boolean;
}

/** All variables, layer by layer. */
export function allVariables(layers: readonly KerasLayer[], path: readonly string[] = []): PlacedVariable[] {
  return layers.flatMap((layer) => {
    const own = [...path, layer.name];
    return [
      ...layer.variables.map((variable) => ({ ...variable, path: own, trainable: layer.trainable })),
      ...allVariables(layer.layers ?? [], own),
    ];
  });
}

/** 'MaxPooling2D' → 'max_pooling2d', 'ReLU' → 're_lu': Keras' own rule. */
export function snakeClass(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/**
 * The group of each layer in a file of Keras 3's weights: 'layers/conv2d_1', of a nested model's 'layers/functional/layers/conv2d'. By
 * class and number in its model's order; `vars/<i>` below it are its variables. A chain's InputLayer and operations have none. `isOld`:
 * as Keras 2.12 and 2.13 have it, where a layer with weights counts twice.
 */
export function checkpointGroups(
  layers: readonly KerasLayer[],
  isChain: boolean,
  isOld = false,
  prefix = '',
): ReadonlyMap<KerasLayer, string> {
  const counts = new Map<string, number>();
  const groups = new Map<KerasLayer, string>();
  for (const layer of layers) {
    if ((isChain && layer.className === 'InputLayer') || layer.isOperation) continue;
    const snake = snakeClass(layer.className);
    const count = counts.get(snake) ?? 0;
    counts.set(snake, count + (isOld && allVariables([layer]).length > 0 ? 2 : 1));
    const group = `${prefix}${isOld ? '_layer_checkpoint_dependencies' : 'layers'}/${snake}${count === 0 ? '' : `_${count}`}`;
    groups.set(layer, group);
    if (layer.layers)
      for (const entry of checkpointGroups(layer.layers, layer.className === 'Sequential', isOld, `${group}/`))
        groups.set(...entry);
  }
  return groups;
}
