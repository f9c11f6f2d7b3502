// Object headers: the messages that say what a group or a dataset is.
// Format: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, IV.A
import type { Source } from './source.js';

export const MESSAGE = {
  dataspace: 1,
  linkInfo: 2,
  datatype: 3,
  link: 6,
  layout: 8,
  filters: 11,
  attribute: 12,
  continuation: 16,
  symbolTable: 17,
  attributeInfo: 21,
} as const;

export interface Message {
  readonly type: number;
  /** Start and end of its contents. */
  readonly at: number;
  readonly end: number;
}

interface Block {
  readonly at: number;
  readonly end: number;
}

/** The messages of the header at this address. */
export function readHeader(source: Source, at: number): Message[] {
  if (source.has(at, 'OHDR')) return newMessages(source, at);
  if (at >= source.bytes.length || source.u8(at) !== 1) source.damaged(at, 'the header of an object');
  const first = { at: at + 16, end: at + 16 + source.u32(at + 8) };
  return messages(source, first, source.u16(at + 2), ({ at }) => ({
    type: source.u16(at),
    at: at + 8,
    end: at + 8 + source.u16(at + 2),
    flags: source.u8(at + 4),
  }));
}

/** Those of version 2. */
function newMessages(source: Source, at: number): Message[] {
  const flags = source.u8(at + 5);
  const size = 1 << (flags & 3);
  const sizeAt = at + 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
  const begin = sizeAt + size;
  const length = [source.u8, source.u16, source.u32, source.u64][flags & 3]!.call(source, sizeAt);
  const extra = flags & 4 ? 2 : 0;
  return messages(source, { at: begin, end: begin + length }, Infinity, ({ at }) => ({
    type: source.u8(at),
    at: at + 4 + extra,
    end: at + 4 + extra + source.u16(at + 1),
    flags: source.u8(at + 3),
  }));
}

function messages(
  source: Source,
  first: Block,
  most: number,
  read: (block: Block) => Message & { flags: number },
): Message[] {
  const isNew = most === Infinity;
  const found: Message[] = [];
  const blocks = [first];
  const seen = new Set<number>();
  for (let i = 0; i < blocks.length; i++) {
    let { at } = blocks[i]!;
    const { end } = blocks[i]!;
    source.within(at, end - at, 'the header of an object');
    if (seen.has(at)) source.damaged(at, 'another part of a header');
    seen.add(at);
    // What is too short for a message is a gap.
    for (; at + (isNew ? 4 : 8) <= end && found.length < most;) {
      const message = read({ at, end });
      if (message.end > end) source.damaged(at, 'a message that ends with its header');
      if (message.flags & 2)
        source.fail('the HDF5 file shares types between objects, which is not read; save it with Keras');
      if (message.type === MESSAGE.continuation) {
        const [to, length] = [source.u64(message.at), source.u64(message.at + 8)];
        if (isNew) source.expect(to, 'OCHK', 'a part of a header');
        blocks.push(isNew ? { at: to + 4, end: to + length - 4 } : { at: to, end: to + length });
      }
      found.push(message);
      at = message.end;
    }
  }
  return found;
}
