// Connected components: the pixels of a picture that touch, component by component.
import type { Box } from './picture.js';

export interface Component extends Box {
  readonly pixels: Int32Array;
  readonly strongest: number;
  readonly atEdge: boolean;
  /** Whether it runs from one side of the picture to the opposite one and leaves the middle free, as the lines of a cell do. */
  readonly isCellLine: boolean;
}

/** Components of the pixels above `low`, 8-connected: a shared corner is enough. */
export function labelComponents(values: ArrayLike<number>, width: number, height: number, low: number): Component[] {
  const seen = new Uint8Array(values.length),
    queue = new Int32Array(values.length);
  const components: Component[] = [];
  let end = 0;
  for (let start = 0; start < values.length; start++) {
    if (seen[start] !== 0 || !(values[start]! > low)) continue;
    const first = end;
    let strongest = 0,
      left = width,
      top = height,
      right = 0,
      bottom = 0,
      inMiddle = false;
    seen[start] = 1;
    queue[end++] = start;
    for (let next = first; next < end; next++) {
      const i = queue[next]!,
        y = Math.floor(i / width),
        x = i - y * width;
      if (values[i]! > strongest) strongest = values[i]!;
      if (x < left) left = x;
      if (y < top) top = y;
      if (x >= right) right = x + 1;
      if (y >= bottom) bottom = y + 1;
      if (Math.abs(2 * x - width) < width / 2 && Math.abs(2 * y - height) < height / 2) inMiddle = true;
      for (let nearY = Math.max(0, y - 1); nearY <= Math.min(height - 1, y + 1); nearY++) {
        for (let nearX = Math.max(0, x - 1); nearX <= Math.min(width - 1, x + 1); nearX++) {
          const near = nearY * width + nearX;
          if (seen[near] !== 0 || !(values[near]! > low)) continue;
          seen[near] = 1;
          queue[end++] = near;
        }
      }
    }
    const atEdge = left === 0 || top === 0 || right === width || bottom === height;
    const isCellLine = !inMiddle && ((left === 0 && right === width) || (top === 0 && bottom === height));
    components.push({ pixels: queue.subarray(first, end), strongest, atEdge, isCellLine, left, top, right, bottom });
  }
  return components;
}
