// Values on another scale: one for all, or one a column.

/** y [count] = x · scale + offset; y may be x. */
export function scaleAndShift(y: usize, x: usize, count: i32, scale: f32, offset: f32): void {
  const scale4 = f32x4.splat(scale), offset4 = f32x4.splat(offset);
  const end = x + (<usize>count << 2), end4 = x + (<usize>(count & ~3) << 2);
  while (x < end4) { v128.store(y, f32x4.add(f32x4.mul(v128.load(x), scale4), offset4)); x += 16; y += 16; }
  while (x < end) { store<f32>(y, load<f32>(x) * scale + offset); x += 4; y += 4; }
}

/** y [rows, columns] = (x - mean) · scale, column by column; mean, scale [columns]. Without mean (0): x · scale. y may be x. */
export function normalizeColumns(y: usize, x: usize, mean: usize, scale: usize, rows: i32, columns: i32): void {
  for (let row = 0; row < rows; row++) {
    let m = mean, s = scale;
    const end = x + (<usize>columns << 2), end4 = x + (<usize>(columns & ~3) << 2);
    while (x < end4) {
      let value = v128.load(x);
      if (mean) { value = f32x4.sub(value, v128.load(m)); m += 16; }
      v128.store(y, f32x4.mul(value, v128.load(s)));
      x += 16; y += 16; s += 16;
    }
    while (x < end) {
      let value = load<f32>(x);
      if (mean) { value -= load<f32>(m); m += 4; }
      store<f32>(y, value * load<f32>(s));
      x += 4; y += 4; s += 4;
    }
  }
}

/** scale [count] = 1 / max(√variance, smallest) */
export function inverseDeviation(scale: usize, variance: usize, count: i32, smallest: f32): void {
  for (const end = scale + (<usize>count << 2); scale < end; scale += 4, variance += 4) store<f32>(scale, 1 / max<f32>(sqrt<f32>(load<f32>(variance)), smallest));
}

/** y [count] f32 from x [count] bytes, as they are: 0 to 255. */
export function bytesToFloats(y: usize, x: usize, count: i32): void {
  const end = x + <usize>count, end4 = x + <usize>(count & ~3);
  while (x < end4) { v128.store(y, f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(x))))); x += 4; y += 16; }
  while (x < end) { store<f32>(y, <f32>load<u8>(x)); x += 1; y += 4; }
}
