// The engine in a browser: what 'wasm-cnn' is there. A page's models train in the background, unless compile({ background: null }) says otherwise.
import * as core from '../index.js';
import { usualBackground } from './background.js';

export * from '../index.js';
export { background } from './background.js';
export { workers } from './workers.js';

function onPage(model: core.Sequential): core.Sequential {
  model.background = usualBackground();
  return model;
}

/** A model of these layers; see {@link core.SequentialOptions}. */
export function sequential(options?: core.SequentialOptions): core.Sequential {
  return onPage(core.sequential(options));
}

/** The network of `npm run train`; see {@link core.referenceNetwork}. */
export function referenceNetwork(options?: core.ReferenceNetworkOptions): core.Sequential {
  return onPage(core.referenceNetwork(options));
}

/** Networks by name; see {@link core.networks}. */
export const networks = {
  reference: referenceNetwork,
  classic: () => onPage(core.networks.classic()),
  strided: () => onPage(core.networks.strided()),
} as const;

/** The model of a file that model.save() made; see {@link core.loadModel}. */
export function loadModel(bytes: Uint8Array, options: core.LoadOptions = {}): core.LoadedModel {
  return core.loadModel(bytes, { background: usualBackground(), ...options });
}
