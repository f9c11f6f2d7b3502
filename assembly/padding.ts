// Zeros around an image, so that kernels need not look for edges; and the inner part again.

/** padded [inH + top + bottom, inW + left + right, inC] = x with zeros around it. */
export function padImage(padded: usize, x: usize, inH: i32, inW: i32, inC: i32, top: i32, left: i32, bottom: i32, right: i32): void {
  const width = inW + left + right, rowBytes = <usize>(inW * inC) << 2;
  memory.fill(padded, 0, <usize>((inH + top + bottom) * width * inC) << 2);
  padded += <usize>((top * width + left) * inC) << 2;
  for (let i = 0; i < inH; i++) {
    memory.copy(padded, x, rowBytes);
    padded += <usize>(width * inC) << 2;
    x += rowBytes;
  }
}

/** x itself where height × width is its size, else its copy within that many zeros; at least inH + top by inW + left. */
export function padTo(padded: usize, x: usize, inH: i32, inW: i32, inC: i32, height: i32, width: i32, top: i32, left: i32): usize {
  if (height == inH && width == inW) return x;
  padImage(padded, x, inH, inW, inC, top, left, height - inH - top, width - inW - left);
  return padded;
}

/** x = the inner part of padded. */
export function cropImage(x: usize, padded: usize, inH: i32, inW: i32, inC: i32, top: i32, left: i32, right: i32): void {
  const width = inW + left + right, rowBytes = <usize>(inW * inC) << 2;
  padded += <usize>((top * width + left) * inC) << 2;
  for (let i = 0; i < inH; i++) {
    memory.copy(x, padded, rowBytes);
    padded += <usize>(width * inC) << 2;
    x += rowBytes;
  }
}
