// The backward pass of ReLU and a convolution, exactly but sparsely: what ReLU stopped has no gradient and is left out. As in
// sparseGradient.ts, but any output may have one, not only the winners of a pool:
//
//   dwᵀ[k]         += g · x[patch of p]     for each output of channel k that is nonzero   lists by channel:  (address of the patch, g)
//   dx[patch of p] += g · wᵀ[k]             for each channel nonzero at position p         one list, cut by position: (address of wᵀ[k], g)
//
//   wᵀ, dwᵀ [outC, kH, kW · inC]:   of a kernel row 48 floats are taken at a time, for all channels or positions, so that the lines
//                                   of x or w that they meet stay in the nearest cache.
//
// Worth it where a channel has few positions; elsewhere Winograd's products win (docs/kernels.md).
import { cropImage, padTo } from './padding';
import { addRow } from './sparseGradient';
import { WIDE } from './vectors';

/** Floats that addRow keeps in registers, in bytes: 48, and 96 in the wide build. */
const CHUNK: usize = 192, WIDE_CHUNK: usize = WIDE ? 384 : 192;

/** Lists each channel, outH · outW entries apart; `ends` gets the first address past each list, db (0: none) the sums. */
function listChannels(lists: usize, ends: usize, db: usize, dy: usize, y: usize, x: usize, outH: i32, outW: i32, outC: i32, lineBytes: usize, stepBytes: usize): void {
  const outBytes = <usize>outC << 2;
  for (let c: usize = 0; c < outBytes; c += 4) {
    let to = lists, at = c, line = x;
    for (let i = 0; i < outH; i++) {
      let patch = line;
      for (let j = 0; j < outW; j++) {
        // Branch-free append: always written, and the pointer advances only if y > 0.
        store<u32>(to, <u32>patch);
        store<f32>(to, load<f32>(dy + at), 4);
        to += <usize>(load<f32>(y + at) > 0) << 3;
        at += outBytes;
        patch += stepBytes;
      }
      line += lineBytes;
    }
    store<u32>(ends + c, <u32>to);
    if (db) {
      let sum: f32 = 0;
      for (let entry = lists; entry < to; entry += 8) sum += load<f32>(entry, 4);
      store<f32>(db + c, load<f32>(db + c) + sum);
    }
    lists += <usize>(outH * outW) << 3;
  }
}

/** Lists all positions, one after another; `ends` gets the first address past each. */
function listPositions(list: usize, ends: usize, dy: usize, y: usize, wT: usize, positions: i32, outC: i32, kBytes: usize): void {
  for (let p = 0; p < positions; p++) {
    let row = wT;
    for (let c = 0; c < outC; c++) {
      store<u32>(list, <u32>row);
      store<f32>(list, load<f32>(dy), 4);
      list += <usize>(load<f32>(y) > 0) << 3;
      dy += 4;
      y += 4;
      row += kBytes;
    }
    store<u32>(ends, <u32>list);
    ends += 4;
  }
}

/**
 * Through ReLU, of which y is the output.  Adds to dwT [outC, kH · kW · inC] and db (0: none); overwrites dx (0: none). inC a multiple
 * of 4.  wT: the weights as [outC, kH · kW · inC].  Scratch: padded [max(padTop + inH, windows), max(padLeft + inW, windows), inC],
 * list [outH · outW · outC + 1, 8 bytes], ends [max(outC, outH · outW)].
 */
export function sparseConv2dBackward(
  dx: usize, dwT: usize, db: usize, dy: usize, y: usize, x: usize, wT: usize, padded: usize, list: usize, ends: usize, n: i32,
  inH: i32, inW: i32, inC: i32, outH: i32, outW: i32, outC: i32, kH: i32, kW: i32, strideH: i32, strideW: i32, padTop: i32, padLeft: i32,
): void {
  const height = max(padTop + inH, (outH - 1) * strideH + kH), width = max(padLeft + inW, (outW - 1) * strideW + kW), positions = outH * outW;
  const pixelBytes = <usize>inC << 2, lineBytes = <usize>width * pixelBytes, stepBytes = <usize>strideW * pixelBytes, rowBytes = <usize>kW * pixelBytes, kBytes = <usize>kH * rowBytes;
  const inBytes = <usize>(inH * inW) * pixelBytes, outBytes = <usize>(positions * outC) << 2;
  for (let i = 0; i < n; i++) {
    const image = padTo(padded, x, inH, inW, inC, height, width, padTop, padLeft);
    listChannels(list, ends, db, dy, y, image, outH, outW, outC, <usize>strideH * lineBytes, stepBytes);
    for (let kY = 0; kY < kH; kY++) {
      for (let at: usize = 0; at < rowBytes; at += WIDE_CHUNK) {
        let target = dwT + <usize>kY * rowBytes + at, from = list;
        for (let c = 0; c < outC; c++) {
          addRow(target, from, <usize>load<u32>(ends + (<usize>c << 2)), <usize>kY * lineBytes + at, min(WIDE_CHUNK, rowBytes - at));
          target += kBytes;
          from += <usize>positions << 3;
        }
      }
    }
    if (dx) {
      listPositions(list, ends, dy, y, wT, positions, outC, kBytes);
      memory.fill(padded, 0, <usize>height * lineBytes);
      // Windows that overlap add to the same pixel: within a chunk in the order of the windows, else in that of the chunks. So that the wide
      // build adds in the same order, its chunks are twice as long only where two windows never meet in one.
      const chunk = stepBytes < WIDE_CHUNK ? CHUNK : WIDE_CHUNK;
      for (let kY = 0; kY < kH; kY++) {
        for (let at: usize = 0; at < rowBytes; at += chunk) {
          let from = list, end = ends, line = padded + <usize>kY * lineBytes + at;
          for (let outY = 0; outY < outH; outY++) {
            let target = line;
            for (let outX = 0; outX < outW; outX++) {
              const to = <usize>load<u32>(end);
              addRow(target, from, to, <usize>kY * rowBytes + at, min(chunk, rowBytes - at));
              from = to;
              end += 4;
              target += stepBytes;
            }
            line += <usize>strideH * lineBytes;
          }
        }
      }
      cropImage(dx, padded, inH, inW, inC, padTop, padLeft, width - inW - padLeft);
      dx += inBytes;
    }
    x += inBytes;
    dy += outBytes;
    y += outBytes;
  }
}
