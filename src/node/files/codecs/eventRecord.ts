// An event as a record of TensorBoard's files: protobuf, framed as a TFRecord. inlinePackages.js puts the packages in here.
// https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto and summary.proto
import { buf as crc32c } from 'crc-32/crc32c.js';
import { PbfWriter } from 'pbf';

/**
 * Besides its time: the first of a file, the start of a process that resumes, scalars of a step by their tags, or what a run was made with, for
 * the HParams dashboard, and its good end.
 */
export type Event =
  | { fileVersion: 'brain.Event:2' }
  | 'sessionStart'
  | { step: number; scalars: Record<string, number> }
  | { hparams: Readonly<Record<string, number | string | boolean>>; group: string }
  | 'hparamsEnd';

/** `seconds`: since 1970, and a fraction. */
export function eventRecord(event: Event, seconds: number): Uint8Array {
  const message = new PbfWriter();
  message.writeDoubleField(1, seconds);
  if (event === 'sessionStart') message.writeMessage(7, (_, sessionLog) => sessionLog.writeVarintField(1, 1), null);
  else if (event === 'hparamsEnd') message.writeMessage(5, writeHparams, { field: 4, write: writeEnd });
  else if ('hparams' in event)
    message.writeMessage(5, writeHparams, { field: 3, write: (start: PbfWriter) => writeStart(event, start) });
  else if ('fileVersion' in event) message.writeStringField(3, event.fileVersion);
  else {
    message.writeVarintField(2, event.step);
    message.writeMessage(5, writeScalars, event.scalars);
  }
  return framed(message.finish());
}

function writeScalars(scalars: Record<string, number>, summary: PbfWriter): void {
  for (const [tag, scalar] of Object.entries(scalars))
    summary.writeMessage(
      1,
      (_, value) => {
        value.writeStringField(1, tag);
        value.writeFloatField(2, scalar);
      },
      null,
    );
}

/** https://github.com/tensorflow/tensorboard/blob/master/tensorboard/plugins/hparams/plugin_data.proto */
function writeHparams(
  { field, write }: { readonly field: 3 | 4; readonly write: (message: PbfWriter) => void },
  summary: PbfWriter,
): void {
  const data = new PbfWriter();
  data.writeVarintField(1, 0);
  data.writeMessage(field, (_, message) => write(message), null);
  const content = data.finish();
  summary.writeMessage(
    1,
    (_, value) => {
      value.writeStringField(1, field === 3 ? '_hparams_/session_start_info' : '_hparams_/session_end_info');
      // A tensor of one 0, as every summary has one.
      value.writeMessage(8, writeTensor, null);
      value.writeMessage(
        9,
        (__, metadata) =>
          metadata.writeMessage(
            1,
            (___, plugin) => {
              plugin.writeStringField(1, 'hparams');
              plugin.writeBytesField(2, content);
            },
            null,
          ),
        null,
      );
    },
    null,
  );
}

function writeTensor(_: null, tensor: PbfWriter): void {
  tensor.writeVarintField(1, 1);
  tensor.writeMessage(
    2,
    (__, shape) => shape.writeMessage(2, (___, dimension) => dimension.writeVarintField(1, 1), null),
    null,
  );
  tensor.writeFloatField(5, 0);
}

function writeStart(
  { hparams, group }: { readonly hparams: Readonly<Record<string, number | string | boolean>>; readonly group: string },
  start: PbfWriter,
): void {
  for (const [name, given] of Object.entries(hparams))
    start.writeMessage(
      1,
      (_, entry) => {
        entry.writeStringField(1, name);
        entry.writeMessage(
          2,
          (__, value) => {
            if (typeof given === 'number') value.writeDoubleField(2, given);
            else if (typeof given === 'string') value.writeStringField(3, given);
            else value.writeBooleanField(4, given);
          },
          null,
        );
      },
      null,
    );
  start.writeStringField(4, group);
}

function writeEnd(end: PbfWriter): void {
  end.writeVarintField(1, 1);
}

/** Length as u64, its CRC, data, their CRC; all little-endian. */
function framed(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(data.length + 16);
  const view = new DataView(record.buffer);
  view.setUint32(0, data.length, true);
  view.setUint32(8, masked(crc32c(record.subarray(0, 8))), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, masked(crc32c(data)), true);
  return record;
}

/** A CRC of data that hold CRCs would be weak, so each is stored rotated, with a constant added. */
function masked(crc: number): number {
  return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
}

/** The bytes of the whole records at the begin: the last one of a process that was killed may be cut. */
export function wholeRecords(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at + 16 <= bytes.length) {
    const end = at + 16 + view.getUint32(at, true);
    if (end > bytes.length) break;
    at = end;
  }
  return bytes.subarray(0, at);
}
