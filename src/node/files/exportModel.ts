// A model → the files of another program. Each format is imported when it is asked for.
import type { Model } from '../../model/model.js';
import { entryOf } from '../../base/options.js';

/** Contents by file names. */
export type ExportedFiles = ReadonlyMap<string, Uint8Array | string>;

interface Exporter {
  /** For help. */
  readonly summary: string;
  /** How weights may be stored beside float32, which loses nothing. */
  readonly weights: readonly string[];
  /** The name of the file, or of the folder where there are several, beside the model. */
  readonly name: string;
  readonly write: (model: Model, weights: string) => Promise<ExportedFiles>;
}

const one = (name: string, content: Uint8Array): ExportedFiles => new Map([[name, content]]);

export const exporters = {
  keras: {
    summary: 'Keras 3',
    weights: [],
    name: 'model.keras',
    async write(model) {
      const { saveKeras } = await import('../../formats/keras/index.js');
      return one('model.keras', saveKeras(model));
    },
  },
  h5: {
    summary: "Keras' older file",
    weights: [],
    name: 'model.h5',
    async write(model) {
      const { saveKeras } = await import('../../formats/keras/index.js');
      return one('model.h5', saveKeras(model, { format: 'h5' }));
    },
  },
  tfjs: {
    summary: 'model.json and weights of TensorFlow.js',
    weights: ['float16', 'uint16', 'uint8'],
    name: 'tfjs',
    async write(model, weights) {
      const { saveTfjs } = await import('../../formats/tfjs/index.js');
      return new Map(Object.entries(saveTfjs(model, { weights: weights as 'float16' })));
    },
  },
  onnx: {
    summary: 'ONNX, opset 17',
    weights: ['float16', 'int8'],
    name: 'model.onnx',
    async write(model, weights) {
      const { saveOnnx } = await import('../../formats/onnx/index.js');
      return one('model.onnx', saveOnnx(model, { weights: weights as 'float16' }));
    },
  },
  pytorch: {
    summary: 'a state dict of PyTorch, as safetensors',
    weights: ['float16', 'int8'],
    name: 'model.pytorch.safetensors',
    async write(model, weights) {
      const { saveTorch } = await import('../../formats/torch/index.js');
      return one('model.pytorch.safetensors', saveTorch(model, { weights: weights as 'float16' }));
    },
  },
} as const satisfies Readonly<Record<string, Exporter>>;

export type ExportFormat = keyof typeof exporters;

export function exporterOf(format: string): Exporter {
  return entryOf<Exporter>(exporters, format, 'format');
}
