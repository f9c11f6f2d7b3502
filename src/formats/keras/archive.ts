// The files in which Keras keeps a model: .keras is a zip archive of a description and weights, .h5 has both in one HDF5 file.
import { check } from '../../base/errors.js';
import { isRecord } from '../../base/options.js';
import { decodeUtf8 } from '../../base/decodeUtf8.js';
import { isHdf5, readHdf5, type Dataset, type Group } from '../hdf5/read.js';
import { isZip, readZip, type ZipEntry } from '../zip/zip.js';

/** What stands in a file, before anything is made of it. */
export interface KerasFile {
  readonly format: 'keras' | 'h5';
  /** The model's description: JSON. */
  readonly topology: Readonly<Record<string, unknown>>;
  readonly version: string | undefined;
  /** Group of the weights: the root of model.weights.h5, or model_weights. */
  readonly weights: Group;
  /** The optimizer's variables in Keras' order, where there are any; an .h5 has their names, too. */
  readonly optimizer: readonly { readonly name?: string; readonly data: Dataset }[];
}

const [CONFIG, METADATA, WEIGHTS] = ['config.json', 'metadata.json', 'model.weights.h5'];

/** A description has some hundred kilobytes. */
const LONGEST_JSON = 1 << 26;
/** Keras stores weights as they are; of compressed ones so much more may come, beside what any page can hold. */
const [BEST_RATIO, ALLOWED] = [100, 1 << 26];

/** What of it is there, checked in its form alone. */
export async function readKerasFile(bytes: Uint8Array, who: string): Promise<KerasFile> {
  if (isHdf5(bytes)) return openH5(readHdf5(bytes, who), who);
  check(
    isZip(bytes),
    `${who} is no file of Keras: it is neither a .keras (a zip archive) nor an .h5 (HDF5); save the model with model.save('model.keras')`,
  );
  const entries = new Map(readZip(bytes, who).map((entry) => [entry.name, entry]));
  const [config, metadata, weights] = [CONFIG, METADATA, WEIGHTS].map((name) => entries.get(name!));
  check(
    config !== undefined,
    `${who}: the zip archive has no ${CONFIG}, so it is no .keras; save the model with model.save('model.keras')`,
  );
  check(
    weights !== undefined,
    () =>
      `${who}: the archive has no ${WEIGHTS}${entries.has('model.weights.npz') ? ', but weights of NumPy, which Keras itself does not read' : ''}; save the model again with model.save('model.keras')`,
  );
  const topology = await readJson(config, who);
  const { keras_version: version } = metadata ? await readJson(metadata, who) : {};
  check(
    weights.size <= ALLOWED + BEST_RATIO * bytes.length,
    `${who}: ${WEIGHTS} would be ${weights.size} bytes of an archive of ${bytes.length}; do not trust this file`,
  );
  const root = readHdf5(await weights.read(), who);
  const variables = root.get('optimizer/vars');
  return {
    format: 'keras',
    topology,
    version: typeof version === 'string' ? version : undefined,
    weights: root,
    optimizer: variables?.kind === 'group' ? numbered(variables).map((data) => ({ data })) : [],
  };
}

async function readJson(entry: ZipEntry, who: string): Promise<Record<string, unknown>> {
  check(entry.size <= LONGEST_JSON, `${who}: ${entry.name} has ${entry.size} bytes; at most ${LONGEST_JSON} are read`);
  return parse(decodeUtf8(await entry.read()), entry.name, who);
}

function parse(text: string | null, name: string, who: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text!);
  } catch {
    value = undefined;
  }
  check(isRecord(value), `${who}: ${name} is no JSON object in UTF-8; save the model again`);
  return value;
}

/** The members '0', '1', … of a group. */
export function numbered(group: Group): Dataset[] {
  const found: Dataset[] = [];
  for (let i = 0; ; i++) {
    const member = group.get(String(i));
    if (member?.kind !== 'dataset') return found;
    found.push(member);
  }
}

function openH5(root: Group, who: string): KerasFile {
  const [config, training, version] = ['model_config', 'training_config', 'keras_version'].map((name) =>
    root.attribute(name),
  );
  check(
    typeof config === 'string',
    `${who} holds weights alone, and no model; save the whole model with model.save('model.keras')`,
  );
  const weights = root.get('model_weights');
  check(weights?.kind === 'group', `${who}: has no group 'model_weights'; save the model again`);
  const optimizer = root.get('optimizer_weights');
  return {
    format: 'h5',
    topology: {
      model_config: parse(config, 'model_config', who),
      ...(typeof training === 'string' && { training_config: parse(training, 'training_config', who) }),
    },
    version: typeof version === 'string' ? version : undefined,
    weights,
    optimizer: optimizer?.kind === 'group' ? named(optimizer, 'weight_names', who) : [],
  };
}

/** The members that a list in the group's attributes names, in its order. */
export function named(group: Group, attribute: string, who: string): { name: string; data: Dataset }[] {
  return textsOf(group, attribute).map((name) => {
    const data = group.get(name);
    check(data?.kind === 'dataset', () => `${who}: has no data '${name}', which it says it has; fetch the file again`);
    return { name, data };
  });
}

/** An attribute of texts; a long one is cut into several, 'layer_names0', 'layer_names1', … */
export function textsOf(group: Group, name: string): readonly string[] {
  const texts = (attribute: ReturnType<Group['attribute']>): readonly string[] | undefined =>
    Array.isArray(attribute) && attribute.every((each) => typeof each === 'string')
      ? (attribute as string[])
      : undefined;
  const whole = texts(group.attribute(name));
  if (whole) return whole;
  const parts: string[] = [];
  for (let i = 0; ; i++) {
    const part = texts(group.attribute(name + i));
    if (!part) return parts;
    parts.push(...part);
  }
}
