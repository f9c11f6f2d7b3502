// Where the variables of a model's layers lie in Keras' files, in both directions.
import { check } from '../../base/errors.js';
import { listed } from '../../base/listed.js';
import type { NamedTensor } from '../safetensors.js';
import { stepsOf, type Dataset, type Group } from '../hdf5/read.js';
import type { Hdf5Node } from '../hdf5/write.js';
import { allVariables, checkpointGroups, type KerasLayer, type PlacedVariable } from '../kerasConfig/index.js';
import { named, numbered, textsOf } from './archive.js';

type Tensors = ReadonlyMap<string, NamedTensor>;

/** Reads a variable into the tensor that it is here. */
export type Take = (target: string, data: Dataset) => Promise<void>;

/** Reads model.weights.h5: `layers/<class>_<number>/vars/<number>`, in Keras 2.12 and 2.13 below _layer_checkpoint_dependencies. */
export async function readCheckpoint(
  root: Group,
  layers: readonly KerasLayer[],
  isChain: boolean,
  take: Take,
  notes: Set<string>,
  who: string,
): Promise<void> {
  const isOld = root.get('_layer_checkpoint_dependencies') !== undefined;
  const groups = [...checkpointGroups(layers, isChain, isOld)].filter(([{ variables }]) => variables.length > 0);
  const groupAt = (path: string): Group | undefined => {
    const group = root.get(`${path}/vars`);
    return group?.kind === 'group' && numbered(group).length > 0 ? group : undefined;
  };
  const shared: string[] = [];
  for (const [layer, own] of groups) {
    const { name, className, variables } = layer;
    // A layer that two of its models have is saved in the first of them alone.
    const others = groupAt(own)
      ? []
      : groups.filter(([other, at]) => other.name === name && other.className === className && groupAt(at));
    const path = others.length === 1 ? others[0]![1] : own;
    if (path !== own) shared.push(name);
    const group = groupAt(path);
    const data = group ? numbered(group) : [];
    check(
      data.length === variables.length,
      () =>
        `${who}: its layer '${name}' has ${variables.length} variables, and ${path}/vars in its weights ${data.length}; it is damaged, save the model again`,
    );
    const said = group?.attribute('name');
    check(
      said === undefined || said === name,
      () =>
        `${who}: its layer '${name}' has its weights in ${path}, where those of '${String(said)}' are; it was changed, save the model again`,
    );
    for (const [i, { target }] of variables.entries()) if (target !== null) await take(target, data[i]!);
  }
  if (shared.length > 0)
    notes.add(
      `what two of its models share is in each of them here, with the same weights to begin with: ${listed(shared)}`,
    );
}

export function writeCheckpoint(
  layers: readonly KerasLayer[],
  isChain: boolean,
  tensors: Tensors,
): Map<string, Hdf5Node> {
  const root = new Map<string, Hdf5Node>();
  for (const [{ variables }, path] of checkpointGroups(layers, isChain)) {
    const nodes = variables.map(({ target }, i) => [String(i), nodeOf(target, tensors)] as const);
    if (nodes.length > 0) put(root, `${path}/vars`, { members: new Map(nodes) });
  }
  return root;
}

/** Reads an .h5: a group for each layer of the outermost model, its weights in an order of their own. */
export async function readLegacy(group: Group, layers: readonly KerasLayer[], take: Take, who: string): Promise<void> {
  const names = textsOf(group, 'layer_names');
  const saved = names
    .map((name) => {
      const member = group.get(name);
      return { name, weights: member?.kind === 'group' ? named(member, 'weight_names', who) : [] };
    })
    .filter(({ weights }) => weights.length > 0);
  const needed = layers
    .map((layer) => ({ layer, variables: allVariables([layer]) }))
    .filter(({ variables }) => variables.length > 0);
  const byName = new Map(saved.map((each) => [each.name, each]));
  const isNamed = needed.every(({ layer }) => byName.has(layer.name));
  check(
    isNamed || saved.length === needed.length,
    () =>
      `${who}: its model has ${needed.length} layers with weights, and its weights are of ${saved.length}; it is a file of another model`,
  );
  for (const [i, { layer, variables }] of needed.entries()) {
    const { weights, name } = isNamed ? byName.get(layer.name)! : saved[i]!;
    const order = bind(
      weights.map((each) => each.name),
      variables,
    );
    check(
      order !== undefined,
      () =>
        `${who}: its layer '${layer.name}' needs ${variables.length} weights (${variables.map((each) => each.name).join(', ')}), and the file has ${weights.length} for '${name}' (${weights.map((each) => each.name).join(', ')}); it is a file of another model`,
    );
    for (const [j, { target }] of variables.entries())
      if (target !== null) await take(target, weights[order[j]!]!.data);
  }
}

/** Keras' order in an .h5: what is learned first. */
function legacyOrder(variables: readonly PlacedVariable[]): number[] {
  const isLearned = ({ trained, trainable }: PlacedVariable): boolean => trained && trainable;
  const numbers = variables.map((_, i) => i);
  return [...numbers.filter((i) => isLearned(variables[i]!)), ...numbers.filter((i) => !isLearned(variables[i]!))];
}

const WORDS =
  /^(kernel|bias|gamma|beta|moving_mean|moving_variance|depthwise_kernel|pointwise_kernel|alpha|mean|variance|count)$/;

/**
 * For each variable the number of the weight that is its own. By position, as Keras binds them: in its order, or, of frozen layers in some
 * versions, as they come; where the names contradict, by names, which must be clear. Undefined where nothing fits.
 */
export function bind(names: readonly string[], variables: readonly PlacedVariable[]): readonly number[] | undefined {
  const count = variables.length;
  const parts = names.map((name) => name.replace(/:\d+$/, '').split('/'));
  const isOwn = (i: number, { name, keras3 = name }: PlacedVariable): boolean =>
    [name, keras3].includes(parts[i]!.at(-1)!.replace(/_\d+$/, ''));
  const isOfLayer = (i: number, { path }: PlacedVariable): boolean => parts[i]!.at(-2) === path.at(-1);
  if (names.length >= count) {
    const found = variables.map((variable) => {
      const fitting = names.flatMap((_, i) => (isOwn(i, variable) && isOfLayer(i, variable) ? [i] : []));
      return fitting.length === 1 ? fitting[0]! : -1;
    });
    if (!found.includes(-1) && new Set(found).size === count) return found;
  }
  if (names.length !== count) return undefined;
  const inOrder = legacyOrder(variables);
  const asTheyCome = variables.map((_, i) => i);
  // Names that say nothing, as those of Keras 1, contradict nothing.
  const saysNothing = !parts.some((part) => WORDS.test(part.at(-1)!));
  for (const order of [inOrder, asTheyCome]) {
    if (!saysNothing && !order.every((variable, i) => isOwn(i, variables[variable]!))) continue;
    return variables.map((_, variable) => order.indexOf(variable));
  }
  return undefined;
}

export function writeLegacy(layers: readonly KerasLayer[], tensors: Tensors, scope: string, who: string): Hdf5Node {
  check(
    layers.every(({ name }) => name !== '.'),
    `${who}: a layer is called '.', which in an .h5 is the group around it; save a .keras, or call the layer otherwise`,
  );
  const groups = layers.map((layer) => {
    const members = new Map<string, Hdf5Node>();
    const variables = allVariables([layer]);
    const weights = legacyOrder(variables).map((i) => {
      const { name, keras3 = name, target } = variables[i]!;
      const path = `${scope}${layer.name}/${keras3}`;
      put(members, path, nodeOf(target, tensors));
      return path;
    });
    const attributes = new Map(weights.length > 0 ? [['weight_names', weights]] : []);
    return [layer.name, { members, attributes }] as const;
  });
  return {
    members: new Map(groups),
    attributes: cutTexts(
      'layer_names',
      layers.map(({ name }) => name),
    ),
  };
}

/** An attribute of at most so many bytes, or several, as Keras cuts them. */
export function cutTexts(name: string, texts: readonly string[]): Map<string, readonly string[]> {
  const longest = Math.max(1, ...texts.map(({ length }) => 3 * length));
  const most = Math.max(1, Math.floor(64512 / longest));
  if (texts.length <= most) return new Map([[name, texts]]);
  const parts = Array.from({ length: Math.ceil(texts.length / most) }, (_, i) => texts.slice(i * most, (i + 1) * most));
  return new Map(parts.map((part, i) => [name + i, part]));
}

/** One that is nothing here counts examples that there were: none. */
function nodeOf(target: string | null, tensors: Tensors): Hdf5Node {
  return target === null ? { shape: [], data: BigInt64Array.of(0n) } : tensors.get(target)!;
}

/** Lays a node at a path of groups. */
export function put(root: Map<string, Hdf5Node>, path: string, node: Hdf5Node): void {
  const [name, ...rest] = stepsOf(path) as [string, ...string[]];
  if (rest.length === 0) return void root.set(name, node);
  const group = root.get(name) ?? { members: new Map<string, Hdf5Node>() };
  root.set(name, group);
  put(group.members as Map<string, Hdf5Node>, rest.join('/'), node);
}
