// Image bytes to f32: y = byte / 255.

/** y [count] f32 from x [count] bytes. */
export function pixelsToFloats(y: usize, x: usize, count: i32): void {
  const full = f32x4.splat(255), end = x + <usize>count, end16 = x + <usize>(count & ~15);
  while (x < end16) {
    const bytes = v128.load(x), low = i16x8.extend_low_i8x16_u(bytes), high = i16x8.extend_high_i8x16_u(bytes);
    v128.store(y, f32x4.div(f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(low)), full));
    v128.store(y, f32x4.div(f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(low)), full), 16);
    v128.store(y, f32x4.div(f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(high)), full), 32);
    v128.store(y, f32x4.div(f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(high)), full), 48);
    x += 16;
    y += 64;
  }
  while (x < end) { store<f32>(y, <f32>load<u8>(x) / 255); x += 1; y += 4; }
}
