// Sums in a fixed order, whichever thread computed the parts: this makes results independent of the number of threads.

/** sum [count] = parts[0] + parts[1] + … in that order; part i is at parts + i · stride (in elements). */
export function sumParts(sum: usize, parts: usize, count: i32, partCount: i32, stride: i32): void {
  const strideBytes = <usize>stride << 2, end = sum + (<usize>count << 2), end4 = sum + (<usize>(count & ~3) << 2);
  //@pairs
  while (sum < end4) {
    let total = v128.load(parts), part = parts;
    for (let i = 1; i < partCount; i++) { part += strideBytes; total = f32x4.add(total, v128.load(part)); }
    v128.store(sum, total);
    sum += 16;
    parts += 16;
  }
  while (sum < end) {
    let total = load<f32>(parts), part = parts;
    for (let i = 1; i < partCount; i++) { part += strideBytes; total += load<f32>(part); }
    store<f32>(sum, total);
    sum += 4;
    parts += 4;
  }
}

/** sum [columns] += the rows of x [rows, columns], first row first. */
export function addRows(sum: usize, x: usize, rows: i32, columns: i32): void {
  const rowBytes = <usize>columns << 2;
  let j = 0;
  //@pairs
  for (; j + 4 <= columns; j += 4) {
    let total = v128.load(sum), from = x;
    for (let i = 0; i < rows; i++) { total = f32x4.add(total, v128.load(from)); from += rowBytes; }
    v128.store(sum, total);
    sum += 16;
    x += 16;
  }
  for (; j < columns; j++) {
    let total = load<f32>(sum), from = x;
    for (let i = 0; i < rows; i++) { total += load<f32>(from); from += rowBytes; }
    store<f32>(sum, total);
    sum += 4;
    x += 4;
  }
}

/** x [rows, columns] += bias [columns], in every row. */
export function addBias(x: usize, bias: usize, rows: i32, columns: i32): void {
  for (; rows > 0; rows--) {
    let from = bias;
    //@pairs
    for (const end = x + (<usize>(columns & ~3) << 2); x < end; x += 16) {
      v128.store(x, f32x4.add(v128.load(x), v128.load(from)));
      from += 16;
    }
    for (const end = x + (<usize>(columns & 3) << 2); x < end; x += 4) {
      store<f32>(x, load<f32>(x) + load<f32>(from));
      from += 4;
    }
  }
}

/** Zeroes count floats. */
export function clear(x: usize, count: i32): void {
  memory.fill(x, 0, <usize>count << 2);
}

/** sum [count] = a + b, element by element; sum may be either. */
export function add(sum: usize, a: usize, b: usize, count: i32): void {
  const end = sum + (<usize>count << 2), end4 = sum + (<usize>(count & ~3) << 2);
  //@pairs
  while (sum < end4) {
    v128.store(sum, f32x4.add(v128.load(a), v128.load(b)));
    sum += 16;
    a += 16;
    b += 16;
  }
  while (sum < end) {
    store<f32>(sum, load<f32>(a) + load<f32>(b));
    sum += 4;
    a += 4;
    b += 4;
  }
}

/** y [count] = x. */
export function copy(y: usize, x: usize, count: i32): void {
  memory.copy(y, x, <usize>count << 2);
}
