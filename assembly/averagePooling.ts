// Average pooling of any window and stride.   x [n, inH, inW, channels], y [n, outH, outW, channels]
// A window's values are added row by row, then divided by how many there are: padding counts for nothing.

/** y = the mean of each window. */
export function averagePooling2dForward(
  y: usize, x: usize, n: i32,
  inH: i32, inW: i32, channels: i32, outH: i32, outW: i32, poolH: i32, poolW: i32, strideH: i32, strideW: i32, padTop: i32, padLeft: i32,
): void {
  const pixel = <usize>channels << 2;
  for (let i = 0; i < n; i++) {
    for (let outY = 0; outY < outH; outY++) {
      const top = max(0, outY * strideH - padTop), bottom = min(inH, outY * strideH - padTop + poolH);
      for (let outX = 0; outX < outW; outX++) {
        const left = max(0, outX * strideW - padLeft), right = min(inW, outX * strideW - padLeft + poolW);
        const count = <f32>((bottom - top) * (right - left)), count4 = f32x4.splat(count);
        const first = x + <usize>(top * inW + left) * pixel, rowBytes = <usize>(right - left) * pixel;
        let at = first;
        for (const end = first + pixel, end4 = first + (<usize>(channels & ~3) << 2); at < end; ) {
          const four = at < end4;
          let sum = f32x4.splat(0), row = at;
          for (let inY = top; inY < bottom; inY++) {
            if (four) for (let from = row; from < row + rowBytes; from += pixel) sum = f32x4.add(sum, v128.load(from));
            else for (let from = row; from < row + rowBytes; from += pixel) sum = f32x4.add(sum, v128.load32_zero(from));
            row += <usize>inW * pixel;
          }
          const mean = f32x4.div(sum, count4);
          if (four) { v128.store(y, mean); at += 16; y += 16; }
          else { store<f32>(y, f32x4.extract_lane(mean, 0)); at += 4; y += 4; }
        }
      }
    }
    x += <usize>(inH * inW) * pixel;
  }
}

/** Overwrites dx: each dy / count goes to all values of its window; overlapping windows add up, the first window first. */
export function averagePooling2dBackward(
  dx: usize, dy: usize, n: i32,
  inH: i32, inW: i32, channels: i32, outH: i32, outW: i32, poolH: i32, poolW: i32, strideH: i32, strideW: i32, padTop: i32, padLeft: i32,
): void {
  const pixel = <usize>channels << 2;
  memory.fill(dx, 0, <usize>(n * inH * inW) * pixel);
  for (let i = 0; i < n; i++) {
    for (let outY = 0; outY < outH; outY++) {
      const top = max(0, outY * strideH - padTop), bottom = min(inH, outY * strideH - padTop + poolH);
      for (let outX = 0; outX < outW; outX++) {
        const left = max(0, outX * strideW - padLeft), right = min(inW, outX * strideW - padLeft + poolW);
        const count = <f32>((bottom - top) * (right - left)), count4 = f32x4.splat(count);
        const first = dx + <usize>(top * inW + left) * pixel, rowBytes = <usize>(right - left) * pixel;
        let at = first;
        for (const end = first + pixel, end4 = first + (<usize>(channels & ~3) << 2); at < end; ) {
          const four = at < end4;
          const share = f32x4.div(four ? v128.load(dy) : v128.load32_zero(dy), count4);
          let row = at;
          for (let inY = top; inY < bottom; inY++) {
            if (four) for (let to = row; to < row + rowBytes; to += pixel) v128.store(to, f32x4.add(v128.load(to), share));
            else for (let to = row; to < row + rowBytes; to += pixel) store<f32>(to, load<f32>(to) + f32x4.extract_lane(share, 0));
            row += <usize>inW * pixel;
          }
          if (four) { at += 16; dy += 16; } else { at += 4; dy += 4; }
        }
      }
    }
    dx += <usize>(inH * inW) * pixel;
  }
}
