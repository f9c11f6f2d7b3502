// The files of a TF.js model on disk.
import { dirname, join } from 'node:path';
import { check } from '../../base/errors.js';
import { describe, isRecord } from '../../base/options.js';
import { readBytes } from './files.js';

/**
 * model.json at `path`, and the files beside it that it names, for loadTfjs() of wasm-cnn/formats/tfjs, which says what is wrong with them.
 *
 * @example
 * ```ts
 * import { loadTfjs } from 'wasm-cnn/formats/tfjs';
 * import { tfjsFiles } from 'wasm-cnn/node';
 *
 * const { model } = await loadTfjs(await tfjsFiles('folder/model.json'));
 * ```
 */
export async function tfjsFiles(path: string): Promise<Record<string, Uint8Array>> {
  check(
    typeof path === 'string' && path !== '',
    () => `tfjsFiles needs the path of a model.json, got ${describe(path)}`,
  );
  const json = await readBytes(path);
  const files: Record<string, Uint8Array> = { 'model.json': json };
  for (const name of filesOf(json)) files[name] = await readBytes(join(dirname(path), name));
  return files;
}

/** Names of files beside it; none where it is no such JSON. */
function filesOf(json: Uint8Array): readonly string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(json).toString());
  } catch {
    return [];
  }
  const groups = isRecord(parsed) && Array.isArray(parsed.weightsManifest) ? (parsed.weightsManifest as unknown[]) : [];
  const paths = groups.flatMap((group) =>
    isRecord(group) && Array.isArray(group.paths) ? (group.paths as unknown[]) : [],
  );
  return paths.filter(
    (name): name is string => typeof name === 'string' && !/^([/\\]|[a-z]+:)|(^|[/\\])\.\.([/\\]|$)/i.test(name),
  );
}
