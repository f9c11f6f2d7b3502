// Records models that TF.js saves, as they are and quantized, with what TF.js predicts: node build/test/formats/tfjs/recordTfjs.js
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';
import { toFloat16 } from '../../../src/formats/float16.js';
import { RECORDED_SHAPE, recordedInput } from './recorded.js';
import { numbers, predictedByTfjs, savedByTfjs, tf, type TfModel, type TfTensor } from './tensorflow.js';

interface Saved {
  modelTopology: unknown;
  weightSpecs: { name: string; shape: number[]; dtype: string; quantization?: object }[];
  weightData: ArrayBuffer;
  format: string;
  generatedBy: string;
  convertedBy: null;
}
type Quantized = 'uint8' | 'uint16' | 'float16';

const { layers } = tf!;

function chain(): TfModel {
  return tf!.sequential({
    name: 'chain',
    layers: [
      layers['conv2d']!({ inputShape: RECORDED_SHAPE, filters: 4, kernelSize: 3, strides: 2, padding: 'same' }),
      layers['batchNormalization']!(),
      layers['reLU']!({ maxValue: 6 }),
      layers['depthwiseConv2d']!({ kernelSize: 3, padding: 'same', activation: 'hardSigmoid' }),
      layers['dropout']!({ rate: 0.3 }),
      layers['flatten']!(),
      layers['dense']!({ units: 3, activation: 'softmax' }),
    ],
  });
}

function graph(): TfModel {
  const image = tf!.input({ shape: RECORDED_SHAPE, name: 'image' });
  const shared = layers['conv2d']!({ filters: 3, kernelSize: 1, name: 'shared' });
  const inner = layers['separableConv2d']!({ filters: 3, kernelSize: 3, padding: 'same', name: 'inner' }).apply(image);
  const sum = shared.apply(layers['add']!().apply([inner, shared.apply(image)]));
  const pools = [layers['maxPooling2d']!({ poolSize: 2 }), layers['averagePooling2d']!({ poolSize: 2 })];
  const both = layers['concatenate']!().apply(pools.map((pool) => pool.apply(sum)));
  const flat = layers['flatten']!().apply(both);
  const ends = [2, 1].map((units) => layers['dense']!({ units, name: `end${units}` }).apply(flat));
  return tf!.model({ inputs: image, outputs: ends, name: 'graph' });
}

/** Stores each weight so: floor(0.5 + (x - min) / scale), as the converter does it. */
function quantized({ weightSpecs, weightData, ...rest }: Saved, dtype: Quantized): Saved {
  const parts: Uint8Array[] = [];
  let at = 0;
  const specs = weightSpecs.map((spec) => {
    const count = spec.shape.reduce((product, size) => product * size, 1);
    const values = new Float32Array(weightData.slice(at, at + 4 * count));
    at += 4 * count;
    if (dtype === 'float16') {
      parts.push(new Uint8Array(Uint16Array.from(values, toFloat16).buffer));
      return { ...spec, quantization: { dtype } };
    }
    const [min, max] = [Math.min(...values), Math.max(...values)];
    const scale = (max - min) / (dtype === 'uint8' ? 255 : 65535) || 1;
    const stored = values.map((value) => Math.floor(0.5 + (value - min) / scale));
    parts.push(dtype === 'uint8' ? Uint8Array.from(stored) : new Uint8Array(Uint16Array.from(stored).buffer));
    return { ...spec, quantization: { dtype, min, scale, original_dtype: 'float32' } };
  });
  return { ...rest, weightSpecs: specs, weightData: new Uint8Array(Buffer.concat(parts)).buffer };
}

async function record(make: () => TfModel, dtype?: Quantized): Promise<object> {
  const model = make();
  model.setWeights(
    model.getWeights().map((weight, i) => {
      const { name, shape } = weight as TfTensor & { name: string };
      const values = numbers(
        shape.reduce((product, size) => product * size, 1),
        i + 1,
      );
      return tf!.tensor(/ariance/.test(name) ? values.map((value) => Math.abs(value) + 0.5) : values, shape);
    }),
  );
  const whole = (await savedByTfjs(model)) as Saved;
  const saved = dtype ? quantized(whole, dtype) : whole;
  const { weightSpecs, weightData, ...json } = saved;
  const loaded = await tf!.loadLayersModel(tf!.io.fromMemory(saved));
  const packed = (bytes: string | Uint8Array): string => deflateSync(bytes, { level: 9 }).toString('base64');
  const manifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
  return {
    files: {
      'model.json': packed(JSON.stringify({ ...json, weightsManifest: manifest })),
      'weights.bin': packed(new Uint8Array(weightData)),
    },
    outputs: predictedByTfjs(loaded, recordedInput()).flatMap((values) =>
      [...values].map((value) => Number(value.toPrecision(8))),
    ),
  };
}

await tf!.setBackend('cpu');
const cases = {
  chain: await record(chain),
  graph: await record(graph),
  'chain, uint8': await record(chain, 'uint8'),
  'chain, uint16': await record(chain, 'uint16'),
  'graph, float16': await record(graph, 'float16'),
};
const path = fileURLToPath(new URL('../../../../test/formats/tfjs/saved.json', import.meta.url));
writeFileSync(path, `${JSON.stringify({ versions: { tfjs: '4.22.0' }, cases })}\n`);
