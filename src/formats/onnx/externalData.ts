// Tensors that lie in another file beside the model's.  https://onnx.ai/onnx/repo-docs/ExternalData.html
import { check } from '../../base/errors.js';
import type { TensorProto } from './proto.js';

/** Other files by the paths that the model's file gives. */
export type External = (location: string) => Uint8Array | undefined;

const OUTSIDE = /^[\\/]|^[A-Za-z]:|(^|[\\/])\.\.([\\/]|$)/;

/** Whether a path leads out of the model's folder. */
export const isOutside = (location: string): boolean => OUTSIDE.test(location);

/** The tensor's bytes, where it has some of its own. */
export function rawOf(
  { name, raw, external }: TensorProto,
  who: string,
  files: External | undefined,
): Uint8Array | undefined {
  if (!external) return raw;
  const location = external.get('location') ?? '';
  check(
    location !== '' && !isOutside(location),
    () =>
      `${who}: the tensor '${name}' lies in '${location}', outside of the file's folder; files that reach elsewhere are not read`,
  );
  const bytes = files?.(location);
  check(
    bytes !== undefined,
    () => `${who}: the tensor '${name}' lies in another file, '${location}'; give loadOnnx its bytes as externalData`,
  );
  const begin = Number(external.get('offset') ?? 0);
  const length = Number(external.get('length') ?? bytes.length - begin);
  check(
    Number.isSafeInteger(begin) &&
      Number.isSafeInteger(length) &&
      begin >= 0 &&
      length >= 0 &&
      begin + length <= bytes.length,
    () =>
      `${who}: the tensor '${name}' has bytes ${begin} to ${begin + length} of '${location}', which has ${bytes.length}; it is another file's, or damaged`,
  );
  return bytes.subarray(begin, begin + length);
}
