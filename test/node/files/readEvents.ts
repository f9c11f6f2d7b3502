// Reads event files as TensorBoard does: whole records in the files' order, and what a session's start takes back. With a CRC of its own.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PbfReader } from 'pbf';
import * as assert from 'uvu/assert';

export interface ReadEvent {
  wallTime: number;
  step: number;
  fileVersion?: string;
  sessionStatus?: number;
  readonly scalars: [tag: string, value: number][];
}

/** CRC-32C, bit by bit. */
export function crc32c(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** The whole records of a file; those that are cut are left out, as TensorBoard leaves them. */
export function eventsOf(bytes: Uint8Array): ReadEvent[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const events: ReadEvent[] = [];
  for (let at = 0; at + 12 <= bytes.length;) {
    const length = Number(view.getBigUint64(at, true));
    assert.is(view.getUint32(at + 8, true), masked(bytes.subarray(at, at + 8)));
    const end = at + 12 + length;
    if (end + 4 > bytes.length) break;
    const data = bytes.subarray(at + 12, end);
    assert.is(view.getUint32(end, true), masked(data));
    events.push(new PbfReader(data).readFields(readEvent, { wallTime: 0, step: 0, scalars: [] } as ReadEvent));
    at = end + 4;
  }
  return events;
}

function readEvent(field: number, event: ReadEvent, reader: PbfReader): void {
  if (field === 1) event.wallTime = reader.readDouble();
  if (field === 2) event.step = reader.readVarint();
  if (field === 3) event.fileVersion = reader.readString();
  if (field === 5) reader.readMessage((_, into, summary) => into.scalars.push(readScalar(summary)), event);
  if (field === 7)
    reader.readMessage((inner, into, log) => {
      if (inner === 1) into.sessionStatus = log.readVarint();
    }, event);
}

function readScalar(reader: PbfReader): [string, number] {
  const scalar: [string, number] = ['', 0];
  reader.readMessage((field, into, value) => {
    if (field === 1) into[0] = value.readString();
    if (field === 2) into[1] = value.readFloat();
  }, scalar);
  return scalar;
}

/** What TensorBoard shows of a folder: [step, value] by tag. */
export function scalarsOf(folder: string): Record<string, [step: number, value: number][]> {
  let shown: [string, number, number][] = [];
  for (const name of readdirSync(folder).sort()) {
    const events = eventsOf(readFileSync(join(folder, name)));
    assert.is(events[0]!.fileVersion, 'brain.Event:2', name);
    for (const { step, sessionStatus, scalars } of events) {
      if (sessionStatus === 1) shown = shown.filter((scalar) => scalar[1] < step);
      for (const [tag, value] of scalars) shown.push([tag, step, value]);
    }
  }
  const byTag: Record<string, [number, number][]> = {};
  for (const [tag, step, value] of shown) (byTag[tag] ??= []).push([step, value]);
  return byTag;
}
