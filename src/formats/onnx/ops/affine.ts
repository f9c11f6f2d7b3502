// Values times and plus constants.
import { tensorOf } from '../builder.js';
import type { Constant } from '../constant.js';
import type { Reading } from '../reading.js';
import { meant, type Live } from '../value.js';

/** x · scale + offset with one of each for all. */
export function shift(x: Live, scale: number, offset: number, reading: Reading): Live {
  if (scale === 1 && offset === 0) return { ...x, shared: true };
  // Times one number and plus another is one layer.
  const before = x.origin;
  if (scale === 1 && before?.kind === 'affine' && before.offset === 0)
    return shift(before.of, before.scale, offset, reading);
  const origin = { kind: 'affine', of: x, scale, offset } as const;
  const nonNegative = x.nonNegative === true && scale >= 0 && offset >= 0;
  return reading.pointwise('Rescaling', { scale, offset }, x, { origin, nonNegative, raw: x.raw });
}

/** Layers that an added constant may be the bias of, and what their filters are called. */
const WITH_BIAS = ['Conv2D', 'DepthwiseConv2D', 'Conv2DTranspose', 'Dense'];

/** Times and plus constants that meet the value as NumPy broadcasts them. `name`: of the value in the file. */
export function affine(x: Live, scale: Constant | null, offset: Constant | null, name: string, reading: Reading): Live {
  const [factors, sums] = [scale, offset].map((each) => each && reading.along(x, each)) as [
    Float32Array | null,
    Float32Array | null,
  ];
  if ((factors?.length ?? 1) === 1 && (sums?.length ?? 1) === 1)
    return shift(x, meant(factors?.[0] ?? 1), meant(sums?.[0] ?? 0), reading);
  if (!factors && sums && isAlone(x, name, reading)) {
    const call = reading.builder.callOf(x.tensor);
    const layer = call && reading.builder.layers[call.layer]!;
    const filters = reading.shapeOf(x).at(-1);
    if (
      call &&
      WITH_BIAS.includes(layer!.className) &&
      layer!.config.useBias === false &&
      layer!.config.trainable !== false &&
      sums.length === filters &&
      reading.builder.isAlone(call)
    ) {
      reading.builder.extend(call, { useBias: true }, { bias: tensorOf([filters], sums) }, String(reading.id(offset!)));
      return { ...x, origin: undefined };
    }
  }
  if (x.raw) {
    const normalized = normalization(x, factors, sums, reading);
    if (normalized) return normalized;
  }
  return reading.depthwise(x, factors ?? Float32Array.of(1), sums);
}

/** Whether nothing else reads what the layer makes. */
function isAlone(x: Live, name: string, reading: Reading): boolean {
  return !x.shared && reading.uses.get(name) === 1;
}

/** For an input: a layer that training leaves as it is. */
function normalization(
  x: Live,
  factors: Float32Array | null,
  sums: Float32Array | null,
  reading: Reading,
): Live | null {
  const channels = reading.shapeOf(x).at(-1)!;
  const at = (values: Float32Array | null, i: number, otherwise: number): number =>
    values ? values[values.length === 1 ? 0 : i]! : otherwise;
  const counts = [factors, sums].map((values) => values?.length ?? 1);
  if (!counts.every((count) => count === 1 || count === channels)) return null;
  if (factors && !factors.every((factor) => factor > 0)) return null;
  const mean = Float32Array.from({ length: channels }, (_, i) => -at(sums, i, 0) / at(factors, i, 1));
  const variance = Float32Array.from({ length: channels }, (_, i) => 1 / (at(factors, i, 1) * at(factors, i, 1)));
  if (![...mean, ...variance].every(Number.isFinite)) return null;
  // Less a mean, then times a factor.
  const call = reading.builder.callOf(x.tensor);
  const layer = call && reading.builder.layers[call.layer]!;
  const isShifted =
    !sums && layer?.className === 'Normalization' && layer.weights.variance!.data.every((one) => one === 1);
  if (isShifted) mean.set(layer.weights.mean!.data);
  const from = isShifted ? call!.inputs[0]! : x.tensor;
  const shape = reading.shapeOf(x);
  const weights = { mean: tensorOf([channels], mean), variance: tensorOf([channels], variance) };
  const tensor = reading.builder.call('Normalization', {}, [from], shape, weights);
  return { constant: false, tensor, physical: x.physical, view: x.view, raw: true };
}
