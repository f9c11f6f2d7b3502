// The tests that come with the onnx package 1.22.0, later versions of which have none: pip download --no-deps onnx==1.22.0 (a zip, 19 MB).
import { readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import { constantOf } from '../../../src/formats/onnx/constant.js';
import { readOnnxModel, readTensor, type OnnxModel, type TensorProto } from '../../../src/formats/onnx/proto.js';
import { failing } from '../../../src/formats/onnx/read.js';

/** Path of the wheel. */
export const wheel = process.env.ONNX_WHEEL;
export const NO_WHEEL = 'there is no wheel of onnx 1.22.0 (ONNX_WHEEL; pip download --no-deps onnx==1.22.0)';

const DATA = 'onnx/backend/test/data/';

export interface OnnxTest {
  readonly name: string;
  readonly model: OnnxModel;
  readonly bytes: Uint8Array;
  readonly inputs: readonly TensorProto[];
  readonly outputs: readonly TensorProto[];
}

export type Suite = 'node' | 'pytorch-converted' | 'light';

export const valuesOf = (tensor: TensorProto): ArrayLike<number> => constantOf(tensor, failing('a test')).data;

/** All tests of these suites, in the order of their names. */
export function readTests(suites: readonly Suite[]): Map<Suite, readonly OnnxTest[]> {
  const files = unzipSync(readFileSync(wheel!), {
    filter: ({ name }) => suites.some((suite) => name.startsWith(`${DATA}${suite}/`)),
  });
  return new Map(suites.map((suite) => [suite, suite === 'light' ? lightTests(files) : testsOf(files, suite)]));
}

function testsOf(files: Readonly<Record<string, Uint8Array>>, suite: Suite): OnnxTest[] {
  const models = Object.keys(files).filter(
    (path) => path.startsWith(`${DATA}${suite}/`) && path.endsWith('/model.onnx'),
  );
  return models.sort().map((path) => {
    const folder = path.slice(0, -'model.onnx'.length);
    const tensors = (kind: string): TensorProto[] => {
      const all: TensorProto[] = [];
      for (let i = 0; ; i++) {
        const bytes = files[`${folder}test_data_set_0/${kind}_${i}.pb`];
        if (!bytes) return all;
        try {
          all.push(readTensor(bytes, failing(path)));
        } catch {
          // A sequence or an optional value.
          return [];
        }
      }
    };
    const model = readOnnxModel(files[path]!, failing(path));
    return {
      name: folder.split('/').at(-2)!,
      model,
      bytes: files[path]!,
      inputs: tensors('input'),
      outputs: tensors('output'),
    };
  });
}

/** Their input is not in a file, but 0, 1/n, 2/n … */
function lightTests(files: Readonly<Record<string, Uint8Array>>): OnnxTest[] {
  const models = Object.keys(files).filter((path) => path.startsWith(`${DATA}light/`) && path.endsWith('.onnx'));
  return models.sort().map((path) => {
    const model = readOnnxModel(files[path]!, failing(path));
    const inputs = model.inputs.filter(({ name }) => !model.initializers.has(name));
    return {
      name: path.split('/').at(-1)!.replace('.onnx', ''),
      model,
      bytes: files[path]!,
      inputs: inputs.map(({ name, shape }): TensorProto => {
        const dims = shape!.map((size) => size ?? 1);
        const n = dims.reduce((product, size) => product * size, 1);
        return {
          name,
          dims,
          type: 1,
          floats: Array.from({ length: n }, (_, i) => Math.fround(i / n)),
          ints: [],
          doubles: [],
        };
      }),
      outputs: [readTensor(files[path.replace('.onnx', '_output_0.pb')]!, failing(path))],
    };
  });
}
