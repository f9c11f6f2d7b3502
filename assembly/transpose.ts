// Transposed matrices, four by four.

/** to [columns, rows] = from [rows, columns] transposed. */
export function transpose(to: usize, from: usize, rows: i32, columns: i32): void {
  const toRow = <usize>rows << 2, fromRow = <usize>columns << 2;
  for (let i = 0; i < rows; i += 4) {
    for (let j = 0; j < columns; j += 4) {
      const source = from + <usize>i * fromRow + (<usize>j << 2), target = to + <usize>j * toRow + (<usize>i << 2);
      if (i + 4 <= rows && j + 4 <= columns) transpose4x4(target, source, toRow, fromRow);
      else {
        for (let a = 0; a < min(4, rows - i); a++) {
          for (let b = 0; b < min(4, columns - j); b++) store<f32>(target + <usize>b * toRow + (<usize>a << 2), load<f32>(source + <usize>a * fromRow + (<usize>b << 2)));
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function transpose4x4(to: usize, from: usize, toRow: usize, fromRow: usize): void {
  const a = v128.load(from), b = v128.load(from + fromRow), c = v128.load(from + 2 * fromRow), d = v128.load(from + 3 * fromRow);
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const AB = v128.shuffle<f32>(a, b, 2, 6, 3, 7), CD = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  v128.store(to + toRow, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
  v128.store(to + 2 * toRow, v128.shuffle<f32>(AB, CD, 0, 1, 4, 5));
  v128.store(to + 3 * toRow, v128.shuffle<f32>(AB, CD, 2, 3, 6, 7));
}
