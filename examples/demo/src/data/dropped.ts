// Files that were dropped on the page or chosen: each is known by its bytes, not by its name.
import { WasmCnnError } from 'wasm-cnn';
import { gunzipped, idxKind, readBytes } from './fileBytes.js';

export type Dropped =
  | { readonly kind: 'images' | 'labels'; readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'model'; readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'picture'; readonly name: string; readonly bitmap: ImageBitmap };

export async function recognize(file: File): Promise<Dropped> {
  const { name } = file;
  if (/^image\//.test(file.type)) {
    const bitmap = await createImageBitmap(file).catch(() => {
      throw new WasmCnnError(`${name}: is not a picture that this browser can read; save it as PNG or JPEG`);
    });
    return { kind: 'picture', name, bitmap };
  }
  const bytes = await gunzipped(await readBytes(file), name);
  const idx = idxKind(bytes);
  if (idx) return { kind: idx, name, bytes };
  if (looksLikeSafetensors(bytes) || /\.safetensors$/i.test(name)) return { kind: 'model', name, bytes };
  throw new WasmCnnError(`${name}: is not an MNIST file (IDX), a model (.safetensors) or a picture; drop one of these`);
}

/** Eight bytes of length, and JSON. */
function looksLikeSafetensors(bytes: Uint8Array): boolean {
  return bytes.length > 10 && bytes[8] === 0x7b && bytes[6] === 0 && bytes[7] === 0;
}

/** Grey values of a picture, at most 1024 pixels on its longer side. */
export function grayOf(bitmap: ImageBitmap): { gray: Uint8Array; width: number; height: number } {
  const scale = Math.min(1, 1024 / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale))) as [
    number,
    number,
  ];
  const ctx = new OffscreenCanvas(width, height).getContext('2d')!;
  // What is transparent counts as paper.
  ctx.fillStyle = '#ffffff';
  ctx.fillRect(0, 0, width, height);
  ctx.drawImage(bitmap, 0, 0, width, height);
  const { data } = ctx.getImageData(0, 0, width, height);
  const gray = new Uint8Array(width * height);
  for (let i = 0; i < gray.length; i++)
    gray[i] = Math.round(0.299 * data[4 * i]! + 0.587 * data[4 * i + 1]! + 0.114 * data[4 * i + 2]!);
  return { gray, width, height };
}
