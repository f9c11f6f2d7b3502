// Small .npy files for tests.

/** A file with any header text, then the elements. */
export function npyFile(
  header: string | { readonly descr: string; readonly shape: readonly number[]; readonly fortran?: boolean },
  elements: Uint8Array,
  version = 1,
): Uint8Array {
  const text =
    typeof header === 'string'
      ? header
      : `{'descr': '${header.descr}', 'fortran_order': ${header.fortran ? 'True' : 'False'}, 'shape': (${header.shape.join(', ')}${header.shape.length === 1 ? ',' : ''}), }`;
  const begin = version === 1 ? 10 : 12;
  const padded = `${text.padEnd(Math.ceil((begin + text.length + 1) / 64) * 64 - begin - 1)}\n`;
  const file = Buffer.alloc(begin + padded.length + elements.length);
  file.write('\x93NUMPY', 'latin1');
  file[6] = version;
  if (version === 1) file.writeUInt16LE(padded.length, 8);
  else file.writeUInt32LE(padded.length, 8);
  file.write(padded, begin, 'latin1');
  file.set(elements, begin + padded.length);
  return new Uint8Array(file);
}

export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
