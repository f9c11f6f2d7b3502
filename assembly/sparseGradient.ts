// The backward pass of 2 × 2 max pooling, ReLU and a stride-1 convolution, exactly but sparsely: of the four positions of a window
// only the one that won has a gradient, and only where ReLU let it pass. Both gradients are then sums of few long rows:
//
//   dwᵀ[k]        += g · x[patch of the winner]     for each winner of channel k          lists by channel:  (address of the patch, g)
//   dx[patch of p] += g · wᵀ[k]                     for each channel won by position p    lists by position: (address of wᵀ[k], g)
//
// A list holds pairs of 8 bytes; 12 vectors (48 floats) of a sum stay in registers for a whole list.
// Scratch:  byChannel [outC, cells, 8 bytes] │ byPosition [4 · cells, outC, 8 bytes] │ ends: one address a list, channels first
import { madd } from './madd';
import { WIDE } from './vectors';

/** target[0 … 4 · vectors) += Σ g · (address + offset)[…] over a list.  `vectors` is a constant where it is used: 24, 12, 3 or 1. */
// @ts-ignore: decorator
@inline
function addList(vectors: i32, target: usize, list: usize, end: usize, offset: usize): void {
  let t0 = v128.load(target), t1 = t0, t2 = t0, t3 = t0, t4 = t0, t5 = t0, t6 = t0, t7 = t0, t8 = t0, t9 = t0, t10 = t0, t11 = t0;
  let t12 = t0, t13 = t0, t14 = t0, t15 = t0, t16 = t0, t17 = t0, t18 = t0, t19 = t0, t20 = t0, t21 = t0, t22 = t0, t23 = t0;
  if (vectors >= 3) {
    t1 = v128.load(target, 16); t2 = v128.load(target, 32);
  }
  if (vectors >= 12) {
    t3 = v128.load(target, 48); t4 = v128.load(target, 64); t5 = v128.load(target, 80); t6 = v128.load(target, 96); t7 = v128.load(target, 112);
    t8 = v128.load(target, 128); t9 = v128.load(target, 144); t10 = v128.load(target, 160); t11 = v128.load(target, 176);
  }
  if (vectors >= 24) {
    t12 = v128.load(target, 192); t13 = v128.load(target, 208); t14 = v128.load(target, 224); t15 = v128.load(target, 240);
    t16 = v128.load(target, 256); t17 = v128.load(target, 272); t18 = v128.load(target, 288); t19 = v128.load(target, 304);
    t20 = v128.load(target, 320); t21 = v128.load(target, 336); t22 = v128.load(target, 352); t23 = v128.load(target, 368);
  }
  while (list < end) {
    const row = <usize>load<u32>(list) + offset, g = v128.load32_splat(list, 4);
    t0 = madd(t0, g, v128.load(row));
    if (vectors >= 3) {
      t1 = madd(t1, g, v128.load(row, 16));
      t2 = madd(t2, g, v128.load(row, 32));
    }
    if (vectors >= 12) {
      t3 = madd(t3, g, v128.load(row, 48));
      t4 = madd(t4, g, v128.load(row, 64));
      t5 = madd(t5, g, v128.load(row, 80));
      t6 = madd(t6, g, v128.load(row, 96));
      t7 = madd(t7, g, v128.load(row, 112));
      t8 = madd(t8, g, v128.load(row, 128));
      t9 = madd(t9, g, v128.load(row, 144));
      t10 = madd(t10, g, v128.load(row, 160));
      t11 = madd(t11, g, v128.load(row, 176));
    }
    if (vectors >= 24) {
      t12 = madd(t12, g, v128.load(row, 192));
      t13 = madd(t13, g, v128.load(row, 208));
      t14 = madd(t14, g, v128.load(row, 224));
      t15 = madd(t15, g, v128.load(row, 240));
      t16 = madd(t16, g, v128.load(row, 256));
      t17 = madd(t17, g, v128.load(row, 272));
      t18 = madd(t18, g, v128.load(row, 288));
      t19 = madd(t19, g, v128.load(row, 304));
      t20 = madd(t20, g, v128.load(row, 320));
      t21 = madd(t21, g, v128.load(row, 336));
      t22 = madd(t22, g, v128.load(row, 352));
      t23 = madd(t23, g, v128.load(row, 368));
    }
    list += 8;
  }
  v128.store(target, t0);
  if (vectors >= 3) {
    v128.store(target, t1, 16); v128.store(target, t2, 32);
  }
  if (vectors >= 12) {
    v128.store(target, t3, 48); v128.store(target, t4, 64); v128.store(target, t5, 80); v128.store(target, t6, 96); v128.store(target, t7, 112);
    v128.store(target, t8, 128); v128.store(target, t9, 144); v128.store(target, t10, 160); v128.store(target, t11, 176);
  }
  if (vectors >= 24) {
    v128.store(target, t12, 192); v128.store(target, t13, 208); v128.store(target, t14, 224); v128.store(target, t15, 240);
    v128.store(target, t16, 256); v128.store(target, t17, 272); v128.store(target, t18, 288); v128.store(target, t19, 304);
    v128.store(target, t20, 320); v128.store(target, t21, 336); v128.store(target, t22, 352); v128.store(target, t23, 368);
  }
}

function addList96(target: usize, list: usize, end: usize, offset: usize): void { addList(24, target, list, end, offset); }
function addList48(target: usize, list: usize, end: usize, offset: usize): void { addList(12, target, list, end, offset); }
function addList12(target: usize, list: usize, end: usize, offset: usize): void { addList(3, target, list, end, offset); }
function addList4(target: usize, list: usize, end: usize, offset: usize): void { addList(1, target, list, end, offset); }

/** A row of any multiple of 4 floats: as many at a time as the registers hold (96 in the wide build), 48, 12, then 4. */
// @ts-ignore: decorator
@inline
export function addRow(target: usize, list: usize, end: usize, offset: usize, rowBytes: usize): void {
  let at: usize = 0;
  if (WIDE) for (; at + 384 <= rowBytes; at += 384) addList96(target + at, list, end, offset + at);
  for (; at + 192 <= rowBytes; at += 192) addList48(target + at, list, end, offset + at);
  for (; at + 48 <= rowBytes; at += 48) addList12(target + at, list, end, offset + at);
  for (; at < rowBytes; at += 16) addList4(target + at, list, end, offset + at);
}

/** Fills both kinds of lists of one example; `ends` gets the first address past each list. */
function makeLists(byChannel: usize, byPosition: usize, ends: usize, dy: usize, y: usize, argmax: usize, x: usize, wT: usize, inW: i32, inC: i32, poolH: i32, poolW: i32, outC: i32, k: i32): void {
  const cells = poolH * poolW, channelBytes = <usize>cells << 3, positionBytes = <usize>outC << 3, kBytes = <usize>k << 2;
  const positionEnds = ends + (<usize>outC << 2), rowBytes = <usize>(inW * inC) << 2, pixelBytes = <usize>inC << 2;
  for (let c = 0; c < outC; c++) store<u32>(ends + (<usize>c << 2), <u32>(byChannel + <usize>c * channelBytes));
  for (let p = 0; p < 4 * cells; p++) store<u32>(positionEnds + (<usize>p << 2), <u32>(byPosition + <usize>p * positionBytes));
  let cellEnds = positionEnds;
  for (let poolY = 0; poolY < poolH; poolY++) {
    for (let poolX = 0; poolX < poolW; poolX++) {
      const corner = x + <usize>(2 * poolY) * rowBytes + <usize>(2 * poolX) * pixelBytes;
      let row = wT;
      for (let c = 0; c < outC; c++) {
        // Branch-free appends: always written, and the ends advance only if y > 0.
        const which = <usize>load<u8>(argmax), g = load<f32>(dy), entry = <u32>(load<f32>(y) > 0) << 3;
        const channelEnd = ends + (<usize>c << 2), inChannel = <usize>load<u32>(channelEnd);
        store<u32>(inChannel, <u32>(corner + (which >> 1) * rowBytes + (which & 1) * pixelBytes));
        store<f32>(inChannel, g, 4);
        store<u32>(channelEnd, <u32>inChannel + entry);
        const positionEnd = cellEnds + (which << 2), atPosition = <usize>load<u32>(positionEnd);
        store<u32>(atPosition, <u32>row);
        store<f32>(atPosition, g, 4);
        store<u32>(positionEnd, <u32>atPosition + entry);
        y += 4; dy += 4; argmax += 1; row += kBytes;
      }
      cellEnds += 16;
    }
  }
}

/**
 * Backward of conv2dPoolForward for n padded examples, inC a multiple of 4 and kW a multiple of 3.  Adds to dwT [outC, kH · kW · inC]
 * and db (0: none); overwrites dx [n, inH, inW, inC] (0: none).  wT: the weights as [outC, kH · kW · inC].
 */
export function conv2dPoolBackward(
  dx: usize, dwT: usize, db: usize, dy: usize, y: usize, argmax: usize, x: usize, wT: usize, byChannel: usize, byPosition: usize, ends: usize, n: i32,
  inH: i32, inW: i32, inC: i32, poolH: i32, poolW: i32, outC: i32, kH: i32, kW: i32,
): void {
  const cells = poolH * poolW, k = kH * kW * inC, kBytes = <usize>k << 2, kernelRowBytes = <usize>(kW * inC) << 2;
  const rowBytes = <usize>(inW * inC) << 2, pixelBytes = <usize>inC << 2, inBytes = <usize>inH * rowBytes, outBytes = <usize>(cells * outC) << 2;
  for (let i = 0; i < n; i++) {
    makeLists(byChannel, byPosition, ends, dy, y, argmax, x, wT, inW, inC, poolH, poolW, outC, k);
    let at = ends;
    for (let c = 0; c < outC; c++) {
      const list = byChannel + (<usize>(c * cells) << 3), end = <usize>load<u32>(at);
      if (db) {
        let sum: f32 = 0;
        for (let entry = list; entry < end; entry += 8) sum += load<f32>(entry, 4);
        store<f32>(db + (<usize>c << 2), load<f32>(db + (<usize>c << 2)) + sum);
      }
      if (list < end) {
        let target = dwT + <usize>c * kBytes, offset: usize = 0;
        for (let kY = 0; kY < kH; kY++) { addRow(target, list, end, offset, kernelRowBytes); target += kernelRowBytes; offset += rowBytes; }
      }
      at += 4;
    }
    if (dx) {
      memory.fill(dx, 0, inBytes);
      for (let kY = 0; kY < kH; kY++) {
        const offset = <usize>kY * kernelRowBytes;
        let list = byPosition, end = at;
        for (let cell = 0; cell < cells; cell++) {
          const poolY = cell / poolW, poolX = cell - poolY * poolW;
          const corner = dx + <usize>(2 * poolY + kY) * rowBytes + <usize>(2 * poolX) * pixelBytes;
          for (let which: usize = 0; which < 4; which++) {
            if (list < <usize>load<u32>(end)) addRow(corner + (which >> 1) * rowBytes + (which & 1) * pixelBytes, list, <usize>load<u32>(end), offset, kernelRowBytes);
            list += <usize>outC << 3;
            end += 4;
          }
        }
      }
      dx += inBytes;
    }
    dy += outBytes; y += outBytes; argmax += <usize>(cells * outC); x += inBytes;
  }
}
