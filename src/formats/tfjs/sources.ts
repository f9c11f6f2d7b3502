// Where a model of TF.js may come from: an address, files or bytes by their names, a handler of TF.js, what such a handler loads.
import { check, WasmCnnError } from '../../base/errors.js';
import { describe, isRecord, kindOf } from '../../base/options.js';
import { decodeUtf8 } from '../../base/decodeUtf8.js';
import { bytesOfLater, isLater, type LaterBytes, type ModelBytes } from '../modelBytes.js';
import { decodeGroup, readManifest, readSpecs, type Weight } from './manifest.js';

/** What model.json holds, weights as they come. */
export interface Artifacts {
  readonly modelTopology: unknown;
  readonly trainingConfig: unknown;
  readonly weights: readonly Weight[];
}

/** A handler of TF.js, as tf.io.browserFiles(), 'indexeddb://…' and others make them: tf.io.getLoadHandlers('indexeddb://name')[0]. */
export interface LoadHandler {
  load(): Promise<unknown>;
}

/** Bytes of a file, now or later. */
export type FileBytes = ModelBytes | LaterBytes;

/**
 * An address of a model.json; a File of each of its files, or a list of them; files or bytes by their names,
 * { 'model.json': …, 'group1-shard1of1.bin': … }; a handler of TF.js, or the artifacts that it loads.
 */
export type TfjsSource =
  | string
  | { readonly href: string }
  | readonly (LaterBytes & { readonly name: string })[]
  | FileList
  | ReadonlyMap<string, FileBytes>
  | Readonly<Record<string, FileBytes>>
  | LoadHandler
  | { readonly modelTopology: unknown; readonly weightSpecs?: unknown; readonly weightData?: unknown };

/** Same signature as the global fetch: takes the address of model.json or of a file beside it. */
export type Fetch = (address: string) => Promise<LaterBytes>;

export async function artifactsOf(given: TfjsSource, who: string, fetchBytes: Fetch | undefined): Promise<Artifacts> {
  if (typeof given === 'string' || isAddress(given))
    return fromAddress(typeof given === 'string' ? given : given.href, who, fetchBytes);
  check(
    typeof given === 'object' && given !== null,
    () =>
      `loadTfjs needs the address of a model.json, its files, or a handler of TF.js, got ${describe(given)}; see docs/formats.md`,
  );
  if (typeof (given as LoadHandler).load === 'function') {
    return fromArtifacts(await (given as LoadHandler).load(), who);
  }
  if (isRecord(given) && 'modelTopology' in given) return fromArtifacts(given, who);
  const files = filesOf(given);
  check(
    files.size > 0,
    () =>
      `loadTfjs needs model.json and the files of its weights, got ${describe(given)} without files; see docs/formats.md`,
  );
  const names = [...files.keys()].filter((name) => /\.json$/i.test(name));
  const name = names.find((each) => baseOf(each) === 'model.json') ?? names[0];
  check(name !== undefined, () => `${who}: none of its files is a .json; give model.json and the files of its weights`);
  const json = parse(await bytesOf(files.get(name)!, name, who), who);
  return fromJson(json, who, async (path) => {
    const found = [...files.keys()].filter((each) => each === path);
    const same = found.length > 0 ? found : [...files.keys()].filter((each) => baseOf(each) === baseOf(path));
    check(same.length === 1, () =>
      same.length === 0
        ? `${who}: its file '${path}' is missing, there is ${[...files.keys()].join(', ')}; give all that model.json names`
        : `${who}: its file '${path}' could be each of ${same.join(', ')}; give one`,
    );
    return bytesOf(files.get(same[0]!)!, path, who);
  });
}

const isAddress = (given: unknown): given is { href: string } => isRecord(given) && typeof given.href === 'string';
const baseOf = (path: string): string => path.split(/[/\\]/).at(-1)!;

/** Files by name, those of a chosen folder by their paths in it. */
function filesOf(given: object): ReadonlyMap<string, FileBytes> {
  if (kindOf(given) === 'Map') return given as Map<string, FileBytes>;
  const isList = Array.isArray(given) || kindOf(given) === 'FileList';
  if (!isList) return new Map(Object.entries(given as Record<string, FileBytes>));
  const list = Array.from(given as unknown as ArrayLike<LaterBytes & { name?: unknown; webkitRelativePath?: unknown }>);
  return new Map(
    list.map((file) => [
      String((typeof file?.webkitRelativePath === 'string' && file.webkitRelativePath) || file?.name),
      file,
    ]),
  );
}

async function bytesOf(given: FileBytes, path: string, who: string): Promise<Uint8Array> {
  const file = isLater(given) ? await bytesOfLater(given, `${who}: '${path}'`) : given;
  const kind = kindOf(file);
  if (kind === 'ArrayBuffer' || kind === 'SharedArrayBuffer') return new Uint8Array(file as ArrayBuffer);
  check(
    ArrayBuffer.isView(file),
    () => `${who}: '${path}' must come as bytes, a File or a Response, got ${describe(file)}`,
  );
  const { buffer, byteOffset, byteLength } = file as Uint8Array;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

async function fromAddress(address: string, who: string, given: Fetch | undefined): Promise<Artifacts> {
  const fetchBytes = given ?? ((globalThis as { fetch?: Fetch }).fetch as Fetch | undefined);
  check(
    fetchBytes !== undefined,
    () => `${who}: this host has no fetch(); read the files, and give them by their names: { 'model.json': bytes, … }`,
  );
  check(
    /^(https?|blob|data):/i.test(address) ||
      typeof (globalThis as { location?: unknown }).location === 'object' ||
      given !== undefined,
    () =>
      `${who}: '${address}' is no address of the Web; read a file with tfjsFiles(path) of wasm-cnn/node and give loadTfjs what it returns`,
  );
  // Files lie beside model.json, and get the same query: a signature, for one.
  const [, folder, query] = /^([^?#]*?)[^/?#]*(\?[^#]*)?(?:#.*)?$/s.exec(address)!;
  const get = async (target: string): Promise<Uint8Array> => {
    let response: LaterBytes;
    try {
      response = await fetchBytes(target);
    } catch (error) {
      throw new WasmCnnError(`${who}: '${target}' cannot be fetched (${(error as Error).message}); check the address`, {
        cause: error,
      });
    }
    return bytesOf(response, target, who);
  };
  const json = parse(await get(address), who);
  return fromJson(json, who, (path) =>
    get(`${folder!}${path.split('/').map(encodeURIComponent).join('/')}${query ?? ''}`),
  );
}

function parse(bytes: Uint8Array, who: string): Record<string, unknown> {
  const text = decodeUtf8(bytes)?.replace(/^\ufeff/, '');
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    const isPage = text !== undefined && /^\s*<(!doctype|html)/i.test(text);
    throw new WasmCnnError(
      `${who}: its model.json is ${isPage ? 'an HTML page, perhaps that of an error or a login' : 'no JSON'}; check where it comes from`,
    );
  }
  check(
    isRecord(value),
    () =>
      `${who}: its model.json holds no object with modelTopology; it holds weights alone, or is no layers model of TF.js`,
  );
  return value;
}

/** `bytesAt` gets a file of the manifest. */
async function fromJson(
  json: Record<string, unknown>,
  who: string,
  bytesAt: (path: string) => Promise<Uint8Array>,
): Promise<Artifacts> {
  checkFormat(json, who);
  const groups = readManifest(json.weightsManifest ?? [], who);
  const weights: Weight[] = [];
  for (const group of groups) {
    for (const path of group.paths)
      check(
        !/^\/|^[a-z]+:|(^|[/\\])\.\.([/\\]|$)/i.test(path),
        () => `${who}: its weightsManifest names '${path}', which is not beside it; put all files in one folder`,
      );
    // One after another: each is decoded before the next is there.
    const parts: Uint8Array[] = [];
    for (const path of group.paths) parts.push(await bytesAt(path));
    weights.push(...decodeGroup(group.weights, joined(parts), who));
  }
  return { modelTopology: json.modelTopology, trainingConfig: json.trainingConfig, weights };
}

/** Shards are cut anywhere, within a number too. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function fromArtifacts(given: unknown, who: string): Artifacts {
  check(
    isRecord(given),
    () => `${who}: its handler loaded ${describe(given)}, and an object with modelTopology is needed`,
  );
  checkFormat(given, who);
  const { weightSpecs, weightData } = given;
  const parts = (Array.isArray(weightData) ? weightData : weightData === undefined ? [] : [weightData]) as unknown[];
  check(
    parts.every((part) => /ArrayBuffer$/.test(kindOf(part)) || ArrayBuffer.isView(part)),
    () => `${who}: its weightData is no ArrayBuffer, nor a list of them`,
  );
  const bytes = parts.map((part) =>
    ArrayBuffer.isView(part)
      ? new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
      : new Uint8Array(part as ArrayBuffer),
  );
  const specs = readSpecs(weightSpecs ?? [], who);
  return {
    modelTopology: given.modelTopology,
    trainingConfig: given.trainingConfig,
    weights: decodeGroup(specs, joined(bytes), who),
  };
}

function checkFormat({ format, modelTopology }: Record<string, unknown>, who: string): void {
  check(
    format !== 'graph-model' && !(isRecord(modelTopology) && Array.isArray(modelTopology.node)),
    () =>
      `${who}: it is a graph model, a frozen graph of operations that has no layers to train; take the layers model that it was made of, or convert the Keras model with --output_format=tfjs_layers_model`,
  );
  check(
    isRecord(modelTopology),
    () => `${who}: its model.json has no modelTopology; it holds weights alone, or is no layers model of TF.js`,
  );
}
