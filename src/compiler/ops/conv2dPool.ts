// conv2d → relu → maxPooling2d 2 × 2 as one op, with stride 1: what the pool drops is never stored, and the way back touches only
// the positions that won.  Kernels: assembly/winogradPool.ts, conv2dPool.ts, sparseGradient.ts
import type { Kernels } from '../../engine/kernels.generated.js';
import { sizeOf } from '../../base/shape.js';
import { isRelu } from './activation.js';
import { isConv2d, type Conv2dPrimitive } from './conv2d.js';
import { isMaxPooling2d, type MaxPooling2dPrimitive } from './maxPooling2d.js';
import { panelFloats, parametersOf, type Addresses, type Lowering, type Op, type Primitive } from './op.js';

interface Match {
  readonly conv: Conv2dPrimitive;
  readonly covers: readonly Primitive[];
  /** Of the image with its padding laid around it. */
  readonly inH: number;
  readonly inW: number;
  readonly inC: number;
  readonly poolH: number;
  readonly poolW: number;
  readonly outC: number;
  readonly kH: number;
  readonly kW: number;
}

function match(primitives: readonly Primitive[], from: number): Match | null {
  const [conv, relu, pool] = primitives.slice(from, from + 3);
  if (!isConv2d(conv) || !isRelu(relu) || !isMaxPooling2d(pool)) return null;
  const [convH, convW, outC] = conv.output as [number, number, number];
  const [poolH, poolW] = pool.output as [number, number, number];
  if (!conv.strides.every((stride) => stride === 1) || !isHalving(pool) || poolH !== convH >> 1 || poolW !== convW >> 1)
    return null;
  const [kH, kW, inC] = conv.kernel.shape as [number, number, number, number];
  return {
    conv,
    covers: [conv, relu!, pool],
    inH: convH + kH - 1,
    inW: convW + kW - 1,
    inC,
    poolH,
    poolW,
    outC,
    kH,
    kW,
  };
}

function isHalving({ poolSize, strides, padTop, padLeft }: MaxPooling2dPrimitive): boolean {
  return [...poolSize, ...strides].every((size) => size === 2) && padTop === 0 && padLeft === 0;
}

/** An op on padded images: where there is no padding on all n at once, else one by one through a padded copy. */
function onPaddedImages(
  match: Match,
  forward: Op['forward'],
  backward: Op['backward'],
): Pick<Op, 'forward' | 'backward'> {
  const { conv, inH, inW, inC, poolH, poolW, outC } = match;
  const [height, width] = conv.input as [number, number, number];
  if (inH === height && inW === width) return { forward, backward };
  const { padTop, padLeft } = conv;
  const padBottom = inH - height - padTop;
  const padRight = inW - width - padLeft;
  const inBytes = 4 * sizeOf(conv.input);
  const outSize = poolH * poolW * outC;
  const pad = (kernels: Kernels, at: Addresses, i: number): Addresses => {
    const { padded, paddedDx, code } = at.memory;
    kernels.padImage(padded!, at.x + i * inBytes, height, width, inC, padTop, padLeft, padBottom, padRight);
    const out = 4 * i * outSize;
    return {
      ...at,
      x: padded!,
      y: at.y + out,
      dy: at.dy + out,
      dx: at.dx && paddedDx!,
      memory: { ...at.memory, code: code! + i * outSize },
    };
  };
  return {
    forward(kernels, at, n, training) {
      for (let i = 0; i < n; i++) forward(kernels, pad(kernels, at, i), 1, training);
    },
    backward(kernels, at, n) {
      for (let i = 0; i < n; i++) {
        backward(kernels, pad(kernels, at, i), 1);
        if (at.dx)
          kernels.cropImage(at.dx + i * inBytes, at.memory.paddedDx!, height, width, inC, padTop, padLeft, padRight);
      }
    },
  };
}

/** What both lowerings have in common. */
function common({
  conv,
  covers,
  inH,
  inW,
  inC,
  poolH,
  poolW,
  outC,
}: Match): Pick<Op, 'covers' | 'parameters' | 'gradients'> & {
  kept: Record<string, number>;
  padded: Record<string, number>;
} {
  return {
    covers,
    parameters: parametersOf(conv),
    gradients: 'shards',
    kept: { code: (poolH * poolW * outC) / 4 },
    padded: inH * inW * inC > sizeOf(conv.input) ? { padded: inH * inW * inC, paddedDx: inH * inW * inC } : {},
  };
}

/** 3 × 3 over groups of four channels: Winograd forward, lists of winners backward. */
export const lowerConv2dPoolWinograd: Lowering = (primitives, from): Op | null => {
  const matched = match(primitives, from);
  if (!matched) return null;
  const { inH, inW, inC, poolH, poolW, outC, kH, kW } = matched;
  if (kH !== 3 || kW !== 3 || inC % 4 !== 0 || outC % 4 !== 0) return null;
  const { kept, padded, ...own } = common(matched);
  const k = 9 * inC;
  const cells = poolH * poolW;
  const images = onPaddedImages(
    matched,
    (kernels, { x, y, parameters, memory }, n) => {
      kernels.winogradPoolForward(
        y,
        memory.code!,
        x,
        memory.u!,
        parameters[1] ?? 0,
        memory.v!,
        memory.m!,
        n,
        inH,
        inW,
        inC,
        poolH,
        poolW,
        outC,
      );
    },
    (kernels, { x, y, dx, dy, gradients, memory }, n) => {
      const { dwT, wT, byChannel, byPosition, ends } = memory;
      kernels.conv2dPoolBackward(
        dx,
        dwT!,
        gradients[1] ?? 0,
        dy,
        y,
        memory.code!,
        x,
        wT!,
        byChannel!,
        byPosition!,
        ends!,
        n,
        inH,
        inW,
        inC,
        poolH,
        poolW,
        outC,
        kH,
        kW,
      );
    },
  );
  return {
    ...own,
    name: 'conv2d+relu+maxPooling2d (Winograd)',
    memory: {
      derived: { u: 16 * panelFloats(outC, inC), wT: outC * k },
      kept,
      scratch: {
        v: 16 * cells * inC,
        m: 16 * cells * outC,
        dwT: outC * k,
        byChannel: 2 * cells * outC,
        byPosition: 8 * cells * outC,
        ends: outC + 4 * cells,
        ...padded,
      },
    },
    refresh(kernels, { parameters, memory }) {
      kernels.winogradWeights(memory.u!, parameters[0]!, inC, outC);
      kernels.transpose(memory.wT!, parameters[0]!, k, outC);
    },
    forward: images.forward,
    backward(kernels, at, n) {
      kernels.clear(at.memory.dwT!, outC * k);
      images.backward(kernels, at, n);
      kernels.transpose(at.gradients[0]!, at.memory.dwT!, outC, k);
    },
  };
};

/** One input channel, which nobody needs the gradient of: direct both ways. */
export const lowerConv2dPoolOneChannel: Lowering = (primitives, from): Op | null => {
  const matched = match(primitives, from);
  if (!matched) return null;
  const { inH, inW, inC, poolH, poolW, outC, kH, kW } = matched;
  const learnsBefore = primitives.slice(0, from).some((primitive) => 'kernel' in primitive);
  if (inC !== 1 || kW > 4 || outC % 8 !== 0 || learnsBefore) return null;
  const { kept, padded, ...own } = common(matched);
  return {
    ...own,
    name: 'conv2d+relu+maxPooling2d (one channel)',
    memory: { kept, scratch: padded },
    ...onPaddedImages(
      matched,
      (kernels, { x, y, parameters, memory }, n) => {
        kernels.conv2dPoolForward(
          y,
          memory.code!,
          x,
          parameters[0]!,
          parameters[1] ?? 0,
          n,
          inH,
          inW,
          inC,
          poolH,
          poolW,
          outC,
          kH,
          kW,
        );
      },
      (kernels, { x, y, dy, gradients, memory }, n) => {
        kernels.conv2dPoolBackwardOneChannel(
          gradients[0]!,
          gradients[1] ?? 0,
          dy,
          y,
          memory.code!,
          x,
          n,
          inH,
          inW,
          poolH,
          poolW,
          outC,
          kH,
          kW,
        );
      },
    ),
  };
};
