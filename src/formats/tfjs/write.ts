// An archive → model.json and the file of its weights, as tf.loadLayersModel() of TF.js reads them.
import type { OwnBytes } from '../../base/hostTypes.js';
import { encodeUtf8 } from '../../base/utf8.js';
import type { ModelArchive } from '../archive.js';
import { allVariables, writeCompile, writeKerasConfig } from '../kerasConfig/index.js';
import { writeState, type NamedWeight } from './optimizer.js';
import { encode, type StoredType } from './quantization.js';

const BIN = 'model.weights.bin';

/** Files by their names, as they lie beside each other. */
export type TfjsFiles = Readonly<Record<'model.json' | typeof BIN, OwnBytes>>;

export function writeTfjs(
  { model, tensors, compile }: ModelArchive,
  type: StoredType,
  who: string,
): { files: TfjsFiles; notes: readonly string[] } {
  const written = writeKerasConfig(model, 'tfjs', who);
  const notes = new Set(written.notes);
  const trainingConfig = compile && writeCompile(compile, 'tfjs', notes, written.outputs);
  const weights = allVariables(written.layers).flatMap(({ target, path, name }): NamedWeight[] =>
    target === null ? [] : [{ name: `${path.join('/')}/${name}`, ...tensors.get(target)! }],
  );
  // Before its first step an optimizer has none.
  const state = compile && trainingConfig && compile.step > 0 ? writeState(compile, written.layers, tensors) : [];
  const parts: OwnBytes[] = [];
  const described = [...weights, ...state].map(({ name, shape, data, dtype }, i) => {
    // Kernels are nearly all of a file; biases and statistics are few, and what an optimizer keeps is not for eight bits.
    const { bytes, quantization } = encode(
      data,
      i < weights.length && shape.length > 1 ? type : 'float32',
      `${who}: ${name}`,
    );
    parts.push(dtype === 'int32' ? new Uint8Array(Int32Array.from(data).buffer) : bytes);
    return {
      ...{ name, shape, dtype: dtype ?? 'float32' },
      ...(quantization && { quantization: { ...quantization, original_dtype: 'float32' } }),
      ...(i >= weights.length && { group: 'optimizer' }),
    };
  });
  const json = {
    ...{ format: 'layers-model', generatedBy: 'wasm-cnn', convertedBy: null },
    modelTopology: { ...written.topology, keras_version: 'tfjs-layers 4.22.0', backend: 'tensor_flow.js' },
    ...(trainingConfig && { trainingConfig }),
    weightsManifest: [{ paths: [BIN], weights: described }],
  };
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return { files: { 'model.json': encodeUtf8(JSON.stringify(json)), [BIN]: all }, notes: [...notes] };
}
