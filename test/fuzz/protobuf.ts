// A second reader of protobuf's wire format, by its description alone: numbers are BigInts, nothing is skipped unread.
// https://protobuf.dev/programming-guides/encoding/

export interface WireField {
  readonly number: number;
  readonly type: number;
  readonly value: bigint | Uint8Array;
}

/** All fields of a message, or null where it is none. */
export function wireFields(bytes: Uint8Array): readonly WireField[] | null {
  const fields: WireField[] = [];
  let at = 0;
  const varint = (): bigint | null => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (at >= bytes.length) return null;
      const byte = bytes[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return null;
  };
  while (at < bytes.length) {
    const tag = varint();
    if (tag === null) return null;
    const [number, type] = [Number((tag & 0xffffffffn) >> 3n), Number(tag & 7n)];
    if (number === 0) return null;
    if (type === 0) {
      const value = varint();
      if (value === null) return null;
      fields.push({ number, type, value });
      continue;
    }
    const length = type === 2 ? varint() : type === 1 ? 8n : type === 5 ? 4n : null;
    if (length === null || length > BigInt(bytes.length - at)) return null;
    fields.push({ number, type, value: bytes.subarray(at, at + Number(length)) });
    at += Number(length);
  }
  return fields;
}

/** Contents of all messages or bytes with this number. */
export function parts(fields: readonly WireField[], number: number): Uint8Array[] {
  return fields.flatMap((field) => (field.number === number && field.type === 2 ? [field.value as Uint8Array] : []));
}

export const textsIn = (fields: readonly WireField[], number: number): string[] =>
  parts(fields, number).map((bytes) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
