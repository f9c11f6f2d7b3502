// What a picture is like, by its header alone: nothing is decoded.
import { upright, type PictureHeader } from './form.js';
import { checkFormat } from './format.js';
import { gifSize } from './gif.js';
import { MAX_PIXELS } from './limits.js';

/**
 * As the decoders would say, of pictures that they read. The first bytes of a JPEG or PNG are enough, up to its pixels; where they are
 * not, a WasmCnnError says that the file is cut off.
 */
export async function readHeader(bytes: Uint8Array, who: string): Promise<PictureHeader> {
  const limits = { who, maxPixels: MAX_PIXELS };
  switch (checkFormat(bytes, who)) {
    case 'PNG':
      return (await import('./png.js')).readPngForm(bytes, limits);
    case 'JPEG': {
      const { readJpegHeader } = await import('./jpegHeader.js');
      const header = readJpegHeader(bytes, limits, 'to the first scan');
      return upright(header, header.channels === 1, header.orientation);
    }
    case 'WebP': {
      const [{ firstFrame }, { readWebpHeader }] = await Promise.all([
        import('./webpAnimation.js'),
        import('./webpHeader.js'),
      ]);
      const header = firstFrame(bytes, limits) ?? readWebpHeader(bytes, limits);
      return upright(header, false, header.orientation);
    }
    case 'GIF':
      return upright(gifSize(bytes, limits), false, 1);
    case 'BMP':
      return upright((await import('./bmpHeader.js')).readBmpHeader(bytes, limits), false, 1);
  }
}
