// Files of torch.save(), which are programs and are not run.
import { check } from '../../base/errors.js';
import { kindOf } from '../../base/options.js';
import type { ModelBytes } from '../modelBytes.js';

/** The first bytes of a file are enough. */
export function refusePickle(given: ModelBytes, who: string): void {
  check(
    !isPickle(given),
    `${who}: it is a pickle of torch.save(), a program, which is not run here; make a safetensors file of it with python3 node_modules/wasm-cnn/src/formats/torch/convert.py model.pth model.safetensors`,
  );
}

/** A zip archive of torch's, or a bare pickle: its protocol comes first, where safetensors have the length of the header before a brace. */
function isPickle(given: ModelBytes): boolean {
  const isView = ArrayBuffer.isView(given);
  if (!isView && kindOf(given) !== 'ArrayBuffer') return false;
  const bytes = isView
    ? new Uint8Array(given.buffer, given.byteOffset, Math.min(given.byteLength, 100))
    : new Uint8Array(given, 0, Math.min(given.byteLength, 100));
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b && /\/(data\.pkl|byteorder)/.test(String.fromCharCode(...bytes));
  const isBare = bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5 && bytes[8] !== 0x7b;
  return isZip || isBare;
}
