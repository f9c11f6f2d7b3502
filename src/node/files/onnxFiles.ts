// The files that an ONNX model keeps weights in, beside its own: PyTorch's exporter makes one unless told otherwise.
import { dirname, join } from 'node:path';
import { check, WasmCnnError } from '../../base/errors.js';
import { isOutside } from '../../formats/onnx/externalData.js';
import { readOnnxModel, type TensorProto } from '../../formats/onnx/proto.js';
import { exists, readBytes } from './files.js';

/** Their bytes by the paths that the model gives, for `externalData` of loadOnnx(), which says what is wrong with a file. */
export async function onnxFiles(path: string, model: Uint8Array): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = Object.create(null) as Record<string, Uint8Array>;
  for (const name of filesOf(model)) {
    const file = join(dirname(path), name);
    check(
      await exists(file),
      `${path}: its weights lie in '${name}' beside it, and there is no such file; put it there`,
    );
    files[name] = await readBytes(file);
  }
  return files;
}

/** Names of files in its folder; none where it is no such model. */
function filesOf(model: Uint8Array): ReadonlySet<string> {
  const tensors: TensorProto[] = [];
  try {
    const { initializers, nodes } = readOnnxModel(model, (what) => {
      throw new WasmCnnError(what);
    });
    tensors.push(...initializers.values());
    for (const { attributes } of nodes) for (const { tensor } of attributes.values()) if (tensor) tensors.push(tensor);
  } catch (error) {
    if (!(error instanceof WasmCnnError)) throw error;
  }
  const names = tensors.map(({ external }) => external?.get('location') ?? '');
  return new Set(names.filter((name) => name !== '' && !isOutside(name)));
}
