// Convolution in groups of channels, or with dilation: the products of conv2d.ts for
// each group, of one kernel line at a time. W [kH, kW, inC / groups, outC]; group g has the inputs and the outputs in its part of each pixel.
import { ADD, gemmGrid, packPanels, STORE } from './gemm';
import { cropImage, padTo } from './padding';
import { addBias } from './sums';

/** Lines or pixels of the image with its zeros: all of it, and as far as the windows reach. */
// @ts-ignore: decorator
@inline
function paddedSize(size: i32, out: i32, stride: i32, kernel: i32, dilation: i32, padding: i32): i32 {
  return max(padding + size, (out - 1) * stride + (kernel - 1) * dilation + 1);
}

/** panels: of each group W [kH · kW · inC / groups, outC / groups]; transposed, or 0: of each group and tap W [outC / groups, inC / groups]. */
export function groupedConv2dPanels(panels: usize, transposed: usize, w: usize, inC: i32, outC: i32, taps: i32, groups: i32): void {
  const fromC = inC / groups, toC = outC / groups, rows = taps * fromC;
  for (let g = 0; g < groups; g++) {
    packPanels(panels, w, rows, toC, outC, 1, rows);
    panels += <usize>(((toC + 15) >> 4) * rows) << 6;
    for (let tap = 0; transposed != 0 && tap < taps; tap++) {
      packPanels(transposed, w + (<usize>(tap * fromC * outC) << 2), toC, fromC, 1, outC, toC);
      transposed += <usize>(((fromC + 15) >> 4) * toC) << 6;
    }
    w += <usize>toC << 2;
  }
}

/** Overwrites y.  padded: scratch for one example in its zeros. */
export function groupedConv2dForward(
  y: usize, x: usize, panels: usize, bias: usize, padded: usize, n: i32, inH: i32, inW: i32, inC: i32, outH: i32, outW: i32, outC: i32,
  kH: i32, kW: i32, strideH: i32, strideW: i32, dilationH: i32, dilationW: i32, groups: i32, padTop: i32, padLeft: i32,
): void {
  const height = paddedSize(inH, outH, strideH, kH, dilationH, padTop), width = paddedSize(inW, outW, strideW, kW, dilationW, padLeft);
  const row = width * inC, fromC = inC / groups, toC = outC / groups, panelRows = kH * kW * fromC;
  for (let i = 0; i < n; i++) {
    const image = padTo(padded, x, inH, inW, inC, height, width, padTop, padLeft);
    for (let g = 0; g < groups; g++) {
      const from = image + (<usize>(g * fromC) << 2), to = y + (<usize>(g * toC) << 2), b = panels + (<usize>(g * ((toC + 15) >> 4) * panelRows) << 6);
      for (let kY = 0; kY < kH; kY++) {
        gemmGrid(
          to, from + (<usize>(kY * dilationH * row) << 2), b + (<usize>(kY * kW * fromC) << 6), 0, outH, outW, toC, kW, fromC,
          outW * outC, outC, strideH * row, strideW * inC, dilationW * inC, 1, 16 * fromC, 16, 16 * panelRows, kY == 0 ? STORE : ADD,
        );
      }
    }
    if (bias != 0) addBias(y, bias, outH * outW, outC);
    x += <usize>(inH * inW * inC) << 2;
    y += <usize>(outH * outW * outC) << 2;
  }
}

/** Adds to dw [kH, kW, inC / groups, outC]; the caller zeroes it.  padded: as in groupedConv2dForward. */
export function groupedConv2dBackwardWeights(
  dw: usize, dy: usize, x: usize, padded: usize, n: i32, inH: i32, inW: i32, inC: i32, outH: i32, outW: i32, outC: i32,
  kH: i32, kW: i32, strideH: i32, strideW: i32, dilationH: i32, dilationW: i32, groups: i32, padTop: i32, padLeft: i32,
): void {
  const height = paddedSize(inH, outH, strideH, kH, dilationH, padTop), width = paddedSize(inW, outW, strideW, kW, dilationW, padLeft);
  const row = width * inC, fromC = inC / groups, toC = outC / groups;
  for (let i = 0; i < n; i++) {
    const image = padTo(padded, x, inH, inW, inC, height, width, padTop, padLeft);
    for (let g = 0; g < groups; g++) {
      const from = image + (<usize>(g * fromC) << 2), by = dy + (<usize>(g * toC) << 2), to = dw + (<usize>(g * toC) << 2);
      for (let kY = 0; kY < kH; kY++) {
        gemmGrid(
          to + (<usize>(kY * kW * fromC * outC) << 2), from + (<usize>(kY * dilationH * row) << 2), by, 0, kW, fromC, toC, outH, outW,
          fromC * outC, outC, dilationW * inC, 1, strideH * row, strideW * inC, outW * outC, outC, 16, ADD,
        );
      }
    }
    x += <usize>(inH * inW * inC) << 2;
    dy += <usize>(outH * outW * outC) << 2;
  }
}

/** Overwrites dx: each tap adds what it takes back from dy to the image in its zeros.  padded: as in groupedConv2dForward. */
export function groupedConv2dBackwardInput(
  dx: usize, dy: usize, transposed: usize, padded: usize, n: i32, inH: i32, inW: i32, inC: i32, outH: i32, outW: i32, outC: i32,
  kH: i32, kW: i32, strideH: i32, strideW: i32, dilationH: i32, dilationW: i32, groups: i32, padTop: i32, padLeft: i32,
): void {
  const height = paddedSize(inH, outH, strideH, kH, dilationH, padTop), width = paddedSize(inW, outW, strideW, kW, dilationW, padLeft);
  const row = width * inC, fromC = inC / groups, toC = outC / groups, panel = <usize>(((fromC + 15) >> 4) * toC) << 6;
  for (let i = 0; i < n; i++) {
    let b = transposed;
    memory.fill(padded, 0, <usize>(height * row) << 2);
    for (let g = 0; g < groups; g++) {
      for (let kY = 0; kY < kH; kY++) {
        for (let kX = 0; kX < kW; kX++) {
          gemmGrid(
            padded + (<usize>(kY * dilationH * row + kX * dilationW * inC + g * fromC) << 2), dy + (<usize>(g * toC) << 2), b, 0, outH, outW, fromC, 1, toC,
            strideH * row, strideW * inC, outW * outC, outC, 0, 1, 16 * toC, 16, 16 * toC, ADD,
          );
          b += panel;
        }
      }
    }
    cropImage(dx, padded, inH, inW, inC, padTop, padLeft, width - inW - padLeft);
    dx += <usize>(inH * inW * inC) << 2;
    dy += <usize>(outH * outW * outC) << 2;
  }
}
