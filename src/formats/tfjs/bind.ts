// Weights by their names in a manifest → variables of the layers. By name, never by order: the converter lists them alphabetically.
import { check } from '../../base/errors.js';
import { formatShape } from '../../base/shape.js';
import { allVariables, checkpointGroups, type KerasLayer, type PlacedVariable } from '../kerasConfig/index.js';
import type { NamedTensor } from '../safetensors.js';
import type { Weight } from './manifest.js';

/** A tensor for each variable; refuses a name that fits none or several, and a variable without a weight. */
export function bind(
  weights: readonly Weight[],
  layers: readonly KerasLayer[],
  isChain: boolean,
  who: string,
  notes: Set<string>,
): Map<string, NamedTensor> {
  const variables = allVariables(layers);
  const numbered = numberedNames(layers, variables, isChain);
  const bound = new Map<PlacedVariable, Weight>();
  for (const weight of weights) {
    const name = weight.name.replace(/:0$/, '');
    // State that the converter mixes among the weights of a .keras file.
    if (/(^|\/)(optimizer|seed_generator)\/vars\/\d+$/.test(name)) {
      if (name.startsWith('optimizer/'))
        notes.add("the optimizer's state is left out: the converter kept its numbers alone");
      continue;
    }
    const found = /\/vars\/\d+$/.test(name) ? numbered.get(name) : longestMatch(name, variables, who);
    check(
      found !== undefined,
      () =>
        `${who}: its weight '${weight.name}' ${formatShape(weight.shape)} fits no layer of its description; they are of two models`,
    );
    const other = bound.get(found);
    check(
      other === undefined,
      () =>
        `${who}: its weights '${other!.name}' and '${weight.name}' both are the ${found.name} of its layer '${found.path.join('/')}'`,
    );
    bound.set(found, weight);
  }
  const tensors = new Map<string, NamedTensor>();
  for (const variable of variables) {
    const { target, name, path } = variable;
    if (target === null) continue;
    const weight = bound.get(variable);
    check(
      weight !== undefined,
      () =>
        `${who}: the ${name} of its layer '${path.join('/')}' is missing among its weights; one of its files is, or they are of two models`,
    );
    tensors.set(target, { shape: weight.shape, data: weight.data });
  }
  return tensors;
}

/** 'layers/conv2d/vars/0' of each, as .keras files and what is made of them have it. */
function numberedNames(
  layers: readonly KerasLayer[],
  variables: readonly PlacedVariable[],
  isChain: boolean,
): ReadonlyMap<string, PlacedVariable> {
  const names = new Map<string, PlacedVariable>();
  let next = 0;
  const groups = checkpointGroups(layers, isChain);
  const walk = (list: readonly KerasLayer[]): void => {
    for (const layer of list) {
      for (const [i] of layer.variables.entries()) names.set(`${groups.get(layer)!}/vars/${i}`, variables[next++]!);
      walk(layer.layers ?? []);
    }
  };
  walk(layers);
  return names;
}

/**
 * The variable whose layer's name is the longest end of the weight's: 'sequential/conv2d/kernel' is conv2d's, and with a nested model
 * 'base/conv2d/kernel' is rather base's. TF.js and old versions of Keras put a number behind a name that was there before, as in
 * 'conv2d_10_1/kernel': where no layer is called so, it is conv2d_10.
 */
function longestMatch(name: string, variables: readonly PlacedVariable[], who: string): PlacedVariable | undefined {
  const cut = name.lastIndexOf('/');
  const [scope, own] = [name.slice(0, Math.max(cut, 0)), name.slice(cut + 1)];
  const named = variables.filter((each) => each.name === own || each.keras3 === own);
  for (const tried of [scope, scope.replace(/_\d+$/, '')]) {
    const lengths = named.map(({ path }) => matched(tried, path));
    const longest = Math.max(0, ...lengths);
    if (longest === 0) continue;
    const fitting = named.filter((_, i) => lengths[i] === longest);
    check(
      fitting.length === 1,
      () =>
        `${who}: its weight '${name}' could be that of its layers ${fitting.map(({ path }) => `'${path.join('/')}'`).join(' and ')}; give them different names and save it again`,
    );
    return fitting[0];
  }
  return undefined;
}

/**
 * How many letters of the scope's end are the layer's name, and those of the models around it; 0 where not even its own fits. A layer
 * whose models are all there fits better than one of a nested model that is not.
 */
function matched(scope: string, path: readonly string[]): number {
  let most = 0;
  for (let from = path.length - 1; from >= 0; from--) {
    const end = path.slice(from).join('/');
    if (scope !== end && !scope.endsWith(`/${end}`)) break;
    most = end.length + (from === 0 ? 1 : 0.5);
  }
  return most;
}
