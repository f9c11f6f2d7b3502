// fit({ resume: true }): where it continues, and that nothing contradicts it. It comes with loadModel(): what is new has nothing to resume.
import type { Callbacks } from '../callbacks/callback.js';
import { check } from '../base/errors.js';
import { checkWhole } from '../base/shape.js';
import type { TrainedModel } from './executor.js';
import type { FitOptions, Resumption } from './fit.js';
import { usualSettings, type FitState } from './fitState.js';

/** Throws where the options or the callbacks, which are those with a state, contradict the state of the model's fit. */
export function resumption(model: TrainedModel, options: FitOptions, listeners: readonly Callbacks[]): Resumption {
  const state: FitState = { ...usualSettings, ...model.fitState!() };
  check(
    options.initialEpoch === undefined,
    "fit's initialEpoch comes from the checkpoint; leave it out, or start anew without resume",
  );
  for (const name of [
    'batchSize',
    'shuffle',
    'seed',
    'mixUp',
    'cutMix',
    'gradientAccumulationSteps',
    'stepsPerEpoch',
    'validationSplit',
    'validationSplitMode',
    'validationFreq',
  ] as const) {
    check(
      options[name] === undefined || options[name] === state[name],
      () =>
        `fit's ${name} is ${options[name]}, the checkpoint's is ${state[name]}; leave it out, or start anew without resume`,
    );
  }
  const { numerics } = model.compiled!;
  check(
    numerics === state.numerics,
    () =>
      `the checkpoint was trained with numerics '${state.numerics}', the model was loaded with '${numerics}'; give loadModel() the same`,
  );
  const [mine, its] = [listeners.map(({ name }) => name!), Object.keys(state.callbacks)];
  check(
    its.length === mine.length && mine.every((name) => its.includes(name)),
    () => `fit has the callbacks with a state ${list(mine)}, the checkpoint has ${list(its)}; give fit the same`,
  );
  for (const listener of listeners) listener.checkState?.(state.callbacks[listener.name!]!, model);
  return {
    state: { ...state, epochs: checkWhole(options.epochs ?? state.epochs, 'epochs') },
    checkData: (count, sha256) => checkData(state, count, sha256),
  };
}

function list(names: readonly string[]): string {
  return `[${names.join(', ')}]`;
}

function checkData(saved: FitState, count: number | null, sha256: string | null | undefined): void {
  check(
    count !== null && sha256 !== undefined,
    'fit cannot resume with a generator, or with a source without sha256(): nothing tells that its data are the same; give it arrays, or a source that has one',
  );
  check(
    count === saved.count,
    () => `fit has ${count} examples, the checkpoint was trained on ${saved.count}; resume with the same data`,
  );
  check(
    sha256 === saved.dataSha256 || sha256 === null || saved.dataSha256 === null,
    () =>
      `fit's data are not the checkpoint's: SHA-256 ${sha256}, not ${saved.dataSha256}; resume with the same x, y, weights and validationData`,
  );
}
