// Small IDX files for tests: right ones, and headers that lie.

/** A header with any type and axes, then the elements. */
export function idxFile(axes: readonly number[], elements: ArrayLike<number>, type = 0x08): Uint8Array {
  const file = new Uint8Array(4 + 4 * axes.length + elements.length);
  const view = new DataView(file.buffer);
  view.setUint8(2, type);
  view.setUint8(3, axes.length);
  axes.forEach((size, axis) => view.setUint32(4 + 4 * axis, size));
  file.set(elements, 4 + 4 * axes.length);
  return file;
}

/** `count` images of pixels 1, 2, 3, … */
export function imagesFile(count: number, height = 3, width = 2): Uint8Array {
  return idxFile(
    [count, height, width],
    Uint8Array.from({ length: count * height * width }, (_, i) => i + 1),
  );
}

/** Labels 0, 1, … 9, 0, … */
export function labelsFile(count: number): Uint8Array {
  return idxFile(
    [count],
    Uint8Array.from({ length: count }, (_, i) => i % 10),
  );
}
