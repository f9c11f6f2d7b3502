// Image bytes 0 … 255 to numbers 0 … 1.

export function pixelsForward(bytes: Uint8Array): Float64Array {
  return Float64Array.from(bytes, (byte) => byte / 255);
}
