// The trials of npm run sweep and npm run trial: a recipe's training of a network, both of the setting.
import { createHash } from 'node:crypto';
import { check } from '../../../base/errors.js';
import { unknown } from '../../../base/nearest.js';
import { describe } from '../../../base/options.js';
import { checkReadOptions } from '../../../data/layouts/layout.js';
import { swa } from '../../../callbacks/index.js';
import { workers } from '../../threads/workers.js';
import { formOf, openDataset } from '../../dataset/openDataset.js';
import { readBytes } from '../../files/files.js';
import { checkDefinition, checkMetric, DEFINITION, type SweepDefinition } from '../../../sweep/plan.js';
import type { TrialCode, TrialForm } from '../../../sweep/runTrial.js';
import { checkValues, valuesOf, wholeValues, type Config, type ValueRule } from '../../../sweep/space.js';
import {
  averagingOf,
  compileRun,
  recipeOf,
  recipes,
  usualSettings,
  type RecipeName,
  type RunSettings,
} from '../../../recipes/index.js';
import { isNetworkFile, networkNames, openNetwork, type MakeNetwork } from '../networkFile.js';
import { sweepOf, type Sweep } from '../../sweep/sweep.js';

/** Place of a sweep's data, and how pictures are read: as the options of npm run train. */
export interface SweepSource {
  readonly data?: string;
  readonly imageSize?: readonly [number, number];
  readonly skipBroken?: boolean;
}

/** A sweep file: the definition with its data. */
export type SweepFile = SweepDefinition & SweepSource;

export const SOURCE: readonly (keyof SweepSource)[] = ['data', 'imageSize', 'skipBroken'];
/** What a setting may say; a network of one's own, as a module, gets everything else as well. */
const HYPERPARAMETERS = ['recipe', 'network', 'learningRate', 'batchSize', 'seed'];
const NAME: ValueRule = { needs: 'a name', isGood: (value) => typeof value === 'string', ranges: [] };
/** What their values must be; a seed's are the same in all sweeps. */
const RULES: Readonly<Record<string, ValueRule>> = {
  recipe: NAME,
  network: NAME,
  learningRate: {
    needs: 'a number above 0',
    isGood: (value) => typeof value === 'number' && value > 0,
    ranges: ['log', 'uniform', 'int', 'repeat'],
  },
  batchSize: wholeValues(1),
};

/** What an epoch of a recipe has. */
const LOGGED = ['val_accuracy', 'val_loss', 'accuracy', 'loss'];

/** Splits a sweep file into what trials depend on and where the data are; throws one sentence on what is wrong. */
export function readSweepFile(
  given: Readonly<Record<string, unknown>>,
  who: string,
): { definition: SweepDefinition; source: SweepSource } {
  const known: readonly string[] = [...DEFINITION, ...SOURCE];
  const strange = Object.keys(given).find((key) => !known.includes(key));
  check(strange === undefined, () =>
    HYPERPARAMETERS.includes(strange!)
      ? `${who} has ${strange} beside its space; put it there: "space": { "${strange}": ${JSON.stringify(given[strange!])} }`
      : `${who} has no key ${unknown(strange, known)}; it has ${known.join(', ')}`,
  );
  const pick = (names: readonly string[]): Record<string, unknown> =>
    Object.fromEntries(Object.entries(given).filter(([key]) => names.includes(key)));
  const definition = pick(DEFINITION);
  checkDefinition(definition, who);
  for (const [name, rule] of Object.entries(RULES)) {
    const dimension = definition.space[name];
    if (dimension !== undefined) checkValues(dimension, `${who}'s ${name}`, rule);
  }
  checkNetworks(definition, who);
  checkMetric(definition.maximize ?? definition.minimize ?? LOGGED[0]!, LOGGED);
  const source: SweepSource = pick(SOURCE);
  check(
    source.data === undefined || typeof source.data === 'string',
    () => `${who}'s data must be a path or 'builtin', got ${describe(source.data)}`,
  );
  checkReadOptions(source, who);
  return { definition, source };
}

/** The networks that settings may name, each openable: a space without one has the reference network. */
function networksOf({ space }: SweepDefinition): readonly string[] {
  return valuesOf(space['network'] ?? 'reference')!.map(String);
}

function checkNetworks(definition: SweepDefinition, who: string): void {
  const { space } = definition;
  for (const network of networksOf(definition))
    check(
      networkNames.includes(network) || /\.(json|m?js)$/i.test(network),
      () =>
        `${who} names the network ${unknown(network, networkNames)}; there is ${networkNames.join(', ')}, and a .json, .mjs or .js file of your own`,
    );
  for (const recipe of valuesOf(space['recipe'] ?? [])!) {
    check(
      Object.hasOwn(recipes, String(recipe)),
      () =>
        `${who} names the recipe ${unknown(recipe, Object.keys(recipes))}; there is ${Object.keys(recipes).join(', ')}`,
    );
    check(
      space['network'] === undefined || !recipeOf({ recipe: recipe as RecipeName }).network,
      () => `${who}'s space has network, but the recipe ${recipe} has a network of its own; leave one of them out`,
    );
  }
  const hasModule = networksOf(definition).some((network) => /\.m?js$/i.test(network));
  const strange = Object.keys(space).find((name) => !HYPERPARAMETERS.includes(name));
  check(
    strange === undefined || hasModule,
    () =>
      `${who}'s space has no hyperparameter ${unknown(strange, HYPERPARAMETERS)}; there is ${HYPERPARAMETERS.join(', ')}, and what a network of your own takes, "network": "mine.mjs"`,
  );
}

/** Opens the data and the networks. `asked`: options of the command, before those of the file. */
export async function openSweep(definition: SweepDefinition, source: SweepSource, threads: number): Promise<Sweep> {
  const networks = new Map<string, MakeNetwork>();
  for (const network of networksOf(definition)) networks.set(network, await openNetwork(network));
  const dataset = await openDataset(source);
  const trials = recipeTrial(formOf(dataset), networks, threads);
  return sweepOf(definition, trials, dataset, await codeOfNetworks(definition), source);
}

/** Stands for what makes the models: the version does for what is built in, and the bytes of a file for a network of one's own. */
async function codeOfNetworks(definition: SweepDefinition): Promise<string> {
  const files = networksOf(definition).filter(isNetworkFile);
  const hashes = await Promise.all(
    files.map(
      async (file) =>
        `${file} ${createHash('sha256')
          .update(await readBytes(file))
          .digest('hex')}`,
    ),
  );
  return ['recipe', ...hashes].join('\n');
}

function recipeTrial(
  { name, shape: [count = 0], hasMargin }: ReturnType<typeof formOf>,
  networks: ReadonlyMap<string, MakeNetwork>,
  threads: number,
): TrialCode {
  const settingsOf = (config: Config, { epochs, seed, numerics }: TrialForm): RunSettings => {
    const recipe = (config['recipe'] ?? 'quick') as RecipeName;
    const { learningRate, batchSize } = {
      learningRate: recipeOf({ recipe }).learningRate,
      ...usualSettings(name, count, recipe),
      ...config,
    };
    const hyperparameters = { learningRate: Number(learningRate), batchSize: Number(batchSize) };
    return { recipe, ...hyperparameters, epochs, seed, numerics, earlyStopping: null };
  };
  return {
    async model(config, trial) {
      const { network = 'reference' } = config;
      const { inputShape, classes, seed, trainCount } = trial;
      const settings = settingsOf(config, trial);
      const form = { inputShape, classes, seed };
      // A module of one's own takes what it knows.
      const model =
        recipeOf(settings).network?.({ ...form, hasMargin }) ??
        (await networks.get(String(network))!({ ...config, ...form }));
      compileRun(model, settings, trainCount, workers(threads));
      return model;
    },
    fit(config, trial, model) {
      const averaging = averagingOf(model, settingsOf(config, trial), trial.trainCount);
      return averaging ? { callbacks: swa(averaging) } : {};
    },
  };
}
