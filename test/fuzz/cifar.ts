// parseCifar: whole records are read, byte by byte to their places, and nothing else.
import * as assert from 'uvu/assert';
import { parseCifar } from '../../src/data/layouts/cifar.js';
import { damaged, type Decisions } from './decisions.js';
import { outcome, who, type Target } from './target.js';

function makeFile(decisions: Decisions, record: number): Uint8Array {
  const count = decisions.below(4);
  const file = new Uint8Array(
    count * record + (decisions.rarely(4) ? decisions.below(3) - 1 + Number(count === 0) : 0),
  );
  const pattern = decisions.bytes(64);
  for (let i = 0; i < file.length; i++) file[i] = (pattern[i % Math.max(1, pattern.length)] ?? 0) + (i >> 6);
  return decisions.rarely(3) ? damaged(file, decisions) : file;
}

export const cifar: Target = {
  filesEach: 1,
  check(decisions) {
    const labels = decisions.pick([1, 2] as const);
    const record = labels + 3072;
    const file = makeFile(decisions, record);
    const found = outcome(() => parseCifar(file, who, labels));
    const count = file.length / record;
    assert.is(found !== undefined, Number.isInteger(count) && count > 0);
    if (!found) return 'refused';
    assert.equal(found.x.shape, [count, 32, 32, 3]);
    for (let i = 0; i < count; i++) {
      assert.is(found.y[i], file[i * record + labels - 1]);
      for (let j = 0; j < 3072; j++) {
        const [pixel, color] = [Math.floor(j / 3), j % 3];
        if (found.x.data[i * 3072 + j] !== file[i * record + labels + color * 1024 + pixel])
          assert.unreachable(`image ${i}, byte ${j}`);
      }
    }
    return 'read';
  },
};
