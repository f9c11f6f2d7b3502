// A model as a file on disk.
import { loadModel, type LoadedModel, type LoadOptions } from '../../model/load.js';
import type { SaveOptions } from '../../model/pack.js';
import type { Model } from '../../model/model.js';
import { readFloats } from '../../formats/quantization.js';
import { mayBeSafetensors, writeSafetensors } from '../../formats/safetensors.js';
import { parseHeader, type SafetensorsHeader } from '../../formats/safetensorsHeader.js';
import { check, WasmCnnError } from '../../base/errors.js';
import { checkArguments, describe, isRecord } from '../../base/options.js';
import { classifierFor } from '../../data/classifier/facts.js';
import { readBytes, writeFileAtomic } from './files.js';
import { checkModel } from '../../training/checkModel.js';

/** How files of other programs, and pictures, are called. */
const FOREIGN = /\.(keras|h5|hdf5|onnx|pt|pth|json|npz|zip|png|jpe?g|html)$/i;

/**
 * Writes the model to `path`, whole or not at all: a file that is there stays until the new one is complete.
 *
 * @example
 * ```ts
 * import { layers, sequential } from 'wasm-cnn';
 * import { saveModelFile } from 'wasm-cnn/node';
 *
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 3 })] });
 * await saveModelFile(model, 'model.safetensors');
 * ```
 */
export async function saveModelFile(model: Model, path: string, options?: SaveOptions): Promise<void> {
  checkArguments(arguments, 3, 'saveModelFile', 'they are the model, its path and options');
  checkModel(model, 'saveModelFile');
  check(
    !FOREIGN.test(path),
    () =>
      `saveModelFile writes files of wasm-cnn, got ${describe(path)}; call it .safetensors, or write other formats with saveKeras, saveTfjs, saveOnnx or saveTorch`,
  );
  const { facts } = options ?? {};
  const { inputShape, outputShape } = model;
  // loadModelFile would refuse what does not fit.
  if (isRecord(facts) && 'classifier' in facts && outputShape.length === 1)
    classifierFor({ inputShape, classes: Math.max(2, outputShape[0]!) }, facts, 'saveModelFile');
  await writeFileAtomic(path, model.save(options));
}

/**
 * Reads a model that {@link saveModelFile} wrote; throws one sentence where it is missing, cut or not a model.
 *
 * @example
 * ```ts
 * import { loadModelFile } from 'wasm-cnn/node';
 *
 * const { model } = await loadModelFile('model.safetensors');
 * ```
 */
export async function loadModelFile(path: string, options: LoadOptions = {}): Promise<LoadedModel> {
  return loadModel(await readBytes(path), { name: path, ...options });
}

/** A model file whose kernels lie in fewer bits, which loadModel() does not read, as it would be otherwise; any other bytes as they are. */
export function inFloat32(bytes: Uint8Array, who: string): Uint8Array {
  if (![...(headerOf(bytes)?.tensors.values() ?? [])].some(({ dtype }) => dtype !== 'F32')) return bytes;
  const { tensors, metadata } = readFloats(bytes, who);
  return writeSafetensors({ tensors, metadata });
}

/** Whether these are tensors that wasm-cnn has not saved, as a state dict of PyTorch is. */
export function isStateDict(bytes: Uint8Array): boolean {
  const header = headerOf(bytes);
  return header !== null && !header.metadata.get('format')?.startsWith('wasm-cnn');
}

function headerOf(bytes: Uint8Array): SafetensorsHeader | null {
  if (!mayBeSafetensors(bytes)) return null;
  const { byteOffset, buffer } = bytes;
  const end = 8 + Number(new DataView(buffer, byteOffset).getBigUint64(0, true));
  try {
    return parseHeader(bytes.subarray(8, end), (what) => {
      throw new WasmCnnError(what);
    });
  } catch {
    return null;
  }
}
