// A model → the files of another program. Each format is imported when it is asked for.
import type { Model } from '../../model/model.js';
import { entryOf } from '../../base/options.js';
import { warnOnce } from '../../base/warnings.js';
import { cloneModel } from '../../model/cloneModel.js';

/** Contents by file names. */
export type ExportedFiles = ReadonlyMap<string, Uint8Array | string>;

interface Exporter {
  /** For help. */
  readonly summary: string;
  /** How weights may be stored beside float32, which loses nothing. */
  readonly weights: readonly string[];
  /** The name of the file, or of the folder where there are several, beside the model. */
  readonly name: string;
  readonly write: (model: Model, weights: string, facts: unknown) => Promise<ExportedFiles>;
  /** Whether its files hold what the model's file says beside the model: of classes, and how pictures are read. */
  readonly keepsFacts?: true;
  /** The model with the weights that these files of it have, where those may be stored in fewer bits. */
  readonly again?: (model: Model, files: ExportedFiles) => Promise<Model>;
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
    async again(_, files) {
      const { loadTfjs } = await import('../../formats/tfjs/index.js');
      return (await loadTfjs(files as ReadonlyMap<string, Uint8Array>)).model;
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
    async again(_, files) {
      const { loadOnnx } = await import('../../formats/onnx/index.js');
      return (await loadOnnx(files.get('model.onnx') as Uint8Array)).model;
    },
  },
  pytorch: {
    summary: 'a PyTorch program that continues the training, and its state dict',
    weights: ['float16', 'int8'],
    name: 'pytorch',
    async write(model, weights) {
      const { saveTorchProgram } = await import('../../formats/torch/index.js');
      const { files, notes } = saveTorchProgram(model, { weights: weights as 'float16' });
      for (const note of notes) warnOnce(note);
      return new Map(Object.entries(files));
    },
    async again(model, files) {
      const { loadTorchWeights } = await import('../../formats/torch/index.js');
      const made = cloneModel(model, { seed: model.seed });
      await loadTorchWeights(made, files.get('model.safetensors') as Uint8Array);
      return made;
    },
  },
  safetensors: {
    summary: "wasm-cnn's own file, without the optimizer's state",
    weights: [],
    name: 'exported.safetensors',
    keepsFacts: true,
    write: async (model, _, facts) => one('exported.safetensors', model.save({ includeOptimizer: false, facts })),
  },
} as const satisfies Readonly<Record<string, Exporter>>;

export type ExportFormat = keyof typeof exporters;

export function exporterOf(format: string): Exporter {
  return entryOf<Exporter>(exporters, format, 'format');
}
