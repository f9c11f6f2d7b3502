// gunzipMaybe against a second reader of gzip's framing (RFC 1952): the content and nothing else, within the limit.
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { gunzipMaybe, type Limit } from '../../src/node/dataset/gunzip.js';
import { damaged, joined, type Decisions } from './decisions.js';
import { checkRefusal, same, who, type Target } from './target.js';

const [TEXT, HEADER_CRC, EXTRA, NAME, COMMENT] = [1, 2, 4, 8, 16] as const;
/** More than any limit here. */
const MOST = 2 ** 21;

interface Body {
  readonly content: Uint8Array;
  readonly deflated: Uint8Array;
}

/** Contents that compress well, badly and not at all. */
const bodies: readonly Body[] = [0, 1, 15, 16, 17, 300].flatMap((length) =>
  [0, 1, 9].map((level) => bodyOf(length, level)),
);
/** More than one chunk that zlib gives at once, and a bomb. */
const large: readonly Body[] = [300_000, 2 ** 20].map((length) => bodyOf(length, 9));

function bodyOf(length: number, level: number): Body {
  const content = Uint8Array.from({ length }, (_, i) => (length > 300 ? 0 : (i * i * level) >>> 3));
  return { content, deflated: deflateRawSync(content, { level }) };
}

/** The fuzzer's bytes as one stored block. */
function stored(content: Uint8Array): Body {
  const { length } = content;
  return {
    content,
    deflated: joined(Uint8Array.of(1, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255), content),
  };
}

function makeBody(decisions: Decisions): Body {
  if (decisions.rarely(200)) return decisions.pick(large);
  return decisions.rarely(3) ? stored(decisions.bytes(decisions.below(64))) : decisions.pick(bodies);
}

function member({ content, deflated }: Body, decisions: Decisions): Uint8Array {
  const flags = decisions.below(2) === 0 ? 0 : decisions.byte() & (decisions.rarely(8) ? 0xff : 0x1f);
  const text = (): Uint8Array =>
    joined(
      decisions.bytes(decisions.below(5)).map((byte) => byte || 1),
      Uint8Array.of(0),
    );
  const extra = flags & EXTRA ? decisions.bytes(decisions.below(9)) : null;
  const header = joined(
    Uint8Array.of(0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3),
    extra ? joined(Uint8Array.of(extra.length, 0), extra) : new Uint8Array(0),
    flags & NAME ? text() : new Uint8Array(0),
    flags & COMMENT ? text() : new Uint8Array(0),
  );
  const check = flags & HEADER_CRC ? crc32(header) + Number(decisions.rarely(8)) : 0;
  const trailer = new Uint8Array(8);
  const view = new DataView(trailer.buffer);
  view.setUint32(0, crc32(content), true);
  view.setUint32(4, content.length, true);
  return joined(
    header,
    flags & HEADER_CRC ? Uint8Array.of(check & 255, (check >> 8) & 255) : new Uint8Array(0),
    deflated,
    trailer,
  );
}

function makeFile(decisions: Decisions): Uint8Array {
  const kind = decisions.below(8);
  if (kind === 0) return decisions.rest();
  if (kind === 1) return joined(Uint8Array.of(0x1f, 0x8b, 8), decisions.rest());
  const members = Array.from({ length: 1 + Math.max(0, decisions.below(5) - 2) }, () =>
    member(makeBody(decisions), decisions),
  );
  const after = decisions.rarely(8)
    ? new Uint8Array(decisions.below(300)).fill(decisions.pick([0, 0, 0x1f, 7]))
    : new Uint8Array(0);
  return damaged(joined(...members, after), decisions);
}

/** A number, or what the first 16 bytes say. */
function makeLimit(decisions: Decisions, length: number): Limit {
  const number = decisions.pick([length, length, MOST - 1, Math.max(0, length - 1), decisions.below(65536)]);
  return decisions.below(2) === 0 ? number : (head) => number + ((head[0] ?? 0) & 1);
}

/** The content of all members; null where anything is not as RFC 1952 wants it, or there is more of it than MOST. */
function gunzipped(file: Uint8Array): Uint8Array | null {
  const contents: Uint8Array[] = [];
  for (let at = 0; at < file.length;) {
    const found = readMember(file.subarray(at));
    if (found === null) return null;
    contents.push(found.content);
    at += found.length;
  }
  return joined(...contents);
}

function readMember(file: Uint8Array): { content: Uint8Array; length: number } | null {
  const flags = file[3] ?? 0;
  if (
    file.length < 18 ||
    file[0] !== 0x1f ||
    file[1] !== 0x8b ||
    file[2] !== 8 ||
    flags & ~(TEXT | HEADER_CRC | EXTRA | NAME | COMMENT)
  )
    return null;
  let at = 10;
  if (flags & EXTRA) at += 2 + file[at]! + 256 * file[at + 1]!;
  for (const text of [NAME, COMMENT]) {
    if (!(flags & text)) continue;
    const end = file.indexOf(0, at);
    if (end < 0) return null;
    at = end + 1;
  }
  if (flags & HEADER_CRC) {
    if (at + 2 > file.length || file[at]! + 256 * file[at + 1]! !== (crc32(file.subarray(0, at)) & 0xffff)) return null;
    at += 2;
  }
  try {
    const { buffer, engine } = inflateRawSync(file.subarray(at), { info: true, maxOutputLength: MOST }) as unknown as {
      buffer: Uint8Array;
      engine: { bytesWritten: number };
    };
    at += engine.bytesWritten;
    if (at + 8 > file.length) return null;
    const view = new DataView(file.buffer, file.byteOffset + at, 8);
    return view.getUint32(0, true) === crc32(buffer) && view.getUint32(4, true) === buffer.length
      ? { content: buffer, length: at + 8 }
      : null;
  } catch {
    return null;
  }
}

export const gzip: Target = {
  // Each waits for a thread of the system.
  filesEach: 16,
  async check(decisions) {
    const file = makeFile(decisions);
    const content = file[0] === 0x1f && file[1] === 0x8b ? gunzipped(file) : file;
    const limit = makeLimit(decisions, content?.length ?? 0);
    const most = typeof limit === 'number' ? limit : limit(content?.subarray(0, 16) ?? new Uint8Array(0));
    const result = await gunzipMaybe(file, limit, who).catch(checkRefusal);
    if (content === null || content.length > most) {
      assert.is(result, undefined, 'it was to be refused');
      return 'refused';
    }
    assert.ok(result !== undefined, `it was to be read: ${content.length} bytes`);
    assert.ok(same(result, content), 'another content');
    assert.ok(
      result.buffer.byteLength <= Math.max(65536, Math.min(most, file.length * 1032) + 1),
      `${result.buffer.byteLength} bytes taken`,
    );
    return 'read';
  },
};
