// One protobuf message, field by field. The package trusts the file: lengths, types and ends are looked at here.
// https://protobuf.dev/programming-guides/encoding/
import { decodeUtf8 } from '../../base/decodeUtf8.js';
import { PbfReader } from './codecs/protobuf.js';

/** Throws the sentence of a damaged file. */
export type Fail = (what: string) => never;

/** What may be asked of a field; each asks once, and throws where it is of another kind. */
export interface Field {
  int(): number;
  float(): number;
  bytes(): Uint8Array;
  text(): string;
  /** More numbers of a repeated field, which come one by one or packed. */
  ints(to: number[]): void;
  floats(to: number[]): void;
  doubles(to: number[]): void;
}

const [VARINT, FIXED64, BYTES, FIXED32] = [0, 1, 2, 5];

/** Calls what is there for each field; all other fields are skipped. */
export function readMessage(
  bytes: Uint8Array,
  what: string,
  fail: Fail,
  fields: Readonly<Record<number, (field: Field) => void>>,
): void {
  const reader = new PbfReader(bytes);
  const damaged = (): never => fail(`${what} ends in the middle of a field`);
  const guarded = <T>(read: () => T): T => {
    try {
      return read();
    } catch {
      return damaged();
    }
  };
  const one = <T>(type: number, read: () => T): T => {
    if (reader.type !== type) fail(`${what} has a field of another kind than ONNX gives it`);
    const value = guarded(read);
    return reader.pos <= bytes.length ? value : damaged();
  };
  const slice = (): Uint8Array => one(BYTES, () => reader.readBytes());
  const many = (type: number, to: number[], read: (from: PbfReader) => number): void => {
    if (reader.type !== BYTES) return void to.push(one(type, () => read(reader)));
    const packed = slice();
    const from = new PbfReader(packed);
    while (from.pos < packed.length) to.push(guarded(() => read(from)));
    if (from.pos > packed.length) damaged();
  };
  const field: Field = {
    int: () => one(VARINT, () => reader.readVarint(true)),
    float: () => one(FIXED32, () => reader.readFloat()),
    bytes: slice,
    text: () => decodeUtf8(slice()) ?? fail(`${what} has a text that is no UTF-8`),
    ints: (to) => many(VARINT, to, (from) => from.readVarint(true)),
    floats: (to) => many(FIXED32, to, (from) => from.readFloat()),
    doubles: (to) => many(FIXED64, to, (from) => from.readDouble()),
  };
  while (reader.pos < bytes.length) {
    const number = guarded(() => reader.nextField());
    if (number === 0 || reader.pos > bytes.length) damaged();
    if (Object.hasOwn(fields, number)) fields[number]!(field);
    else guarded(() => reader.skip(reader.type));
    if (reader.pos > bytes.length) damaged();
  }
}
