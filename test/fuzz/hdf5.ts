// HDF5: files of the own writer and of h5py, damaged or not. What is sound is read to what was written; all else is read or refused, and
// takes no more than a small multiple of the file.
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { readHdf5, type Dataset, type Group } from '../../src/formats/hdf5/read.js';
import { writeHdf5, type Hdf5Node } from '../../src/formats/hdf5/write.js';
import { damaged, type Decisions } from './decisions.js';
import { checkRefusal, stopwatch, who, type Target } from './target.js';

const recorded = Object.values(
  JSON.parse(readFileSync(new URL('../../../test/formats/hdf5/hdf5.json', import.meta.url), 'utf8')) as object,
)
  .slice(1)
  .map((text) => new Uint8Array(inflateSync(Buffer.from(text as string, 'base64'))));

/** Members of a group are looked at so deep, as one may be its own, and so many of them. */
const [DEEPEST, MOST] = [5, 4000];

const ATTRIBUTES = ['name', 'list', 'any', 'empty', 'fixed', 'anyList', 'numbers', 'number', 'nothing', 'dtype'];

/** A group of up to `size` members, or data. */
function randomNode(decisions: Decisions, depth: number): Hdf5Node {
  const attributes = new Map<string, string | string[]>();
  if (decisions.rarely(3)) attributes.set('name', 'ä'.repeat(decisions.pick([0, 1, 20, 3000])));
  if (decisions.rarely(4))
    attributes.set(
      'list',
      Array.from({ length: 1 + decisions.below(9) }, (_, i) => `layer ${i}`),
    );
  if (depth > 0 && decisions.below(3) > 0) {
    const shape = Array.from({ length: decisions.below(4) }, () => decisions.below(4));
    const count = shape.reduce((product, size) => product * size, 1);
    const data = decisions.rarely(4)
      ? BigInt64Array.from({ length: count }, () => BigInt(decisions.uint32()) * 4096n - 999n)
      : Float32Array.from({ length: count }, () => decisions.byte() / 8 - 9);
    return { attributes, shape, data };
  }
  const members = new Map<string, Hdf5Node>();
  const many = depth < 3 && decisions.rarely(30);
  const count = depth === 3 ? 0 : many ? 300 : decisions.below(11);
  for (let i = 0; i < count; i++)
    members.set(decisions.pick(['conv2d', 'ü', '']) + i, randomNode(decisions, many ? 3 : depth + 1));
  return { attributes, members };
}

/** Everything that a reader may ask. */
export async function everything(group: Group, depth = DEEPEST, left = { nodes: MOST }): Promise<unknown> {
  const attributes = (node: Group | Dataset): unknown[] => ATTRIBUTES.map((name) => node.attribute(name));
  const members: unknown[] = [];
  for (const name of group.names) {
    if (left.nodes-- <= 0) break;
    const member = group.get(name)!;
    if (member.kind === 'group') members.push([name, depth === 0 ? '…' : await everything(member, depth - 1, left)]);
    else {
      const first = member.first();
      let data: unknown;
      try {
        data = [...(await member.read())];
      } catch (error) {
        data = checkRefusal(error);
      }
      members.push([name, member.shape, first, data, attributes(member)]);
    }
  }
  return { attributes: attributes(group), members };
}

/** The same of what was written. */
function expected({ attributes = new Map(), members = new Map(), shape, data }: Hdf5Node): unknown {
  const own = ATTRIBUTES.map((name) => attributes.get(name) as unknown);
  if (data)
    return [
      shape,
      data.length > 0 ? Number(data[0]) : undefined,
      [...data].map((each) => Math.fround(Number(each))),
      own,
    ];
  const sorted = [...members].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return {
    attributes: own,
    members: sorted.map(([name, node]) => [name, ...[expected(node as Hdf5Node)].flat(node.data ? 1 : 0)]),
  };
}

export function hdf5File(decisions: Decisions): { file: Uint8Array; node?: Hdf5Node } {
  if (decisions.rarely(40)) return { file: decisions.rest() };
  if (decisions.rarely(3)) {
    const file = decisions.pick(recorded);
    return { file: damaged(damagedFields(file, decisions), decisions) };
  }
  const node = randomNode(decisions, 0);
  const whole = writeHdf5(node);
  if (decisions.below(4) === 0) return { file: whole, node };
  return { file: damaged(damagedFields(whole, decisions), decisions) };
}

/** Nearly everything of a small file is zeros: up to three bytes that are none are changed, as sizes, addresses and types are. */
function damagedFields(file: Uint8Array, decisions: Decisions): Uint8Array {
  const copy = file.slice();
  for (let wounds = decisions.below(4); wounds > 0; wounds--) {
    let at = decisions.below(Math.min(65536, file.length || 1));
    while (at < file.length && copy[at] === 0) at++;
    if (at < file.length)
      copy[at] = decisions.rarely(3) ? decisions.byte() : copy[at]! + decisions.pick([1, 255, 8, 248, 128]);
  }
  return copy;
}

export const hdf5: Target = {
  filesEach: 4,
  decisions: [0, 300],
  async check(decisions) {
    const { file, node } = hdf5File(decisions);
    const elapsed = stopwatch();
    try {
      const found = await everything(readHdf5(file, who));
      if (node) assert.ok(JSON.stringify(found) === JSON.stringify(expected(node)), 'another content');
      return 'read';
    } catch (error) {
      checkRefusal(error);
      assert.ok(!node, `it was to be read: ${(error as Error).message}`);
      return 'refused';
    } finally {
      const seconds = elapsed();
      assert.ok(seconds < 4 + file.length / 2 ** 20, `${seconds} s for ${file.length} bytes`);
    }
  },
};
