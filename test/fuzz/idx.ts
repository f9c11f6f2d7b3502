// parseIdxImages and parseIdxLabels: exactly the files that the format describes are read, and what is read is the file.
import * as assert from 'uvu/assert';
import { parseIdxImages, parseIdxLabels } from '../../src/data/idx.js';
import { idxFile } from '../data/craftIdx.js';
import { damaged, type Decisions } from './decisions.js';
import { outcome, same, who, type Target } from './target.js';

const SIZES = [0, 1, 2, 3, 28, 255, 256, 65536, 2 ** 24, 2 ** 31 - 9, 2 ** 31, 2 ** 32 - 1];

function makeFile(decisions: Decisions): Uint8Array {
  const kind = decisions.below(8);
  if (kind === 0) return decisions.rest();
  const axes = Array.from({ length: decisions.pick([1, 3, 3, 1, 0, 2, 4, 255]) }, () =>
    decisions.rarely(6) ? decisions.pick(SIZES) : 1 + decisions.below(5),
  );
  if (axes.length < 5 && decisions.rarely(12)) axes.fill(decisions.pick(SIZES));
  const count = axes.reduce((product, size) => product * size, 1);
  const most = kind < 5 ? 10 : kind < 7 ? 11 : 256;
  const elements = Uint8Array.from(
    { length: count <= 1000 ? count : decisions.below(64) },
    () => decisions.byte() % most,
  );
  const type = decisions.rarely(12) ? decisions.pick([0x09, 0x0b, 0x0c, 0x0d, 0x0e, 0, 255]) : 8;
  const file = idxFile(axes, elements, type);
  if (decisions.rarely(20)) file[decisions.below(2)] = decisions.byte();
  return damaged(file, decisions);
}

/** What the format says the file is, or null: http://yann.lecun.com/exdb/mnist/. */
function axesOf(file: Uint8Array, count: number): number[] | null {
  if (file.length < 4 + 4 * count || file[0] !== 0 || file[1] !== 0 || file[2] !== 8 || file[3] !== count) return null;
  const view = new DataView(file.buffer, file.byteOffset);
  const axes = Array.from({ length: count }, (_, axis) => view.getUint32(4 + 4 * axis));
  const elements = axes.reduce((product, size) => product * BigInt(size), 1n);
  return elements > 0n && elements === BigInt(file.length - 4 - 4 * count) ? axes : null;
}

export const idx: Target = {
  filesEach: 1,
  check(decisions) {
    const file = makeFile(decisions);
    const [imageAxes, labelAxes] = [axesOf(file, 3), axesOf(file, 1)];
    const images = outcome(() => parseIdxImages(file, who));
    const labels = outcome(() => parseIdxLabels(file, who));
    assert.is(images !== undefined, imageAxes !== null, 'images');
    assert.is(labels !== undefined, labelAxes !== null && file.subarray(8).every((label) => label < 10), 'labels');
    if (images) {
      const [channels, ...axes] = [...images.shape].reverse();
      assert.equal([channels, axes.reverse()], [1, imageAxes]);
      assert.is(images.data.buffer, file.buffer, 'nothing is copied');
      assert.ok(same(idxFile(axes, images.data), file));
    }
    if (labels) assert.ok(labels.buffer === file.buffer && same(idxFile([labels.length], labels), file));
    return images || labels ? 'read' : 'refused';
  },
};
