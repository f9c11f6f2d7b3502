// A picture from a file: PNG, JPEG, WebP, GIF or BMP.
import { open } from 'node:fs/promises';
import { check, WasmCnnError } from '../../base/errors.js';
import type { GrayPicture } from '../../data/digitImage/picture.js';
import { decodeImage } from '../../images/decode.js';
import { drawingOf } from '../../images/drawing.js';
import type { Picture } from '../../images/picture.js';

const MAX_FILE_BYTES = 256 * 2 ** 20;

/**
 * Reads a file, or its bytes: as decodeImage() of wasm-cnn/images, which knows what a file is by its first bytes. Throws a WasmCnnError for
 * whatever is not a sound picture.
 *
 * @example
 * ```ts
 * import { loadModelFile, readImage } from 'wasm-cnn/node';
 *
 * const { classify } = await loadModelFile('model.safetensors');
 * const [best] = await classify(await readImage('cat.jpg'));
 * ```
 */
export async function readImage(source: string | Uint8Array): Promise<Picture> {
  return typeof source === 'string'
    ? decodeImage(await readPicture(source), { who: source })
    : decodeImage(source, { who: 'the picture' });
}

/**
 * A drawing as a gray picture: transparent parts lie on white, or on black where white swallows the drawing.
 * @deprecated Use readImage(), and drawingOf() of wasm-cnn/images.
 *
 * @example
 * ```ts
 * import { readPng } from 'wasm-cnn/node';
 *
 * const picture = await readPng('digit.png');
 * ```
 */
export async function readPng(source: string | Uint8Array): Promise<GrayPicture> {
  return drawingOf(await readImage(source));
}

async function readPicture(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path);
    try {
      const stat = await file.stat();
      check(stat.isFile(), `${path} is not a file; give the path of a picture`);
      check(
        stat.size <= MAX_FILE_BYTES,
        `${path} holds ${stat.size} bytes, more than the ${MAX_FILE_BYTES} that are read; make the picture smaller`,
      );
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof WasmCnnError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new WasmCnnError(`${path} does not exist; give the path of a picture`);
    throw new WasmCnnError(`${path} cannot be read (${code ?? message}); check the path and its permissions`);
  }
}
