// parseIdxImages, parseIdxLabels and parseIdxTable: exactly the files that the format describes are read, and what is read is the file.
import * as assert from 'uvu/assert';
import { parseIdxImages, parseIdxLabels, parseIdxTable } from '../../src/data/idx.js';
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
  const isTable = axes.length === 2 && decisions.rarely(2);
  const bytes = count * (isTable ? 4 : 1);
  const elements = Uint8Array.from({ length: bytes <= 1000 ? bytes : decisions.below(64) }, () => decisions.byte());
  const type = decisions.rarely(12) ? decisions.pick([0x09, 0x0b, 0x0c, 0x0d, 0x0e, 0, 255]) : isTable ? 0x0c : 8;
  const file = idxFile(axes, elements, type);
  if (decisions.rarely(20)) file[decisions.below(2)] = decisions.byte();
  return damaged(file, decisions);
}

/** What the format says the file is, or null: http://yann.lecun.com/exdb/mnist/. */
function axesOf(file: Uint8Array, count: number, type = 8): number[] | null {
  if (file.length < 4 + 4 * count || file[0] !== 0 || file[1] !== 0 || file[2] !== type || file[3] !== count)
    return null;
  const view = new DataView(file.buffer, file.byteOffset);
  const axes = Array.from({ length: count }, (_, axis) => view.getUint32(4 + 4 * axis));
  const elements = axes.reduce((product, size) => product * BigInt(size), type === 8 ? 1n : 4n);
  return elements > 0n && elements === BigInt(file.length - 4 - 4 * count) ? axes : null;
}

function bigEndian(value: number): number[] {
  return [value >>> 24, value >>> 16, value >>> 8, value].map((byte) => byte & 255);
}

export const idx: Target = {
  filesEach: 1,
  check(decisions) {
    const file = makeFile(decisions);
    const colored = axesOf(file, 4);
    const imageAxes = axesOf(file, 3) ?? (colored && [1, 3, 4].includes(colored[3]!) ? colored : null);
    const [labelAxes, tableAxes] = [axesOf(file, 1), axesOf(file, 2, 0x0c)];
    const images = outcome(() => parseIdxImages(file, who));
    const labels = outcome(() => parseIdxLabels(file, who));
    const table = outcome(() => parseIdxTable(file, who));
    assert.is(images !== undefined, imageAxes !== null, 'images');
    assert.is(labels !== undefined, labelAxes !== null, 'labels');
    assert.is(table !== undefined, tableAxes !== null, 'table');
    if (images) {
      assert.equal(images.shape, imageAxes!.length === 4 ? imageAxes : [...imageAxes!, 1]);
      assert.is(images.data.buffer, file.buffer, 'nothing is copied');
      assert.ok(same(idxFile(imageAxes!, images.data), file));
    }
    if (labels) assert.ok(labels.buffer === file.buffer && same(idxFile([labels.length], labels), file));
    if (table) {
      assert.equal(table.shape, tableAxes);
      assert.ok(same(idxFile(table.shape, Uint8Array.from(Array.from(table.data).flatMap(bigEndian)), 0x0c), file));
    }
    return images || labels || table ? 'read' : 'refused';
  },
};
