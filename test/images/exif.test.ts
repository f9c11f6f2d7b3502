// Pictures turned upright, of more than a tile and of less: each pixel comes from where EXIF says.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { applyOrientation, type Orientation } from '../../src/images/exif.js';

/** Where pixel x, y of the upright picture is stored, by its first row and first column in EXIF's words. */
const stored: Record<Orientation, (x: number, y: number, width: number, height: number) => [number, number]> = {
  1: (x, y) => [x, y],
  2: (x, y, width) => [width - 1 - x, y],
  3: (x, y, width, height) => [width - 1 - x, height - 1 - y],
  4: (x, y, _, height) => [x, height - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y, _, height) => [y, height - 1 - x],
  7: (x, y, width, height) => [width - 1 - y, height - 1 - x],
  8: (x, y, width) => [width - 1 - y, x],
};

for (const channels of [1, 3, 4] as const)
  for (const [width, height] of [
    [70, 33],
    [32, 64],
    [1, 5],
  ] as const)
    test(`${width} × ${height} × ${channels}`, () => {
      const data = Uint8Array.from({ length: width * height * channels }, (_, i) => (i * 7 + (i >> 8)) & 255);
      for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8] as const) {
        const turned = applyOrientation({ data, width, height, channels }, orientation);
        assert.equal([turned.width, turned.height], orientation < 5 ? [width, height] : [height, width]);
        for (let y = 0, at = 0; y < turned.height; y++)
          for (let x = 0; x < turned.width; x++)
            for (let c = 0; c < channels; c++, at++) {
              const [fromX, fromY] = stored[orientation](x, y, width, height);
              if (turned.data[at] !== data[(fromY * width + fromX) * channels + c])
                assert.unreachable(`orientation ${orientation}, pixel ${x}, ${y}`);
            }
      }
    });

test.run();
