// Axes in another order.

/** y [n, d0, d1, d2, d3] from x [n, the same number]: y's axis number i steps through x by s_i elements. */
export function permute(
  y: usize, x: usize, n: i32, d0: i32, d1: i32, d2: i32, d3: i32, s0: i32, s1: i32, s2: i32, s3: i32,
): void {
  const size = <usize>(d0 * d1 * d2 * d3) << 2, step = <usize>s3 << 2, rowBytes = <usize>d3 << 2;
  for (let i = 0; i < n; i++) {
    for (let i0 = 0; i0 < d0; i0++) {
      for (let i1 = 0; i1 < d1; i1++) {
        for (let i2 = 0; i2 < d2; i2++) {
          let from = x + (<usize>(i0 * s0 + i1 * s1 + i2 * s2) << 2);
          for (const end = y + rowBytes; y < end; ) { store<f32>(y, load<f32>(from)); y += 4; from += step; }
        }
      }
    }
    x += size;
  }
}
